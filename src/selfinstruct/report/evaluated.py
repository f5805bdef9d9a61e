"""Whether the data helped: evaluations that are shown with the run they belong to.

Of those on the same items the first is what the others are held against, as in `evaluate --compare`: name the
base model's first, then what was tuned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.comparison import Comparison, compare, read_systems
from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.settings import EvaluationPaths, EvaluationSettings, read_settings

__all__ = ["Evaluated", "EvaluatedSystem", "read_evaluations"]


@dataclass(frozen=True, slots=True)
class EvaluatedSystem:
    """A model's scores in percent, by metric. gain: its first metric less the first system's, in points,
    paired by item; None of the first itself. better, worse: items by that metric. judged: what judges said of
    the answers, in percent, by the judge and what that is; all that any of the systems has."""

    name: str
    metrics: Mapping[str, Interval]
    gain: Interval | None
    better: int = 0
    worse: int = 0
    judged: Mapping[str, Interval | None] = field(default_factory=dict)

    @property
    def main(self) -> Interval:
        """What the suite is ranked by."""
        return next(iter(self.metrics.values()))

    @property
    def gained(self) -> bool | None:
        """Whether it is better than the first; None where that cannot be told."""
        if self.gain is None or self.gain.low <= 0 <= self.gain.high:
            return None
        return self.gain.low > 0


@dataclass(frozen=True, slots=True)
class Evaluated:
    """All systems that answered the same items. tasks: over which intervals are drawn; 0 for items.
    asked_differently: `Comparison.asked_in_words`."""

    suite: str
    items: int
    tasks: int
    systems: tuple[EvaluatedSystem, ...]
    asked_differently: tuple[str, ...]


def read_evaluations(directories: Sequence[Path]) -> tuple[Evaluated, ...]:
    """One for each set of items, in the order in which they first appear.

    Raises ConfigError for a folder without an evaluation, and what `read_systems` raises.
    """
    groups: dict[tuple[str, str], list[tuple[Path, EvaluationSettings]]] = {}
    for directory in directories:
        there = EvaluationPaths(directory).settings.is_file()
        settings = read_settings(directory) if there else None
        if settings is None:
            raise ConfigError(
                f"There is no evaluation in {directory}.",
                "Name a folder that `selfinstruct evaluate` wrote.",
            )
        groups.setdefault((settings.suite, settings.items), []).append((directory, settings))
    found = []
    for group in groups.values():
        settings = group[0][1]
        systems = read_systems([directory for directory, _ in group])
        found.append(_evaluated(_name(settings), compare(systems, settings.seed)))
    return tuple(found)


def _evaluated(suite: str, comparison: Comparison) -> Evaluated:
    first, *others = (
        (system.name, scores.metrics)
        for system, scores in zip(comparison.systems, comparison.scores, strict=True)
    )
    scores = comparison.scores[0]
    return Evaluated(
        suite=suite,
        items=scores.overall.n,
        tasks=len(scores.tasks),
        systems=(
            EvaluatedSystem(*first, gain=None, judged=_judged(comparison, 0)),
            *(
                EvaluatedSystem(
                    *other,
                    next(iter(difference.metrics.values())),
                    difference.better,
                    difference.worse,
                    _judged(comparison, place),
                )
                for place, (other, difference) in enumerate(
                    zip(others, comparison.differences, strict=True), start=1
                )
            ),
        ),
        asked_differently=comparison.asked_in_words,
    )


def _judged(comparison: Comparison, place: int) -> dict[str, Interval | None]:
    return {f"{each.judge}, {each.label}": each.systems[place] for each in comparison.judged}


def _name(settings: EvaluationSettings) -> str:
    """Of the suite; with the file's name where that alone tells which items they are."""
    file = PurePath(settings.tasks).name
    return f"{settings.suite} ({file})" if settings.suite == "jsonl" and file else settings.suite
