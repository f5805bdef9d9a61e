"""What a new instruction costs to compare with the whole pool by meaning.

Data set: made-up embeddings that are spread as real ones are: a direction that all share, which leaves two at
    random with a cosine of about 0.4, a mixture of 30 of 300 topics, common ones more often, and noise of
    their own. Every second candidate is near to an entry of the pool, with cosines around the threshold.
Metric: milliseconds a candidate on one core, by the process's CPU time; memory of the arrays; CPU seconds to
    fill the pool, and to turn it.
Pattern: candidates in tickets of `--ticket`, each against the pool and those accepted before it.
    index       filters.meaning.MeaningIndex as it judges in large pools, all candidates
    brute force the same class as it judges in small ones: every entry is compared in full. The first
                `--compare` candidates; verdicts have to be the same, and so has the nearest entry of what is
                rejected

    python benchmarks/meaning.py [--pool 100000] [--numbers 1024] [--candidates 200] [--ticket 8]
        [--compare 200] [--threshold 0.9] [--seed 0] [--json]
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # one core; before numpy

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from selfinstruct.filters.meaning import MeaningIndex
from selfinstruct.records import Neighbour

Result = TypeVar("Result")
Vectors = NDArray[np.int8]
TOPICS, AT_A_TIME = 300, 5000


class Writer:
    """Draws embeddings of so many numbers."""

    def __init__(self, seed: int, numbers: int) -> None:
        self.rng = np.random.default_rng(seed)
        self._common = unit(self.rng.standard_normal((1, numbers)))
        self._topics = unit(self.rng.standard_normal((TOPICS, numbers)))
        self._weights = 1 / np.sqrt(1 + np.arange(TOPICS))

    def new(self, count: int) -> Vectors:
        """Of texts like no other, but for chance."""
        rng, numbers = self.rng, self._topics.shape[1]
        chosen = rng.random((count, TOPICS)) < 0.1
        mixed = unit((rng.standard_normal((count, TOPICS)) * self._weights * chosen) @ self._topics)
        noise = unit(rng.standard_normal((count, numbers)))
        return as_bytes(0.7 * mixed + 0.6 * self._common + 0.4 * noise)

    def candidates(self, pool: Vectors, count: int) -> Vectors:
        """New ones and altered ones in turn."""
        found = self.new(count)
        drawn = pool[self.rng.integers(0, len(pool), len(found[1::2]))].astype(np.float64)
        noise = unit(self.rng.standard_normal(drawn.shape))
        found[1::2] = as_bytes(unit(drawn) + noise * self.rng.uniform(0.1, 0.8, (len(drawn), 1)))
        return found


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each of length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def as_bytes(vectors: NDArray[np.float64]) -> Vectors:
    """As runs keep them."""
    return np.asarray(np.rint(vectors / np.abs(vectors).max(axis=1, keepdims=True) * 127), dtype=np.int8)


def filled(pool: Vectors, threshold: float, complete_up_to: int) -> MeaningIndex:
    """With the pool as its entries."""
    index = MeaningIndex(threshold=threshold, complete_up_to=complete_up_to)
    for vector in pool:
        index.add(vector)
    return index


def judge_all(
    index: MeaningIndex, candidates: Sequence[Vectors], ticket: int
) -> list[tuple[bool, Neighbour | None]]:
    """Ticket by ticket against the growing pool."""
    judged = []
    for start in range(0, len(candidates), ticket):
        meanings = index.compare(list(candidates[start : start + ticket]))
        for place in range(len(candidates[start : start + ticket])):
            accepted = meanings.judge(place).accepted
            judged.append((accepted, None if accepted else meanings.results[place]))
    return judged


def timed(work: Callable[..., Result], *arguments: object) -> tuple[Result, float]:
    """What comes of it, and CPU seconds."""
    began = time.process_time()
    result = work(*arguments)
    return result, time.process_time() - began


def main() -> None:
    """Measure, print, and fail where the decisions differ."""
    options = parse_options()
    writer = Writer(options.seed, options.numbers)
    pool = np.concatenate(
        [writer.new(min(AT_A_TIME, options.pool - at)) for at in range(0, options.pool, AT_A_TIME)]
    )
    candidates = list(writer.candidates(pool, options.candidates))
    compared = candidates[: options.compare]
    index, add_seconds = timed(filled, pool, options.threshold, 0)
    _, turn_seconds = timed(index.compare, candidates[:1])
    judged, index_seconds = timed(judge_all, index, candidates, options.ticket)
    arrays_mib = index.nbytes / 2**20
    del index
    exact = filled(pool, options.threshold, sys.maxsize)
    brute, brute_seconds = timed(judge_all, exact, compared, options.ticket)
    agree = brute == judged[: len(compared)]
    figures = {
        "pool": len(pool),
        "numbers": options.numbers,
        "candidates": len(candidates),
        "ticket": options.ticket,
        "accepted": sum(accepted for accepted, _ in judged),
        "ms_per_candidate": round(index_seconds * 1000 / len(candidates), 3),
        "brute_force_ms": round(brute_seconds * 1000 / max(len(compared), 1), 3),
        "compared": len(compared),
        "agree": agree,
        "add_seconds": round(add_seconds, 2),
        "turn_seconds": round(turn_seconds, 2),
        "arrays_mib": round(arrays_mib, 1),
    }
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<18} {value}")
    if not agree:
        sys.exit("The decisions differ.")


def parse_options() -> argparse.Namespace:
    """Sizes and the seed of the made-up pool."""
    parser = argparse.ArgumentParser(description="What a comparison by meaning costs.")
    parser.add_argument("--pool", type=int, default=100_000, help="instructions in the pool")
    parser.add_argument("--numbers", type=int, default=1024, help="in each embedding")
    parser.add_argument("--candidates", type=int, default=200, help="candidates judged by the index")
    parser.add_argument("--ticket", type=int, default=8, help="candidates judged together")
    parser.add_argument("--compare", type=int, default=200, help="candidates also judged by brute force")
    parser.add_argument("--threshold", type=float, default=0.9, help="cosine")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
