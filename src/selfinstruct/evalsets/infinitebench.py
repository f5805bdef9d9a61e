"""∞Bench (Zhang et al., ACL 2024): twelve tasks whose texts are longer than 100,000 tokens.

    passkey.jsonl, kv_retrieval.jsonl …    {"id", "context", "input", "answer", "options"}, a file a task

All twelve files are some gigabytes, so contexts stay on the disk: an item says where its row is, and
`LongItem.context` reads it again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from selfinstruct.errors import UserError
from selfinstruct.evalsets.rows import FileRow
from selfinstruct.paths import path_problem
from selfinstruct.store.failures import storage_errors

__all__ = ["INFINITEBENCH_TASKS", "LongItem", "LongItems", "load_infinitebench"]

INFINITEBENCH_TASKS = (
    "passkey",
    "number_string",
    "kv_retrieval",
    "longbook_sum_eng",
    "longbook_qa_eng",
    "longbook_choice_eng",
    "longdialogue_qa_eng",
    "longbook_qa_chn",
    "code_debug",
    "code_run",
    "math_calc",
    "math_find",
)
CHOICES = ("longbook_choice_eng", "code_debug")
LETTERS = "ABCD"
AS_PUBLISHED = "Take the file as its authors publish it."

_PART = re.compile(rf"({'|'.join(INFINITEBENCH_TASKS)})(?:_\d+)?")
_CALL = re.compile(r"func_[0-9]+\(-?[0-9]+\)")
_WHICH = re.compile(r"The (.+) of\b")


@dataclass(frozen=True, slots=True)
class LongItem:
    """question: what is asked behind the context: of `code_run` the call, of `math_find` which number; empty
    for the tasks whose prompt says it all. answers: right ones; of tasks with options the option and its
    letter, numbers as JSON. options: four, or none.

    file, offset, length: where the row is, in bytes. line: of it, from 1.
    """

    id: str
    task: str
    question: str
    answers: tuple[str, ...]
    options: tuple[str, ...]
    file: Path
    line: int
    offset: int
    length: int

    def context(self) -> str:
        """The long text. Raises UserError where the file is not the one any more that was read."""
        with storage_errors(self.file), self.file.open("rb") as file:
            file.seek(self.offset)
            data = file.read(self.length)
        try:
            return _context(_row(self.file, self.line, data))
        except UserError as error:
            raise UserError(f"{self.file} has changed while it was in use.", "Start again.") from error


@dataclass(frozen=True, slots=True)
class LongItems:
    """items: the tasks by turns, so that the first few hold some of each. digest: SHA-256 of the rows."""

    items: tuple[LongItem, ...]
    digest: str

    @property
    def tasks(self) -> tuple[str, ...]:
        """Those that are there, in the order of `INFINITEBENCH_TASKS`."""
        there = {item.task for item in self.items}
        return tuple(task for task in INFINITEBENCH_TASKS if task in there)


def load_infinitebench(path: Path) -> LongItems:
    """path: a file named for its task, or a folder that holds one at least. `passkey_8192.jsonl`, as their
    script for synthetic tasks names it, is read too, as a file.

    Raises UserError naming the file, the line and the field.
    """
    if path.is_dir():
        files = {task: path / f"{task}.jsonl" for task in INFINITEBENCH_TASKS}
        files = {task: file for task, file in files.items() if file.is_file()}
        if not files:
            raise UserError(
                f"{path} holds none of the files of ∞Bench, such as passkey.jsonl.",
                "Name the folder that has them.",
            )
    else:
        found = _PART.fullmatch(path.stem)
        if found is None:
            raise UserError(
                f"{path} is not named for a task of ∞Bench.",
                f"Give it the name that it is published under: {', '.join(INFINITEBENCH_TASKS)} (.jsonl).",
            )
        files = {found[1]: path}
    seen = hashlib.sha256()
    by_task = [list(_items(task, file, seen)) for task, file in files.items()]
    items = (each for each in chain.from_iterable(zip_longest(*by_task)) if each is not None)
    return LongItems(tuple(items), seen.hexdigest())


def _items(task: str, file: Path, seen: Any) -> Iterator[LongItem]:
    """seen: is told the bytes of all rows."""
    names: dict[str, int] = {}
    for line, offset, data in _lines(file):
        seen.update(data)
        row = _row(file, line, data)
        _context(row)
        options = row.texts("options") if row.fields.get("options") else ()
        name = row.id() or str(line - 1)
        if name in names:
            raise row.mistake(f"the id {name!r} was there before, on line {names[name]}", AS_PUBLISHED)
        names[name] = line
        yield LongItem(
            id=f"{task}/{name}",
            task=task,
            question=_question(task, row),
            answers=_answers(task, row, options),
            options=options,
            file=file,
            line=line,
            offset=offset,
            length=len(data),
        )
    if not names:
        raise UserError(f"{file} holds nothing.", AS_PUBLISHED)


def _lines(file: Path) -> Iterator[tuple[int, int, bytes]]:
    """Number, offset and bytes of those that hold something."""
    problem = path_problem(file, below=True)
    if problem is not None:
        raise problem
    try:
        with file.open("rb") as lines:
            offset = 0
            for number, data in enumerate(lines, start=1):
                if data.strip():
                    yield number, offset, data
                offset += len(data)
    except OSError as error:
        raise UserError(
            f"Cannot read {file}: {error.strerror}.", "Check the path and its permissions."
        ) from error


def _row(file: Path, line: int, data: bytes) -> FileRow:
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FileRow(file, line, {}).mistake(f"this is not valid JSON ({error})", AS_PUBLISHED) from error
    if not isinstance(fields, dict):
        raise FileRow(file, line, {}).mistake("this is no object", "Write one JSON object per line.")
    return FileRow(file, line, fields)


def _context(row: FileRow) -> str:
    return row.required("context", "content")


def _question(task: str, row: FileRow) -> str:
    match task:
        case "longbook_sum_eng" | "longdialogue_qa_eng" | "math_calc" | "code_debug":
            return ""
        case "code_run":
            found = _CALL.search(row.required("input"))
            if found is None:
                raise row.mistake("field 'input' holds no call such as func_12(3)", AS_PUBLISHED)
            return found[0]
        case "math_find":
            which = _WHICH.search(row.required("input"))
            if which is None:
                raise row.mistake("field 'input' does not say which number to find", AS_PUBLISHED)
            return which[1]
        case _:
            return row.required("input").strip()


def _answers(task: str, row: FileRow, options: tuple[str, ...]) -> tuple[str, ...]:
    if task == "math_calc":
        return (json.dumps(_numbers(row)),)
    answers = row.texts("answer")
    if task in ("code_run", "math_find"):
        try:
            float(answers[0])
        except ValueError:
            raise row.mistake(f"field 'answer' is no number: {answers[0][:40]!r}", AS_PUBLISHED) from None
    if task not in CHOICES:
        return answers
    if len(options) != len(LETTERS):
        raise row.mistake(f"field 'options' has {len(options)} options, not {len(LETTERS)}", AS_PUBLISHED)
    if len(answers) > 1 and answers[1] in LETTERS:
        return answers[0], answers[1]
    if answers[0] not in options:
        raise row.mistake("field 'answer' is none of the options", AS_PUBLISHED)
    return answers[0], LETTERS[options.index(answers[0])]


def _numbers(row: FileRow) -> list[int]:
    """The intermediate values, as a list or a list in a list."""
    found = row.fields.get("answer")
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
        (found,) = found
    if not isinstance(found, list) or not found:
        raise row.mistake("field 'answer' is no list of whole numbers", AS_PUBLISHED)
    try:
        return [int(each) for each in found]
    except (ValueError, TypeError):
        raise row.mistake("field 'answer' is no list of whole numbers", AS_PUBLISHED) from None
