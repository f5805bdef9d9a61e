"""Several runs side by side: what each yielded and took, how varied it is, how much of it others have too.

Variety depends on size: of more tasks, more are alike. So whatever measures it is taken of equally many tasks
of each run, drawn at random.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.ratings.scores import JudgeFigures
from selfinstruct.ratings.summary import RatingsSummary
from selfinstruct.records import Task
from selfinstruct.report.figures import Figures, compute
from selfinstruct.report.similarity import nearest_among
from selfinstruct.report.verb_objects import count_verb_objects
from selfinstruct.store.record import RunRecord
from selfinstruct.text.tokens import tokenize
from selfinstruct.text.verbs import find_verb_and_object

__all__ = ["Diversity", "RunComparison", "RunOverlap", "compare"]

SAMPLE = 1000
ALIKE = 0.7
"""ROUGE-L F1 above which two instructions are the same task in other words: the limit of novelty (2.2)."""


@dataclass(frozen=True, slots=True)
class Diversity:
    """Of `tasks` tasks. verbs, pairs: different root verbs, and pairs with a direct object. bigrams:
    different pairs of neighbouring words, as a share of all such pairs. nearest: mean of the largest ROUGE-L
    with another of these tasks; None for fewer than two."""

    tasks: int
    verbs: int
    pairs: int
    bigrams: float | None
    nearest: float | None


@dataclass(frozen=True, slots=True)
class RunOverlap:
    """How much of one run another has too. of, among: their names. alike: share of `of`'s tasks (`sample` of
    them) that have a ROUGE-L above 0.7 with a task of `among`; None without tasks. equal: of all of `of`'s
    instructions, those that `among` has word for word."""

    of: str
    among: str
    sample: int
    alike: float | None
    equal: int


@dataclass(frozen=True, slots=True)
class RunComparison:
    """runs: in the order asked for, with different names. diversity: likewise. overlaps: of each with each
    other."""

    runs: tuple[Figures, ...]
    diversity: tuple[Diversity, ...]
    overlaps: tuple[RunOverlap, ...]

    def to_json(self) -> dict[str, Any]:
        """Nothing but what JSON has."""
        return {
            "runs": [
                {**figures.to_json(), "diversity": asdict(diversity)}
                for figures, diversity in zip(self.runs, self.diversity, strict=True)
            ],
            "overlaps": [asdict(each) for each in self.overlaps],
        }


def compare(
    records: Mapping[str, tuple[RunRecord, bool, RatingsSummary | None]],
    judges: Mapping[str, JudgeFigures | None] | None = None,
) -> RunComparison:
    """By name: a run, whether it is being written, and what people said of it; and what judges said."""
    figures = tuple(
        compute(record, name, running=running, ratings=ratings, judges=(judges or {}).get(name))
        for name, (record, running, ratings) in records.items()
    )
    tasks = {
        name: [task.task() for task in record.tasks if record.in_data_set(task)]
        for name, (record, *_) in records.items()
    }
    sizes = [len(those) for those in tasks.values() if those]
    size = min([SAMPLE, *sizes])
    samples = {name: _sample(those, size) for name, those in tasks.items()}
    return RunComparison(
        runs=figures,
        diversity=tuple(_diversity(those) for those in samples.values()),
        overlaps=tuple(
            _overlap(of, among, samples[of], tasks[of], tasks[among])
            for of in tasks
            for among in tasks
            if of != among
        ),
    )


def _sample(tasks: Sequence[Task], size: int) -> list[Task]:
    """The same ones whenever it is asked for, in their order."""
    places = random.Random(size).sample(range(len(tasks)), min(size, len(tasks)))
    return [tasks[place] for place in sorted(places)]


def _diversity(tasks: Sequence[Task]) -> Diversity:
    pairs = count_verb_objects([find_verb_and_object(task.instruction) for task in tasks])
    return Diversity(
        tasks=len(tasks),
        verbs=pairs.distinct_verbs,
        pairs=pairs.distinct_pairs,
        bigrams=_distinct_bigrams(tasks),
        nearest=_nearest_other(tasks),
    )


def _distinct_bigrams(tasks: Sequence[Task]) -> float | None:
    """Different word pairs over all word pairs."""
    pairs = [pair for task in tasks for pair in pairwise(tokenize(task.instruction))]
    return len(set(pairs)) / len(pairs) if pairs else None


def _nearest_other(tasks: Sequence[Task]) -> float | None:
    if len(tasks) < 2:
        return None
    index = NoveltyIndex(max_similarity=1.0, neighbours=2, ascii_tokens=False)
    for task in tasks:
        index.add(task.instruction)
    total = 0.0
    for place, near in enumerate(index.look_up(task.instruction for task in tasks)):
        total += next(each.score for each in near if each.index != place)
    return total / len(tasks)


def _overlap(
    of: str, among: str, sample: Sequence[Task], all_of: Sequence[Task], others: Sequence[Task]
) -> RunOverlap:
    near = nearest_among([task.instruction for task in others], [task.instruction for task in sample])
    alike = sum(each is not None and each.score > ALIKE for each in near)
    words = {tuple(tokenize(task.instruction)) for task in others}
    return RunOverlap(
        of=of,
        among=among,
        sample=len(sample),
        alike=alike / len(sample) if sample else None,
        equal=sum(tuple(tokenize(task.instruction)) in words for task in all_of),
    )
