"""A model as judge: every answer on the paper's four levels A to D (section 5.4, Figure 6), or from 1 to 10
(`evaluation.points`).

Greedy, one request an answer, in no order that could matter: the judge does not see whose an answer is. On
the four levels it sees one answer at a time, and an empty one is invalid, a D, without a request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.judge_prompts import (
    LEVEL_RUBRIC,
    LEVEL_SCHEMA,
    LEVELS,
    level_case,
    read_level,
)
from selfinstruct.evaluation.judgment import LevelVerdict, answer_digest, write_verdicts
from selfinstruct.evaluation.points import (
    POINTS_RUBRIC,
    POINTS_SCHEMA,
    PointsVerdict,
    points_case,
    read_points,
    with_points,
)
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.pipeline.asking import BatchPlan, ask_judge, name_of_model, plan_batch, reply_text
from selfinstruct.records import Completion
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.dispatch import Lost

__all__ = ["judge_answers", "plan_judge"]


def plan_judge(
    directory: Path,
    model_spec: str,
    *,
    options: Mapping[str, Any],
    config_file: Path | None = None,
    part: str = "",
) -> BatchPlan:
    """Which model judges, and where it keeps its requests: in the directory under its name.

    options, config_file: as in `resolve`. part: of what it judges, where that has parts.
    Raises ConfigError for a model that no folder can be named by, and what `plan_batch` raises.
    """
    name = name_of_model(model_spec)
    if not name:
        raise ConfigError(f"{model_spec!r} names no model.", "Name the judge: `judge=PROVIDER/NAME`")
    return plan_batch(
        directory / name / part,
        model_spec=model_spec,
        options=options,
        config_file=config_file,
    )


async def judge_answers(
    predictions: Sequence[Prediction], plan: BatchPlan, display: BatchDisplay | None, *, points: bool = False
) -> BatchOutcome | None:
    """Ask for all verdicts that are not there yet, and write them. No batch where there is nothing to ask.

    predictions: all of an evaluation's, and the same at every invocation. points: from 1 to 10 beside the
    right answer, instead of the four levels.
    Raises what `complete_batch` does; an endpoint that is given up on is in the outcome.
    """
    if points:
        return await _give_points(predictions, plan, display)
    asked = [each for each in predictions if each.response.strip()]
    batch, outcomes = await ask_judge(
        plan,
        LEVEL_RUBRIC,
        LEVEL_SCHEMA,
        [level_case(each.item, each.response) for each in asked],
        [f"the answer to {each.item.id}" for each in asked],
        display,
    )
    replies = iter(outcomes)
    verdicts = [
        verdict
        for each in predictions
        if (verdict := _verdict(each, next(replies) if each.response.strip() else "")) is not None
    ]
    write_verdicts(plan.directory, verdicts)
    return batch


async def _give_points(
    predictions: Sequence[Prediction], plan: BatchPlan, display: BatchDisplay | None
) -> BatchOutcome | None:
    batch, outcomes = await ask_judge(
        plan,
        POINTS_RUBRIC,
        POINTS_SCHEMA,
        [
            points_case(each.item, each.response, answer_first=place % 2 == 0)
            for place, each in enumerate(predictions)
        ],
        [f"the answer to {each.item.id}" for each in predictions],
        display,
    )
    verdicts = [
        _points(each, outcome, answer_first=place % 2 == 0)
        for place, (each, outcome) in enumerate(zip(predictions, outcomes, strict=True))
        if outcome is not None
    ]
    write_verdicts(plan.directory, verdicts)
    return batch


def _points(prediction: Prediction, outcome: Completion | Lost, *, answer_first: bool) -> PointsVerdict:
    first = "answer" if answer_first else "reference"
    none = PointsVerdict(prediction.item.id, answer_digest(prediction), None, None, first, "")
    if isinstance(outcome, Lost):
        return replace(none, problem=outcome.reason)
    found, reason = read_points(reply_text(outcome), answer_first=answer_first)
    return with_points(replace(none, reason=reason), found, empty=not prediction.response.strip())


def _verdict(prediction: Prediction, outcome: Completion | Lost | str | None) -> LevelVerdict | None:
    """None where the judge is still to be asked; of an empty answer without asking."""
    name, answer = prediction.item.id, answer_digest(prediction)
    match outcome:
        case None:
            return None
        case Lost(reason):
            return LevelVerdict(name, answer, "", "", reason)
        case Completion():
            opinion = read_level(reply_text(outcome))
            problem = "" if opinion.choice else "unreadable"
            return LevelVerdict(name, answer, opinion.choice, opinion.reason, problem)
        case _:
            return LevelVerdict(name, answer, LEVELS[-1], "The answer is empty.")
