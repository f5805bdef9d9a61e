"""Rows of a data set that say in other words what an earlier one says, and how near rows are to each other.

Takes embeddings that somebody made, one for each text, in order.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from selfinstruct.dataset.reading import open_data, read_rows
from selfinstruct.dataset.rows import FlawError, examples_of
from selfinstruct.filters.meaning import MeaningIndex, TicketMeanings
from selfinstruct.models.embeddings import Vector

__all__ = ["MOST_CHARACTERS", "ByMeaning", "NearMeanings", "NearRow", "find_near", "texts_of_rows"]

MOST_CHARACTERS = 1200
"""Of a text that is embedded: what models that read 512 tokens take."""
SAMPLE = 500
_TOGETHER = 64
QUANTILES = (0.5, 0.9, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class NearRow:
    """A row and the earlier one nearest to it, their numbers from 0, and the cosine."""

    row: int
    earlier: int
    similarity: float


@dataclass(frozen=True, slots=True)
class NearMeanings:
    """model: as `PROVIDER/NAME`. threshold: cosine. compared: rows with an embedding; lost: those whose
    embedding could not be had. rows: those above the threshold with an earlier row, each with the nearest.
    nearest: for half, 90 %, 99 % and all of `sampled` rows, drawn at random, the cosine that they do not
    exceed with any other row."""

    model: str
    threshold: float
    compared: int
    lost: int
    rows: tuple[NearRow, ...]
    nearest: tuple[float, ...]
    sampled: int

    def to_json(self) -> dict[str, Any]:
        """As `check --json` prints it."""
        names = ("median", "p90", "p99", "largest")
        return {
            "model": self.model,
            "threshold": self.threshold,
            "compared": self.compared,
            "lost": self.lost,
            "pairs": [
                {"row": each.row, "earlier": each.earlier, "similarity": round(each.similarity, 4)}
                for each in self.rows
            ],
            "nearest": {name: round(value, 4) for name, value in zip(names, self.nearest, strict=False)},
            "sampled": self.sampled,
        }


def texts_of_rows(path: Path) -> Iterator[tuple[int, str]]:
    """The number of each row that can be read, and its first example's instruction and input, which is what
    its embedding is of: no more than `MOST_CHARACTERS`."""
    number = 0
    for file in open_data(path):
        for raw in read_rows(file):
            try:
                first = None if raw.flaw else examples_of(raw.value)[0]
            except FlawError:
                first = None
            if first is not None:
                text = "\n\n".join(part for part in (first.instruction.strip(), first.input.strip()) if part)
                if text:
                    yield number, text[:MOST_CHARACTERS]
            number += 1


def find_near(
    numbers: Sequence[int], vectors: Sequence[Vector | None], *, model: str, threshold: float, seed: int = 42
) -> NearMeanings:
    """numbers: of the rows; vectors: one for each, None where there is none."""
    known = [(number, vector) for number, vector in zip(numbers, vectors, strict=True) if vector is not None]
    index, kept, near = MeaningIndex(threshold=threshold), list[int](), list[NearRow]()
    for start in range(0, len(known), _TOGETHER):
        together = known[start : start + _TOGETHER]
        meanings = index.compare([vector for _, vector in together])
        for place, (number, _) in enumerate(together):
            if meanings.judge(place).accepted:
                kept.append(number)
            elif (nearest := meanings.results[place]) is not None:
                near.append(NearRow(number, kept[nearest.index], nearest.score))
    del index
    drawn = sorted(random.Random(seed).sample(range(len(known)), min(SAMPLE, len(known))))
    whole = MeaningIndex(threshold=threshold)
    for _, vector in known:
        whole.add(vector)
    found = whole.nearest(np.stack([known[place][1] for place in drawn]), drawn) if len(known) > 1 else []
    scores = [each.score for each in found if each is not None]
    return NearMeanings(
        model=model,
        threshold=threshold,
        compared=len(known),
        lost=len(vectors) - len(known),
        rows=tuple(near),
        nearest=tuple(float(value) for value in np.quantile(scores, QUANTILES)) if scores else (),
        sampled=len(scores),
    )


class ByMeaning:
    """Judges instructions by their embeddings in the order in which they come.

    vectors: in that order. threshold: cosine.
    """

    def __init__(self, vectors: Iterable[Vector | None], threshold: float) -> None:
        self._vectors, self._index = iter(vectors), MeaningIndex(threshold=threshold, complete_up_to=0)

    def compare(self, count: int) -> TicketMeanings:
        """The next so many, to be judged one by one."""
        return self._index.compare([next(self._vectors) for _ in range(count)])
