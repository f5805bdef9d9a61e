"""Runs of words that two texts share: the usual check for evaluation text in training data.

Words are those of `tokenize`. A run is 13 of them in a row; of a text of 6 to 12 words it is all of it. A
shorter text has none: that it occurs elsewhere says nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from selfinstruct.text.tokens import tokenize

__all__ = ["RUN", "SHORTEST", "RunIndex", "SharedRun"]

RUN = 13
SHORTEST = 6

_AT_A_TIME = 1 << 18  # words; a few arrays of 2 MB
_BASE = 0x9E3779B97F4A7C15
_FACTORS = tuple(np.uint64(pow(_BASE, place + 1, 2**64)) for place in range(RUN))


@dataclass(frozen=True, slots=True)
class SharedRun:
    """A run of `references` in a text. Texts and references by their places, from 0; words with a space
    between them."""

    text: int
    words: str
    references: tuple[int, ...]


class RunIndex:
    """Finds runs of reference texts in others.

    Only words of the references have a number; all others are 0 and end every run. Runs are compared by a
    sum first, a whole array of them at a time, and where that is equal word by word. Some 20 bytes a word
    of the references.
    """

    def __init__(self, references: Iterable[str]) -> None:
        self._numbers: dict[str, int] = {}
        tokens, ends = array("i"), array("q")
        first_words: dict[int, array[int]] = {}
        for text in references:
            start = len(tokens)
            for word in tokenize(text):
                tokens.append(self._numbers.setdefault(word, len(self._numbers) + 1))
            length = min(RUN, len(tokens) - start)
            if length >= SHORTEST:
                first_words.setdefault(length, array("q")).extend(range(start, len(tokens) - length + 1))
            ends.append(len(tokens))
        self._words = ["", *self._numbers]
        self._tokens = np.array(tokens, np.int32)
        self._ends = np.array(ends, np.int64)
        self._runs = {
            length: _Runs(sums, np.array(first_words[length], np.int64))
            for length, sums in _sums(self._tokens, first_words.keys())
        }

    def find(self, texts: Iterable[str]) -> Iterator[SharedRun]:
        """Every run of the references in every text, in the order of the texts and of their words; once
        for each time that it occurs."""
        first, numbers, ends = 0, array("i"), array("q")
        for text in texts:
            numbers.extend([self._numbers.get(word, 0) for word in tokenize(text)])
            numbers.append(0)  # no run goes on into the next text
            ends.append(len(numbers))
            if len(numbers) >= _AT_A_TIME:
                yield from self._find(numbers, ends, first)
                first, numbers, ends = first + len(ends), array("i"), array("q")
        yield from self._find(numbers, ends, first)

    def _find(self, numbers: array[int], ends: array[int], first: int) -> Iterator[SharedRun]:
        words = np.array(numbers, np.int32)
        found = chain.from_iterable(
            self._equal_runs(words, length, sums) for length, sums in _sums(words, self._runs.keys())
        )
        for at, length, places in sorted(found, key=lambda run: run[:2]):
            yield SharedRun(
                text=first + int(np.searchsorted(ends, at, "right")),
                words=" ".join(self._words[number] for number in numbers[at : at + length]),
                references=tuple(np.unique(np.searchsorted(self._ends, places, "right")).tolist()),
            )

    def _equal_runs(
        self, words: NDArray[np.int32], length: int, sums: NDArray[np.uint64]
    ) -> Iterator[tuple[int, int, list[int]]]:
        """Where a run of this length begins, its length, and where it begins in the references."""
        for at, places in self._runs[length].with_sums(sums):
            run = words[at : at + length]
            equal = [place for place in places if np.array_equal(self._tokens[place : place + length], run)]
            if equal:
                yield at, length, equal


class _Runs:
    """The references' runs of one length, ordered by their sums."""

    def __init__(self, sums: NDArray[np.uint64], places: NDArray[np.int64]) -> None:
        own = sums[places]
        order = np.argsort(own, kind="stable")
        self._sums, self._places = own[order], places[order]

    def with_sums(self, sums: NDArray[np.uint64]) -> Iterator[tuple[int, list[int]]]:
        """Which of these sums are there, by their place, and the runs that have them."""
        lefts = np.searchsorted(self._sums, sums)
        there = self._sums.take(lefts, mode="clip") == sums
        for at in np.flatnonzero(there).tolist():
            right = np.searchsorted(self._sums, sums[at], "right")
            yield at, self._places[lefts[at] : right].tolist()


def _sums(numbers: NDArray[np.int32], lengths: Iterable[int]) -> Iterator[tuple[int, NDArray[np.uint64]]]:
    """Of each length, shortest first, a sum for every run of so many numbers, modulo 2**64. Equal runs have
    equal sums; others hardly ever."""
    wide = numbers.astype(np.uint64)
    sums = np.zeros(len(wide), np.uint64)
    for place, factor in enumerate(_FACTORS[: len(wide)]):
        sums = sums[: len(wide) - place] + wide[place:] * factor
        if place + 1 in lengths:
            yield place + 1, sums
