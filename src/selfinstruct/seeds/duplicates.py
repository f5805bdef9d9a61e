"""Which seeds say nearly the same: ROUGE-L F1 between all of them.

The loop rejects a new instruction that is so near to the pool (section 2.2, step 4); seeds it takes as
they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from selfinstruct.text.rouge_index import RougeIndex
from selfinstruct.text.token_lists import TokenLists
from selfinstruct.text.tokens import tokenize

__all__ = ["NearPair", "near_pairs"]

_BLOCK = 128  # texts looked up together


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two instructions by their places, counted from 0. `score` is their ROUGE-L F1, 0 to 1."""

    earlier: int
    later: int
    score: float


def near_pairs(
    texts: Sequence[str], threshold: float, progress: Callable[[int], None] | None = None
) -> list[NearPair]:
    """Of each text that scores above the threshold with earlier ones, the pair with the nearest of them
    (the first among equals), in order. So no more pairs than texts, however many are alike.

    progress: called now and then with the number of texts compared.
    """
    lists = TokenLists()
    index = RougeIndex(lists, threshold)
    pairs = []
    for start in range(0, len(texts), _BLOCK):
        block = [tokenize(text) for text in texts[start : start + _BLOCK]]
        for later, hits in enumerate(index.find(block, most=1, each_other=True), start):
            pairs += [NearPair(hit.entry, later, hit.score) for hit in hits]
        for tokens in block:
            lists.append(lists.number(tokens))
        if progress is not None:
            progress(len(lists))
    return pairs
