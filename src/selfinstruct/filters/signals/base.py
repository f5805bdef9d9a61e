"""What a signal is beyond a filter of rows, and what several of them ask of an instruction.

Rules here are on words, so that they can be read and argued with. Each signal errs towards silence: a row
that may be meant as it is, is passed. What an instruction asks for is read in English, and for the commonest
wishes in German, French, Spanish and Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import ClassVar, Protocol, runtime_checkable

from selfinstruct.records import Row, Verdict

__all__ = [
    "NUMBER",
    "NUMBERS",
    "Signal",
    "beginnings_of",
    "keeps_text",
    "number_of",
    "plain",
    "quoted",
    "speaks_of",
    "without_code",
    "without_quotes",
    "words_around",
    "words_of",
]


@runtime_checkable
class Signal(Protocol):
    """A filter of rows (`filters.base`), and what people are told about it.

    about: what it finds, in a sentence. example: a row that it finds.
    certain: whether what it finds is wrong nearly always, so that `generate` rejects it.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    reasons: ClassVar[tuple[str, ...]]
    certain: ClassVar[bool]
    about: ClassVar[str]
    example: ClassVar[Row]

    def __call__(self, row: Row) -> Verdict | None:
        """None where nothing is found."""


NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "one single ein eine einen einem un une uno una um uma 一",
            "two zwei deux dos two dois duas 两 二",
            "three drei trois tres três 三",
            "four vier quatre cuatro quatro 四",
            "five fünf cinq cinco 五",
            "six sechs six seis 六",
            "seven sieben sept siete sete 七",
            "eight acht huit ocho oito 八",
            "nine neun neuf nueve nove 九",
            "ten zehn dix diez dez 十",
            "eleven elf onze once",
            "twelve zwölf douze doce doze dozen",
            "thirteen dreizehn treize trece treze",
            "fourteen vierzehn quatorze catorce",
            "fifteen fünfzehn quinze quince",
            "sixteen sechzehn seize",
            "seventeen siebzehn",
            "eighteen achtzehn",
            "nineteen neunzehn",
            "twenty zwanzig vingt veinte vinte",
        ),
        start=1,
    )
    for word in words.split()
} | {
    "twenty-five": 25, "thirty": 30, "dreißig": 30, "trente": 30, "treinta": 30, "trinta": 30, "forty": 40,
    "fifty": 50, "fünfzig": 50, "cinquante": 50, "cincuenta": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "hundred": 100, "hundert": 100, "cent": 100, "cien": 100, "cem": 100,
}  # fmt: skip
"""Numbers by their names, in the languages in which instructions are read."""

_SPACED_NUMBERS = sorted((word for word in NUMBERS if word < "\u2fff"), key=len, reverse=True)
NUMBER = rf"(?:\d{{1,4}}|{'|'.join(_SPACED_NUMBERS)})"
"""A pattern for digits or a number's name, in scripts with spaces."""

_SIGN = re.compile(r"[^\w\s]|_")
_PLAIN_ASCII = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
"""Of every ASCII character what `plain` makes of it: to translate is ten times as fast as the pattern."""
_QUOTED = re.compile(
    r"“[^”]*”|\"[^\"]*\"|«[^»]*»|„[^“”]*[“”]|‘[^’]*’"
    r"|(?<!\w)'[^'\n]+'(?!\w)|`[^`]+`"
)
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)


def number_of(word: str) -> int | None:
    """Of digits or of a number's name; None for another word."""
    return int(word) if word.isdecimal() and len(word) < 7 else NUMBERS.get(word.lower())


@lru_cache(maxsize=64)  # several signals ask for it of the same three texts
def plain(text: str) -> str:
    """Letters, digits and single spaces, in lower case: what is left when spelling is all that differs."""
    if text.isascii():
        return " ".join(text.translate(_PLAIN_ASCII).split())
    return " ".join(_SIGN.sub(" ", text.lower()).split())


def quoted(text: str) -> list[str]:
    """What stands in quotation marks, without them."""
    return [each[1:-1].strip() for each in _QUOTED.findall(text)]


def without_quotes(text: str) -> str:
    """The text without what stands in quotation marks."""
    return _QUOTED.sub(" “…” ", text)


def without_code(text: str) -> str:
    """The text without fenced blocks."""
    return _FENCED.sub(" ", text) if "```" in text else text


def speaks_of(words: str) -> Callable[[str], bool]:
    """Whether a text has any of the words between white space, as a whole word, in any case; `_` stands for a
    space, and `*` at an end for any ending. Words may be patterns. Chinese and Japanese ones are found inside
    others.

    Words without signs are looked up among those of the text, which is read once for all that ask about it.
    """
    whole, beginnings, patterns = set[str](), set[str](), list[str]()
    leads, anywhere = set[str](), False
    for each in words.replace("e-?mail", "e-mail").split():
        if each.startswith("e-mail"):
            beginnings.add("email")
        letters = each.removesuffix("*").replace("_", "-")
        if letters.isalnum() and each[0] <= "\u2fff":
            longest = letters.lower()[:_LONGEST_BEGINNING]
            (beginnings if each.endswith("*") else whole).add(
                longest if each.endswith("*") else letters.lower()
            )
        else:
            patterns.append(each.replace("_", r"\s+").replace("*", r"\w*"))
            lead = re.match(r"[^\W_]*(?!\?)", each)
            leads.add(lead[0].lower()[:_LONGEST_BEGINNING] if lead else "")
            anywhere = anywhere or each[0] > "\u2fff"
    leads.discard("")
    anywhere = anywhere or len(leads) == 0
    spaced = "|".join(each for each in patterns if each[0] <= "\u2fff")
    others = [rf"(?<!\w)(?:{spaced})(?!\w)"] if spaced else []
    others += [each for each in patterns if each[0] > "\u2fff"]
    pattern = re.compile("|".join(others), re.IGNORECASE) if others else None

    def found(text: str) -> bool:
        begun = beginnings_of(text)
        if not (whole.isdisjoint(words_of(text)) and beginnings.isdisjoint(begun)):
            return True
        if pattern is None or (leads.isdisjoint(begun) and (text.isascii() or not anywhere)):
            return False
        return pattern.search(text) is not None

    return found


_LONGEST_BEGINNING = 12
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=64)
def words_of(text: str) -> frozenset[str]:
    """Its words in lower case, without order."""
    return frozenset(_WORD.findall(text.lower()))


@lru_cache(maxsize=64)
def beginnings_of(text: str) -> frozenset[str]:
    """What its words begin with, in lower case, up to twelve letters."""
    return frozenset(
        [word[:end] for word in words_of(text) for end in range(1, min(len(word), _LONGEST_BEGINNING) + 1)]
    )


keeps_text = speaks_of(
    "translat* paraphras* rewrite* rephras* reword* correct* proofread* "
    "edit quote* extract* classif* sentiment"
    " tone summar* übersetz* tradui* traduc* 翻译 formal* polite* convert* change"
)
"""Whether an instruction asks for a text in another form, so that its words may come again."""


def words_around(text: str, match: re.Match[str]) -> str:
    """What was found with what follows it, to be shown."""
    return " ".join(text[match.start() : match.start() + 70].split())
