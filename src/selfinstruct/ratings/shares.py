"""A share with its 95 % interval, by Wilson (1927).

Unlike the usual mean ± 1.96 standard errors it never leaves 0 to 1 and holds for few items and for shares
near the ends, which is where reviews are: 200 items, and mostly yes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

__all__ = ["Share", "Z", "mean_share"]

Z = 1.959963984540054
"""The normal distribution has 95 % within so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Share:
    """share: 0 to 1, None where there is nothing. items: how many it is of. low, high: the interval; 0 and 1
    where there is nothing."""

    share: float | None
    items: int
    low: float
    high: float


def mean_share(shares: Iterable[float]) -> Share:
    """Of items, each with the share of its raters that said yes: so each item counts once, however many
    people rated it. With one rater the shares are 0 and 1, and this is the usual interval."""
    values = list(shares)
    count = len(values)
    if not count:
        return Share(None, 0, 0.0, 1.0)
    share = sum(values) / count
    spread = Z * sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    centre, scale = share + Z**2 / (2 * count), 1 + Z**2 / count
    return Share(share, count, max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))
