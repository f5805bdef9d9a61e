"""What the same judge said of several systems, one answer at a time, side by side and paired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.evaluation.intervals import Interval, ratio_interval
from selfinstruct.evaluation.judgment import Judgment, kept_judgments
from selfinstruct.evaluation.points import PointsJudgment
from selfinstruct.evaluation.predictions import Prediction

__all__ = ["JudgedScores", "judged_scores"]


@dataclass(frozen=True, slots=True)
class JudgedScores:
    """By one judge: the share of acceptable answers or the ratio of points, in percent; `label` says which.

    systems: in the order of the systems; None where the judge was not asked, or had no verdict. differences:
    of all systems but the first, less the first one's, over the items that both have a verdict on; None
    where there is none.
    """

    judge: str
    label: str
    systems: tuple[Interval | None, ...]
    differences: tuple[Interval | None, ...]

    def to_json(self) -> dict[str, Any]:
        """Lists in the order of the systems; the first difference is that of the second system."""

        def plain(each: Interval | None) -> dict[str, Any] | None:
            return None if each is None else {"mean": each.mean, "interval": each.to_json()}

        return {
            "judge": self.judge,
            "measure": self.label,
            "systems": [plain(each) for each in self.systems],
            "differences": [plain(each) for each in self.differences],
        }


def judged_scores(
    systems: Sequence[tuple[Path, Sequence[Prediction]]], seed: int
) -> tuple[JudgedScores, ...]:
    """By judge, in the order in which they are first met.

    systems: folders, or files of predictions, which have no judge; and predictions of the same items. seed:
    of the intervals. Raises StorageError for damaged verdicts.
    """
    tasks = {each.item.id: each.item.task for each in systems[0][1]} if systems else {}
    found: dict[tuple[str, str], dict[int, Judgment | PointsJudgment]] = {}
    for place, (path, predictions) in enumerate(systems):
        for judgment in kept_judgments(path, predictions, seed) if path.is_dir() else ():
            if judgment.main is not None:
                found.setdefault((judgment.judge, judgment.label), {})[place] = judgment
    return tuple(
        JudgedScores(
            judge,
            label,
            tuple(own[place].main if place in own else None for place in range(len(systems))),
            tuple(_less(own.get(place), own.get(0), tasks, seed) for place in range(1, len(systems))),
        )
        for (judge, label), own in found.items()
    )


def _less(
    other: Judgment | PointsJudgment | None,
    base: Judgment | PointsJudgment | None,
    tasks: Mapping[str, str],
    seed: int,
) -> Interval | None:
    if other is None or base is None:
        return None
    ours, theirs = other.shares_by_item(), base.shares_by_item()
    both = [name for name in tasks if name in ours and name in theirs]
    if not both:
        return None
    pairs = [
        ([shares[name][0] for name in both], [shares[name][1] for name in both]) for shares in (ours, theirs)
    ]
    return ratio_interval(pairs, [tasks[name] for name in both], seed)
