"""Seeds as JSON: an object a line, an array, or objects one after another, laid out over lines."""

from __future__ import annotations

import json
import re
from bisect import bisect_left

from selfinstruct.seeds.rows import MOST_CHARACTERS, MOST_ROWS, SeedProblem, SeedRow, SeedRows

__all__ = ["looks_like_json", "read_json"]

_SIGN = re.compile(r'\s*(\[\s*)?\{\s*["}]')
_WHITE_SPACE = re.compile(r"\s*")
_BETWEEN_ELEMENTS = re.compile(r"[\s,]*")
_ONE_A_LINE = 'Write one whole object per line: {"instruction": "…"}.'
_AS_ARRAY = 'Write an array of objects: [{"instruction": "…"}, …].'
_SPLIT = "A seed is a task with some examples; split it up, or give fewer instances."
_DECODER = json.JSONDecoder()


def looks_like_json(text: str) -> bool:
    """Whether it begins as a JSON object, or an array of them, does."""
    return _SIGN.match(text) is not None


def read_json(text: str) -> SeedRows:
    """Rows of any JSON values, in order. A row that is not valid JSON is a problem; others are still read."""
    first, _, others = text.lstrip().partition("\n")
    if not first.startswith("[") and len(first) > MOST_CHARACTERS:
        return _read_lines(text)
    if others.strip() and _is_json(first):
        return _read_lines(text)
    if first.startswith("["):
        return _read_array(text)
    if first.strip() == "{" or _first_value_spans_lines(text):
        rows, problems = _read_values(text, 0, array=False)
        return SeedRows("JSON objects", tuple(rows), tuple(problems))
    return _read_lines(text)


def _read_lines(text: str) -> SeedRows:
    rows, problems = [], []
    # "\n" alone ends a line: str.splitlines would also cut at separators inside JSON strings.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if len(line) > MOST_CHARACTERS:
            problems.append(_too_long(number))
            continue
        try:
            rows.append(SeedRow(number, json.loads(line)))
        except (ValueError, RecursionError) as error:
            problems.append(SeedProblem(number, _reason(error), hint=_ONE_A_LINE))
        if len(rows) + len(problems) > MOST_ROWS:
            break
    return SeedRows("JSON Lines", tuple(rows), tuple(problems))


def _read_array(text: str) -> SeedRows:
    rows, problems = _read_values(text, text.index("[") + 1, array=True)
    if not problems and len(rows) <= MOST_ROWS:
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:  # a comma, the last bracket, or something behind it
            line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
            problems.append(SeedProblem(line, _reason(error), hint=_AS_ARRAY))
    return SeedRows("JSON array", tuple(rows), tuple(problems))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _first_value_spans_lines(text: str) -> bool:
    """Objects laid out over lines are what `jq` and `json.dump(…, indent=2)` write."""
    text = text.lstrip()
    try:
        _, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return "\n" in text[:end]


def _read_values(text: str, position: int, *, array: bool) -> tuple[list[SeedRow], list[SeedProblem]]:
    """The values from `position` on; after a broken one, from the next line that begins as it did."""
    rows: list[SeedRow] = []
    problems: list[SeedProblem] = []
    line_ends = [match.start() for match in re.finditer("\n", text)]
    between = _BETWEEN_ELEMENTS if array else _WHITE_SPACE
    while len(rows) + len(problems) <= MOST_ROWS and (position := _end_of(between, text, position)) < len(
        text
    ):
        if array and text[position] == "]":
            break
        line = bisect_left(line_ends, position) + 1
        try:
            value, end = _DECODER.raw_decode(text, position)
            if end - position > MOST_CHARACTERS:
                problems.append(_too_long(line))
            else:
                rows.append(SeedRow(line, value))
            position = end
        except (ValueError, RecursionError) as error:
            position = _next_alike(text, position)
            rest = "" if position < len(text) else "; the rest was not read"
            problems.append(_broken(error, line, rest, hint=_AS_ARRAY if array else _ONE_A_LINE))
    return rows, problems


def _end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _next_alike(text: str, position: int) -> int:
    """Of the next line with an object's beginning at the same indentation; the end where there is none."""
    indentation = text[text.rfind("\n", 0, position) + 1 : position]
    if indentation.strip():
        return len(text)
    found = text.find(f"\n{indentation}{{", position)
    return len(text) if found < 0 else found + 1 + len(indentation)


def _broken(error: Exception, begins: int, rest: str, *, hint: str) -> SeedProblem:
    """Named by the line of the error itself, which may be far into the object."""
    line = error.lineno if isinstance(error, json.JSONDecodeError) else begins
    where = "" if line == begins else f", in what begins on line {begins}"
    return SeedProblem(line, f"{_reason(error)}{where}{rest}", hint=hint)


def _too_long(line: int) -> SeedProblem:
    return SeedProblem(line, f"a row of more than {MOST_CHARACTERS:,} characters", hint=_SPLIT)


def _reason(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"not valid JSON ({error.msg} at column {error.colno})"
        case RecursionError():
            return "JSON nested too deeply"
        case _:  # an integer of thousands of digits
            return f"not valid JSON ({error})"
