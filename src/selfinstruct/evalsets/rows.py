"""JSON objects out of a file of somebody else's, each with the line that messages name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import UserError
from selfinstruct.paths import read_bytes
from selfinstruct.seeds.decoding import decode
from selfinstruct.seeds.json_rows import read_json
from selfinstruct.store.encoding import clean_text

__all__ = ["FileRow", "read_file", "read_rows"]


@dataclass(frozen=True, slots=True)
class FileRow:
    """One object. line: on which it begins, from 1; 0 where the file is one object.

    Texts are given as they are kept, without half characters (`store.encoding.clean_text`)."""

    file: Path
    line: int
    fields: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}" if self.line else str(self.file)

    def mistake(self, what: str, hint: str = "") -> UserError:
        """An error that names the place."""
        return UserError(f"{self}: {what}.", hint)

    def first_of(self, *names: str) -> str | None:
        """The first of these fields that is there and not null; None where none is."""
        return next((name for name in names if self.fields.get(name) is not None), None)

    def text(self, *names: str) -> str:
        """The text of the first of these fields that is there; empty where none is."""
        name = self.first_of(*names)
        if name is None:
            return ""
        value = self.fields[name]
        if not isinstance(value, str):
            raise self.mistake(f"field {name!r} is {_kind(value)}, not text")
        return clean_text(value)

    def required(self, *names: str) -> str:
        """As `text`, but one of the fields has to be there and hold more than white space."""
        text = self.text(*names)
        if not text.strip():
            missing = self.first_of(*names) is None
            raise self.mistake(
                f"{'there is no' if missing else 'nothing is in the'} field {_either(names)}",
                "Give every row one.",
            )
        return text

    def id(self) -> str:
        """The field of that name, a text or a whole number; empty where it is not there."""
        value = self.fields.get("id")
        return str(value) if _is_number(value) and isinstance(value, int) else self.text("id")

    def texts(self, *names: str) -> tuple[str, ...]:
        """The answers in the first of these fields that is there, a text or a list of texts: at least one.
        Numbers are read as they are written, or nearly so."""
        name = self.first_of(*names)
        if name is None:
            raise self.mistake(f"there is no field {_either(names)}", "Give every row one.")
        value = self.fields[name]
        values = value if isinstance(value, list) else [value]
        for each in values:
            if not isinstance(each, str) and not _is_number(each):
                raise self.mistake(f"field {name!r} holds {_kind(each)}, not text")
        if not values:
            raise self.mistake(f"the list in field {name!r} is empty", "Give every row at least one answer.")
        return tuple(clean_text(each) if isinstance(each, str) else json.dumps(each) for each in values)

    def objects(self, name: str) -> Iterator[FileRow]:
        """The objects of a list, as rows of the same place; none where there is no such field."""
        value = self.fields.get(name) or []
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.mistake(f"field {name!r} is not a list of objects")
        yield from (FileRow(self.file, self.line, each) for each in value)


def read_file(path: Path) -> str:
    """The text. Raises UserError where it cannot be read, or is no UTF-8 text."""
    text = decode(read_bytes(path, UserError))
    if not isinstance(text, str):
        where = f"{path}, line {text.line}" if text.line else str(path)
        raise UserError(f"{where}: {text}.", text.hint)
    return text


def read_rows(path: Path) -> tuple[FileRow, ...]:
    """JSON Lines, a JSON array, or objects one after another. Raises UserError for the first row that is no
    object, and for a file without any."""
    read = read_json(read_file(path))
    rows = [FileRow(path, row.line, row.value) for row in read.rows if isinstance(row.value, dict)]
    for problem in read.problems[:1]:
        raise FileRow(path, problem.line, {}).mistake(problem.message, problem.hint)
    for row in read.rows:
        if not isinstance(row.value, dict):
            raise FileRow(path, row.line, {}).mistake(
                f"this is {_kind(row.value)}, not an object", "Write one JSON object per line."
            )
    if not rows:
        raise UserError(f"{path} is empty.", "Write one JSON object per line.")
    return tuple(rows)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(map(repr, names))


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"
