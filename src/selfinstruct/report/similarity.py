"""Similarity of instructions: the largest ROUGE-L with any seed (Figure 4), and with the pool."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.records import Neighbour, SeedTask
from selfinstruct.report.distribution import Histogram, Spread, histogram, spread
from selfinstruct.store.record import CandidateRecord, RunRecord

__all__ = ["NearSeed", "Similarity", "is_unrecorded", "measure_similarity", "nearest_among"]

EDGES = tuple(number / 20 for number in range(21))
SHOWN = 5
SAMPLE = 400
"""Instructions compared with the pool anew, where a large pool left some without: each costs up to 23 ms."""


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
        that were rejected for it. sampled: how many instructions both are of, drawn at random, where the
        pool was too large to record all; 0 where they are of all.
    threshold: above it an instruction is rejected.
    """

    to_seeds: Histogram
    to_seeds_spread: Spread
    closest: tuple[NearSeed, ...]
    to_pool: Histogram
    to_pool_spread: Spread
    similar: Histogram
    sampled: int
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
    admitted, similar, sampled = _pool_scores(record)
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
        sampled=sampled,
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


def is_unrecorded(candidate: CandidateRecord, record: RunRecord) -> bool:
    """Whether it was compared with a pool too large to record what was nearest."""
    return candidate.verdict.accepted and candidate.nearest is None and bool(_pool_size(candidate, record))


def _pool_size(candidate: CandidateRecord, record: RunRecord) -> int:
    """When it was judged. candidate: an accepted one."""
    return len(record.seeds) + (candidate.task or 0)


def _pool_scores(record: RunRecord) -> tuple[list[float], list[float], int]:
    """Of those admitted, and of those rejected as similar; and of how many a sample is, 0 where of all."""
    by_words = (each for each in record.candidates if each.verdict.reason != "same_meaning")
    compared = [each for each in by_words if each.nearest or is_unrecorded(each, record)]
    sampled = 0
    if any(each.nearest is None for each in compared):
        compared = random.Random(record.config.seed).sample(compared, min(SAMPLE, len(compared)))
        sampled = len(compared)
    found = iter(_look_up([each for each in compared if each.nearest is None], record))
    admitted: list[float] = []
    similar: list[float] = []
    for each in compared:
        near = each.nearest or next(found)
        (admitted if each.verdict.accepted else similar).append(near.score)
    return admitted, similar, sampled


def _look_up(candidates: Sequence[CandidateRecord], record: RunRecord) -> list[Neighbour]:
    """What was nearest to accepted ones in the pool as it was then."""
    if not candidates:
        return []
    sizes = [_pool_size(each, record) for each in candidates]
    ascii_tokens = record.config.reference.ascii_tokens
    index = NoveltyIndex(max_similarity=1.0, neighbours=1, ascii_tokens=ascii_tokens)
    for place in range(max(sizes)):
        index.add(record.pool_text(place))
    return [near[0] for near in index.look_up([each.text for each in candidates], sizes)]
