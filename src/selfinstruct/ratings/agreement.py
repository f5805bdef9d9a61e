"""How far raters agree, beyond what chance would give.

    Cohen's κ (1960)           of two raters; of more, of each pair
    Krippendorff's α (2011)    of any number of raters, each of whom may have left items out: nominal, and for
                               levels that have an order also ordinal
    Spearman's ρ               of two raters' levels, ties at their mean rank

κ and α are NLTK's. All three are undefined where there is no variation: raters who give every item the same
label cannot be told from raters who never look. That is None here, and the share of equal answers beside it
says the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

__all__ = ["Agreement", "Labels", "PairAgreement", "agreement", "alpha", "kappa", "spearman"]

Labels = Mapping[Any, str]
"""What one rater said, by unit: whatever was rated, and can be hashed."""


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two raters. units: that both rated. equal: the share of these with the same label."""

    raters: tuple[str, str]
    units: int
    equal: float
    kappa: float | None
    spearman: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """All raters. units: that two or more rated. alpha_ordinal, and the pairs' spearman: None for labels
    without an order."""

    units: int
    alpha: float | None
    alpha_ordinal: float | None
    pairs: tuple[PairAgreement, ...]

    def to_json(self) -> dict[str, Any]:
        """An object with the fields' names."""
        return asdict(self)


def agreement(raters: Mapping[str, Labels], order: Sequence[str] | None = None) -> Agreement | None:
    """None where no unit has two raters.

    order: the labels from best to worst; None where they have none.
    """
    counts = Counter(unit for labels in raters.values() for unit in labels)
    units = sum(count > 1 for count in counts.values())
    if not units:
        return None
    pairs = []
    for (one, of_one), (other, of_other) in combinations(sorted(raters.items()), 2):
        if both := of_one.keys() & of_other.keys():
            equal = sum(of_one[unit] == of_other[unit] for unit in both) / len(both)
            rho = spearman(of_one, of_other, order) if order else None
            pairs.append(PairAgreement((one, other), len(both), equal, kappa(of_one, of_other), rho))
    ordinal = alpha(raters, order) if order else None
    return Agreement(units, alpha(raters), ordinal, tuple(pairs))


def kappa(one: Labels, other: Labels) -> float | None:
    """Cohen's, over the units that both rated."""
    both = sorted(one.keys() & other.keys(), key=repr)
    used = {labels[unit] for labels in (one, other) for unit in both}
    if len(used) < 2:
        return None
    from nltk.metrics.agreement import AnnotationTask

    rows = [
        (rater, number, labels[unit])
        for rater, labels in (("one", one), ("other", other))
        for number, unit in enumerate(both)
    ]
    return float(AnnotationTask(rows).kappa())


def alpha(raters: Mapping[str, Labels], order: Sequence[str] | None = None) -> float | None:
    """Krippendorff's: nominal, or ordinal where the labels' order is given."""
    counts = Counter(unit for labels in raters.values() for unit in labels)
    paired = {unit: number for number, (unit, count) in enumerate(counts.items()) if count > 1}
    rows = [
        (rater, paired[unit], label)
        for rater, labels in raters.items()
        for unit, label in labels.items()
        if unit in paired
    ]
    used = Counter(label for _, _, label in rows)
    if len(used) < 2:
        return None
    from nltk.metrics.agreement import AnnotationTask
    from nltk.metrics.distance import binary_distance

    distance = _ordinal_distance(order, used) if order else binary_distance
    return float(AnnotationTask(rows, distance=distance).alpha())


def spearman(one: Labels, other: Labels, order: Sequence[str]) -> float | None:
    """Spearman's ρ over the units that both rated; tied ones share the mean of their ranks."""
    both = list(one.keys() & other.keys())
    if any(len({labels[unit] for unit in both}) < 2 for labels in (one, other)):
        return None
    import numpy as np

    place = {label: number for number, label in enumerate(order)}

    def ranks(labels: Labels) -> Any:
        places = [place[labels[unit]] for unit in both]
        _, groups, sizes = np.unique(places, return_inverse=True, return_counts=True)
        return (np.cumsum(sizes) - (sizes - 1) / 2)[groups]

    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def _ordinal_distance(order: Sequence[str], used: Counter[str]) -> Callable[[str, str], float]:
    """Krippendorff's ordinal metric: how many ratings lie between two labels, theirs by half, squared."""
    place = {label: number for number, label in enumerate(order)}

    def distance(one: str, other: str) -> float:
        first, last = sorted((place[one], place[other]))
        between = sum(used[label] for label in order[first : last + 1])
        return float((between - (used[one] + used[other]) / 2) ** 2)

    return distance
