"""What a format is: what becomes of a task, and into which kind of file it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from selfinstruct.records import Task
from selfinstruct.store.reader import RunReader

__all__ = ["Columns", "ExportedRow", "FileKind", "Rendering", "RunFormat", "TaskFormat"]

ExportedRow = Mapping[str, Any]
"""One line, or one row of a table."""

Columns = Mapping[str, str | Mapping[str, str]]
"""A row's fields and their types, `string`, `bool` or `float64`; a mapping is a list of objects with such
fields."""

FileKind = Literal["jsonl", "parquet"]
"""Also the end of the file's name."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What decides a row besides its task.

    seed: chooses among templates, where a format has several.
    system: what conversations begin with; empty for no system message.
    conversational: preference pairs as messages, rather than plain text.
    """

    seed: int = 0
    system: str = ""
    conversational: bool = False


@dataclass(frozen=True, slots=True)
class TaskFormat:
    """The data set in other words, task by task.

    about: what a row is, for people.
    takes_system: whether `Rendering.system` has a place in it.
    pairs: its rows are of two outputs to one prompt (`pairs.find_pairs`), and `rows` gives none.
    least_rows: what the reader of the format asks for in a file; fewer are written all the same.
    """

    about: str
    rows: Callable[[Task, Rendering], Iterator[ExportedRow]]
    columns: Columns
    kind: FileKind = "jsonl"
    takes_system: bool = False
    pairs: bool = False
    least_rows: int = 0


@dataclass(frozen=True, slots=True)
class RunFormat:
    """Records of the run that belong to no task of the data set, so that nothing splits or joins them."""

    about: str
    rows: Callable[[RunReader], Iterator[ExportedRow]]
