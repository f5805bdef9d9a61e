"""WikiTableQuestions' metric: whether an answer denotes what the question asks for (Pasupat and Liang, 2015).

An answer is a set of values. It is right where it has as many as the target, and each of the target's has one
that matches. Two values match as texts, after `plain`, or as equal numbers or dates. Decides as the official
evaluator, version 1.0.2, does under Python 2; where that has oddities, they are kept and said here:

* The target's numbers and dates come with the data, read out of texts such as `17 years`. Those of an answer
  are read from the whole text alone: `17`, `17.0` and `1.7e1` are numbers, `17 years` and `1,700` are texts.
* A date is `1990-02-21`, with `xx` for what is not known, and matches where all three parts are the same.
  With the year alone it is a number.
* Values that are equal count once, so that a list may name one twice.
* A number within a millionth of a whole one is cut to whole, also where it is just below.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Value", "denotes", "plain", "value_of", "values_of"]

CLOSE = 1e-6
"""Numbers that differ by less are the same."""
LONGEST_NUMBER = 400
"""Characters; longer ones are texts. A double ends at 309 digits."""

_QUOTES = str.maketrans(dict.fromkeys("‘’´`", "'") | dict.fromkeys("“”", '"') | dict.fromkeys("‐‑‒–—−", "-"))
_MARKS = frozenset("•♦†‡*#+")
"""Of footnotes."""
_WHITE = re.compile(r"\s+")
_SIGNED = re.compile(r"^(\s*[+-])\s+(?=\d)")
_NOTE_NUMBER = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class Value:
    """One value. text: as `plain` has it. number, date: what it is read as; None where it is neither, and
    never both. A date is (year, month, day), each -1 where it is not known."""

    text: str
    number: float | None = None
    date: tuple[int, int, int] | None = None

    def matches(self, other: Value) -> bool:
        """Whether both are the same to the evaluator."""
        if self.text == other.text:
            return True
        if self.number is not None and other.number is not None:
            return abs(self.number - other.number) < CLOSE
        return self.date is not None and self.date == other.date

    @property
    def key(self) -> object:
        """Equal for values that count once."""
        if self.number is not None:
            return ("number", self.number)
        return ("date", self.date) if self.date is not None else ("text", self.text)


def denotes(answer: Iterable[Value], target: Iterable[Value]) -> bool:
    """Whether an answer's values are the target's, in any order. Both as `values_of` has them."""
    given, wanted = tuple(answer), tuple(target)
    return len(given) == len(wanted) and all(any(each.matches(one) for one in given) for each in wanted)


def values_of(texts: Sequence[str], canonical: Sequence[str] | None = None) -> tuple[Value, ...]:
    """Without those that are equal to an earlier one. canonical: what each is read as, where known."""
    read = zip(texts, texts if canonical is None else canonical, strict=True)
    found: dict[object, Value] = {}
    for text, meant in read:
        value = value_of(text, meant)
        found.setdefault(value.key, value)
    return tuple(found.values())


def value_of(text: str, canonical: str = "") -> Value:
    """canonical: the number or date that it is read as; empty for the text itself."""
    meant = canonical or text
    number = _number(meant)
    if number is not None:
        return Value(plain(text), number)
    date = _date(meant)
    if date is None:
        return Value(plain(text))
    if date[1] == date[2] == -1:
        return Value(plain(text), date[0])
    return Value(plain(text), date=date)


def plain(text: str) -> str:
    """What texts are compared by: without diacritics, footnote marks and remarks in brackets at the end,
    quotation marks around it, a full stop at the end, and capitals; quotes and dashes in ASCII."""
    letters = (each for each in unicodedata.normalize("NFKD", text) if unicodedata.category(each) != "Mn")
    found = "".join(letters).translate(_QUOTES)
    while True:
        shorter = _without_an_end(found.strip())
        if shorter == found:
            break
        found = shorter
    found = _WHITE.sub(" ", found.removesuffix("."))
    # Letter by letter, so that a sigma at the end of a word becomes the one that it is elsewhere.
    return "".join(each.lower() for each in found).strip()


def _without_an_end(text: str) -> str:
    """Without the footnote, the remark or the pair of quotation marks that ends a stripped text, if any."""
    match text[-1:]:
        case "]":
            start = _opening(text, "[", "]")
            if start > 0 or _NOTE_NUMBER.fullmatch(text):
                return text[: max(start, 0)]
            # A text that begins with a bracket is no footnote as a whole, unless it is a number.
            inner = text.find("[", 1) if start == 0 else -1
            return text[:inner] if inner > 0 else text
        case ")":
            start = _opening(text, " (", ")")
            return text[:start] if start > 0 else text
        case '"':
            return text[1:-1] if len(text) > 1 and text[0] == '"' and text.count('"') == 2 else text
        case mark if mark in _MARKS:
            return text[:-1]
        case _:
            return text


def _opening(text: str, mark: str, closing: str) -> int:
    """Where the last bracket opens: at the first mark behind the closing one before; -1 for nowhere."""
    return text.find(mark, text.rfind(closing, 0, len(text) - 1) + 1)


def _whole(text: str) -> int:
    """Python 2 reads `+ 7`, too. Raises ValueError."""
    return int(_SIGNED.sub(r"\1", text))


def _number(text: str) -> float | None:
    """A whole number, or a finite one; None for anything else, `1_000` included."""
    if "_" in text or len(text) > LONGEST_NUMBER:
        return None
    try:
        number: float = _whole(text)
    except ValueError:
        try:
            number = float(text)
        except ValueError:
            return None
        if not math.isfinite(number):
            return None
    return int(number) if abs(number - round(number)) < CLOSE else number


def _date(text: str) -> tuple[int, int, int] | None:
    parts = text.lower().split("-")
    if len(parts) != 3 or "_" in text:
        return None
    try:
        year = -1 if parts[0] in ("xx", "xxxx") else _whole(parts[0])
        month, day = (-1 if part == "xx" else _whole(part) for part in parts[1:])
    except ValueError:
        return None
    if year == month == day == -1 or not (month == -1 or 1 <= month <= 12):
        return None
    return (year, month, day) if day == -1 or 1 <= day <= 31 else None
