"""Whether a new instruction says something new: ROUGE-L against the whole pool (section 2.2, step 4).

One token is one character (`text.rouge.Vocabulary`), so that a ticket's candidates meet the whole pool in
one call of rapidfuzz, whose SIMD lanes they share: eight cost as much as one, and to pad a single one
gains nothing. Between strings p and q rapidfuzz's Indel distance is |p| + |q| - 2·LCS.

Which entries are near is found in whole arrays by 2·LCS / (|p| + |q|), rounded once; those few are then
scored by `text.rouge.rouge_l_f1`, and only these doubles, rouge_score's own, are compared with the
threshold, ordered and recorded.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from selfinstruct.records import ACCEPTED, JudgedInstruction, Neighbour, Verdict
from selfinstruct.text.rouge import Vocabulary, rouge_l_f1
from selfinstruct.text.tokens import tokenize

__all__ = ["NoveltyIndex"]

_ROUNDING = 1e-9  # far more than two ways to compute a score can differ, far less than two scores can


class NoveltyIndex:
    """The pool as novelty sees it: an encoded string and a length for each entry, numbered from 0 in
    order of arrival. 50,000 instructions take some 10 MB."""

    def __init__(self, *, max_similarity: float, neighbours: int, ascii_tokens: bool) -> None:
        """max_similarity: an instruction is `similar` if it scores above this with any entry; at exactly
        this it is not. neighbours: how many to record, 1 or more. ascii_tokens: see `tokenize`."""
        self._max_similarity = max_similarity
        self._neighbours = neighbours
        self._ascii_tokens = ascii_tokens
        self._vocabulary = Vocabulary()
        self._entries: list[str] = []
        self._lengths = array("i")

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, text: str) -> None:
        """Make it the next pool entry, unjudged: a seed, or an instruction accepted before."""
        self._append(self._encode(text))

    def judge(self, texts: Sequence[str]) -> list[JudgedInstruction]:
        """The candidates of one ticket in their order, each against the pool and those accepted before it
        in this same call; accepted ones are then in the pool.

        Texts without tokens score 0 with everything. Raises `ConfigError` as `Vocabulary` does; the pool
        is then as it was.
        """
        codes = [self._encode(text) for text in texts]
        before = len(self)
        lengths = np.array(self._lengths + array("i", map(len, codes)), dtype=np.int32)
        distances = cdist(codes, [*self._entries, *codes], scorer=Indel.distance, dtype=np.int32, workers=1)
        judged = []
        for row, (text, code) in enumerate(zip(texts, codes, strict=True)):
            size = len(self)
            nearest, mean = self._nearest(len(code), lengths[:size], distances[row, :size])
            verdict = self._verdict(nearest)
            if verdict.accepted:
                self._append(code)
                # its column moves up to its place in the pool, for the candidates that follow
                lengths[size], distances[:, size] = lengths[before + row], distances[:, before + row]
            judged.append(JudgedInstruction(text, verdict, nearest, mean))
        return judged

    def _encode(self, text: str) -> str:
        return self._vocabulary.encode(tokenize(text, ascii_only=self._ascii_tokens))

    def _append(self, code: str) -> None:
        self._entries.append(code)
        self._lengths.append(len(code))

    def _verdict(self, nearest: Sequence[Neighbour]) -> Verdict:
        if not nearest or nearest[0].score <= self._max_similarity:
            return ACCEPTED
        return Verdict("similar", f"{nearest[0].score:.2f} with pool entry {nearest[0].index}")

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
        scores = doubled_lcs / np.maximum(totals, 1)  # no 0 / 0 where neither has tokens
        count = min(self._neighbours, scores.size)
        edge = np.partition(scores, -count)[-count]
        near = np.flatnonzero(scores >= max(edge - _ROUNDING, _ROUNDING))
        unlike = np.flatnonzero(doubled_lcs == 0)[:count]  # could be the whole pool: no more than needed
        indices = np.concatenate((near, unlike))
        columns = zip(indices, doubled_lcs[indices] // 2, lengths[indices], strict=True)
        exact = sorted(
            (-rouge_l_f1(int(lcs), length, int(other)), int(index)) for index, lcs, other in columns
        )
        return tuple(Neighbour(index, -score) for score, index in exact[:count]), float(scores.mean())
