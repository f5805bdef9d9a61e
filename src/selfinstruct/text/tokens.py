"""Texts as tokens, for comparing them, and as words, for measuring them, in any script.

Only `re` and `unicodedata`. What a letter, a mark or a digit is comes from the running Python's Unicode
tables; only which scripts are written without spaces is told here, since Python does not know scripts.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

__all__ = ["count_words", "estimate_tokens", "is_unspaced", "tokenize"]

_ASCII_TOKEN = re.compile(r"[a-z0-9]+")

_UNSPACED_BLOCKS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F),  # Japanese marks, kana
    (0x1AFF0, 0x1B16F),  # rare kana
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF),  # Han; more of them beyond _TABLE_END
)  # fmt: skip

_TABLE_END = 0x20000  # beyond lie two planes of Han letters, known to this Python or not, and no others
_KINDS = (
    dict.fromkeys(("Lu", "Ll", "Lt", "Lm", "Lo"), "l") | dict.fromkeys(("Mn", "Mc", "Me"), "m") | {"Nd": "d"}
)
_BEYOND = (_TABLE_END, 0x3FFFF)
_MAY_BE_UNSPACED = re.compile(
    f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in (*_UNSPACED_BLOCKS, _BEYOND))}]"
)
"""All letters of unspaced scripts, and more; quick to compile."""
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)  # marks by category, but they only choose a glyph or an emoji


@dataclass(frozen=True, slots=True)
class _Patterns:
    token: re.Pattern[str]
    run: re.Pattern[str]
    """Letters of unspaced scripts in a row, marks included."""
    unspaced: re.Pattern[str]
    """One such letter."""
    word: re.Pattern[str]
    """A letter or digit of a spaced script."""


@cache
def _patterns() -> _Patterns:
    """Compiled at the first text outside ASCII: reading the tables takes some 30 ms."""
    kinds = _kinds()
    unspaced = f"{_ranges(kinds, 'u')}{chr(_TABLE_END)}-{chr(0x3FFFF)}"
    word, mark = _ranges(kinds, "[ld]"), _ranges(kinds, "m")
    return _Patterns(
        token=re.compile(f"[{unspaced}][{mark}]*|[{word}][{word}{mark}]*"),
        run=re.compile(f"[{unspaced}][{unspaced}{mark}]*"),
        unspaced=re.compile(f"[{unspaced}]"),
        word=re.compile(f"[{word}]"),
    )


def _kinds() -> str:
    """Of every character below `_TABLE_END`: `l` a letter, `u` one of an unspaced script, `m` a mark,
    `d` a decimal digit, `.` a separator."""
    kinds = "".join(
        "." if code in _VARIATION_SELECTORS else _KINDS.get(unicodedata.category(chr(code)), ".")
        for code in range(_TABLE_END)
    )
    for first, last in _UNSPACED_BLOCKS:
        kinds = kinds[:first] + kinds[first : last + 1].replace("l", "u") + kinds[last + 1 :]
    return kinds


def _ranges(kinds: str, kind: str) -> str:
    """The inside of a character class; no letter, mark or digit needs escaping there."""
    spans = (match.span() for match in re.finditer(f"{kind}+", kinds))
    return "".join(f"{chr(first)}-{chr(end - 1)}" for first, end in spans)


def tokenize(text: str, *, ascii_only: bool = False) -> list[str]:
    """Lower-cased tokens: runs of letters, their marks and decimal digits of any script.

    All else separates: punctuation, underscores, superscripts, fractions, emoji. A letter of a script
    written without spaces (Han, kana, Thai, Lao, Khmer, Myanmar) is a token by itself, with its marks, so
    that sentences that differ in a character still look alike. Canonically equivalent texts give equal
    tokens. Where all letters, marks and digits are ASCII the tokens are those of `ascii_only`.

    ascii_only: rouge_score's default tokenizer without stemming; all but a-z and 0-9 separates.
    """
    text = text.lower()
    if ascii_only or text.isascii():
        return _ASCII_TOKEN.findall(text)
    return _patterns().token.findall(unicodedata.normalize("NFC", text))


def is_unspaced(character: str) -> bool:
    """Whether one character is a letter of a script written without spaces."""
    return not character.isascii() and _patterns().unspaced.match(character) is not None


def count_words(text: str) -> int:
    """Words between white space, as the paper counts them; where scripts are written without spaces, a
    word for every two letters of a run, rounded up.

    In text that holds such runs, what lies between them counts if it has a letter or digit, since full
    stops and the like stand there without spaces too.
    """
    if text.isascii() or not _MAY_BE_UNSPACED.search(text):
        return len(text.split())
    patterns = _patterns()
    runs = patterns.run.findall(text)
    if not runs:
        return len(text.split())
    spaced = sum(patterns.word.search(piece) is not None for piece in patterns.run.sub(" ", text).split())
    return spaced + sum(math.ceil(len(patterns.unspaced.findall(run)) / 2) for run in runs)


def estimate_tokens(text: str) -> int:
    """Roughly a model's tokens, for endpoints that do not count: 4 characters a token in ASCII, 1.5
    elsewhere; rounded up, so that only the empty text has none."""
    ascii_characters = len(text.encode("ascii", "ignore"))
    return math.ceil(ascii_characters / 4 + (len(text) - ascii_characters) / 1.5)
