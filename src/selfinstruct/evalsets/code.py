"""Programming problems as published: HumanEval (Chen et al., 2021) and MBPP (Austin et al., 2021).

    HumanEval.jsonl, HumanEval.jsonl.gz   {"task_id", "prompt", "entry_point", "canonical_solution", "test"}
    mbpp.jsonl                            {"task_id", "text", "code", "test_list", "test_setup_code", …}
    sanitized-mbpp.json                   [{"task_id", "prompt", "code", "test_list", "test_imports"}, …]

Of MBPP the test split is asked: ids 11 to 510. 1 to 10 are for prompts, 511 to 600 for validation, 601 to 974
for training; how many rows that leaves out is counted. A file without a row of the test split is asked whole.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import UserError
from selfinstruct.paths import read_bytes
from selfinstruct.seeds.decoding import decode
from selfinstruct.seeds.json_rows import read_json

__all__ = ["CODE_SUITES", "CodeProblem", "Problems", "load_humaneval", "load_mbpp"]

CODE_SUITES = ("humaneval", "mbpp")
GZIP = b"\x1f\x8b"
MOST_BYTES = 1 << 28
"""Of a file, and of what it unpacks to."""
TEST_SPLIT = range(11, 511)
SHOWN = (2, 3, 4)
"""The solved problems that MBPP's paper shows before the one that is asked (its section 3)."""


@dataclass(frozen=True, slots=True)
class CodeProblem:
    """One program to write.

    prompt: HumanEval: the beginning of the program, up to the end of the function's docstring. MBPP: the task
    in words. solution: that of the data; HumanEval: what goes on after the prompt. entry_point: the
    function's name; empty where the data does not say. tests: run after the program, one piece of code.
    shown_tests: those that the prompt shows (MBPP).
    """

    id: str
    prompt: str
    solution: str
    entry_point: str
    tests: str
    shown_tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problems:
    """asked: at least one, ids differing. shown: solved ones that a prompt may show. left_out: rows of other
    splits than the one that is asked, `shown` among them."""

    asked: tuple[CodeProblem, ...]
    shown: tuple[CodeProblem, ...] = ()
    left_out: int = 0


def load_humaneval(path: Path) -> Problems:
    """Raises UserError naming the file, the line and the field."""
    return Problems(_with_ids_of_their_own([_humaneval(row) for row in _rows(path)]))


def load_mbpp(path: Path) -> Problems:
    """Raises UserError naming the file, the line and the field."""
    rows = _rows(path)
    numbers = [row.number() for row in rows]
    problems = [_mbpp(row) for row in rows]
    in_test = [number in TEST_SPLIT for number in numbers]
    asked = [each for each, tested in zip(problems, in_test, strict=True) if tested] or problems
    by_number = dict(zip(numbers, problems, strict=True)) if any(in_test) else {}
    shown = tuple(by_number[number] for number in SHOWN if number in by_number)
    return Problems(
        _with_ids_of_their_own(asked), shown if len(shown) == len(SHOWN) else (), len(problems) - len(asked)
    )


@dataclass(frozen=True, slots=True)
class _Row:
    file: Path
    line: int
    fields: dict[str, Any]

    def wrong(self, what: str, hint: str = "") -> UserError:
        return UserError(f"{self.file}, line {self.line}: {what}.", hint)

    def text(self, *names: str, needed: bool = True) -> str:
        """Of the first of these fields that is there."""
        name = next((name for name in names if self.fields.get(name) is not None), None)
        value = "" if name is None else self.fields[name]
        if not isinstance(value, str):
            raise self.wrong(f"field {name!r} is not text")
        if needed and not value.strip():
            raise self.wrong(
                f"there is no {' or '.join(map(repr, names))}", "Use the file as its authors publish it."
            )
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.fields.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.wrong(f"field {name!r} is not a list of strings")
        return tuple(value)

    def number(self) -> int | None:
        """`task_id`, where it is one, or `mbpp/` and one."""
        value = self.fields.get("task_id")
        if isinstance(value, str) and (found := _MBPP_ID.fullmatch(value)):
            return int(found[1])
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def _rows(path: Path) -> list[_Row]:
    data = read_bytes(path, UserError, at_most=MOST_BYTES)
    if data.startswith(GZIP):
        data = _unpacked(path, data)
    text = decode(data)
    if not isinstance(text, str):
        raise UserError(f"{path}{f', line {text.line}' if text.line else ''}: {text}.", text.hint)
    read = read_json(text)
    for problem in read.problems[:1]:
        raise UserError(f"{path}, line {problem.line}: {problem.message}.", problem.hint)
    for row in read.rows:
        if not isinstance(row.value, dict):
            raise UserError(f"{path}, line {row.line}: not a JSON object.", "Write one JSON object per line.")
    if not read.rows:
        raise UserError(f"{path} is empty.", "Use the file as its authors publish it.")
    return [_Row(path, row.line, row.value) for row in read.rows if isinstance(row.value, dict)]


def _unpacked(path: Path, data: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        found = unpacking.decompress(data, MOST_BYTES)
        if unpacking.unconsumed_tail:
            raise UserError(f"{path} unpacks to more than {MOST_BYTES >> 20} MiB.", "Name a smaller file.")
        if unpacking.unused_data:  # several files in one
            found = gzip.decompress(data)
    except (zlib.error, OSError, EOFError) as error:
        raise UserError(f"{path} cannot be unpacked: {error}.", "Fetch it again.") from error
    if not unpacking.eof:
        raise UserError(f"{path} cannot be unpacked: it ends early.", "Fetch it again.")
    return found


def _humaneval(row: _Row) -> CodeProblem:
    entry_point = row.text("entry_point")
    if not entry_point.isidentifier():
        raise row.wrong(f"field 'entry_point' is no name: {entry_point[:40]!r}")
    return CodeProblem(
        id=_id(row, "HumanEval"),
        prompt=row.text("prompt"),
        solution=row.text("canonical_solution", needed=False),
        entry_point=entry_point,
        tests=f"{row.text('test')}\ncheck({entry_point})\n",
    )


def _mbpp(row: _Row) -> CodeProblem:
    tests = row.texts("test_list")
    if not tests:
        raise row.wrong("there is no test in field 'test_list'", "Use the file as its authors publish it.")
    before = [*row.texts("test_imports"), row.text("test_setup_code", needed=False)]
    return CodeProblem(
        id=_id(row, "MBPP"),
        prompt=row.text("text", "prompt").strip(),
        solution=row.text("code", needed=False).replace("\r\n", "\n"),
        entry_point=_called(tests[0]),
        tests="\n".join([*(each for each in before if each.strip()), *tests]) + "\n",
        shown_tests=tests,
    )


_MBPP_ID = re.compile(r"(?:mbpp/)?([0-9]{1,9})", re.IGNORECASE)
_WRAPPERS = (
    r"(?:not|abs|all|any|bool|float|int|len|list|math\.isclose|round|set|sorted|str|sum|tuple)\b[\s(]*"
)
_ASSERTED = re.compile(rf"assert\b[\s(]*(?:{_WRAPPERS})*([A-Za-z_]\w*)\s*\(")


def _called(test: str) -> str:
    """The function that a test calls; empty where that cannot be told."""
    found = _ASSERTED.match(test.strip())
    return found[1] if found else ""


def _id(row: _Row, name: str) -> str:
    number = row.number()
    return row.text("task_id").strip() if number is None else f"{name}/{number}"


def _with_ids_of_their_own(problems: Sequence[CodeProblem]) -> tuple[CodeProblem, ...]:
    seen: set[str] = set()
    for each in problems:
        if each.id in seen:
            raise UserError(f"Two problems have the task_id {each.id!r}.", "Give each an id of its own.")
        seen.add(each.id)
    return tuple(problems)
