"""Which seeds say nearly the same: ROUGE-L F1 between all of them.

The loop rejects a new instruction that is so near to the pool (section 2.2, step 4); seeds it takes as
they are. As in that filter each distinct token is given a character, so that rapidfuzz compares whole
blocks; only the scores that are reported are rouge_score's own doubles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
        earlier_only = np.tril(scores, start - 1)
        for row, earlier in enumerate(earlier_only.argmax(axis=1)):
            later = start + row
            if earlier_only[row, earlier] and (score := _f1(encoded[earlier], encoded[later])) > threshold:
                pairs.append(NearPair(int(earlier), later, score))
    return pairs


def _f1(a: str, b: str) -> float:
    return rouge_l_f1(LCSseq.similarity(a, b), len(a), len(b))
