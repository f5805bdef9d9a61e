"""ROUGE-L F1, the one definition of it: what filters decide by and evaluation reports.

ROUGE-L F1 of token sequences a and b is 2·LCS/(|a|+|b|), LCS the length of their longest common
subsequence (Lin, 2004). The rouge_score package takes the longer way over precision and recall, whose
rounding shows in the last bit and so decides ties with a threshold. Its doubles are the ones used here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from selfinstruct.text.tokens import tokenize

__all__ = ["rouge_l", "rouge_l_f1", "rouge_l_f1_of", "similarity"]


def rouge_l_f1(lcs: int, a_length: int, b_length: int) -> float:
    """From the lengths of the longest common subsequence and of both sequences, 0 to 1; 0 where one of
    them is 0.

    Bit for bit rouge_score's `fmeasure`. Its target and prediction may be swapped: sum and product
    commute in floating point and doubling is exact, so that the result is the same double.
    """
    if lcs == 0:
        return 0.0
    precision = lcs / b_length
    recall = lcs / a_length
    return 2 * precision * recall / (precision + recall)


def rouge_l_f1_of(
    lcs: NDArray[np.integer[Any]],
    a_lengths: NDArray[np.integer[Any]] | int,
    b_lengths: NDArray[np.integer[Any]],
) -> NDArray[np.float64]:
    """`rouge_l_f1` of many pairs, the same doubles. lcs: 1 or more each, shape (pairs,)."""
    precisions = lcs / b_lengths
    recalls = lcs / a_lengths
    scores: NDArray[np.float64] = 2 * precisions * recalls / (precisions + recalls)
    return scores


def rouge_l(a: Sequence[str], b: Sequence[str]) -> float:
    """ROUGE-L F1 of two token sequences."""
    return rouge_l_f1(LCSseq.similarity(a, b), len(a), len(b))


def similarity(a: str, b: str, *, ascii_only: bool = False) -> float:
    """ROUGE-L F1 of two texts, tokenized by `tokenize`. For many pairs, `filters.novelty` is faster."""
    return rouge_l(*(tokenize(text, ascii_only=ascii_only) for text in (a, b)))
