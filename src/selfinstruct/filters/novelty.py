"""Whether a new instruction says something new: ROUGE-L against the whole pool (section 2.2, step 4).

A ticket's candidates meet the whole pool in one call of rapidfuzz, whose SIMD lanes they share: eight cost
little more than one, and to pad a single one gains nothing. For that call each token of theirs is given a
character, all other tokens of the pool a common one that matches none: mostly characters below U+0100,
which rapidfuzz looks up far faster than others. Between strings p and q its Indel distance is
|p| + |q| - 2·LCS.

Which entries are near is found in whole arrays by 2·LCS / (|p| + |q|), rounded once; those few are then
scored by `text.rouge.rouge_l_f1`, and only these doubles, rouge_score's own, are compared with the
threshold, ordered and recorded.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from selfinstruct.records import ACCEPTED, JudgedInstruction, Neighbour, Verdict
from selfinstruct.text.rouge import rouge_l_f1
from selfinstruct.text.tokens import tokenize

__all__ = ["REASONS", "NoveltyIndex"]

REASONS = ("similar",)

_ROUNDING = 1e-9  # far more than two ways to compute a score can differ, far less than two scores can
_AT_A_TIME = 8  # texts that are looked up together: as many as share the SIMD lanes
_NO_CANDIDATE, _ENTRY_END, _FIRST_CODE = 0, 1, 2  # what characters mean in a call of rapidfuzz


class NoveltyIndex:
    """The pool as novelty sees it: entries numbered from 0 in order of arrival, each kept as the numbers
    of its tokens. 50,000 instructions take some 6 MB, and 10 more while a ticket is judged."""

    def __init__(self, *, max_similarity: float, neighbours: int, ascii_tokens: bool) -> None:
        """max_similarity: an instruction is `similar` if it scores above this with any entry; at exactly
        this it is not. neighbours: how many to record, 1 or more. ascii_tokens: see `tokenize`."""
        self._max_similarity = max_similarity
        self._neighbours = neighbours
        self._ascii_tokens = ascii_tokens
        self._numbers: dict[str, int] = {}  # of each distinct token, from 1 upwards
        self._tokens = array("i")  # numbers, one entry after the other, a 0 behind each
        self._lengths = array("i")

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, text: str) -> None:
        """Make it the next pool entry, unjudged: a seed, or an instruction accepted before."""
        self._append(self._tokenize(text))

    def judge(self, texts: Sequence[str]) -> list[JudgedInstruction]:
        """The candidates of one ticket in their order, each against the pool and those accepted before it
        in this same call; accepted ones are then in the pool.

        Texts without tokens score 0 with everything.
        """
        candidates = [self._tokenize(text) for text in texts]
        before = len(self)
        lengths = np.array(self._lengths + array("i", map(len, candidates)), dtype=np.int32)
        distances = self._distances(candidates, and_each_other=True)
        judged = []
        for row, (text, tokens) in enumerate(zip(texts, candidates, strict=True)):
            size = len(self)
            nearest, mean = self._nearest(len(tokens), lengths[:size], distances[row, :size])
            verdict = self._verdict(nearest)
            if verdict.accepted:
                self._append(tokens)
                # its column moves up to its place in the pool, for the candidates that follow
                lengths[size], distances[:, size] = lengths[before + row], distances[:, before + row]
            judged.append(JudgedInstruction(text, verdict, nearest, mean))
        return judged

    def look_up(self, texts: Iterable[str]) -> Iterator[tuple[Neighbour, ...]]:
        """The entries nearest to each text, nearest first, those that score 0 included; nothing is judged,
        and the pool stays as it is. Texts are taken eight at a time."""
        lengths = np.array(self._lengths, dtype=np.int32)
        texts = iter(texts)
        while tokenized := [self._tokenize(text) for text in islice(texts, _AT_A_TIME)]:
            distances = self._distances(tokenized, and_each_other=False)
            for row, tokens in enumerate(tokenized):
                yield self._nearest(len(tokens), lengths, distances[row])[0]

    def _tokenize(self, text: str) -> list[str]:
        return tokenize(text, ascii_only=self._ascii_tokens)

    def _append(self, tokens: Sequence[str]) -> None:
        self._tokens.extend([self._numbers.setdefault(token, len(self._numbers) + 1) for token in tokens])
        self._tokens.append(0)
        self._lengths.append(len(tokens))

    def _distances(self, candidates: Sequence[Sequence[str]], *, and_each_other: bool) -> NDArray[np.int32]:
        """Indel distances to the pool, and where wanted to the candidates themselves behind it: (candidates,
        pool) or (candidates, pool + candidates)."""
        distinct = dict.fromkeys(chain.from_iterable(candidates))
        codes = {token: code for code, token in enumerate(distinct, _FIRST_CODE)}
        queries = ["".join([chr(codes[token]) for token in tokens]) for tokens in candidates]
        choices = self._encoded_pool(codes) + (queries if and_each_other else [])
        return cdist(queries, choices, scorer=Indel.distance, dtype=np.int32, workers=1)

    def _encoded_pool(self, codes: dict[str, int]) -> list[str]:
        """Each entry with one character a token: the token's code, or `_NO_CANDIDATE`."""
        narrow = len(codes) + _FIRST_CODE <= 256
        code_of = np.full(len(self._numbers) + 1, _NO_CANDIDATE, dtype=np.uint8 if narrow else "<u4")
        code_of[0] = _ENTRY_END
        for token, code in codes.items():
            if number := self._numbers.get(token):
                code_of[number] = code
        encoded = code_of.take(np.frombuffer(self._tokens, dtype=np.intc)).tobytes()
        text = encoded.decode("latin-1") if narrow else encoded.decode("utf-32-le", "surrogatepass")
        return text.split(chr(_ENTRY_END))[:-1]  # nothing follows the last end

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
