"""Which of many texts have a ROUGE-L F1 above a threshold with a new one: exactly, without scoring them all.

Entries pass three bounds (`rouge_bounds`: length, prefix, signature), and the few that are left are scored by
rapidfuzz and `text.rouge`. The newest entries have signatures alone, which are compared with all of theirs, a
nanosecond each; when there are many, posting lists are made anew of all entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq
from rapidfuzz.process import cdist

from selfinstruct.text.posting_lists import PostingLists
from selfinstruct.text.rouge import rouge_l_f1
from selfinstruct.text.rouge_bounds import bounds
from selfinstruct.text.signatures import Signatures
from selfinstruct.text.token_lists import TokenLists

__all__ = ["Hit", "RougeIndex"]

LEAST_PENDING, MOST_PENDING = 1 << 12, 1 << 15
"""New posting lists are made when the entries without are an eighth of the others, within these limits."""


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

    def find(self, queries: Sequence[Sequence[str]], *, each_other: bool = True) -> list[list[Hit]]:
        """For each query the entries that score above the threshold, nearest first, the earlier first among
        equals.

        each_other: look among the queries before it in this same call too, as if each were an entry already:
            query q counts as entry `len(lists) + q`.
        """
        self._catch_up()
        numbers = [self._lists.number(tokens) for tokens in queries]
        limits = [bounds(self._threshold, len(each)) for each in numbers]
        own = Signatures()
        own.extend(*_flattened(numbers))
        posted = self._postings.candidates(numbers, own.bits, limits) if self._postings else None
        near = []
        for query, (bits, limit) in enumerate(zip(own.bits, limits, strict=True)):
            pending = self._signatures.near(bits, limit.room, first=self._posted)
            parts = [pending] if posted is None else [next(posted), pending]
            if each_other:
                parts.append(len(self._lists) + own.near(bits, limit.room, end=query))
            near.append(np.concatenate(parts))
        return self._score(queries, near)

    def _score(self, queries: Sequence[Sequence[str]], near: Sequence[NDArray[np.int64]]) -> list[list[Hit]]:
        """near: entries, in the numbering of `find`."""
        if not any(entries.size for entries in near):
            return [[] for _ in queries]
        size = len(self._lists)
        codes = self._lists.codes(queries)
        own = ["".join([chr(codes[token]) for token in tokens]) for tokens in queries]
        strings = iter(self._lists.strings(codes, np.concatenate([each[each < size] for each in near])))
        hits = []
        for query, entries in zip(own, (each.tolist() for each in near), strict=True):
            texts = [next(strings) if entry < size else own[entry - size] for entry in entries]
            hits.append(sorted(self._above(query, entries, texts), key=lambda hit: (-hit.score, hit.entry)))
        return hits

    def _above(self, query: str, entries: Sequence[int], texts: Sequence[str]) -> Iterable[Hit]:
        if not texts:
            return
        common = cdist([query], texts, scorer=LCSseq.similarity, dtype=np.int32, workers=1)[0].tolist()
        for entry, text, lcs in zip(entries, texts, common, strict=True):
            score = rouge_l_f1(lcs, len(query), len(text))
            if score > self._threshold:
                yield Hit(entry, score)

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
