"""The least and the most that an endpoint takes of a value, read from its body about another one.

The same limit is worded in dozens of ways: `>= 16`, `in (0, 1]`, `strictly positive`, `is less than the
minimum of 16`, `40000 > 8192`. What was sent is told in the same sentence, and is no limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selfinstruct.models.http.error_bodies import ErrorBody

__all__ = ["value_bounds"]

_N = r"[-−]?\d{1,3}(?:,\d{3})+(?![\d,])|[-−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?|[-−]?\.\d+"
_GAP = r"[^\w\-−.]{0,4}"  # without a sign, which is the number's
_WORDING = r"(?:[ \w'’`\"]|[.-](?=[a-z]))"  # between a word and its number
_SENT = re.compile(  # what was sent
    r"(?:\b(?:got|given|received|provided|requested|sent|found|supplied|was|were|input|actual)\b"
    r"|you (?:asked for|set|used))(?:[\s:=('\"`]|value|an?\b|of\b){0,6}"
    rf"(?:{_N})(?:\W{{0,2}}instead)?"
)
_RANGE = re.compile(
    rf"(?P<from>[\[(\]])\s*(?P<least>{_N})\s*(?:,|;|\.\.+|-|–|to)\s*(?P<most>{_N})\s*(?P<to>[\])\[])"
)
_FROM_TO = re.compile(
    rf"(?:between|from|range(?: of)?|in){_GAP}(?:value )?(?P<least>{_N})"
    rf"\s*(?:and|to|\.\.+|–|-|,)\s*(?P<most>{_N})"
)
_COMPARED = re.compile(rf"(?P<left>{_N})?\W{{0,2}}?(?P<sign><=|>=|=<|=>|≤|≥|<|>)\s*(?P<right>{_N})?")
_WORDS = re.compile(
    r"(?P<wanted>(?:\b(?:must|should|ensure|has to|have to|needs? to|may|can|expected|require[sd]?)\b"
    r"[^.;]{0,30}?)?)"
    r"(?P<turned>(?:not|n't|cannot|no|never|\bis|\bwas|\bare)\s+(?:be |a |an )?)?"
    r"\b(?P<word>less|smaller|lower|fewer|below|under|greater|larger|higher|more|bigger|above|over)\b"
    r"(?: than)?(?P<equal> or equal(?: to)?)?(?: the)?(?: (?P<limit>min|max)\w*)?"
    rf"(?:[ \w]{{0,30}}?\b(?:of|is)\b)?{_GAP}(?P<number>{_N})"
)
_LEAST = re.compile(rf"(?:at least|min(?:imum)?\b{_WORDING}{{0,50}}?){_GAP}(?P<number>{_N})")
_MOST = re.compile(
    rf"(?:at most|up to|exceed(?:s|ed|ing)?\b{_WORDING}{{0,40}}?|max(?:imum)?\b{_WORDING}{{0,60}}?"
    rf"|limit(?:ed)?\b{_WORDING}{{0,20}}?(?:of|is|to|:)){_GAP}(?P<number>{_N})"
)
_POSITIVE = re.compile(
    r"(?<!non-)(?<!non )\bpositive\b|(?:must|should|cannot|can't|can not)\W(?:not\W)?be (?:zero|0\b)"
)
_NOT_NEGATIVE = re.compile(r"non-?\s?negative|not be negative|(?:cannot|can't) be negative")
_PRINTED_LIMIT = re.compile(rf"['\"](ge|gt|le|lt)['\"]\s*:\s*({_N})")
_MARGIN = {"max_tokens": 1.0}
_SMALL = 0.01  # from an open bound; what is less is often read as none
_SENSIBLE = {
    "temperature": (0.0, 5.0), "top_p": (0.0, 1.0), "max_tokens": (1.0, 1e7),
    "frequency_penalty": (-10.0, 10.0), "presence_penalty": (-10.0, 10.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Bound:
    """side: -1 for the least, 1 for the most. is_open: the value itself is not taken."""

    side: int
    value: float
    is_open: bool = False


def value_bounds(body: ErrorBody, name: str) -> tuple[float | None, float | None]:
    """Of a field in `BOUNDED_FIELDS`; inclusive, the tightest that is said, None where nothing is. (None,
    None) for limits that exclude each other."""
    sentence = body.sentence
    printed = [(match[1], _number(match[2])) for match in _PRINTED_LIMIT.finditer(sentence)]
    given = [_of_pydantic(kind, value) for kind, value in [*body.limits.items(), *printed]]
    said = given or [*_said(_SENT.sub(" ", sentence))]
    margin = _MARGIN.get(name, _SMALL)
    lowest, highest = _SENSIBLE[name]
    leasts = [each.value + margin * each.is_open for each in said if each.side < 0]
    mosts = [each.value - margin * each.is_open for each in said if each.side > 0]
    least = max((value for value in leasts if lowest <= value <= highest), default=None)
    most = min((value for value in mosts if lowest <= value <= highest), default=None)
    if least is not None and most is not None and least > most:
        return None, None
    return least, most


def _of_pydantic(kind: str, value: float) -> _Bound:
    return _Bound(-1 if kind[0] == "g" else 1, value, kind[1] == "t")


def _said(sentence: str) -> Iterator[_Bound]:
    """Every limit that the sentence states."""
    for match in _RANGE.finditer(sentence):
        yield _Bound(-1, _number(match["least"]), match["from"] != "[")
        yield _Bound(1, _number(match["most"]), match["to"] != "]")
    sentence = _RANGE.sub(" ", sentence)
    for match in _FROM_TO.finditer(sentence):
        yield _Bound(-1, _number(match["least"]))
        yield _Bound(1, _number(match["most"]))
    for match in _COMPARED.finditer(sentence):
        yield from _compared(match)
    for match in _WORDS.finditer(sentence):
        yield _worded(match)
    yield from (_Bound(-1, _number(match["number"])) for match in _LEAST.finditer(sentence))
    yield from (_Bound(1, _number(match["number"])) for match in _MOST.finditer(sentence))
    if _NOT_NEGATIVE.search(sentence):
        yield _Bound(-1, 0.0)
    elif _POSITIVE.search(sentence):
        yield _Bound(-1, 0.0, is_open=True)


def _compared(match: re.Match[str]) -> Iterator[_Bound]:
    """`x >= 16` and `0 < x` are what is wanted; `40000 > 8192`, two numbers, is what is wrong."""
    greater, is_open = match["sign"] in (">=", "=>", "≥", ">"), match["sign"] in ("<", ">")
    if match["left"] and match["right"]:
        yield _Bound(1 if greater else -1, _number(match["right"]))
    elif match["right"]:
        yield _Bound(-1 if greater else 1, _number(match["right"]), is_open)
    elif match["left"]:
        yield _Bound(1 if greater else -1, _number(match["left"]), is_open)


def _worded(match: re.Match[str]) -> _Bound:
    """`must be less than 1` is what is wanted; `is less than the minimum of 1` and `cannot be less than 1`
    are the opposite."""
    greater = match["word"] in ("greater", "larger", "higher", "more", "bigger", "above", "over")
    turned = (match["turned"] or "").strip()
    wrong = bool(turned) and not (turned in ("is", "was", "are") and match["wanted"])
    if match["limit"]:
        return _Bound(1 if match["limit"] == "max" else -1, _number(match["number"]))
    is_most = greater == wrong
    return _Bound(1 if is_most else -1, _number(match["number"]), is_open=wrong == bool(match["equal"]))


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))
