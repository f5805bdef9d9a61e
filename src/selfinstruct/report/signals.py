"""What the signals (`filters.signals`) say of a run's rows: counts for the verdict, marks for the samples."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from selfinstruct.dataset.languages import language_code
from selfinstruct.filters.signals.base import Signal
from selfinstruct.filters.signals.flags import SignalCounts, count_marks, rows_of
from selfinstruct.filters.signals.table import choose_signals, findings_of
from selfinstruct.ratings.decisions import instance_digest
from selfinstruct.ratings.scores import Scores, judged_figures
from selfinstruct.ratings.summary import ratings_of_run
from selfinstruct.records import Instance, Row
from selfinstruct.report.quality import (
    Quality,
    describe_quality,
    judged_by_judges,
    judged_by_people,
)
from selfinstruct.store.reader import RunReader
from selfinstruct.store.record import RunRecord

__all__ = ["A_FEW", "FEWEST", "RowMark", "RowMarks", "look_at_rows", "quality_of_run", "with_scores"]

A_FEW = 2_000
"""Rows for whoever cannot wait: the signals take a second or so for a thousand."""

FEWEST = 200
"""Rows for whoever wants an answer at once."""

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RowMark:
    """What was said of a row. signals: names of those that flag it; score: a judge's mean, 1 to 5; None
    where no judge saw it."""

    signals: tuple[str, ...] = ()
    score: float | None = None


RowMarks = Mapping[tuple[int, int], RowMark]
"""By the task's number and the place among its instances in the data set."""


def look_at_rows(record: RunRecord, most: int | None = None) -> tuple[SignalCounts, dict[Place, RowMark]]:
    """Counts, and the marks of the flagged rows by the task's number and the instance's place among the valid
    ones.

    most: rows to look at, drawn at random, the same of the same run; None for all that were read of the data
        set.
    """
    rows = list(_rows(record))
    looked_at = rows
    if most is not None and len(rows) > most:
        looked_at = random.Random(record.config.seed).sample(rows, most)
    language = language_code(record.config.recipe.language) or ""
    found = {place: _signals_of(row, language) for place, row in looked_at}
    return (
        count_marks(found.values(), of=record.summary.instances),
        {place: RowMark(signals=names) for place, names in found.items() if names},
    )


def quality_of_run(reader: RunReader, most: int = A_FEW) -> Quality:
    """Of a run on disk, soon: what people and judges said of it, and what its tasks are like, or of a
    large one a sample. most: rows that signals look at. Raises what reading it raises."""
    record = reader.record(whole_up_to=A_FEW, sample=A_FEW, rows_alone=True)
    signals, _ = look_at_rows(record, most)
    judged = judged_by_people(ratings_of_run(reader)) + judged_by_judges(judged_figures(reader))
    return describe_quality(record, signals=signals, judged=judged)


def with_scores(record: RunRecord, marks: Mapping[Place, RowMark], scores: Scores) -> dict[Place, RowMark]:
    """The marks, and the mean score over judges of every row that has one."""
    found = dict(marks)
    for place, row in _rows(record):
        mean = scores.mean(instance_digest(row.instruction, Instance(row.input, row.output)))
        if mean is not None:
            found[place] = replace(found.get(place, RowMark()), score=mean)
    return found


def _rows(record: RunRecord) -> Iterator[tuple[Place, Row]]:
    for each in record.tasks:
        if record.in_data_set(each):
            for place, row in enumerate(rows_of(each.task())):
                yield (each.number, place), row


@lru_cache(maxsize=50_000)
def _signals_of(row: Row, language: str) -> tuple[str, ...]:
    """Remembered: a live report asks for the same rows again and again."""
    return tuple(str(found.reason) for found in findings_of(row, _signals(language)))


@lru_cache(maxsize=8)
def _signals(language: str) -> tuple[Signal, ...]:
    return choose_signals(language=language)
