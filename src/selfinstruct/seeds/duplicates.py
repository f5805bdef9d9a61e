"""Which seeds say nearly the same: ROUGE-L F1 between all of them.

The loop rejects a new instruction that is so near to the pool (section 2.2, step 4); seeds it takes as
they are. As in that filter each distinct token is given a character, so that rapidfuzz compares whole
blocks; only the scores that are reported are rouge_score's own doubles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from rapidfuzz.distance import Indel, LCSseq
from rapidfuzz.process import cdist

from selfinstruct.text.rouge import rouge_l_f1
from selfinstruct.text.tokens import tokenize

__all__ = ["NearPair", "near_pairs"]

_BLOCK = 256  # rows compared at a time: 10 MB of scores with 5,000 seeds
_ROUNDING = 1e-9  # far more than two ways to compute a score can differ, far less than two scores can


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two instructions by their places, counted from 0. `score` is their ROUGE-L F1, 0 to 1."""

    earlier: int
    later: int
    score: float


def near_pairs(texts: Sequence[str], threshold: float) -> list[NearPair]:
    """Of each text that scores above the threshold with earlier ones, the pair with the nearest of them
    (the first among equals), in order. So no more pairs than texts, however many are alike."""
    numbers: dict[str, int] = {}
    encoded = [
        "".join(chr(numbers.setdefault(token, len(numbers))) for token in tokenize(text)) for text in texts
    ]
    lengths = np.array([len(text) for text in encoded])
    pairs = []
    for start in range(0, len(encoded), _BLOCK):
        rows = encoded[start : start + _BLOCK]
        scores = cdist(
            rows,
            encoded[: start + len(rows)],
            scorer=Indel.normalized_similarity,
            score_cutoff=max(threshold - _ROUNDING, 0.0),
            dtype=np.float64,
            workers=1,
        )
        for later, above in enumerate(np.tril(scores, start - 1), start):
            best = above.max()
            if not best:
                continue
            # What is equal but for rounding: of these, rouge_score's doubles say which is the nearest. They
            # differ by length alone, so that the first of each length will do.
            near = np.flatnonzero(above >= best - _ROUNDING)
            firsts = near[np.sort(np.unique(lengths[near], return_index=True)[1])]
            nearest = max((_pair(encoded, int(place), later) for place in firsts), key=attrgetter("score"))
            if nearest.score > threshold:
                pairs.append(nearest)
    return pairs


def _pair(encoded: Sequence[str], earlier: int, later: int) -> NearPair:
    a, b = encoded[earlier], encoded[later]
    return NearPair(earlier, later, rouge_l_f1(LCSseq.similarity(a, b), len(a), len(b)))
