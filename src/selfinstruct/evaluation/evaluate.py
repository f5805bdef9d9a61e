"""An evaluation from end to end: items, answers, scores, and how much of it the training data held.

Either a model is asked, in a folder whose content survives any interruption, or predictions that are there
already are scored, which needs neither a model nor a folder.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from selfinstruct.errors import ConfigError
from selfinstruct.evalsets.suites import SUITES
from selfinstruct.evaluation.asking import Asked, ask_items
from selfinstruct.evaluation.benchmarks.registry import BENCHMARKS
from selfinstruct.evaluation.code.sandbox import Sandbox, open_sandbox
from selfinstruct.evaluation.code.suite import RUNS_CODE, CodeSuite, ProgramLog
from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.judging import judge_answers
from selfinstruct.evaluation.judgment import Judgment, kept_judgments
from selfinstruct.evaluation.overlap import Overlap, measure_overlap
from selfinstruct.evaluation.plan import EvaluationPlan
from selfinstruct.evaluation.points import PointsJudgment
from selfinstruct.evaluation.predictions import (
    Prediction,
    predictions_for,
    read_predictions,
    write_predictions,
)
from selfinstruct.evaluation.scores import Scores
from selfinstruct.evaluation.settings import EvaluationPaths, keep_settings
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.seeds.load import bundled_seeds
from selfinstruct.store.directory import atomic_write

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation came to.

    asked: None where predictions were scored. scores: None where no item has been asked yet. summary: of a
    benchmark, further means in percent: of groups, over groups.
    overlap: of all items with seed tasks, and with generated ones where a run is given.
    judgments: of all judges that were ever asked. judging: of the one that was to be asked now.
    seconds: this invocation's.
    """

    plan: EvaluationPlan
    predictions: tuple[Prediction, ...]
    scores: Scores | None
    summary: Mapping[str, Interval]
    asked: Asked | None
    overlap: tuple[Overlap, ...]
    judgments: tuple[Judgment | PointsJudgment, ...]
    judging: BatchOutcome | None
    seconds: float

    def __repr__(self) -> str:
        """One line: the suite and what it is ranked by."""
        found = "no answers yet" if self.scores is None else self.scores.headline()
        return f"<Evaluation of {self.plan.settings.suite}: {found}, {len(self.predictions):,} answers>"

    @property
    def last_batch(self) -> BatchOutcome | None:
        """The one that went furthest: the judge's, or else the model's."""
        return self.judging or (self.asked.batch if self.asked is not None else None)

    def to_json(self) -> dict[str, Any]:
        """One object, as `evaluate --json` prints it: the scores, then what it took."""
        found = self.kept()
        found["out"] = None if self.plan.directory is None else str(self.plan.directory.absolute())
        if self.last_batch is not None:
            found |= {"stopped": self.last_batch.stopped, "advice": self.last_batch.advice}
        asking = None if self.asked is None else self.asked.batch
        for prefix, batch in (("", asking), ("judge_", self.judging)):
            if batch is not None:
                found |= {
                    f"{prefix}attempts": batch.summary.attempts,
                    f"{prefix}errors": batch.summary.errors,
                    f"{prefix}unrecognized": batch.summary.unrecognized,
                    f"{prefix}asked_otherwise": list(batch.asked_otherwise),
                    f"{prefix}cost_usd": batch.cost_usd,
                }
        return found | {"seconds": round(self.seconds, 3)}

    def kept(self) -> dict[str, Any]:
        """The content of scores.json: nothing of when, where and how often it was interrupted."""
        settings, asked = self.plan.settings, self.asked
        found: dict[str, Any] = {"suite": settings.suite}
        found |= {"n": 0} if self.scores is None else self.scores.to_json()
        if asked is not None and self.plan.batch is not None:
            model, summary = self.plan.batch.config.model, asked.batch.summary
            found |= {
                "model": f"{model.provider}/{model.name}",
                "call": asked.call,
                "template": asked.layout,
                **({"per_task": settings.per_task} if settings.per_task else {}),
                "examples": asked.examples,
                **self._drawing(),
                "max_tokens": asked.max_tokens,
                "stop": list(settings.stop),
                **({"prompts_cut": asked.prompts_cut} if asked.prompts_cut else {}),
                "waiting": asked.waiting,
                "requests": summary.requests,
                "prompt_tokens": summary.prompt_tokens,
                "completion_tokens": summary.completion_tokens,
                "cached_tokens": summary.cached_tokens,
                "cache_write_tokens": summary.cache_write_tokens,
                "reasoning_tokens": summary.reasoning_tokens,
            }
        if self.plan.benchmark is not None:
            found["left_out"] = self.plan.benchmark.left_out
        if self.summary:
            found["summary"] = {name: [each.mean, each.low, each.high] for name, each in self.summary.items()}
        found["overlap"] = [overlap.to_json() for overlap in self.overlap]
        if self.judgments:
            found["judges"] = {judgment.judge: judgment.to_json() for judgment in self.judgments}
        return found

    def _drawing(self) -> dict[str, Any]:
        benchmark = self.plan.benchmark
        if benchmark is None:
            return {}
        return {"samples": benchmark.samples, "temperature": benchmark.temperature}


async def evaluate(plan: EvaluationPlan, display: BatchDisplay | None = None) -> Evaluation:
    """Ask what has not been asked yet, score all there is, and write both where the plan says.

    Raises the errors of errors.py; an endpoint that is given up on is an `Evaluation`.
    """
    began = monotonic()
    asked: Asked | None = None
    sandbox = None
    if plan.sandbox:  # what would fail later fails before anything is asked
        sandbox = await asyncio.to_thread(open_sandbox, plan.sandbox)
        if display is not None:
            display.say(f"Programs run {sandbox.description}.")
    if plan.directory is not None:
        keep_settings(plan.directory, plan.settings)
    if plan.predictions is None:
        assert plan.items is not None, "a model is asked for the items of a suite"
        assert plan.batch is not None, "without predictions a model is asked"
        asked = await ask_items(plan.items, plan.settings, plan.batch, display, plan.benchmark)
        predictions = asked.predictions
    elif plan.items is None:
        predictions = read_predictions(plan.predictions)
    else:
        predictions = predictions_for(plan.items, plan.predictions)
    benchmark = plan.benchmark
    if isinstance(benchmark, CodeSuite):
        predictions = await _tried(plan, benchmark, predictions, sandbox)
        if asked is not None:
            asked = replace(asked, waiting=len(plan.items or ()) - len(predictions))
    elif benchmark is not None:
        predictions = await asyncio.to_thread(benchmark.scored, predictions)
    elif plan.items is not None or plan.settings.suite in SUITES:
        predictions = tuple(replace(each, measured=None) for each in predictions)  # texts are compared anew
    each = [prediction.score() for prediction in predictions]
    scores = Scores.of(predictions, each, plan.settings.seed) if predictions else None
    summary: Mapping[str, Interval] = {}
    if benchmark is not None and predictions:
        summary = benchmark.summary(predictions, plan.settings.seed)
    if plan.directory is not None:
        write_predictions(EvaluationPaths(plan.directory).predictions, predictions, each)
    judging, judgments = None, list[Judgment | PointsJudgment]()
    if plan.directory is not None:
        if plan.judge is not None and predictions and (asked is None or asked.batch.stopped == "done"):
            judging = await judge_answers(
                predictions, plan.judge, display, points=_by_points(plan.settings.suite)
            )
        judgments += kept_judgments(plan.directory, predictions, plan.settings.seed)
    outcome = Evaluation(
        plan=plan,
        predictions=predictions,
        scores=scores,
        summary=summary,
        asked=asked,
        overlap=_overlap(plan, predictions),
        judgments=tuple(judgments),
        judging=judging,
        seconds=monotonic() - began,
    )
    if plan.directory is not None:
        with atomic_write(EvaluationPaths(plan.directory).scores) as file:
            file.write(json.dumps(outcome.kept(), ensure_ascii=False, indent=2) + "\n")
    return outcome


def _by_points(suite: str) -> bool:
    """Whether a judge of this suite's answers gives points."""
    return suite in BENCHMARKS and BENCHMARKS[suite].points


async def _tried(
    plan: EvaluationPlan, code: CodeSuite, predictions: Sequence[Prediction], sandbox: Sandbox | None
) -> tuple[Prediction, ...]:
    """With what became of their programs, which are run where that is not known yet."""
    predictions = code.whole(predictions)
    programs = code.programs(predictions)
    log = ProgramLog(None if plan.directory is None else EvaluationPaths(plan.directory).programs)
    unknown = log.unknown(programs, again=sandbox is not None)
    if unknown and sandbox is None:
        raise ConfigError(
            f"{len(unknown):,} programs have not been run yet: {code.name} {RUNS_CODE}.",
            "Allow it to, in a sandbox: `run_code=True`",
        )
    if unknown and sandbox is not None:
        await asyncio.to_thread(log.run, unknown, sandbox)
    return code.tried(predictions, log.outcomes(programs))


def _overlap(plan: EvaluationPlan, predictions: Sequence[Prediction]) -> tuple[Overlap, ...]:
    items = plan.items or tuple(prediction.item for prediction in predictions)
    items = items[:: plan.settings.samples]
    if plan.run is None:
        return (measure_overlap(items, bundled_seeds(), "bundled seeds"),)
    return (
        measure_overlap(items, plan.run.seeds(), "seeds"),
        measure_overlap(items, list(plan.run.tasks()), "generated"),
    )
