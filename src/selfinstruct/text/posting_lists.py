"""Posting lists over the rare tokens of many entries, to find the few that a ROUGE-L threshold leaves.

Only tokens in an entry's prefix (`rouge_bounds`) have a posting, rare tokens first. The postings of a token
are sorted by the entries' lengths, so that what can be near a query is one slice for each token of its
prefix. A posting has the entry's signature beside its number: a slice is read once, in sequence, and hardly
one in a hundred passes. Bytes a posting: 8 + 4 + 1, and 8 for each token and length; about half as many
postings as tokens.

The order of the tokens is that of the entries given, for good. It decides what is quick to find, never what
is found: tokens that came later count as rarer than all others, and have no postings here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from selfinstruct.text.rouge_bounds import LONGEST, Bounds, prefix_length
from selfinstruct.text.signatures import Signatures, differing_less
from selfinstruct.text.token_lists import TokenLists

__all__ = ["PostingLists"]

_SHORT = 512  # postings
_LENGTH_BITS = 8
_RANK_BITS = 32 - _LENGTH_BITS


class PostingLists:
    """Over the entries of a `TokenLists` as they are now; later ones are not in it."""

    def __init__(self, lists: TokenLists, threshold: float, signatures: Signatures) -> None:
        """signatures: of all entries."""
        self._rank = _ranks(lists)
        parts = [_postings(lists, threshold, self._rank, first, end) for first, end in lists.blocks()]
        packed = np.concatenate(parts) if parts else np.empty(0, dtype=np.uint64)
        del parts
        packed.sort()
        self._entries = packed.astype(np.uint32).view(np.int32)
        keys = (packed >> np.uint64(32)).astype(np.uint32)
        del packed
        self._signatures = signatures.bits[self._entries]
        self._lengths = signatures.lengths[self._entries]
        firsts = np.flatnonzero(np.diff(keys, prepend=keys[:1] + np.uint32(1)))
        self._group_keys = keys[firsts]  # of each token and length that there are
        self._group_starts = np.append(firsts, len(keys))

    @property
    def nbytes(self) -> int:
        """What the arrays take."""
        arrays = (self._rank, self._entries, self._signatures, self._lengths)
        return sum(each.nbytes for each in (*arrays, self._group_keys, self._group_starts))

    def candidates(
        self, queries: Sequence[Sequence[int]], signatures: NDArray[np.uint64], limits: Sequence[Bounds]
    ) -> Iterator[NDArray[np.int32]]:
        """For each query the entries that may be above the threshold, some of them more than once.

        queries: token numbers. signatures, limits: theirs.
        """
        starts, ends, owners = self._slices(queries, limits)
        found: list[list[NDArray[np.int32]]] = [[] for _ in queries]
        short = ends - starts < _SHORT
        if short.any():
            near, whose = self._in_short(starts[short], ends[short], owners[short], signatures, limits)
            edges = np.searchsorted(whose, np.arange(len(queries) + 1))
            for owner, (first, end) in enumerate(pairwise(edges.tolist())):
                found[owner].append(near[first:end])
        long = np.flatnonzero(~short)
        for start, end, owner in zip(*(each[long].tolist() for each in (starts, ends, owners)), strict=True):
            passing = differing_less(
                signatures[owner],
                self._signatures[start:end],
                self._lengths[start:end],
                limits[owner].room,
            )
            found[owner].append(self._entries[start:end][passing])
        for each in found:
            yield np.concatenate(each) if each else np.empty(0, dtype=np.int32)

    def _in_short(
        self,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        owners: NDArray[np.int64],
        signatures: NDArray[np.uint64],
        limits: Sequence[Bounds],
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """All slices at once, since a call of NumPy costs as much as a thousand postings: the entries that
        pass, and of which query, in the queries' order."""
        sizes = ends - starts
        places = np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        whose = np.repeat(owners, sizes)
        bits = np.bitwise_count(self._signatures[places] ^ signatures[whose])
        rooms = np.stack([each.room for each in limits])
        passing = np.flatnonzero(bits < rooms[whose, self._lengths[places]])
        return self._entries[places[passing]], whose[passing]

    def _slices(
        self, queries: Sequence[Sequence[int]], limits: Sequence[Bounds]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Where the postings of the queries' prefixes begin and end, and whose they are, in the queries'
        order."""
        sizes = [len(numbers) for numbers in queries]
        numbers = np.array([number for query in queries for number in query], dtype=np.int64)
        owners = np.repeat(np.arange(len(queries)), sizes)
        known = numbers < len(self._rank)
        # Tokens that no entry has are the rarest: below all ranks, and apart from each other
        ranks = np.where(known, self._rank[np.where(known, numbers, 0)], -numbers)
        order = np.lexsort((ranks, owners))
        ranks = ranks[order]  # owners are in order already
        reach = np.concatenate([each.reach for each in limits] or [np.empty(0, dtype=np.int64)])
        shortest = np.repeat([each.shortest for each in limits], sizes)
        first = np.ones(len(ranks), dtype=bool)
        first[1:] = (ranks[1:] != ranks[:-1]) | (owners[1:] != owners[:-1])
        probes = np.flatnonzero(first & (ranks >= 0) & (reach >= 0))
        keys = ranks[probes] << _LENGTH_BITS
        low = np.searchsorted(self._group_keys, (keys | shortest[probes]).astype(np.uint32), "left")
        high = np.searchsorted(self._group_keys, (keys | reach[probes]).astype(np.uint32), "right")
        some = np.flatnonzero(high > low)
        return self._group_starts[low[some]], self._group_starts[high[some]], owners[probes[some]]


def _ranks(lists: TokenLists) -> NDArray[np.int32]:
    """By token number, the rarest first; of so many tokens that the ranks would not fit, some share one."""
    counts = np.zeros(lists.vocabulary, dtype=np.int64)
    for first, end in lists.blocks():
        counts += np.bincount(lists.slice(first, end), minlength=len(counts))
    ranks = np.empty(len(counts), dtype=np.int32)
    ranks[np.argsort(counts, kind="stable")] = np.arange(len(counts), dtype=np.int32)
    return ranks >> max(len(counts).bit_length() - _RANK_BITS, 0)


def _postings(
    lists: TokenLists, threshold: float, rank: NDArray[np.int32], first: int, end: int
) -> NDArray[np.uint64]:
    """Of these entries, as numbers of three parts: rank, clipped length, entry."""
    tokens = lists.slice(first, end)
    lengths = lists.lengths_of(first, end)
    owners = np.repeat(np.arange(len(lengths)), lengths)
    keys = np.sort(owners << 32 | rank[tokens[tokens > 0]])
    places = np.arange(len(keys)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    kept = (places < np.repeat(prefix_length(threshold, lengths), lengths)) & (np.diff(keys, prepend=-1) != 0)
    owners, ranks = owners[kept], (keys[kept] & 0xFFFFFFFF)
    clipped = np.minimum(lengths, LONGEST)[owners]
    packed: NDArray[np.int64] = (ranks << _LENGTH_BITS | clipped) << 32 | (owners + first)
    return packed.view(np.uint64)
