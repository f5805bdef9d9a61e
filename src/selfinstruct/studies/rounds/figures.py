"""What a finished round came to, read from its folder, and kept there as round.json."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from selfinstruct.dataset.source import usable_seeds
from selfinstruct.evaluation.comparison import Difference, compare, read_systems
from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.predictions import read_predictions
from selfinstruct.evaluation.scores import Scores
from selfinstruct.evaluation.settings import EvaluationPaths
from selfinstruct.report.verb_objects import count_verb_objects
from selfinstruct.store.directory import MERGED_FILES, atomic_write
from selfinstruct.store.failures import damaged, storage_errors
from selfinstruct.store.reader import RunReader
from selfinstruct.studies.rounds.phases import model_of
from selfinstruct.studies.rounds.plan import RoundsPlan
from selfinstruct.studies.rounds.spending import Spending, spent_in
from selfinstruct.text.verbs import find_verb_and_object
from selfinstruct.training.outcome import read_result
from selfinstruct.training.settings import RESULT

__all__ = ["Gain", "RoundFigures", "Written", "figures_of", "read_figures", "write_figures"]


@dataclass(frozen=True, slots=True)
class Written:
    """What the model of the round before wrote, and what of it is learnt.

    by: its SPEC. saturated: whether it stopped below the number asked for, since more requests would have
    brought almost nothing.
    candidates: instructions in its replies. tasks: in the run. kept: of these, those that are learnt from, if
    no task of an earlier round is like them; similar: those where one is. instances, kept_instances: theirs.
    dropped: instances that are not kept, by reason.
    classification: of the kept ones. pairs: different verb-object pairs in them.
    """

    by: str
    saturated: bool
    candidates: int
    tasks: int
    kept: int
    similar: int
    instances: int
    kept_instances: int
    dropped: Mapping[str, int]
    classification: int
    pairs: int

    @property
    def share_kept(self) -> float | None:
        """Of its tasks; None without any."""
        return self.kept / self.tasks if self.tasks else None

    @property
    def share_classification(self) -> float | None:
        """Of the kept ones."""
        return self.classification / self.kept if self.kept else None


@dataclass(frozen=True, slots=True)
class Gain:
    """Of the suite's first metric, in points, paired by item. better, equal, worse: items."""

    points: Interval
    better: int
    equal: int
    worse: int

    @property
    def is_one(self) -> bool:
        """Whether its interval lies above zero."""
        return self.points.low > 0

    @classmethod
    def of(cls, difference: Difference) -> Self:
        """By the first metric."""
        points = next(iter(difference.metrics.values()))
        return cls(points, difference.better, difference.equal, difference.worse)


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """number: 0 for the starting model, which has no `written` and was not tuned.

    model: the SPEC of what was measured. metrics: means with their intervals, in percent; the first is what
    the suite is ranked by. items: that were asked.
    gain: over the round before; from_start: over the starting model; None in round 0.
    training: tasks that models wrote and this one learnt from, of all rounds so far; seeds: seed tasks beside
    them. examples: their instances, without duplicates and what is held out or too long.
    tuning_seconds: of all invocations.
    writing, measuring: what tasks with verdicts took, and what answers took.
    """

    number: int
    model: str
    metrics: Mapping[str, Interval]
    items: int
    measuring: Spending
    written: Written | None = None
    gain: Gain | None = None
    from_start: Gain | None = None
    training: int = 0
    seeds: int = 0
    examples: int = 0
    tuning_seconds: float = 0.0
    writing: Spending = Spending()  # noqa: RUF009 - a frozen value

    @property
    def main(self) -> Interval:
        """What the suite is ranked by."""
        return next(iter(self.metrics.values()))

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.writing.tokens + self.measuring.tokens

    @property
    def requests(self) -> int:
        """All of them, retries included."""
        return self.writing.requests + self.measuring.requests

    @property
    def seconds(self) -> float:
        """Of all phases that take long."""
        return self.writing.seconds + self.tuning_seconds + self.measuring.seconds

    def to_json(self) -> dict[str, Any]:
        """One object, which `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The inverse. Raises KeyError and TypeError."""

        def gain(found: Mapping[str, Any] | None) -> Gain | None:
            return None if found is None else Gain(**{**found, "points": Interval(**found["points"])})

        written = values["written"]
        return cls(
            **{
                **values,
                "metrics": {name: Interval(**each) for name, each in values["metrics"].items()},
                "measuring": Spending(**values["measuring"]),
                "writing": Spending(**values["writing"]),
                "written": None if written is None else Written(**written),
                "gain": gain(values["gain"]),
                "from_start": gain(values["from_start"]),
            }
        )


def figures_of(plan: RoundsPlan, number: int) -> RoundFigures:
    """Of a round whose phases are all done. Raises what reading its parts raises."""
    paths = plan.paths.round(number)
    scores = _scores(paths.evaluation, plan.settings.seed)
    base = RoundFigures(
        number=number,
        model=_short(model_of(plan, number), plan),
        metrics=scores.metrics,
        items=scores.overall.n,
        measuring=spent_in(paths.evaluation),
    )
    if number == 0:
        return base
    result = read_result(paths.tuned / RESULT)
    assert result is not None, "the tuning is done"
    seeds = sum(1 for _ in usable_seeds(plan.seeds)) if plan.settings.include_seeds else 0
    return RoundFigures(
        **{name: getattr(base, name) for name in ("number", "model", "metrics", "items", "measuring")},
        written=_written(plan, number),
        gain=_gain(plan, number - 1, number),
        from_start=_gain(plan, 0, number),
        training=(result.data.tasks or 0) - seeds,
        seeds=seeds,
        examples=result.data.learnt,
        tuning_seconds=result.seconds,
        writing=spent_in(paths.run),
    )


def read_figures(path: Path) -> RoundFigures | None:
    """None where the round is not done. Raises StorageError for a damaged file."""
    if not path.exists():
        return None
    with storage_errors(path):
        try:
            return RoundFigures.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(path, f"it does not hold a round's figures ({error})") from error


def write_figures(path: Path, figures: RoundFigures) -> None:
    """Replace the file. Raises what `atomic_write` raises."""
    with atomic_write(path) as file:
        file.write(json.dumps(figures.to_json(), ensure_ascii=False, indent=1) + "\n")


def _scores(directory: Path, seed: int) -> Scores:
    predictions = read_predictions(EvaluationPaths(directory).predictions)
    return Scores.of(predictions, [each.score() for each in predictions], seed)


def _gain(plan: RoundsPlan, before: int, number: int) -> Gain:
    systems = read_systems([plan.paths.round(each).evaluation for each in (before, number)])
    return Gain.of(compare(systems, plan.settings.seed).differences[0])


def _written(plan: RoundsPlan, number: int) -> Written:
    paths = plan.paths.round(number)
    run, kept = RunReader(paths.run).summary(), RunReader(paths.kept)
    tasks, after = list(kept.tasks()), kept.summary()
    found = count_verb_objects([find_verb_and_object(task.instruction) for task in tasks])
    dropped = Counter(after.rejected_instances)
    dropped.subtract(run.rejected_instances)
    return Written(
        by=_short(model_of(plan, number - 1), plan),
        saturated=run.tasks < plan.settings.tasks,
        candidates=run.candidates,
        tasks=run.tasks,
        kept=len(tasks),
        similar=_similar(paths.training, f"round-{number}/"),
        instances=run.instances,
        kept_instances=after.instances,
        dropped={reason: count for reason, count in sorted(dropped.items()) if count},
        classification=sum(task.is_classification for task in tasks),
        pairs=found.distinct_pairs,
    )


def _similar(training: Path, prefix: str) -> int:
    """How many tasks of a run were dropped in merging."""
    lines = (training / MERGED_FILES[1]).read_text(encoding="utf-8").split("\n")
    return sum(json.loads(line)["id"].startswith(prefix) for line in lines if line)


def _short(spec: str, plan: RoundsPlan) -> str:
    """Without the folder of the rounds, which may move."""
    return spec.replace(f"{plan.out.absolute()}/", "")
