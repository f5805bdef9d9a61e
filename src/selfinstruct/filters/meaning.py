"""Whether a new instruction says in other words what the pool has: the cosine of embeddings.

Vectors are of whole numbers, one byte each (models.embeddings), so that every product is exact, in whatever
order it is summed, and a verdict does not depend on the machine.

Up to `COMPLETE_UP_TO` entries a candidate is compared with all of them, and its nearest entry is told. In a
larger pool only entries above the threshold are looked for. Vectors are turned so that a few of their numbers
hold most of their length (the main axes of a sample of the pool, `HEAD` of them). Of the others only their
length is kept. By Cauchy and Schwarz a·b is at most head(a)·head(b) + |rest(a)|·|rest(b)|, one product of
short vectors; entries that this leaves above the threshold are compared in full. The verdicts are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfinstruct.records import ACCEPTED, Neighbour, Verdict

__all__ = ["COMPLETE_UP_TO", "REASONS", "MeaningIndex", "TicketMeanings"]

REASONS = ("same_meaning",)

COMPLETE_UP_TO = 10_000
"""Entries. With 1,024 numbers each, a candidate costs some milliseconds there."""
HEAD = 128
"""Numbers in front, after turning."""
_BLOCK = 4096  # entries that are compared at once
_EXACT = 1024  # numbers whose products, at most 127 · 127, add up to less than 2 ** 24: exact in a float32
_SAMPLE = 1024  # entries of which the main axes are taken
_ROUNDING = 1e-4  # far more than float32 can err in a sum of so few products


class MeaningIndex:
    """The pool as meaning sees it: entries numbered from 0 in order of arrival, some without a vector.

    An entry takes its numbers in bytes, and 516 bytes more in a pool of more than `complete_up_to`: 100,000
    of 1,024 numbers 150 MB, of 384 numbers 90 MB.
    """

    def __init__(self, *, threshold: float, complete_up_to: int = COMPLETE_UP_TO) -> None:
        """threshold: an instruction is `same_meaning` if its cosine with any entry is above this; at exactly
        this it is not."""
        self._threshold = threshold
        self._complete_up_to = complete_up_to
        self._size = 0
        self.numbers: int | None = None
        """In a vector; None before the first."""
        self._blocks: list[NDArray[np.int8]] = []
        self._lengths = np.zeros(0)  # 0 where there is no vector, or one of zeros
        self._axes: NDArray[np.float32] | None = None
        self._heads: list[NDArray[np.float32]] = []
        self._turned_at = 0  # the size when the axes were taken

    def __len__(self) -> int:
        return self._size

    @property
    def nbytes(self) -> int:
        """What the arrays take."""
        blocks = sum(each.nbytes for each in self._blocks) + sum(each.nbytes for each in self._heads)
        return blocks + self._lengths.nbytes

    def add(self, vector: NDArray[np.int8] | None) -> None:
        """Make it the next pool entry. None: nothing is ever near to it. Raises ValueError for a vector of
        another length than those before."""
        place = self._size
        if place == len(self._lengths):
            self._lengths = np.concatenate((self._lengths, np.zeros(max(_BLOCK, place // 2))))
        if vector is not None:
            self._begin(vector)
            row = self._row(self._blocks, place, self.numbers or 0, np.int8)
            row[:] = vector
            self._lengths[place] = length = _lengths(vector[None])[0]
            if self._axes is not None and length:
                head = self._row(self._heads, place, self._axes.shape[1] + 1, np.float32)
                head[:] = _heads(vector[None], np.array([length]), self._axes)[0]
        self._size += 1

    def compare(self, vectors: Sequence[NDArray[np.int8] | None]) -> TicketMeanings:
        """The candidates of one ticket, against the pool; `TicketMeanings.judge` then takes them one by one,
        each against those accepted before it too. Raises as `add`."""
        given = [vector for vector in vectors if vector is not None]
        for vector in given:
            self._begin(vector)
        complete = self._size <= self._complete_up_to
        found: list[Neighbour | None] = [None] * len(given)
        if given and self._lengths.any():
            queries = np.stack(given)
            search = self._all if complete else self._above
            found = search(queries, _lengths(queries))
        nearest = iter(found)
        own = [None if vector is None else next(nearest) for vector in vectors]
        return TicketMeanings(self, vectors, own, complete=complete)

    def nearest(self, vectors: NDArray[np.int8], but: Sequence[int]) -> list[Neighbour | None]:
        """The entry nearest to each, whatever the threshold, among all but the entry with the number beside
        it. vectors: shape (texts, numbers)."""
        return self._all(vectors, _lengths(vectors), but)

    def verdict(self, nearest: Neighbour | None) -> Verdict:
        """Of a candidate whose nearest entry this is."""
        if nearest is None or nearest.score <= self._threshold:
            return ACCEPTED
        return Verdict("same_meaning", f"cosine {nearest.score:.3f} with the entry nearest in meaning")

    def _begin(self, vector: NDArray[np.int8]) -> None:
        if self.numbers is None:
            self.numbers = len(vector)
        elif self.numbers != len(vector):
            raise ValueError(f"a vector of {len(vector)} numbers among vectors of {self.numbers}")

    def _row(self, blocks: list[Any], place: int, width: int, kind: Any) -> Any:
        block, row = divmod(place, _BLOCK)
        while len(blocks) <= block:
            blocks.append(np.zeros((_BLOCK, width), kind))
        return blocks[block][row]

    def _all(
        self, queries: NDArray[np.int8], lengths: NDArray[np.float64], but: Sequence[int] = ()
    ) -> list[Neighbour | None]:
        """The nearest entry of each; the earliest among equals."""
        best: list[Neighbour | None] = [None] * len(queries)
        for number, block in enumerate(self._blocks):
            first = number * _BLOCK
            own = self._lengths[first : min(first + len(block), self._size)]
            if not own.size:
                break
            scores = _cosines(block[: own.size], own, queries, lengths)
            scores[own == 0] = -2.0  # below any cosine
            for row, other in enumerate(but):
                if first <= other < first + own.size:
                    scores[other - first, row] = -2.0
            places = scores.argmax(axis=0)
            for row, place in enumerate(places):
                score, before = float(scores[place, row]), best[row]
                if lengths[row] and score > (-2.0 if before is None else before.score):
                    best[row] = Neighbour(first + int(place), score)
        return best

    def _above(self, queries: NDArray[np.int8], lengths: NDArray[np.float64]) -> list[Neighbour | None]:
        """As `_all`, but None where no entry is above the threshold."""
        axes = self._turned()
        turned = np.ascontiguousarray(_heads(queries, np.where(lengths > 0, lengths, 1.0), axes).T)
        least = self._threshold - _ROUNDING
        best: list[Neighbour | None] = [None] * len(queries)
        for number, block in enumerate(self._heads):
            bounds = block @ turned
            if bounds.max() <= least:
                continue
            places, rows = np.nonzero(bounds > least)
            first = number * _BLOCK
            for row in np.unique(rows):
                near = places[rows == row]
                near = near[near + first < self._size]
                if not near.size:
                    continue
                scores = _cosines(
                    self._blocks[number][near],
                    self._lengths[first + near],
                    queries[row : row + 1],
                    lengths[row : row + 1],
                )[:, 0]
                place = int(scores.argmax())
                score, before = float(scores[place]), best[row]
                if score > (self._threshold if before is None else before.score):
                    best[row] = Neighbour(first + int(near[place]), score)
        return best

    def _turned(self) -> NDArray[np.float32]:
        """The axes; taken anew when the pool has doubled, since what it is about has widened."""
        if self._axes is None or self._size >= 2 * self._turned_at:
            known = np.flatnonzero(self._lengths[: self._size])
            drawn = known[:: max(1, len(known) // _SAMPLE)][:_SAMPLE]
            sample = np.stack([self._blocks[place // _BLOCK][place % _BLOCK] for place in drawn])
            lengths = self._lengths[drawn, None].astype(np.float32)
            self._axes = _main_axes(np.divide(sample, lengths, dtype=np.float32))
            self._heads = []
            for number, block in enumerate(self._blocks):
                own = np.zeros(_BLOCK)
                known_here = self._lengths[number * _BLOCK : (number + 1) * _BLOCK]
                own[: len(known_here)] = known_here
                heads = _heads(block, np.where(own > 0, own, 1.0), self._axes)
                heads[own == 0] = 0.0  # what no candidate is near to
                self._heads.append(heads)
            self._turned_at = self._size
        return self._axes


class TicketMeanings:
    """The candidates of a ticket, against the pool as it was before it and each other.

    results: of those judged so far, by their places: the nearest entry; None where there is none, or where
    the pool is large and none is above the threshold.
    """

    def __init__(
        self,
        index: MeaningIndex,
        vectors: Sequence[NDArray[np.int8] | None],
        nearest: Sequence[Neighbour | None],
        *,
        complete: bool,
    ) -> None:
        self._index, self._vectors, self._nearest, self._complete = index, vectors, nearest, complete
        self._accepted: list[tuple[int, NDArray[np.int8]]] = []
        self.results: dict[int, Neighbour | None] = {}

    def judge(self, place: int) -> Verdict:
        """Of the candidate at this place, one after the other; an accepted one is in the pool then. One
        without a vector is always accepted."""
        vector, nearest = self._vectors[place], self._nearest[place]
        compared = vector is not None and vector.any()  # nothing is near to a vector of zeros
        if vector is not None and compared and self._accepted:
            others = np.stack([other for _, other in self._accepted])
            scores = _cosines(others, _lengths(others), vector[None], _lengths(vector[None]))[:, 0]
            at = int(scores.argmax())
            if nearest is None or scores[at] > nearest.score:
                nearest = Neighbour(self._accepted[at][0], float(scores[at]))
        verdict = self._index.verdict(nearest)
        self.results[place] = nearest if self._complete or not verdict.accepted else None
        if verdict.accepted:
            if vector is not None and compared:
                self._accepted.append((len(self._index), vector))
            self._index.add(vector)
        return verdict


def _lengths(vectors: NDArray[np.int8]) -> NDArray[np.float64]:
    """Shape (texts,)."""
    squares = np.square(vectors.astype(np.int64)).sum(axis=1)
    lengths: NDArray[np.float64] = np.sqrt(squares.astype(np.float64))
    return lengths


def _cosines(
    entries: NDArray[np.int8],
    entry_lengths: NDArray[np.float64],
    queries: NDArray[np.int8],
    query_lengths: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Shape (entries, queries); 0 with a vector of length 0."""
    products = np.zeros((len(entries), len(queries)))
    for start in range(0, entries.shape[1], _EXACT):
        part = slice(start, start + _EXACT)
        products += entries[:, part].astype(np.float32) @ queries[:, part].T.astype(np.float32)
    lengths = entry_lengths[:, None] * query_lengths
    cosines: NDArray[np.float64] = np.divide(
        products, lengths, out=np.zeros_like(products), where=lengths > 0
    )
    return cosines


def _main_axes(sample: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shape (numbers, `HEAD` or fewer), orthonormal: those along which the sample is longest, by way of its
    products with itself, which are few however many numbers a vector has."""
    _, weights = np.linalg.eigh(sample @ sample.T)
    axes, _ = np.linalg.qr(sample.T @ weights[:, ::-1][:, :HEAD])
    return np.ascontiguousarray(axes, dtype=np.float32)


def _heads(
    vectors: NDArray[np.int8], lengths: NDArray[np.float64], axes: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Shape (texts, axes + 1): what each vector, of length 1, has along the axes, and the length of its
    rest."""
    turned = (vectors.astype(np.float32) @ axes) / lengths[:, None].astype(np.float32)
    rest = np.sqrt(np.maximum(0.0, 1.0 - np.square(turned).sum(axis=1, keepdims=True)))
    return np.concatenate((turned, rest), axis=1, dtype=np.float32)
