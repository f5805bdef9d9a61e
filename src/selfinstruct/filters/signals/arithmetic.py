"""Sums that are wrong: equations in the output, and the answer where the instruction is a sum."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import factorial
from typing import ClassVar

from selfinstruct.filters.signals.base import number_of, speaks_of
from selfinstruct.records import Row, Verdict
from selfinstruct.text.formats import Format, output_format

__all__ = ["WrongArithmetic"]

_MEANT_WRONG = speaks_of(
    "wrong incorrect* mistake* error* false trick* riddle* puzzle* joke* binary hex* octal base* "
    "modulo mod modular clock roman bitwise xor"
    " fake distractor* absurd* invalid bug* erroneous falsch* faux "
    "incorrecto* parody alien fictional logarithm* integer_division floor matrix vector*"
    " complex concat* string*"
)
_DIGITS = r"\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,12})?|\d{1,15}(?:\.\d{1,12})?|\.\d{1,12}"
_NUMBER = rf"(?:[$€£]\s?)?(?:{_DIGITS})\s?%?"
_OPERATOR = r"(?:\*\*|[-+*/^×÷·−–]|x(?=\s*[\d($€£.])|(?<=\s):(?=\s))"
_SIDE = rf"\(*\s*-?\s*\(*{_NUMBER}\)*(?:\s*{_OPERATOR}\s*\(*\s*-?{_NUMBER}\s*\)*)*"
_EQUATION = re.compile(
    rf"(?<![\w.,)\]^*/×÷=<>+−%$€£:-])(?<![-+*/^×÷·−=<>)x\d] "
    rf")(?<!\d and )(?<!\d und )(?P<chain>{_SIDE}(?:\s*=\s*{_SIDE})+)(?!\s*(?:[-+*/^×÷·−(]|\d"
    rf"|\w*\s*[*/^×÷]))(?![\w.,]*\d|[a-zA-Z(])"
)
_TOKEN = re.compile(rf"\s*(?:(?P<number>(?:{_DIGITS}))\s?(?P<percent>%)?|(?P<sign>\*\*|[-+*/^×÷·−–:x()]))")
_MINUS, _OPEN = "-", "("
_SIGNS = {"×": "*", "·": "*", "x": "*", "÷": "/", ":": "/", "−": "-", "–": "-", "^": "**"}
_ASKS = (
    r"(?:what(?:'s|’s| is| are| does| do)?|calculate|compute|evaluate|solve|find|simplify|how much is"
    r"|work out|determine|answer|add up|was (?:ist|ergibt)|berechne|wie viel (?:ist|sind)"
    r"|combien (?:font|fait)|calcule[zr]?|cuánto es|calcula|resuelve|quanto é|calcule)"
)
_IN_WORDS = re.compile(
    r"\s+(?:plus|minus|times|multiplied by|divided by|mal|geteilt durch|fois|vezes|divisé par|por|entre|más"
    r"|menos|moins|to the power of|squared|cubed)\b",
    re.IGNORECASE,
)
_WORD_SIGNS = {
    "plus": "+",
    "más": "+",
    "minus": "-",
    "menos": "-",
    "moins": "-",
    "times": "*",
    "multiplied by": "*",
    "mal": "*",
    "vezes": "*",
    "乘以": "*",
    "乘": "*",
    "加": "+",
    "减": "-",
    "除以": "/",
    "fois": "*",
    "por": "*",
    "divided by": "/",
    "geteilt durch": "/",
    "divisé par": "/",
    "entre": "/",
    "to the power of": "**",
    "squared": "**2",
    "cubed": "**3",
}
_ASKED = re.compile(
    rf"^\W*(?:{_ASKS}\b\s*)(?:the (?:result|value|answer|sum|product|difference|quotient|following"
    rf"|expression|equation|problem|math problem|arithmetic \w+|calculation)s?(?: of| to"
    rf"| for)?\s*)*(?:the )?(?:(?:following )?(?:expression|equation|problem|calculation"
    rf"|sum)s?\s*)?[:：]?\s*(?P<sum>{_SIDE})\s*=?\s*\??\.?\W*$",
    re.IGNORECASE,
)
_BARE = re.compile(rf"^\W*(?:{_ASKS}\s+)?(?P<sum>{_SIDE})\s*=?\s*\??\W*$", re.IGNORECASE)
_SOLVES = re.compile(rf"^\W*(?:please )?{_ASKS}\b.{{0,80}}$", re.IGNORECASE | re.DOTALL)
_PERCENT_OF = re.compile(
    rf"(?P<share>\d+(?:\.\d+)?)\s?(?:%|percent|per cent|prozent) (?:of|von"
    rf"|de) [$€£]?(?P<whole>{_DIGITS})(?!\s?%)",
    re.IGNORECASE,
)
_SAID = re.compile(
    rf"(?<![\d.,/] )(?<![-+*×/=] )(?<!plus )(?<!minus )(?<!times )(?<!by )(?<![\w.,])"
    rf"(?P<left>{_DIGITS}) (?P<sign>plus|minus|times|multiplied by|divided by"
    rf"|mal|geteilt durch|fois|vezes|por|moins|más|menos) (?P<right>{_DIGITS})"
    rf" (?:is|are|equals|makes|gives|=|ist|ergibt|font|égale|é|es"
    rf"|son) (?:equal to )?(?P<result>{_DIGITS})(?![\d.,/]*\d|\s?[-+*/×x%])",
    re.IGNORECASE,
)
_ORDERS = (
    (
        re.compile(
            rf"^\W*(?:please )?add (?:up )?({_DIGITS}) (?:and|to|plus) ({_DIGITS})\W*$", re.IGNORECASE
        ),
        "{0} + {1}",
    ),
    (re.compile(rf"^\W*(?:please )?subtract ({_DIGITS}) from ({_DIGITS})\W*$", re.IGNORECASE), "{1} - {0}"),
    (
        re.compile(
            rf"^\W*(?:please )?multiply ({_DIGITS}) (?:by|and|with|times) ({_DIGITS})\W*$", re.IGNORECASE
        ),
        "{0} * {1}",
    ),
    (re.compile(rf"^\W*(?:please )?divide ({_DIGITS}) by ({_DIGITS})\W*$", re.IGNORECASE), "{0} / {1}"),
    (
        re.compile(rf"^\W*(?:{_ASKS} )?the (?:sum|total) of ({_DIGITS}) and ({_DIGITS})\W*$", re.IGNORECASE),
        "{0} + {1}",
    ),
    (
        re.compile(rf"^\W*(?:{_ASKS} )?the product of ({_DIGITS}) and ({_DIGITS})\W*$", re.IGNORECASE),
        "{0} * {1}",
    ),
    (
        re.compile(
            rf"^\W*(?:{_ASKS} )?the difference (?:between|of) ({_DIGITS}) and ({_DIGITS})\W*$", re.IGNORECASE
        ),
        "{0} - {1}",
    ),
)
_SHARE_IS = re.compile(
    rf"(?<![\d.,])(?P<share>\d+(?:\.\d+)?)\s?(?:%|percent) of [$€£]?(?P<whole>{_DIGITS})(?: (?:euros?"
    rf"|dollars?|pounds|people|students|[a-z]{{3,12}}s))?"
    rf" (?:is|are|=|equals) [$€£]?(?P<result>{_DIGITS})(?![\d%]|\.\d|\s?(?:%|percent|[-+*/×]))",
    re.IGNORECASE,
)
_OF_LIST = re.compile(
    r"\b(?P<what>sum|total|product|average|mean|maximum|minimum|largest|smallest|median)\b(?: value"
    r"| number)? (?:of|among|in|from)?(?: (?:all|the|these|this|following|given|numbers?|integers?"
    r"|list|set|values?|elements|in|of|array|below"
    r"|provided)){0,7}\s*[:：]?\s*\[?(?P<numbers>-?\d+(?:\.\d+)?(?:\s*(?:,|and"
    r"|,\s*and)\s*-?\d+(?:\.\d+)?)+)\]?\W*$",
    re.IGNORECASE,
)
_NUMBERS_ONLY = re.compile(
    r"^\W*(?:numbers?|list|input|values)?\s*[:=]?\s*\[?(?P<numbers>-?\d+(?:\.\d+)?(?:\s*(?:,|\s"
    r"|and)\s*-?\d+(?:\.\d+)?)+)\]?\W*$",
    re.IGNORECASE,
)
_LIST_TASK = re.compile(
    r"\b(?P<what>sum|total|product|average|mean|maximum|minimum|largest|smallest|median|add up|add)\b",
    re.IGNORECASE,
)
_CONDITIONS = re.compile(
    r"\b(?:even|odd|positive|negative|prime|squares?|first|last|digits?|distinct|unique|two|three|top"
    r"|consecutive|second|third|greater|less|divisible|if|without|except|weighted|moving|geometric"
    r"|harmonic|sort|and|then|list|explain|write|function|round\w*|nearest|words?|between|index)\b",
    re.IGNORECASE,
)
_HOW = rf"^\W*(?:{_ASKS}\b\s*)?"
_IN_UNITS = {
    ("minutes", "hour"): 60, ("seconds", "minute"): 60, ("hours", "day"): 24, ("days", "week"): 7,
    ("months", "year"): 12, ("inches", "foot"): 12, ("inches", "feet"): 12, ("centimeters", "meter"): 100,
    ("meters", "kilometer"): 1000, ("grams", "kilogram"): 1000, ("m", "km"): 1000,
    ("g", "kg"): 1000, ("cm", "m"): 100,
    ("metres", "km"): 1000, ("metres", "kilometre"): 1000, ("meters", "km"): 1000, ("grams", "kg"): 1000,
    ("centimetres", "metre"): 100, ("cents", "dollar"): 100, ("eggs", "dozen"): 12,
}  # fmt: skip
_SHORT: tuple[tuple[re.Pattern[str], Callable[..., Fraction]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), worked_out)
    for pattern, worked_out in (
        (rf"{_HOW}half (?:of )?(\d+)\W*$", lambda n: Fraction(int(n), 2)),
        (rf"{_HOW}(?:double|twice)(?: of)? (\d+)\W*$", lambda n: Fraction(int(n) * 2)),
        (rf"{_HOW}(?:the )?cube of (\d{{1,4}})\W*$", lambda n: Fraction(int(n) ** 3)),
        (rf"{_HOW}(?:the )?square of (\d{{1,6}})\W*$", lambda n: Fraction(int(n) ** 2)),
        (
            rf"{_HOW}(?:the factorial of (\d{{1,2}})|(?<!\d)(\d{{1,2}})!)\W*$",
            lambda n, m: Fraction(factorial(int(n or m))),
        ),
        (
            rf"{_HOW}(?:the )?remainder (?:when|of|if) (\d+) (?:is )?(?:divided by|/|÷) ([1-9]\d*)\W*$",
            lambda n, m: Fraction(int(n) % int(m)),
        ),
        (rf"{_HOW}(\d+)/([1-9]\d*) of (\d+)\W*$", lambda n, m, of: Fraction(int(n), int(m)) * int(of)),
    )
)
_UNITS_IN = re.compile(
    r"^\W*how many (?P<small>[a-z]+) (?:are |is |does |make )?(?:there )?(?:are )?(?:in|make)? ?"
    r"(?P<n>\d+|an?|one) (?P<large>[a-z]+?)s?"
    r"(?: have| contain)?\W*$|^\W*convert (?P<n2>\d+) (?P<large2>[a-z]+?)s? "
    r"(?:to|into) (?P<small2>[a-z]+)\W*$",
    re.IGNORECASE,
)
_SQUARE_ROOT = re.compile(
    rf"^\W*(?:{_ASKS}\b\s*)?(?:the )?square root of (?P<n>\d{{1,9}})\W*$", re.IGNORECASE
)
_ANSWER = re.compile(rf"(?<![\w.])-?\s?(?:{_DIGITS})(?:\s?/\s?\d+)?(?![\w])")
_STEP = re.compile(r"round|nearest|approx|estimat|whole number|≈|about", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WrongArithmetic:
    """A sum of numbers with a result that it does not have. Rounded results are right."""

    name: ClassVar[str] = "wrong_arithmetic"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("wrong_arithmetic",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "A simple sum is wrong: 12 + 5 = 18."
    example: ClassVar[Row] = Row("What is 12 * 7?", "", "86")

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        if not any(map(str.isdigit, row.output)) or _MEANT_WRONG(row.instruction):
            return None
        if (
            wrong := next(self._wrong_equations(row), "")
            or next(self._wrong_words(row.output), "")
            or next(self._wrong_shares(row.output), "")
        ):
            return Verdict("wrong_arithmetic", wrong)
        for expression, result in _asked(row.instruction.strip(), row.input.strip()):
            if not self._gives(row.output, result):
                return Verdict("wrong_arithmetic", f"{expression} is {_shown(result)}")
        return None

    def _wrong_equations(self, row: Row) -> Iterator[str]:
        if "=" not in row.output or output_format(row.output, row.instruction) in (
            Format.CODE,
            Format.MARKUP,
        ):
            return
        given = re.sub(r"\s", "", f"{row.instruction} {row.input}")
        text = row.output.replace("\\times", "×").replace("\\div", "÷").replace("**", "^")
        for match in _EQUATION.finditer(text):
            if re.sub(r"\s", "", match[0]) in given or re.search(r"\d:\d|\d-\d+-\d|\d/\d+/\d", match[0]):
                continue
            sides = [side.strip() for side in match["chain"].split("=")]
            yield from self._wrong_sides(sides, given)

    def _wrong_sides(self, sides: list[str], given: str) -> Iterator[str]:
        for left, right in pairwise(sides):
            if not re.search(rf"\d[\s)%]*{_OPERATOR}\s*[-($€£]*\s*\d", left):
                continue
            if re.sub(r"\s", "", f"{left}={right}") in given or left.count("(") != left.count(")"):
                continue
            if (
                re.fullmatch(r"\d+\s?/\s?\d+", left)
                and "/" not in right
                and int(left.split("/")[0]) < int(left.split("/")[1])
            ):
                continue  # the end of a mixed number: 12 x 1 and 1/4
            if re.search(r"/\s*\d+\s*/", left) or ("%" in right and "%" not in left):
                continue  # a division by a fraction; a share of a hundred
            if re.search(r"(?<![\d.])0\d{2,}", left + right):
                continue  # a time of day
            one, other = _value(left), _value(right)
            if (
                one is not None
                and other is not None
                and not _equal(one, other, right, exact="/" not in left and "÷" not in left)
            ):
                yield f"{' '.join(left.split())} = {' '.join(right.split())}; it is {_shown(one)}"

    def _wrong_words(self, text: str) -> Iterator[str]:
        for match in _SAID.finditer(text):
            sign = _WORD_SIGNS[match["sign"].lower()]
            value, said = _value(f"{match['left']} {sign} {match['right']}"), _value(match["result"])
            if (
                value is not None
                and said is not None
                and not _equal(value, said, match["result"], exact=sign != "/")
            ):
                yield f"{match[0]}; it is {_shown(value)}"

    def _wrong_shares(self, text: str) -> Iterator[str]:
        for match in _SHARE_IS.finditer(text):
            share, whole = Fraction(match["share"]), Fraction(match["whole"].replace(",", ""))
            said, value = Fraction(match["result"].replace(",", "")), share / 100 * whole
            if not _equal(value, said, match["result"], exact=value.denominator == 1):
                yield f"{match[0]}; it is {_shown(value)}"

    def _gives(self, output: str, result: Fraction) -> bool:
        """Whether a number in the output is the result; so is an output that has none of its own."""
        found = False
        for match in _ANSWER.finditer(output.replace("\\", "")):
            text = re.sub(r"\s", "", match[0])
            value = _value(text)
            if value is None:
                continue
            found = True
            if _equal(result, value, text, exact=result.denominator == 1):
                return True
        return not found


def _asked(instruction: str, given: str) -> Iterator[tuple[str, Fraction]]:
    """What the row asks to work out, where that is all it asks, with the result."""
    whole = f"{instruction} {given}".strip() if given else instruction
    text = _IN_WORDS.sub(lambda match: f" {_WORD_SIGNS[' '.join(match[0].lower().split())]}", whole)
    found = _ASKED.match(text)
    if found is None and given and _SOLVES.match(instruction) and not any(map(str.isdigit, instruction)):
        found = _BARE.match(
            _IN_WORDS.sub(lambda match: f" {_WORD_SIGNS[' '.join(match[0].lower().split())]}", given)
        )
        if found and _CONDITIONS.search(re.sub(r"\b(?:and|between)\b", "", instruction)):
            found = None
    if (
        found
        and re.search(rf"\d[\s)]*{_OPERATOR}\s*[-(]*\s*\d", found["sum"])
        and not _STEP.search(instruction)
    ):
        value = _value(found["sum"])
        if value is not None:
            yield " ".join(found["sum"].split()), value
        return
    for pattern, made in _ORDERS:
        if order := pattern.match(whole):
            value = _value(made.format(order[1].replace(",", ""), order[2].replace(",", "")))
            if value is not None:
                yield made.format(order[1], order[2]), value
            return
    if (
        (share := _PERCENT_OF.search(whole))
        and len(whole.split()) < 9
        and re.match(rf"\W*{_ASKS}\b", whole, re.IGNORECASE)
    ):
        yield share[0], Fraction(share["share"]) / 100 * Fraction(share["whole"].replace(",", ""))
        return
    if units := _UNITS_IN.match(whole):
        names = ((units["small"] or units["small2"]).lower(), (units["large"] or units["large2"]).lower())
        if names in _IN_UNITS:
            many = number_of(units["n"] or units["n2"]) or 1
            yield " ".join(units[0].split()).strip(" ?."), Fraction(many * _IN_UNITS[names])
        return
    for pattern, worked_out in _SHORT:
        if short := pattern.match(whole):
            yield short[0].strip(" .?"), worked_out(*short.groups())
            return
    if root := _SQUARE_ROOT.match(whole):
        number = round(int(root["n"]) ** 0.5)
        if number * number == int(root["n"]):
            yield f"the square root of {root['n']}", Fraction(number)
        return
    listed = _OF_LIST.search(whole)
    task = listed
    if listed is None and given:
        listed, task = _NUMBERS_ONLY.match(given), _LIST_TASK.search(instruction)
    if (
        listed
        and task
        and len(instruction.split()) < 16
        and not _CONDITIONS.search(
            re.sub(r"\b(?:list|and)\b", "", instruction.replace(listed["numbers"], ""), flags=re.IGNORECASE)
        )
    ):
        numbers = [Fraction(each) for each in re.findall(r"-?\d+(?:\.\d+)?", listed["numbers"])]
        if len(numbers) > 1:
            yield (
                f"the {task['what'].lower()} of {listed['numbers'][:40]}",
                _of_list(task["what"].lower(), numbers),
            )


def _of_list(what: str, numbers: list[Fraction]) -> Fraction:
    match what:
        case "product":
            product = Fraction(1)
            for number in numbers:
                product *= number
            return product
        case "average" | "mean":
            return sum(numbers, Fraction(0)) / len(numbers)
        case "maximum" | "largest":
            return max(numbers)
        case "minimum" | "smallest":
            return min(numbers)
        case "median":
            ordered, half = sorted(numbers), len(numbers) // 2
            return ordered[half] if len(numbers) % 2 else (ordered[half - 1] + ordered[half]) / 2
    return sum(numbers, Fraction(0))


def _equal(value: Fraction, shown: Fraction, text: str, *, exact: bool) -> bool:
    """Whether `shown`, as `text` has it, is the value or the value rounded.

    exact: whether the value has no rest, so that a whole number is not a rounded one.
    """
    difference = abs(value - shown)
    if "/" in text:
        return difference == 0
    if difference == 0:
        return True
    if "%" in text and abs(value * 100 - shown) < 1:
        return True
    decimals = re.search(r"\.(\d+)", text)
    if decimals:
        return difference <= Fraction(11, 10 * 10 ** len(decimals[1]))
    if exact and value.denominator == 1:
        return False
    return difference < 1


def _shown(value: Fraction) -> str:
    return f"{value.numerator:,}" if value.denominator == 1 else f"{float(value):.6g}"


def _value(text: str) -> Fraction | None:
    """Of a sum by the usual precedence; None where it has none, or is too large to be simple."""
    tokens: list[Fraction | str] = []
    text = re.sub(r"[$€£]", "", text).strip()
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.end() == place:
            return None
        place = match.end()
        if match["number"]:
            number = Fraction(match["number"].replace(",", ""))
            tokens.append(number / 100 if match["percent"] else number)
        else:
            tokens.append(_SIGNS.get(match["sign"], match["sign"]))
    try:
        value, end = _sum(tokens, 0)
    except (ValueError, ZeroDivisionError, IndexError, OverflowError):
        return None
    return value if end == len(tokens) else None


def _sum(tokens: list[Fraction | str], place: int) -> tuple[Fraction, int]:
    value, place = _product(tokens, place)
    while place < len(tokens) and tokens[place] in ("+", "-"):
        other, end = _product(tokens, place + 1)
        value, place = (value + other if tokens[place] == "+" else value - other), end
    return value, place


def _product(tokens: list[Fraction | str], place: int) -> tuple[Fraction, int]:
    value, place = _power(tokens, place)
    while place < len(tokens) and tokens[place] in ("*", "/"):
        other, end = _power(tokens, place + 1)
        value, place = (value * other if tokens[place] == "*" else value / other), end
    return value, place


def _power(tokens: list[Fraction | str], place: int) -> tuple[Fraction, int]:
    """Raises ValueError for what is no number, and for powers that are no simple sums."""
    token = tokens[place]
    if token == _MINUS:
        value, place = _power(tokens, place + 1)
        return -value, place
    if token == _OPEN:
        value, place = _sum(tokens, place + 1)
        if tokens[place] != ")":
            raise ValueError
        place += 1
    elif isinstance(token, Fraction):
        value, place = token, place + 1
    else:
        raise ValueError
    if place < len(tokens) and tokens[place] == "**":
        exponent, place = _power(tokens, place + 1)
        if exponent.denominator != 1 or abs(exponent) > 64 or abs(value.numerator) > 10**6:
            raise ValueError
        value = value ** int(exponent)
    return value, place
