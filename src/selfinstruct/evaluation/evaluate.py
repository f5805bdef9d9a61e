"""An evaluation from end to end: items, answers, scores, and how much of it the training data held.

Either a model is asked, in a folder whose content survives any interruption, or predictions that are there
already are scored, which needs neither a model nor a folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.asking import Asked, ask_items
from selfinstruct.evaluation.items import EvaluationItem
from selfinstruct.evaluation.layouts import TK_INSTRUCT, layout_for
from selfinstruct.evaluation.overlap import Overlap, measure_overlap
from selfinstruct.evaluation.predictions import (
    Prediction,
    predictions_for,
    read_predictions,
    write_predictions,
)
from selfinstruct.evaluation.scores import Scores
from selfinstruct.evaluation.settings import (
    EvaluationPaths,
    EvaluationSettings,
    keep_settings,
    read_settings,
)
from selfinstruct.evaluation.suites import SUITES, items_digest, load_items
from selfinstruct.pipeline.asking import BatchPlan, plan_batch
from selfinstruct.pipeline.batch_display import BatchDisplay
from selfinstruct.seeds.load import bundled_seeds
from selfinstruct.store.directory import atomic_write, holds_run
from selfinstruct.store.reader import RunReader

__all__ = ["Evaluation", "EvaluationPlan", "evaluate", "plan_evaluation"]


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """What is to be evaluated.

    directory: None where nothing is kept. items: of the suite; None where the predictions say what they are.
    batch: which model to ask; None where predictions are there.
    run: whose seeds and tasks the items are compared with; None for the seeds that come with the package.
    """

    directory: Path | None
    settings: EvaluationSettings
    items: tuple[EvaluationItem, ...] | None
    batch: BatchPlan | None
    run: RunReader | None


def plan_evaluation(
    directory: Path | None,
    *,
    settings: Mapping[str, Any],
    tasks: Path | None = None,
    predictions: Path | None = None,
    run: Path | None = None,
    model_spec: str | None = None,
    options: Mapping[str, Any],
    config_file: Path | None = None,
) -> EvaluationPlan:
    """settings: fields of `EvaluationSettings`; what is None comes from an earlier invocation in the folder.
    tasks: where the suite's items are. predictions: the file to score instead of asking a model.
    run: whose seeds and tasks the items are compared with, too.
    options: of the model, as in `resolve`.

    Raises ConfigError for options that are missing or do not go together, UserError for files that cannot be
    read, RunMismatchError, and what `plan_batch` raises. Writes nothing.
    """
    stored = None if directory is None else read_settings(directory)
    asked = {name: value for name, value in settings.items() if value is not None}
    if tasks is not None:
        asked["tasks"] = str(tasks.absolute())
    if run is not None:
        asked["run"] = str(run.absolute())
    if predictions is not None:
        asked["predictions"] = str(predictions.absolute())
    values = {} if stored is None else stored.model_dump()
    if stored is not None and asked.get("suite", stored.suite) != stored.suite:
        values = {}  # what belongs to another suite
    values |= asked
    if not values.get("suite"):
        raise ConfigError("Which suite?", f"Choose one: --suite {'|'.join(SUITES)}")
    if predictions is not None and model_spec is not None:
        raise ConfigError(
            "Either a model is asked or predictions are scored.", "Give --model or --predictions."
        )
    if values.get("predictions") and model_spec is not None:
        raise ConfigError(
            f"{directory} holds the scores of {values['predictions']}.", "Name another folder: --out DIR"
        )
    chosen = EvaluationSettings.model_validate(values)
    trained_on = RunReader.open(Path(chosen.run)) if chosen.run else None
    items = _items(chosen)
    if items is not None:
        chosen = chosen.model_copy(update={"items": items_digest(items)})
    batch = None
    if not chosen.predictions:
        if directory is None:
            raise ConfigError("Where are the model's answers to be kept?", "Name a folder: --out DIR")
        requests = EvaluationPaths(directory).requests
        if model_spec is None and not holds_run(requests):
            raise ConfigError("What is to be evaluated?", "Give --model SPEC, or --predictions FILE.")
        batch = plan_batch(requests, model_spec=model_spec, options=options, config_file=config_file)
    return EvaluationPlan(directory, chosen, items, batch, trained_on)


def _items(settings: EvaluationSettings) -> tuple[EvaluationItem, ...] | None:
    layout = layout_for(settings.template, settings.suite, chat=False)
    if settings.examples and (settings.suite != "superni" or layout != TK_INSTRUCT):
        raise ConfigError(
            "Only superni has examples to show, and only the template tk-instruct has a place for them.",
            "Leave out --examples, or the other --template.",
        )
    if settings.tasks:
        return load_items(
            settings.suite,
            Path(settings.tasks),
            per_task=settings.per_task,
            examples=settings.examples,
        )
    if settings.predictions:
        return None
    what = "a checkout of natural-instructions" if settings.suite == "superni" else "the file of its items"
    raise ConfigError(f"Where are the tasks of {settings.suite}?", f"Name {what}: --tasks PATH")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation came to.

    asked: None where predictions were scored. scores: None where no item has been asked yet.
    overlap: of all items with seed tasks, and with generated ones where a run is given.
    seconds: this invocation's.
    """

    plan: EvaluationPlan
    predictions: tuple[Prediction, ...]
    scores: Scores | None
    asked: Asked | None
    overlap: tuple[Overlap, ...]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """One object, as `evaluate --json` prints it: the scores, then what it took."""
        found = self.kept()
        found["out"] = None if self.plan.directory is None else str(self.plan.directory.absolute())
        if self.asked is not None:
            batch = self.asked.batch
            found |= {
                "stopped": batch.stopped,
                "advice": batch.advice,
                "attempts": batch.summary.attempts,
                "errors": batch.summary.errors,
                "cost_usd": batch.cost_usd,
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
                "examples": settings.examples,
                "max_tokens": asked.max_tokens,
                "stop": list(settings.stop),
                "waiting": asked.waiting,
                "requests": summary.requests,
                "prompt_tokens": summary.prompt_tokens,
                "completion_tokens": summary.completion_tokens,
            }
        return found | {"overlap": [overlap.to_json() for overlap in self.overlap]}


async def evaluate(plan: EvaluationPlan, display: BatchDisplay | None = None) -> Evaluation:
    """Ask what has not been asked yet, score all there is, and write both where the plan says.

    Raises the errors of errors.py; an endpoint that is given up on is an `Evaluation`.
    """
    began = monotonic()
    asked: Asked | None = None
    if plan.directory is not None:
        keep_settings(plan.directory, plan.settings)
    if plan.batch is not None:
        assert plan.items is not None
        asked = await ask_items(plan.items, plan.settings, plan.batch, display)
        predictions = asked.predictions
    else:
        path = Path(plan.settings.predictions)
        predictions = read_predictions(path) if plan.items is None else predictions_for(plan.items, path)
    each = [prediction.score() for prediction in predictions]
    scores = Scores.of(predictions, each, plan.settings.seed) if predictions else None
    overlap = _overlap(plan, predictions)
    outcome = Evaluation(plan, predictions, scores, asked, overlap, monotonic() - began)
    if plan.directory is not None:
        paths = EvaluationPaths(plan.directory)
        write_predictions(paths.predictions, predictions, each)
        with atomic_write(paths.scores) as file:
            file.write(json.dumps(outcome.kept(), ensure_ascii=False, indent=2) + "\n")
    return outcome


def _overlap(plan: EvaluationPlan, predictions: Sequence[Prediction]) -> tuple[Overlap, ...]:
    items = plan.items or tuple(prediction.item for prediction in predictions)
    if plan.run is None:
        return (measure_overlap(items, bundled_seeds(), "bundled seeds"),)
    return (
        measure_overlap(items, plan.run.seeds(), "seeds"),
        measure_overlap(items, list(plan.run.tasks()), "generated"),
    )
