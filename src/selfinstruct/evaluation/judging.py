"""A model as judge: every answer on the paper's four levels A to D (section 5.4, Figure 6).

Greedy, one request an answer, in no order that could matter: the judge sees one answer at a time and not
whose it is. An empty answer is invalid, a D, without a request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    predictions: Sequence[Prediction], plan: BatchPlan, display: BatchDisplay | None
) -> BatchOutcome | None:
    """Ask for all verdicts that are not there yet, and write them. No batch where every answer is empty.

    predictions: all of an evaluation's, and the same at every invocation.
    Raises what `complete_batch` does; an endpoint that is given up on is in the outcome.
    """
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
