"""Signatures of token sequences: 64 bits each, compared a nanosecond a pair.

How many bits of two signatures can differ at most where the sequences are near each other: `rouge_bounds`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from selfinstruct.text.rouge_bounds import LONGEST

__all__ = ["Signatures", "differing_less"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # spreads consecutive numbers over the bits
_BIT_SHIFT = np.uint64(64 - 6)


def differing_less(
    bits: np.uint64, signatures: NDArray[np.uint64], lengths: NDArray[np.uint8], room: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """The places whose signatures differ from `bits` by fewer than `room` has for their lengths."""
    near: NDArray[np.bool] = np.bitwise_count(signatures ^ bits) < room.take(lengths)
    return near.nonzero()[0]


class Signatures:
    """Of entries in their order, each with its length; a length above `LONGEST` counts as that."""

    def __init__(self) -> None:
        self._bits = np.empty(0, dtype=np.uint64)  # with room for more behind the `_size` first
        self._lengths = np.empty(0, dtype=np.uint8)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def bits(self) -> NDArray[np.uint64]:
        """Shape (entries,)."""
        return self._bits[: self._size]

    @property
    def lengths(self) -> NDArray[np.uint8]:
        """Shape (entries,)."""
        return self._lengths[: self._size]

    @property
    def nbytes(self) -> int:
        """What the arrays take."""
        return self._bits.nbytes + self._lengths.nbytes

    def extend(self, tokens: NDArray[np.int32], lengths: NDArray[np.int64]) -> None:
        """tokens: the entries' numbers, a 0 behind each; lengths: in tokens, the 0 not counted."""
        size = self._size + len(lengths)
        if size > len(self._bits):
            room = max(size, self._size * 9 // 8)
            self._bits, self._lengths = np.resize(self._bits, room), np.resize(self._lengths, room)
        if len(lengths):
            # A token sets one bit; the 0 sets none, and leaves no entry without numbers to reduce
            bits = np.uint64(1) << (tokens.astype(np.uint64) * _GOLDEN >> _BIT_SHIFT)
            bits[tokens == 0] = 0
            starts = np.cumsum(lengths + 1) - lengths - 1
            self._bits[self._size : size] = np.bitwise_or.reduceat(bits, starts)
            self._lengths[self._size : size] = np.minimum(lengths, LONGEST)
        self._size = size

    def near(
        self, bits: np.uint64, room: NDArray[np.uint8], *, first: int = 0, end: int | None = None
    ) -> NDArray[np.int64]:
        """Of the entries from `first` up to `end` those that differ from `bits` by less than `room`."""
        part = slice(first, self._size if end is None else end)
        return first + differing_less(bits, self._bits[part], self._lengths[part], room)
