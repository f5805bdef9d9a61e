"""How values are spread: histograms over shared bins, and the few numbers that sum them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Histogram", "Spread", "bins_for", "histogram", "spread"]

STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
MOST_BINS = 30


@dataclass(frozen=True, slots=True)
class Histogram:
    """counts[i] values lie in [edges[i], edges[i + 1]); the last bin holds its upper edge too and, where
    `open_ended`, all that is above."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    open_ended: bool

    @property
    def total(self) -> int:
        """Values counted."""
        return sum(self.counts)

    def labels(self) -> list[str]:
        """`10–14` for whole numbers in bins of five, `0.10–0.15` for others, `60+` for an open end."""
        whole = all(edge == int(edge) for edge in self.edges)
        pairs = list(zip(self.edges, self.edges[1:], strict=False))
        names = [
            (f"{low:.0f}" if high - low == 1 else f"{low:.0f}–{high - 1:.0f}")
            if whole
            else f"{low:.2f}–{high:.2f}"
            for low, high in pairs
        ]
        if self.open_ended:
            names[-1] = f"{self.edges[-2]:g}+"
        return names


@dataclass(frozen=True, slots=True)
class Spread:
    """None throughout where there are no values. p95: 95 % are at most this."""

    count: int
    mean: float | None
    median: float | None
    p95: float | None
    largest: float | None


def spread(values: Sequence[float]) -> Spread:
    """Of any numbers."""
    if not len(values):
        return Spread(0, None, None, None, None)
    array = np.asarray(values, dtype=float)
    median, p95 = np.percentile(array, (50, 95))
    return Spread(len(values), float(array.mean()), float(median), float(p95), float(array.max()))


def histogram(values: Sequence[float], edges: Sequence[float], *, open_ended: bool = False) -> Histogram:
    """Values below the first edge, which there should be none of, count in the first bin."""
    clipped = np.clip(np.asarray(values, dtype=float), edges[0], edges[-1] if open_ended else None)
    counts, _ = np.histogram(clipped, bins=np.asarray(edges, dtype=float))
    return Histogram(tuple(map(float, edges)), tuple(map(int, counts)), open_ended)


def bins_for(*groups: Sequence[int]) -> list[int]:
    """Edges from 0 in round steps for whole numbers: at most 30 bins up to where 95 % of each group are, and
    one for the rest."""
    top = max((int(np.percentile(np.asarray(group), 95)) for group in groups if len(group)), default=0)
    step = next((step for step in STEPS if top // step < MOST_BINS), top // MOST_BINS + 1)
    return [step * number for number in range(top // step + 3)]
