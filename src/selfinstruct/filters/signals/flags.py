"""Which rows of a data set the signals flag: marks and counts. Computed when asked for, and never kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from selfinstruct.records import Row, Task, Verdict

if TYPE_CHECKING:
    from selfinstruct.filters.signals.base import Signal

__all__ = ["SignalCounts", "count_marks", "marks_of", "rows_of"]


@dataclass(frozen=True, slots=True)
class SignalCounts:
    """rows: looked at. flagged: those with at least one mark. by_signal: rows for each signal that marked
    some, the commonest first. of: rows of the data set, more than `rows` where these are a sample."""

    rows: int
    flagged: int
    by_signal: Mapping[str, int]
    of: int


def count_marks(marks: Iterable[Sequence[str]], of: int) -> SignalCounts:
    """marks: of each row looked at, the names of the signals that flag it. of: rows of the data set."""
    looked_at = list(marks)
    counts = Counter(name for names in looked_at for name in names)
    commonest = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return SignalCounts(len(looked_at), sum(map(bool, looked_at)), dict(commonest), of)


def marks_of(task: Task, signals: Sequence[Signal]) -> list[tuple[Verdict, ...]]:
    """What these signals say of each instance of a task, in their order; empty where nothing."""
    from selfinstruct.filters.signals.table import findings_of

    return [tuple(findings_of(row, signals)) for row in rows_of(task)]


def rows_of(task: Task) -> list[Row]:
    """A task's instances, each with those before it."""
    return [
        Row(task.instruction, each.input, each.output, task.is_classification, task.instances[:place])
        for place, each in enumerate(task.instances)
    ]
