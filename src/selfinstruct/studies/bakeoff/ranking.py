"""Who is significantly better at what, and the order that comes of it.

Every two entries are compared by every measure. An entry is ranked by the comparisons in which it is
significantly better, less those in which it is worse: differences that may be chance move nobody. Each
interval holds for itself alone: of twenty comparisons of equal entries, one may well be significant.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from selfinstruct.studies.bakeoff.estimates import Difference, Estimate, difference
from selfinstruct.studies.bakeoff.measures import MEASURES

__all__ = ["Compared", "Standing", "compare_entries", "counting", "rank"]

SAME = {"tokens": "cost", "score": "judge"}
"""What tells the same as another measure, and does not count a second time where that one is known."""
UNASKED = ("seconds",)
"""What counts only where `rank_by` names it: it depends on what else the machine or the endpoint was doing,
and not on the data alone."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two entries by one measure: `one`'s figure less `other`'s."""

    measure: str
    one: str
    other: str
    difference: Difference

    @property
    def better(self) -> str | None:
        """Who is significantly better; None where that cannot be told."""
        if not self.difference.significant:
            return None
        return self.one if (self.difference.value > 0) == MEASURES[self.measure].more else self.other

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "measure": self.measure,
            "one": self.one,
            "other": self.other,
            "difference": self.difference.value,
            "interval": [self.difference.low, self.difference.high],
            "better": self.better,
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """rank: from 1; entries with equally many points share one (shared). comparisons: that count. better,
    worse: those that it wins and loses significantly, by measure: the other entries."""

    entry: str
    rank: int
    comparisons: int
    better: Mapping[str, tuple[str, ...]]
    worse: Mapping[str, tuple[str, ...]]
    shared: bool = False

    @property
    def shown(self) -> str:
        """`1`, or `1=` where others have the same."""
        return f"{self.rank}=" if self.shared else str(self.rank)

    @property
    def points(self) -> int:
        """What it is ranked by."""
        return sum(map(len, self.better.values())) - sum(map(len, self.worse.values()))


def compare_entries(estimates: Mapping[str, Mapping[str, Estimate]]) -> tuple[Compared, ...]:
    """By measure and then by pair. estimates: by entry, then by measure."""
    return tuple(
        Compared(measure, one, other, difference(estimates[one][measure], estimates[other][measure]))
        for measure in MEASURES
        for one, other in combinations(estimates, 2)
        if measure in estimates[one] and measure in estimates[other]
    )


def counting(compared: Sequence[Compared], rank_by: Collection[str] = ()) -> tuple[str, ...]:
    """The measures that decide: those wanted, or else all by which entries were compared."""
    there = dict.fromkeys(each.measure for each in compared)
    if rank_by:
        return tuple(name for name in there if name in rank_by)
    return tuple(name for name in there if SAME.get(name) not in there and name not in UNASKED)


def rank(
    entries: Sequence[str], compared: Sequence[Compared], rank_by: Collection[str] = ()
) -> tuple[Standing, ...]:
    """Best first; equals in the order of `entries`, which are those that are compared."""
    measures = counting(compared, rank_by)
    standings = []
    for entry in entries:
        better: dict[str, list[str]] = {}
        worse: dict[str, list[str]] = {}
        for each in compared:
            if each.measure in measures and each.better is not None and entry in (each.one, each.other):
                side = better if each.better == entry else worse
                side.setdefault(each.measure, []).append(each.other if entry == each.one else each.one)
        standings.append(
            Standing(
                entry,
                0,
                sum(each.measure in measures and entry in (each.one, each.other) for each in compared),
                {name: tuple(those) for name, those in better.items()},
                {name: tuple(those) for name, those in worse.items()},
            )
        )
    points = sorted((each.points for each in standings), reverse=True)
    ranked = [
        replace(each, rank=points.index(each.points) + 1, shared=points.count(each.points) > 1)
        for each in standings
    ]
    return tuple(sorted(ranked, key=lambda each: each.rank))
