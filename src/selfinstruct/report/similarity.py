"""Similarity of instructions: the largest ROUGE-L with any seed (Figure 4), and with the pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.records import Neighbour, SeedTask
from selfinstruct.report.distribution import Histogram, Spread, histogram, spread
from selfinstruct.store.record import CandidateRecord, RunRecord

__all__ = ["NearSeed", "Similarity", "measure_similarity", "nearest_among"]

EDGES = tuple(number / 20 for number in range(21))
SHOWN = 5


@dataclass(frozen=True, slots=True)
class NearSeed:
    """A task and its most similar seed; `score` is the ROUGE-L F1 of their instructions."""

    id: str
    instruction: str
    seed: str
    seed_instruction: str
    score: float


@dataclass(frozen=True, slots=True)
class Similarity:
    """ROUGE-L F1, 0 to 1, in bins of 0.05.

    to_seeds: each task's largest with any seed; closest: the tasks that come closest.
    to_pool: each admitted instruction's largest with the pool as it was then; similar: the same of those
        that were rejected for it.
    threshold: above it an instruction is rejected.
    """

    to_seeds: Histogram
    to_seeds_spread: Spread
    closest: tuple[NearSeed, ...]
    to_pool: Histogram
    to_pool_spread: Spread
    similar: Histogram
    threshold: float


def measure_similarity(record: RunRecord) -> Similarity:
    """The data set's tasks against the seeds; all candidates against the pool."""
    tasks = [task for task in record.tasks if record.in_data_set(task)]
    found = nearest_among(
        [seed.instruction for seed in record.seeds],
        [task.text for task in tasks],
        ascii_tokens=record.config.reference.ascii_tokens,
    )
    scores = [near.score if near else 0.0 for near in found]
    first = sorted(range(len(tasks)), key=lambda place: -scores[place])[:SHOWN]
    admitted, similar = _pool_scores(record.candidates)
    return Similarity(
        to_seeds=histogram(scores, EDGES),
        to_seeds_spread=spread(scores),
        closest=tuple(
            _near_seed(record.seeds[near.index], tasks[place].task().id, tasks[place].text, near.score)
            for place in first
            if (near := found[place]) is not None
        ),
        to_pool=histogram(admitted, EDGES),
        to_pool_spread=spread(admitted),
        similar=histogram(similar, EDGES),
        threshold=record.config.filters.max_similarity,
    )


def nearest_among(
    entries: Sequence[str], texts: Sequence[str], *, ascii_tokens: bool = False
) -> list[Neighbour | None]:
    """The entry nearest to each text; None where there are no entries."""
    index = NoveltyIndex(max_similarity=1.0, neighbours=1, ascii_tokens=ascii_tokens)
    for entry in entries:
        index.add(entry)
    return [near[0] if near else None for near in index.look_up(texts)]


def _near_seed(seed: SeedTask, name: str, instruction: str, score: float) -> NearSeed:
    return NearSeed(name, instruction, seed.id, seed.instruction, score)


def _pool_scores(candidates: Sequence[CandidateRecord]) -> tuple[list[float], list[float]]:
    """Of those admitted, and of those rejected as similar."""
    admitted: list[float] = []
    similar: list[float] = []
    for each in candidates:
        if each.nearest is not None:
            (admitted if each.verdict.accepted else similar).append(each.nearest.score)
    return admitted, similar
