"""ROUGE-L F1, the one definition of it: what filters decide by and evaluation reports.

ROUGE-L F1 of token sequences a and b is 2·LCS/(|a|+|b|), LCS the length of their longest common
subsequence (Lin, 2004). The rouge_score package takes the longer way over precision and recall, whose
rounding shows in the last bit and so decides ties with a threshold. Its doubles are the ones used here.

The LCS is computed on strings that have one character a token: see `Vocabulary`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rapidfuzz.distance import LCSseq

from selfinstruct.errors import ConfigError
from selfinstruct.text.tokens import tokenize

__all__ = ["Vocabulary", "rouge_l_f1", "similarity"]

_FIRST_SURROGATE = 0xD800  # U+D800 to U+DFFF are no characters: many functions refuse them
_SURROGATES = 0x800
_CAPACITY = sys.maxunicode - _SURROGATES  # U+0000 stays unused


class Vocabulary(dict[str, str]):
    """Distinct tokens, each with a character of its own, given on first sight from U+0001 upwards.

    Raises `ConfigError` at the 1,112,064th distinct token, some twenty times what a data set of the
    paper's size holds.
    """

    def __missing__(self, token: str) -> str:
        number = len(self) + 1
        if number > _CAPACITY:
            raise ConfigError(
                f"Texts with more than {_CAPACITY:,} distinct words cannot be compared in one run.",
                "Generate in several runs, or check the seeds for text that is not language.",
            )
        character = chr(number if number < _FIRST_SURROGATE else number + _SURROGATES)
        self[token] = character
        return character

    def encode(self, tokens: Iterable[str]) -> str:
        """One character a token."""
        return "".join([self[token] for token in tokens])


def rouge_l_f1(lcs: int, a_length: int, b_length: int) -> float:
    """From the lengths of the longest common subsequence and of both sequences, 0 to 1; 0 where one of
    them is 0.

    Bit for bit rouge_score's `fmeasure`. Its target and prediction may be swapped: sum and product
    commute in floating point and doubling is exact, so that the result is the same double.
    """
    if lcs == 0:
        return 0.0
    precision = lcs / b_length
    recall = lcs / a_length
    return 2 * precision * recall / (precision + recall)


def similarity(a: str, b: str, *, ascii_only: bool = False) -> float:
    """ROUGE-L F1 of two texts, tokenized by `tokenize`. For many pairs, `filters.novelty` is faster."""
    vocabulary = Vocabulary()
    a_codes, b_codes = (vocabulary.encode(tokenize(text, ascii_only=ascii_only)) for text in (a, b))
    return rouge_l_f1(LCSseq.similarity(a_codes, b_codes), len(a_codes), len(b_codes))
