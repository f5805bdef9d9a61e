"""What two token sequences must share for their ROUGE-L F1 to be above a threshold T.

ROUGE-L F1 is 2·LCS / (a + b), where a and b are the sequences' lengths. Above T it needs

    LCS >= m(a + b),    m(s) = the least integer that is at least 1 and at least T·s/2.

An LCS of exactly T·s/2 is a tie, which rouge_score's rounding decides; so m includes it, and T is lowered by
1e-9, far more than doubles can be off. All that follows is necessary, never sufficient: what passes is
scored.

Lengths.    LCS <= min(a, b), so m(a + b) <= a and m(a + b) <= b. With T = 0.7, b is 0.54·a to 1.86·a.
Prefixes.   Take a sequence as a set of (token, occurrence): its third "the" is (the, 3). The LCS is at
            most what two such sets A and B share, so they share m elements or more. Sort each in one
            total order in which (t, 1) comes before (t, 2). The least shared element is followed by m - 1
            shared ones in A and in B, so its place there, counted from 0, is at most a - m in A and b - m
            in B. At that place or before it stands the first occurrence of its token. So some common
            token has its first places r in A and s in B with

                r <= a - m(a + b)    and    s <= b - m(a + b).

Signatures. Each token sets one of 64 bits. A bit that only A has is there for a token of A that B lacks, so
            A and B differ in at least as many elements as bits:

                bits <= a + b - 2·|A ∩ B| <= a + b - 2·m(a + b).

Lengths are kept in a byte: `LONGEST` stands for itself and all above. m grows with b, so that for this class
m(a + b) <= a and the bound on r are taken at b = `LONGEST`, where they allow most; the other two would allow
least there, and are not taken.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["LONGEST", "SIGNATURE_BITS", "Bounds", "bounds", "least_overlap", "prefix_length"]

LONGEST = 255
SIGNATURE_BITS = 64
_SLACK = 1e-9


class Bounds(NamedTuple):
    """For sequences of one length, which others can score above the threshold.

    shortest: the least length of others that can.
    reach: by the place of a token among the sequence's own, from 0: the greatest length of others whose
        prefix meets at this place; -1 where there are none. Shape (length,).
    room: by the others' length, one more than the bits in which signatures may differ; 0 for lengths that
        cannot. Shape (LONGEST + 1,).
    """

    shortest: int
    reach: NDArray[np.int64]
    room: NDArray[np.uint8]


def least_overlap(threshold: float, total: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """m(s) of sequences that have `total` tokens together."""
    least: NDArray[np.float64] = np.maximum(np.ceil((threshold - _SLACK) / 2 * np.asarray(total)), 1)
    return least.astype(np.int64)


def prefix_length(threshold: float, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of a sequence's first elements can ever count: b - m + 1 with the shortest partner.

    A partner has a >= m(a + b) >= T·(a + b)/2, so a >= T·b / (2 - T), and m is at least that too.
    """
    lowered = max(threshold - _SLACK, 0.0)
    least: NDArray[np.float64] = np.maximum(np.ceil(lowered / (2 - lowered) * lengths), 1)
    return np.maximum(lengths - least.astype(np.int64) + 1, 0)


@cache
def bounds(threshold: float, length: int) -> Bounds:
    """Of sequences of `length` tokens. Those without tokens score above nothing."""
    others = np.arange(LONGEST + 1)
    overlap = least_overlap(threshold, length + others)
    can = (overlap <= length) & ((overlap <= others) | (others == LONGEST)) & (others > 0)
    if not can.any():
        return Bounds(0, np.full(length, -1), np.zeros(LONGEST + 1, dtype=np.uint8))
    allowed = length + others - 2 * overlap
    allowed[LONGEST] = SIGNATURE_BITS
    room = np.where(can, np.clip(allowed, 0, SIGNATURE_BITS) + 1, 0).astype(np.uint8)
    shortest = int(can.argmax())
    reach = np.searchsorted(overlap, length - np.arange(length), side="right") - 1
    return Bounds(shortest, np.where(reach >= shortest, reach, -1), room)
