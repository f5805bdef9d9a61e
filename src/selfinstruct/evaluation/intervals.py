"""How far a mean could be off: 95 % intervals by the bootstrap, and of the difference of two systems.

Items are resampled with replacement, as often as there are, and the mean is taken again, 10,000 times; the
interval lies between the 2.5th and the 97.5th percentile of those means (Efron, 1979). Where a set has
several items a task, whole tasks are drawn: answers to one task resemble each other, and the question is
how the system would do on other tasks of the kind. A difference is paired: both systems are drawn on the
same items, so that what makes an item hard for both cancels out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["CONFIDENCE", "RESAMPLES", "Interval", "intervals", "macro_interval", "ratio_interval"]

RESAMPLES = 10_000
CONFIDENCE = 0.95
TAIL = 100 * (1 - CONFIDENCE) / 2  # percent on each side
AT_ONCE = 2_000_000  # draws that are held in memory


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the bounds of its interval, in the units of the values."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.1f} ({self.low:.1f} to {self.high:.1f})"

    def to_json(self) -> list[float]:
        """The bounds."""
        return [self.low, self.high]


def intervals(values: Sequence[Sequence[float]], groups: Sequence[str], seed: int) -> tuple[Interval, ...]:
    """One for each row of values, all by the same draws.

    values: in each row as many as there are groups. groups: the task of each value; those without one, an
        empty name, stand for themselves.
    seed: equal arguments give equal intervals. A single group has no spread to draw from: its bounds are
        its mean.
    """
    import numpy as np

    sums, drawn = _drawn([*values, [1.0] * len(groups)], groups, seed)
    bounds = np.percentile(drawn[:-1] / drawn[-1], [TAIL, 100 - TAIL], axis=1)
    return tuple(
        Interval(float(total / sums[-1]), float(low), float(high))
        for total, low, high in zip(sums[:-1], *bounds, strict=True)
    )


def ratio_interval(
    ratios: Sequence[tuple[Sequence[float], Sequence[float]]], groups: Sequence[str], seed: int
) -> Interval:
    """The total of one row over that of another; with two ratios the first less the second, paired.

    ratios: one or two pairs of rows, in each row as many values as there are groups, the lower ones above 0.
    groups, seed: as in `intervals`.
    """
    import numpy as np

    sums, drawn = _drawn([row for pair in ratios for row in pair], groups, seed)
    found, spread = sums[0] / sums[1], drawn[0] / drawn[1]
    if len(ratios) == 2:
        found, spread = found - sums[2] / sums[3], spread - drawn[2] / drawn[3]
    low, high = np.percentile(spread, [TAIL, 100 - TAIL])
    return Interval(float(found), float(low), float(high))


def _drawn(rows: Sequence[Sequence[float]], groups: Sequence[str], seed: int) -> tuple[Any, Any]:
    """The totals of all rows, and those of each of the draws: an array by row, one by row and draw."""
    import numpy as np

    names = {name: number for number, name in enumerate(dict.fromkeys(filter(None, groups)))}
    alone = iter(range(len(names), len(names) + len(groups)))
    places = np.array([names[group] if group else next(alone) for group in groups])
    sums = np.array([np.bincount(places, weights=np.asarray(row, dtype=float)) for row in rows])
    size = sums.shape[1]
    random = np.random.default_rng(seed)
    at_once = max(1, AT_ONCE // size)
    totals = []
    for begin in range(0, RESAMPLES, at_once):
        drawn = random.integers(size, size=(min(at_once, RESAMPLES - begin), size))
        totals.append(sums[:, drawn].sum(axis=2))
    return sums.sum(axis=1), np.concatenate(totals, axis=1)


def macro_interval(values: Sequence[float], groups: Sequence[str], seed: int) -> Interval:
    """The mean of the groups' means, each group counting the same. Items are drawn within their groups, which
    are the set's own and stay.

    groups: the group of each value. seed: as in `intervals`.
    """
    import numpy as np

    by_group: dict[str, list[float]] = {}
    for value, group in zip(values, groups, strict=True):
        by_group.setdefault(group, []).append(value)
    random = np.random.default_rng(seed)
    total, drawn = 0.0, np.zeros(RESAMPLES)
    for own in by_group.values():
        array = np.asarray(own, dtype=float)
        total += float(array.mean())
        rows = max(1, AT_ONCE // len(array))
        for begin in range(0, RESAMPLES, rows):
            size = (min(rows, RESAMPLES - begin), len(array))
            drawn[begin : begin + size[0]] += array[random.integers(len(array), size=size)].mean(axis=1)
    low, high = np.percentile(drawn / len(by_group), [TAIL, 100 - TAIL])
    return Interval(total / len(by_group), float(low), float(high))
