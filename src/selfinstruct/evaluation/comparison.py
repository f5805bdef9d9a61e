"""Systems side by side on the same items: their means, and how sure their differences are.

The first system is what the others are compared with. All means and differences come from the same draws
of items, so that a difference is paired (`evaluation.intervals`): it is smaller than the two intervals make
it look where both systems find the same items hard.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import UserError
from selfinstruct.evaluation.intervals import CONFIDENCE, RESAMPLES, Interval
from selfinstruct.evaluation.judged_scores import JudgedScores, judged_scores
from selfinstruct.evaluation.metrics import EXACT_MATCH, ROUGE_L, Score, metric_names
from selfinstruct.evaluation.predictions import Prediction, predictions_for, read_predictions
from selfinstruct.evaluation.scores import Scores, metric_intervals
from selfinstruct.evaluation.settings import EvaluationPaths
from selfinstruct.store.failures import storage_errors

__all__ = ["ComparedSystem", "Comparison", "Difference", "compare", "read_systems"]

ASKED_BY = ("call", "template", "examples", "shots", "samples", "temperature", "max_tokens", "stop")


@dataclass(frozen=True, slots=True)
class ComparedSystem:
    """predictions: of the same items, in the same order, as every other system's.

    asked: by which call, template and limits; empty where only the predictions are known.
    """

    name: str
    path: Path
    predictions: tuple[Prediction, ...]
    asked: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A system's means less the first one's, in percentage points, by metric. better, equal, worse: items by
    the first metric."""

    metrics: Mapping[str, Interval]
    better: int
    equal: int
    worse: int

    @property
    def rouge_l(self) -> Interval:
        """Where answers are compared with texts."""
        return self.metrics[ROUGE_L]

    @property
    def exact_match(self) -> Interval:
        """The same."""
        return self.metrics[EXACT_MATCH]

    def to_json(self) -> dict[str, Any]:
        """Means and the bounds of their intervals."""
        return {
            **{name: interval.mean for name, interval in self.metrics.items()},
            "intervals": {name: interval.to_json() for name, interval in self.metrics.items()},
            "better": self.better,
            "equal": self.equal,
            "worse": self.worse,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """scores: one a system. differences: of all systems but the first. judged: what judges that were asked
    in the systems' folders said."""

    systems: tuple[ComparedSystem, ...]
    scores: tuple[Scores, ...]
    differences: tuple[Difference, ...]
    judged: tuple[JudgedScores, ...]
    seed: int

    def __repr__(self) -> str:
        """One line: each system's mean of what the suite is ranked by."""
        means = (
            f"{system.name} {scores.headline()}"
            for system, scores in zip(self.systems, self.scores, strict=True)
        )
        return f"<Comparison: {'; '.join(means)}>"

    @property
    def asked_differently(self) -> dict[str, dict[str, Any]]:
        """Settings that were not the same for all, each with the values of those systems that have one."""
        names = dict.fromkeys(name for system in self.systems for name in system.asked)
        values = {
            name: {system.name: system.asked[name] for system in self.systems if name in system.asked}
            for name in names
        }
        return {name: own for name, own in values.items() if len(set(map(json.dumps, own.values()))) > 1}

    @property
    def asked_in_words(self) -> tuple[str, ...]:
        """The same for people: `max_tokens is 20 for base, 30 for the others`."""
        told = []
        for name, values in self.asked_differently.items():
            groups: dict[str, list[str]] = {}
            for system, value in values.items():
                groups.setdefault(json.dumps(value), []).append(system)
            *fewer, (value, most) = sorted(groups.items(), key=lambda group: len(group[1]))
            parts = [*fewer, (value, most if len(most) == 1 else ["the others"])]
            own = ", ".join(f"{value} for {' and '.join(systems)}" for value, systems in parts)
            told.append(f"{name} is {own}")
        return tuple(told)

    def to_json(self) -> dict[str, Any]:
        """One object, as `evaluate --compare --json` prints it."""
        return {
            "n": len(self.systems[0].predictions),
            "systems": [
                {"name": system.name, "path": str(system.path), **scores.to_json()}
                for system, scores in zip(self.systems, self.scores, strict=True)
            ],
            "differences": [
                {"system": system.name, "from": self.systems[0].name, **difference.to_json()}
                for system, difference in zip(self.systems[1:], self.differences, strict=True)
            ],
            "judges": [each.to_json() for each in self.judged],
            "asked_differently": self.asked_differently,
            "confidence": CONFIDENCE,
            "resamples": RESAMPLES,
            "seed": self.seed,
        }


def read_systems(paths: Sequence[Path]) -> tuple[ComparedSystem, ...]:
    """paths: folders of evaluations, or files of predictions; named by the last part of theirs.

    Raises UserError where a folder has no predictions, a file is named twice or lacks an item of the first
    one, or systems were evaluated on different suites or measured by different metrics.
    """
    files = [_file(path) for path in paths]
    _require_different(paths, files)
    _require_same_suite(paths)
    first = read_predictions(files[0])
    items = [prediction.item for prediction in first]
    others = [predictions_for(items, file, source=str(files[0])) for file in files[1:]]
    for file, predictions in zip(files[1:], others, strict=True):
        _require_same_metrics(files[0], first, file, predictions)
    return tuple(
        ComparedSystem(name, path, predictions, _asked(path))
        for name, path, predictions in zip(_names(paths), paths, (first, *others), strict=True)
    )


def compare(systems: Sequence[ComparedSystem], seed: int) -> Comparison:
    """systems: one at least, as `read_systems` has them. seed: of the intervals. Raises StorageError for
    damaged verdicts of a judge."""
    scored = [[each.score() for each in system.predictions] for system in systems]
    tasks = [each.item.task for each in systems[0].predictions]
    differences = [
        [_less(own, base) for own, base in zip(scores, scored[0], strict=True)] for scores in scored[1:]
    ]
    return Comparison(
        systems=tuple(systems),
        scores=tuple(
            Scores.of(system.predictions, scores, seed)
            for system, scores in zip(systems, scored, strict=True)
        ),
        differences=tuple(_difference(each, tasks, seed) for each in differences),
        judged=judged_scores([(system.path, system.predictions) for system in systems], seed),
        seed=seed,
    )


def _less(own: Score, base: Score) -> Score:
    return Score(1, {name: value - base.values[name] for name, value in own.values.items()})


def _difference(items: Sequence[Score], tasks: Sequence[str], seed: int) -> Difference:
    firsts = [next(iter(each.values.values())) for each in items]
    return Difference(
        metrics=metric_intervals(items, tasks, seed),
        better=sum(value > 0 for value in firsts),
        equal=sum(value == 0 for value in firsts),
        worse=sum(value < 0 for value in firsts),
    )


def _require_different(paths: Sequence[Path], files: Sequence[Path]) -> None:
    seen: dict[Path, Path] = {}
    for path, file in zip(paths, files, strict=True):
        earlier = seen.setdefault(file.resolve(), path)
        if earlier is not path:
            also = f" (as {path})" if str(path) != str(earlier) else ""
            raise UserError(f"{earlier} is named twice{also}.", "Name each evaluation once.")


def _require_same_suite(paths: Sequence[Path]) -> None:
    """Of those whose suite is known."""
    suites = {path: suite for path in paths if (suite := _scores(path).get("suite"))}
    first = next(iter(suites.items()), None)
    for path, suite in suites.items():
        if first is not None and suite != first[1]:
            raise UserError(
                f"{first[0]} and {path} are of different suites: {first[1]} and {suite}.",
                "Compare evaluations of the same suite.",
            )


def _require_same_metrics(
    first_file: Path, first: Sequence[Prediction], file: Path, predictions: Sequence[Prediction]
) -> None:
    for one, other in zip(first, predictions, strict=True):
        ours, theirs = (_metrics(each) for each in (one, other))
        if set(ours) != set(theirs):
            raise UserError(
                f"{one.item.id} is scored by {', '.join(ours)} in {first_file}, and by {', '.join(theirs)} in"
                f" {file}.",
                "Score both by the same suite: `evaluate` with its predictions.",
            )


def _metrics(prediction: Prediction) -> tuple[str, ...]:
    if prediction.measured is None:
        return ROUGE_L, EXACT_MATCH
    return metric_names([prediction.score()])


def _file(path: Path) -> Path:
    if not path.is_dir():
        return path
    file = EvaluationPaths(path).predictions
    if not file.is_file():
        raise UserError(f"{path} holds no predictions.jsonl.", "Evaluate something there first: `out=DIR`")
    return file


def _asked(path: Path) -> dict[str, Any]:
    scores = _scores(path)
    return {name: scores[name] for name in ASKED_BY if name in scores}


def _scores(path: Path) -> dict[str, Any]:
    """What scores.json holds; empty where there is none."""
    file = EvaluationPaths(path).scores
    if not path.is_dir() or not file.is_file():
        return {}
    with storage_errors(file):
        scores: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return scores


def _names(paths: Sequence[Path]) -> list[str]:
    """The last part, or the whole where others end alike."""
    short = [path.absolute().name if path.is_dir() else path.stem for path in paths]
    return [name if short.count(name) == 1 else str(path) for name, path in zip(short, paths, strict=True)]
