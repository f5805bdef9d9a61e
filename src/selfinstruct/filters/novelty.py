"""Whether a new instruction says something new: ROUGE-L against the whole pool (section 2.2, step 4).

Up to `COMPLETE_UP_TO` entries every candidate is scored against all of them, so that its nearest entries and
the mean are recorded. A ticket's candidates meet the pool in one call of rapidfuzz, whose SIMD lanes they
share: eight cost little more than one, and to pad a single one gains nothing. Between strings p and q its
Indel distance is |p| + |q| - 2·LCS. Which entries are near is found in whole arrays by 2·LCS / (|p| + |q|),
rounded once; those few are then scored by `text.rouge.rouge_l_f1`, and only these doubles, rouge_score's own,
are compared with the threshold, ordered and recorded.

In a larger pool `text.rouge_index` finds the entries above the threshold, and no others. Verdicts are the
same, and so are the nearest entries of what is rejected, as far as they are above the threshold; of what is
accepted none are recorded. `look_up` computes them when they are asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, repeat
from sys import maxsize

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from selfinstruct.records import ACCEPTED, JudgedInstruction, Neighbour, Verdict
from selfinstruct.text.rouge import rouge_l_f1
from selfinstruct.text.rouge_index import Hit, RougeIndex
from selfinstruct.text.token_lists import TokenLists
from selfinstruct.text.tokens import tokenize

__all__ = ["COMPLETE_UP_TO", "REASONS", "NoveltyIndex"]

REASONS = ("similar",)

COMPLETE_UP_TO = 50_000
"""Entries. A candidate costs a millisecond there; with a pool of a million it would be 23."""
_ROUNDING = 1e-9  # far more than two ways to compute a score can differ, far less than two scores can
_ALIKE = 0.25  # a score that the nearest entries have in any large pool
_AT_A_TIME = 8  # texts that are looked up together: as many as share the SIMD lanes


class NoveltyIndex:
    """The pool as novelty sees it: entries numbered from 0 in order of arrival, each kept as the numbers
    of its tokens. 50,000 instructions take some 6 MB, and 10 more while a ticket is judged; a million some
    300."""

    def __init__(
        self,
        *,
        max_similarity: float,
        neighbours: int,
        ascii_tokens: bool,
        complete_up_to: int | None = None,
    ) -> None:
        """max_similarity: an instruction is `similar` if it scores above this with any entry; at exactly
        this it is not. neighbours: how many to record, 1 or more. ascii_tokens: see `tokenize`.
        complete_up_to: the most entries with which `judge` scores all of them, `COMPLETE_UP_TO` if not given;
            0 where only verdicts matter.
        """
        self._max_similarity = max_similarity
        self._neighbours = neighbours
        self._ascii_tokens = ascii_tokens
        self._complete_up_to = COMPLETE_UP_TO if complete_up_to is None else complete_up_to
        self._lists = TokenLists()
        self._index = RougeIndex(self._lists, max_similarity)

    def __len__(self) -> int:
        return len(self._lists)

    @property
    def nbytes(self) -> int:
        """What the arrays take; the dictionary of distinct tokens is left out."""
        return self._lists.nbytes + self._index.nbytes

    def add(self, text: str) -> None:
        """Make it the next pool entry, unjudged: a seed, or an instruction accepted before."""
        self._append(self._tokenize(text))

    def judge(
        self, texts: Sequence[str], then: Callable[[int], Verdict] | None = None
    ) -> list[JudgedInstruction]:
        """The candidates of one ticket in their order, each against the pool and those accepted before it
        in this same call; accepted ones are then in the pool.

        Texts without tokens score 0 with everything. With more than `complete_up_to` entries before the call,
        neighbours are those above the threshold, and there is no mean.

        then: another filter, asked about the place of each text that is new, in order: what it rejects is not
            in the pool either.
        """
        candidates = [self._tokenize(text) for text in texts]
        if len(self) > self._complete_up_to:
            return self._judge_by_index(texts, candidates, then)
        before = len(self)
        lengths = np.array(self._lists.lengths + array("i", map(len, candidates)), dtype=np.int32)
        distances = self._distances(candidates, and_each_other=True)
        judged = []
        for row, (text, tokens) in enumerate(zip(texts, candidates, strict=True)):
            size = len(self)
            nearest, mean = self._nearest(len(tokens), lengths[:size], distances[row, :size])
            verdict = self._verdict(nearest)
            if verdict.accepted and then is not None:
                verdict = then(row)
            if verdict.accepted:
                self._append(tokens)
                # its column moves up to its place in the pool, for the candidates that follow
                lengths[size], distances[:, size] = lengths[before + row], distances[:, before + row]
            judged.append(JudgedInstruction(text, verdict, nearest, mean))
        return judged

    def look_up(
        self, texts: Iterable[str], sizes: Iterable[int] = repeat(maxsize)
    ) -> Iterator[tuple[Neighbour, ...]]:
        """The entries nearest to each text, nearest first, those that score 0 included; nothing is judged,
        and the pool stays as it is. Texts are taken eight at a time.

        sizes: how many entries there shall be for each, the first of the pool.
        """
        lengths, sizes = np.array(self._lists.lengths, dtype=np.int32), iter(sizes)
        for tokenized in self._batches(texts):
            distances = self._distances(tokenized, and_each_other=False)
            for tokens, row, size in zip(tokenized, distances, sizes, strict=False):
                yield self._nearest(len(tokens), lengths[:size], row[:size])[0]

    def look_up_similar(self, texts: Iterable[str]) -> Iterator[tuple[Neighbour, ...]]:
        """As `look_up`, but only entries above the threshold, and quick in large pools."""
        for tokenized in self._batches(texts):
            for hits in self._index.find(tokenized, most=self._neighbours):
                yield self._recorded(hits)

    def _judge_by_index(
        self,
        texts: Sequence[str],
        candidates: Sequence[Sequence[str]],
        then: Callable[[int], Verdict] | None,
    ) -> list[JudgedInstruction]:
        before = len(self)
        places: dict[int, int] = {}  # of accepted candidates, in the pool
        judged = []
        # those that name a candidate which is rejected in the end count as well
        most = self._neighbours + len(candidates)
        found = self._index.find(candidates, most=most, each_other=True)
        for number, (text, tokens, hits) in enumerate(
            zip(texts, candidates, found, strict=True), start=before
        ):
            nearest = self._recorded(
                Hit(places.get(hit.entry, hit.entry), hit.score)
                for hit in hits
                if hit.entry < before or hit.entry in places
            )
            verdict = self._verdict(nearest)
            if verdict.accepted and then is not None:
                verdict = then(number - before)
            if verdict.accepted:
                places[number] = len(self)
                self._append(tokens)
            judged.append(JudgedInstruction(text, verdict, nearest))
        return judged

    def _recorded(self, hits: Iterable[Hit]) -> tuple[Neighbour, ...]:
        return tuple(Neighbour(hit.entry, hit.score) for hit in islice(hits, self._neighbours))

    def _batches(self, texts: Iterable[str]) -> Iterator[list[list[str]]]:
        texts = iter(texts)
        while tokenized := [self._tokenize(text) for text in islice(texts, _AT_A_TIME)]:
            yield tokenized

    def _tokenize(self, text: str) -> list[str]:
        return tokenize(text, ascii_only=self._ascii_tokens)

    def _append(self, tokens: Sequence[str]) -> None:
        self._lists.append(self._lists.number(tokens))

    def _distances(self, candidates: Sequence[Sequence[str]], *, and_each_other: bool) -> NDArray[np.int32]:
        """Indel distances to the pool, and where wanted to the candidates themselves behind it: (candidates,
        pool) or (candidates, pool + candidates)."""
        codes = self._lists.codes(candidates)
        queries = ["".join([chr(codes[token]) for token in tokens]) for tokens in candidates]
        choices = self._lists.strings(codes) + (queries if and_each_other else [])
        return cdist(queries, choices, scorer=Indel.distance, dtype=np.int32, workers=1)

    def _verdict(self, nearest: Sequence[Neighbour]) -> Verdict:
        if not nearest or nearest[0].score <= self._max_similarity:
            return ACCEPTED
        return Verdict("similar", f"ROUGE-L {nearest[0].score:.3f} with its nearest neighbour")

    def _nearest(
        self, length: int, lengths: NDArray[np.int32], distances: NDArray[np.int32]
    ) -> tuple[tuple[Neighbour, ...], float | None]:
        """The nearest entries, nearest first, the earlier first among equals; and the mean of all scores.

        length: of the candidate, in tokens. lengths, distances: shape (pool,). An empty pool has neither.
        """
        if not lengths.size:
            return (), None
        totals = lengths + np.int32(length)
        doubled_lcs = totals - distances
        scores = doubled_lcs / (totals if length else np.maximum(totals, 1))  # no 0 / 0: neither has tokens
        count = min(self._neighbours, scores.size)
        indices = np.flatnonzero(scores >= max(_highest(scores, count) - _ROUNDING, _ROUNDING))
        if indices.size < count:
            unlike = np.flatnonzero(doubled_lcs == 0)[:count]  # could be the whole pool: no more than needed
            indices = np.concatenate((indices, unlike))
        columns = (indices, doubled_lcs[indices] // 2, lengths[indices])
        exact = sorted(
            (-rouge_l_f1(lcs, length, other), index)
            for index, lcs, other in zip(*(column.tolist() for column in columns), strict=True)
        )
        return tuple(Neighbour(index, -score) for score, index in exact[:count]), float(scores.mean())


def _highest(scores: NDArray[np.float64], count: int) -> float:
    """The lowest of so many that are highest. Most of a pool is unlike the candidate, and left out before
    the rest is ordered."""
    alike = scores[scores > _ALIKE]
    found = alike if alike.size >= count else scores
    return float(np.partition(found, -count)[-count])
