"""A figure with its standard error, and the difference of two: whether one entry is better than another, or
may only have been luckier.

All tasks of one instruction request are left out at a time, and the figure is taken again (the jackknife;
Tukey, 1958). Tasks that came in one reply resemble each other, so requests are drawn, not tasks; and there
are few of them, so the interval is Student's, with one degree of freedom less than there are requests. The
difference of two entries is Welch's: their requests have nothing to do with each other.

Why not the bootstrap that evaluations use: drawn with replacement, tasks repeat, and a count of different
things shrinks. In simulations of 60 and of 300 tasks in 6 to 60 requests, with eight distributions of
verb-object pairs, 95 % intervals of the jackknife held the true count in 97 to 100 % of the cases; those of
the bootstrap, moved back to the estimate, in 90 to 100 %, and where hardly any pair occurs twice they were up
to fifteen times as wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from selfinstruct.ratings.shares import Z

__all__ = ["Difference", "Estimate", "difference", "jackknife", "ratio", "share", "student"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """value: in the measure's own unit. error: its standard error; None where one request is all there is.
    freedom: degrees of freedom of the error. low, high: the 95 % interval; None without an error."""

    value: float
    error: float | None
    freedom: float
    low: float | None
    high: float | None

    @classmethod
    def of(
        cls,
        value: float,
        error: float | None,
        freedom: float,
        within: tuple[float, float] = (0.0, float("inf")),
    ) -> Estimate:
        """within: the values that the figure can have; the interval ends there."""
        if error is None:
            return cls(value, None, freedom, None, None)
        reach = student(freedom) * error
        return cls(value, error, freedom, max(within[0], value - reach), min(within[1], value + reach))


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry's figure less another's. significant: whether the 95 % interval from low to high leaves out
    zero. None for low and high where an error is not known; nothing is significant then."""

    value: float
    low: float | None
    high: float | None

    @property
    def significant(self) -> bool:
        """See above."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def difference(one: Estimate, other: Estimate) -> Difference:
    """Of two entries whose data was made independently; the degrees of freedom are Welch's (1947)."""
    value = one.value - other.value
    if one.error is None or other.error is None:
        return Difference(value, None, None)
    variances = one.error**2, other.error**2
    variance = sum(variances)
    if not variance:
        return Difference(value, value, value)
    parts = zip(variances, (one.freedom, other.freedom), strict=True)
    freedom = variance**2 / sum(own**2 / free for own, free in parts)
    reach = student(freedom) * sqrt(variance)
    return Difference(value, value - reach, value + reach)


def jackknife(
    value: float,
    without: Sequence[float],
    *,
    least_error: float = 0.0,
    within: tuple[float, float] = (0.0, float("inf")),
) -> Estimate:
    """value: of all requests. without: the same figure without each of them. least_error: no standard error
    is smaller."""
    count = len(without)
    if count < 2:
        return Estimate.of(value, None, 0.0, within)
    mean = sum(without) / count
    variance = (count - 1) / count * sum((each - mean) ** 2 for each in without)
    return Estimate.of(value, max(sqrt(variance), least_error), count - 1.0, within)


def ratio(
    tops: Sequence[float], bottoms: Sequence[float], within: tuple[float, float] = (0.0, float("inf"))
) -> Estimate | None:
    """The sum of `tops` over that of `bottoms`; a value of each for every request. None where the bottoms are
    all zero. Requests without which nothing is left at the bottom leave no error to compute."""
    top, bottom = sum(tops), sum(bottoms)
    if not bottom:
        return None
    left = [
        (top - own) / (bottom - whole) for own, whole in zip(tops, bottoms, strict=True) if bottom - whole > 0
    ]
    return jackknife(top / bottom, left if len(left) == len(tops) else [], within=within)


def share(parts: Sequence[float], wholes: Sequence[float]) -> Estimate | None:
    """As `ratio`, of a part and its whole, 0 to 1. It is never taken to be surer than as many independent
    items would make it (Agresti and Coull, 1998): none of 60 flagged rows is not a share of 0 ± 0."""
    part, whole = sum(parts), sum(wholes)
    found = ratio(parts, wholes)
    if found is None or found.error is None:
        return found
    near = (part + 2) / (whole + 4)
    least = sqrt(near * (1 - near) / (whole + 4))
    return Estimate.of(found.value, max(found.error, least), found.freedom, (0.0, 1.0))


def student(freedom: float) -> float:
    """The 97.5th percentile of Student's distribution, from the normal one's by the expansion of Cornish and
    Fisher (1937): for two degrees of freedom 4.27 instead of 4.30, closer for more."""
    z, n = Z, max(1.0, freedom)
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * n**4)
    )
