"""Which rows of a data set the signals flag: marks of each, and counts of all; computed when asked for."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selfinstruct.filters.signals.base import Signal
from selfinstruct.filters.signals.table import choose_signals, findings_of
from selfinstruct.records import Row, Task, Verdict

__all__ = ["MOST_ROWS", "SignalCounts", "count_flags", "marks_of"]

MOST_ROWS = 5_000
"""Of a larger data set a sample of so many is looked at: a thousand take a second or so."""


@dataclass(frozen=True, slots=True)
class SignalCounts:
    """rows: looked at. flagged: those with at least one mark. by_signal: rows for each signal that marked
    some, the commonest first. of: rows of the data set, more than `rows` where that is a sample."""

    rows: int
    flagged: int
    by_signal: Mapping[str, int]
    of: int

    def to_json(self) -> dict[str, Any]:
        """One object."""
        return {"rows": self.rows, "of": self.of, "flagged": self.flagged, "by_signal": dict(self.by_signal)}

    def __str__(self) -> str:
        """`12 of 300 rows flagged (talk 7, wrong_count 5)`; of a sample it says so."""
        names = ", ".join(f"{name} {count:,}" for name, count in self.by_signal.items())
        sample = f" of {self.of:,}, drawn at random," if self.rows < self.of else ""
        return f"{self.flagged:,} of {self.rows:,} rows{sample} flagged{f' ({names})' if names else ''}"


def count_flags(
    tasks: Iterable[Task], language: str = "", *, most: int | None = MOST_ROWS, seed: int = 42
) -> SignalCounts:
    """What all signals say of the instances of these tasks.

    language: the ISO 639-1 code of the language that all texts should be in; empty for each row's own.
    most: rows to look at, drawn at random by `seed`; None for all.
    """
    rows = [row for task in tasks for row in _rows(task)]
    looked_at = rows
    if most is not None and len(rows) > most:
        looked_at = random.Random(seed).sample(rows, most)
    signals = choose_signals(language=language)
    found = [names for row in looked_at if (names := [each.reason for each in findings_of(row, signals)])]
    counts = Counter(str(name) for names in found for name in names)
    commonest = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return SignalCounts(len(looked_at), len(found), dict(commonest), len(rows))


def marks_of(task: Task, signals: Sequence[Signal]) -> list[tuple[Verdict, ...]]:
    """What these signals say of each instance of a task, in their order; empty where nothing."""
    return [tuple(findings_of(row, signals)) for row in _rows(task)]


def _rows(task: Task) -> list[Row]:
    return [
        Row(task.instruction, each.input, each.output, task.is_classification, task.instances[:place])
        for place, each in enumerate(task.instances)
    ]
