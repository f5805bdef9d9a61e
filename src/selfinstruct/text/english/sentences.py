"""A text as sentences, and a sentence as words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["NUMBER", "QUOTATION", "Sentence", "sentences"]

NUMBER = "#"
QUOTATION = '"'

_ASIDE = re.compile(r"\([^()]*\)|\[[^\][]*\]")
_QUOTED = re.compile(
    r"“[^”]*”|\"[^\"]*\"|«[^»]*»|„[^“”]*[“”]|`+[^`]*`+|<[^<>\s]+>|(?<!\w)[‘'](?!\s)[^’'\n]*[’'](?!\w)"
)
_LIST_MARK = re.compile(r"^[ \t]*(?:[-*•#>]+[ \t]+|\(?(?:\d+|[a-zA-Z])[ \t]?[.)][ \t]+)+", re.MULTILINE)
_DASH = re.compile(r"(?<=\s)--?\s")
_PIECE = re.compile(r"\"|[^\W\d_]+(?:['’_-][^\W_]+)*|\d[\w.,:/%]*\w|\d|[.!?;:\n,—–]")
_ENDS = frozenset(".!?;:\n—–")


@dataclass(frozen=True, slots=True)
class Sentence:
    """words: in lower case, with commas, `NUMBER` for a number and `QUOTATION` for what stands in quotation
    marks, angle brackets or back quotes.
    end: the character that closes it; empty at the end of the text.
    """

    words: list[str]
    end: str

    @property
    def is_question(self) -> bool:
        """Whether a question mark ends it."""
        return self.end == "?"


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of an English text, none of them empty.

    Colons, semicolons, dashes and line ends divide as full stops do. Left out: what stands in brackets, and
    marks of list items (`1.`, `-`).
    """
    text = _DASH.sub("— ", _LIST_MARK.sub("", _QUOTED.sub(f" {QUOTATION} ", _ASIDE.sub(" ", text))))
    words: list[str] = []
    for piece in _PIECE.findall(text.replace("’", "'")):
        if piece not in _ENDS:
            words.append(NUMBER if piece[0].isdigit() else piece.lower())
        elif words:
            yield Sentence(words, piece)
            words = []
    if words:
        yield Sentence(words, "")
