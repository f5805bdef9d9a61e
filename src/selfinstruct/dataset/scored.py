"""The data set with what judges said of it: rows chosen by their mean score, scores and ids beside rows.

A score is of the texts as they are exported: where people edited an instance after it was judged, or a whole
run was never judged, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from selfinstruct.dataset.formats import Columns, ExportedRow
from selfinstruct.dataset.reviewed import PlacedTask, ReviewPolicy, no_tasks, reviewed_places
from selfinstruct.errors import ConfigError
from selfinstruct.ratings.decisions import instance_digest, instance_id
from selfinstruct.ratings.scores import Scores, read_all_scores
from selfinstruct.records import Task
from selfinstruct.store.improved import ORIGINAL
from selfinstruct.store.reader import RunReader

__all__ = [
    "Extras",
    "ScoreEffect",
    "check_min_score",
    "chosen_by_score",
    "needed_scores",
    "no_scored_tasks",
    "score_effect",
    "score_fields",
]

LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True, slots=True)
class ScoreEffect:
    """What a least mean score leaves out of a data set, in instances. kept: those that have it."""

    min_score: float
    kept: int = 0
    below: int = 0
    unscored: int = 0

    def sentence(self) -> str:
        """For people; empty where nothing is left out."""
        if not self.below + self.unscored:
            return ""
        return (
            f"instances left out with a mean score below {self.min_score:g}: {self.below:,}; without a score:"
            f" {self.unscored:,}"
        )


def check_min_score(min_score: float | None) -> None:
    """Raises ConfigError where it is none."""
    if min_score is not None and not LOWEST <= min_score <= HIGHEST:
        raise ConfigError(f"`min_score` is {min_score:g}: scores go from 1 to 5.", "Give 4, for example.")


def needed_scores(reader: RunReader, why: str) -> Scores:
    """why: the option that needs them. Raises ConfigError where no judge has given any, StorageError."""
    scores = read_all_scores(reader.directory)
    if not scores:
        raise ConfigError(
            f"{why} needs scores, and no judge was asked about {reader.directory} yet.",
            f"Ask one: `selfinstruct judge {reader.directory}`, with `model=SPEC`",
        )
    return scores


def chosen_by_score(
    reader: RunReader,
    outputs: str = ORIGINAL,
    reviews: ReviewPolicy = "apply",
    min_score: float | None = None,
) -> Iterator[PlacedTask]:
    """As `reviewed_places`, without instances whose mean score over judges is below `min_score`, or that have
    none; None for all. Raises, before the first task, also what `check_min_score` and `needed_scores` raise.
    """
    check_min_score(min_score)
    placed = reviewed_places(reader, outputs, reviews)
    if min_score is None:
        return placed
    scores = needed_scores(reader, "`min_score`")
    chosen = (_by_score(task, places, scores, min_score) for task, places in placed)
    return (each for each in chosen if each is not None)


def score_effect(reader: RunReader, outputs: str, reviews: ReviewPolicy, min_score: float) -> ScoreEffect:
    """What `chosen_by_score` leaves out. Goes through the data set once."""
    scores = read_all_scores(reader.directory)
    kept = below = unscored = 0
    for task, _ in reviewed_places(reader, outputs, reviews):
        for instance in task.instances:
            mean = scores.mean(instance_digest(task.instruction, instance))
            kept += mean is not None and mean >= min_score
            below += mean is not None and mean < min_score
            unscored += mean is None
    return ScoreEffect(min_score, kept, below, unscored)


def no_scored_tasks(
    reader: RunReader, outputs: str, reviews: ReviewPolicy, min_score: float | None
) -> ConfigError:
    """Why `chosen_by_score` gives none."""
    if min_score is not None:
        left_out = score_effect(reader, outputs, reviews, min_score).sentence()
        if left_out:
            return ConfigError(
                f"No instance of {reader.directory} has a mean score of {min_score:g} or more ({left_out}).",
                "Give a lower `min_score`, or judge more: selfinstruct judge",
            )
    return no_tasks(reader, outputs, reviews)


def _by_score(task: Task, places: Sequence[int], scores: Scores, min_score: float) -> PlacedTask | None:
    """None where no instance is left."""
    kept = [
        (place, instance)
        for place, instance in zip(places, task.instances, strict=True)
        if (scores.mean(instance_digest(task.instruction, instance)) or 0) >= min_score
    ]
    if not kept:
        return None
    instances = tuple(instance for _, instance in kept)
    return replace(task, instances=instances), tuple(place for place, _ in kept)


def score_fields(scores: Scores, digest: str, prefix: str = "score") -> dict[str, float | None]:
    """The mean, and each judge's; None where there is none: `score`, `score_JUDGE`."""
    given = scores.of(digest)
    return {prefix: scores.mean(digest)} | {
        f"{prefix}_{judge}": given.get(judge) for judge in scores.verdicts
    }


@dataclass(frozen=True, slots=True)
class Extras:
    """Fields beside those of a format. ids: `id`, such as `task_17/0`. scores: None for no scores."""

    ids: bool = False
    scores: Scores | None = None

    def __bool__(self) -> bool:
        return self.ids or self.scores is not None

    def columns(self, columns: Columns) -> Columns:
        """Those of a format, with the others; in `instances`, where rows have such."""
        if not self:
            return columns
        before = {"id": "string"} if self.ids else {}
        judges = () if self.scores is None else ("", *(f"_{judge}" for judge in self.scores.verdicts))
        after = {f"score{judge}": "float64" for judge in judges}
        if isinstance(inner := columns.get("instances"), Mapping):
            return {**columns, "instances": {**before, **inner, **after}}
        return {**before, **columns, **after}

    def rows(self, task: Task, places: Sequence[int], rows: Iterator[ExportedRow]) -> Iterator[ExportedRow]:
        """A format's rows with these fields; a row an instance, or one that has `instances`."""
        if not self:
            yield from rows
            return
        fields = [self._of(task, number, place) for number, place in enumerate(places)]
        for number, row in enumerate(rows):
            if "instances" in row:
                instances = zip(row["instances"], fields, strict=True)
                yield {**row, "instances": [{**b, **each, **a} for each, (b, a) in instances]}
            else:
                before, after = fields[number]
                yield {**before, **row, **after}

    def _of(self, task: Task, number: int, place: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """What stands before and after the format's own fields."""
        before = {"id": instance_id(task.id, place)} if self.ids else {}
        if self.scores is None:
            return before, {}
        digest = instance_digest(task.instruction, task.instances[number])
        return before, dict(score_fields(self.scores, digest))
