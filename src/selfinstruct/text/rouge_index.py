"""Which of many texts have a ROUGE-L F1 above a threshold with a new one: exactly, without scoring them all.

Entries pass three bounds (`rouge_bounds`: length, prefix, signature), and the few that are left are scored by
rapidfuzz and `text.rouge`. The newest entries have signatures alone, which are compared with all of theirs, a
nanosecond each; when there are many, posting lists are made anew of all entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq
from rapidfuzz.process import cdist

from selfinstruct.text.posting_lists import PostingLists
from selfinstruct.text.rouge import rouge_l_f1_of
from selfinstruct.text.rouge_bounds import bounds, least_overlap
from selfinstruct.text.signatures import Signatures
from selfinstruct.text.token_lists import TokenLists

__all__ = ["Hit", "RougeIndex"]

LEAST_PENDING, MOST_PENDING = 1 << 12, 1 << 15
"""New posting lists are made when the entries without are an eighth of the others, within these limits."""
_TOGETHER = 8  # queries scored in one call of rapidfuzz: as many as share the SIMD lanes


class Hit(NamedTuple):
    """An entry by its place, and its ROUGE-L F1 with a query, 0 to 1."""

    entry: int
    score: float


class RougeIndex:
    """Over the entries of a `TokenLists`, which may grow between calls."""

    def __init__(self, lists: TokenLists, threshold: float) -> None:
        """threshold: 0 to 1; what scores exactly this is not above it."""
        self._lists = lists
        self._threshold = threshold
        self._signatures = Signatures()
        self._postings: PostingLists | None = None
        self._posted = 0  # entries in `_postings`

    @property
    def nbytes(self) -> int:
        """What the arrays take, those of the lists left out."""
        return self._signatures.nbytes + (self._postings.nbytes if self._postings else 0)

    def find(
        self, queries: Sequence[Sequence[str]], *, most: int, each_other: bool = False
    ) -> list[list[Hit]]:
        """For each query the entries that score above the threshold, nearest first, the earlier first among
        equals.

        most: of each query, 1 or more. each_other: look among the queries before it in this same call too, as
            if each were an entry already: query q counts as entry `len(lists) + q`.
        """
        self._catch_up()
        numbers = [self._lists.number(tokens) for tokens in queries]
        limits = [bounds(self._threshold, len(each)) for each in numbers]
        own = Signatures()
        own.extend(*_flattened(numbers))
        posted = self._postings.candidates(numbers, own.bits, limits) if self._postings else None
        near = []
        for query, (bits, limit) in enumerate(zip(own.bits, limits, strict=True)):
            parts: list[NDArray[np.integer[Any]]] = [
                self._signatures.near(bits, limit.room, first=self._posted)
            ]
            if posted is not None:
                parts.append(next(posted))
            if each_other:
                parts.append(len(self._lists) + own.near(bits, limit.room, end=query))
            near.append(np.concatenate(parts))
        return [
            hits
            for first in range(0, len(queries), _TOGETHER)
            for hits in self._score(queries, first, near[first : first + _TOGETHER], most)
        ]

    def _score(
        self, queries: Sequence[Sequence[str]], first: int, near: Sequence[NDArray[np.int64]], most: int
    ) -> Iterator[list[Hit]]:
        """Of the queries from `first` on. near: entries, in the numbering of `find`."""
        size = len(self._lists)
        entries = _distinct(np.concatenate(near), size + first + len(near))
        if not entries.size:
            yield from ([] for _ in near)
            return
        here = queries[first : first + len(near)]
        codes = self._lists.codes(here)
        texts = self._lists.strings(codes, entries[entries < size])
        for entry in entries[entries >= size].tolist():
            texts.append("".join([chr(codes.get(token, 0)) for token in queries[entry - size]]))
        asked = ["".join([chr(codes[token]) for token in tokens]) for tokens in here]
        common = cdist(asked, texts, scorer=LCSseq.similarity, dtype=np.int32, workers=1)
        theirs = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        ours = np.fromiter(map(len, asked), dtype=np.int64, count=len(asked))
        needed = least_overlap(self._threshold, np.arange(theirs.max() + ours.max() + 1))
        earlier = entries < size + first + np.arange(len(asked))[:, None]  # than the query, where it is one
        rows, places = np.nonzero((common >= needed[ours[:, None] + theirs]) & earlier)
        scores = rouge_l_f1_of(common[rows, places], ours[rows], theirs[places])
        above = np.flatnonzero(scores > self._threshold)
        edges = np.searchsorted(rows[above], np.arange(len(asked) + 1)).tolist()
        for start, end in pairwise(edges):
            hits = above[start:end]
            yield _nearest(entries[places[hits]], scores[hits], most)

    def _catch_up(self) -> None:
        """Take in what the lists have got since."""
        size = len(self._lists)
        for first, end in self._lists.blocks(len(self._signatures)):
            self._signatures.extend(self._lists.slice(first, end), self._lists.lengths_of(first, end))
        pending = size - self._posted
        if pending > min(max(self._posted // 8, LEAST_PENDING), MOST_PENDING):
            self._postings = None  # the old ones go before the new ones are made
            self._postings = PostingLists(self._lists, self._threshold, self._signatures)
            self._posted = size


def _flattened(numbers: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """As `TokenLists.slice` and `lengths_of` have entries."""
    flat = np.array([number for each in numbers for number in (*each, 0)], dtype=np.int32)
    return flat, np.array([len(each) for each in numbers], dtype=np.int64)


def _distinct(entries: NDArray[np.integer[Any]], size: int) -> NDArray[np.int64]:
    """Each once, ascending. size: above all of them."""
    if entries.size < size // 16:
        return np.unique(entries).astype(np.int64)
    marks = np.zeros(size, dtype=bool)  # where many are alike, quicker than to sort
    marks[entries] = True
    return np.flatnonzero(marks)


def _nearest(entries: NDArray[np.int64], scores: NDArray[np.float64], most: int) -> list[Hit]:
    """entries: ascending."""
    if entries.size > most:
        edge = np.partition(scores, -most)[-most]
        above = np.flatnonzero(scores > edge)
        kept = np.concatenate((above, np.flatnonzero(scores == edge)[: most - above.size]))
        entries, scores = entries[kept], scores[kept]
    hits = map(Hit, entries.tolist(), scores.tolist())
    return sorted(hits, key=lambda hit: (-hit.score, hit.entry))
