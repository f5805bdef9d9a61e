"""Rows that say what an earlier one says: exactly, or nearly. For data sets of any size, in one pass.

Exact: instruction, input and output are equal but for case, punctuation and white space. Near: instruction
and input share most of their pairs of words; their share (Jaccard) is estimated by 64 minima of hashes
(Broder 1997), and candidates are found in ten bands of six, so that of pairs at 0.9 all but one in a
thousand are found. About a kilobyte a row.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from selfinstruct.dataset.splits import normal_form
from selfinstruct.records import Row
from selfinstruct.text.tokens import tokenize

__all__ = ["Repeat", "Repeats"]

LIKE = 0.8
_MINIMA, _BANDS = 64, 10
_READ_TOKENS = 300
_PRIME = np.uint64((1 << 61) - 1)


@dataclass(frozen=True, slots=True)
class Repeat:
    """row, earlier: their numbers, from 0. share: of word pairs in common, 1 for exact repeats."""

    row: int
    earlier: int
    exact: bool
    share: float


def _coefficients() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    numbers = np.random.default_rng(2212).integers(1, 1 << 29, size=(2, _MINIMA, 1), dtype=np.uint64)
    return numbers[0], numbers[1]


@dataclass(slots=True)
class Repeats:
    """The rows so far."""

    _exact: dict[bytes, int] = field(default_factory=dict)
    _bands: dict[int, int] = field(default_factory=dict)
    _minima: list[NDArray[np.uint32]] = field(default_factory=list)
    _numbers: list[int] = field(default_factory=list)
    _by: tuple[NDArray[np.uint64], NDArray[np.uint64]] = field(default_factory=_coefficients)

    def add(self, number: int, row: Row) -> Repeat | None:
        """What an example repeats; the first such, and None for nothing, or for an example of the same
        row."""
        whole = "\n".join(map(normal_form, (row.instruction, row.input, row.output)))
        earlier = self._exact.setdefault(hashlib.blake2b(whole.encode(), digest_size=12).digest(), number)
        if earlier != number:
            return Repeat(number, earlier, exact=True, share=1.0)
        minima = self._minima_of(f"{row.instruction} {row.input}")
        if minima is None:
            return None
        found = self._nearest(minima)
        place = len(self._minima)
        self._minima.append(minima)
        self._numbers.append(number)
        for key in self._keys(minima):
            self._bands.setdefault(key, place)
        if found is None or self._numbers[found[0]] == number:
            return None
        return Repeat(number, self._numbers[found[0]], exact=False, share=found[1])

    def _minima_of(self, text: str) -> NDArray[np.uint32] | None:
        tokens = tokenize(text)[:_READ_TOKENS]
        pairs = {crc32(f"{one} {other}".encode()) for one, other in pairwise(tokens)}
        if len(pairs) < 3:
            return None
        hashes = np.fromiter(pairs, dtype=np.uint64, count=len(pairs))
        factors, shifts = self._by
        mixed = (factors * hashes + shifts) % _PRIME
        minima: NDArray[np.uint32] = (mixed.min(axis=1) & np.uint64(0xFFFFFFFF)).astype(np.uint32)
        return minima

    def _keys(self, minima: NDArray[np.uint32]) -> list[int]:
        width = _MINIMA // _BANDS
        return [hash((band, minima[band * width : (band + 1) * width].tobytes())) for band in range(_BANDS)]

    def _nearest(self, minima: NDArray[np.uint32]) -> tuple[int, float] | None:
        places = {self._bands[key] for key in self._keys(minima) if key in self._bands}
        shares = [(float((self._minima[place] == minima).mean()), -place) for place in places]
        share, place = max(shares, default=(0.0, 0))
        return (-place, share) if share >= LIKE else None
