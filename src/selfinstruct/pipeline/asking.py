"""A model asked many prompts in a directory of their own, by whichever call it takes: what improving,
evaluation and judging do alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from selfinstruct.config import Config, SeedsConfig
from selfinstruct.models.providers import PROVIDERS
from selfinstruct.pipeline.batch import BatchOutcome, complete_batch
from selfinstruct.pipeline.batch_display import BatchDisplay
from selfinstruct.pipeline.invocation import whichever_call_it_takes
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.records import Prompt

__all__ = ["BatchPlan", "ask", "file_name", "name_of_model", "plan_batch"]

_ELSE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Which model is to be asked, and where its requests are kept.

    either_call: nothing says by which call the model is asked: by chat requests, or by completions where
        it takes no chat.
    """

    directory: Path
    config: Config
    either_call: bool


def plan_batch(
    directory: Path, *, model_spec: str | None, options: Mapping[str, Any], config_file: Path | None = None
) -> BatchPlan:
    """options: as in `resolve`; what is not given comes from the batch that is in the directory.

    Raises what `resolve` raises.
    """
    plan = resolve(directory, options=options, config_file=config_file, model_spec=model_spec)
    recipe = plan.with_chat().config.recipe if plan.chat_if_refused else plan.config.recipe
    config = plan.config.model_copy(update={"seeds": SeedsConfig(), "recipe": recipe})
    return BatchPlan(directory, config, plan.chat_if_refused)


async def ask(
    plan: BatchPlan,
    prompts_by: Callable[[Config], Sequence[Prompt]],
    *,
    first: int | None = None,
    name_of: Callable[[int], str],
    display: BatchDisplay | None,
) -> tuple[BatchOutcome, Sequence[Prompt]]:
    """What became of the prompts, and the prompts.

    prompts_by: for the call that the config's `recipe.name` says: `chat`, or completions for `paper`.
    first, name_of, display: as in `complete_batch`, which also says what is raised.
    """

    async def by(recipe: str) -> tuple[BatchOutcome, Sequence[Prompt]]:
        named = plan.config.recipe.model_copy(update={"name": recipe})
        config = plan.config.model_copy(update={"recipe": named})
        prompts = prompts_by(config)
        batch = await complete_batch(
            plan.directory, config, prompts, first=first, name_of=name_of, display=display
        )
        return batch, prompts

    if plan.either_call:
        return await whichever_call_it_takes(plan.directory, partial(by, "chat"), partial(by, "paper"))
    return await by(plan.config.recipe.name)


def name_of_model(model_spec: str) -> str:
    """The model's name, or that of its file, with hyphens for what a file's name should not hold."""
    provider, _, rest = model_spec.partition("/")
    named = rest if rest and provider in PROVIDERS else model_spec
    if rest and provider in PROVIDERS and PROVIDERS[provider].place == "process":
        named = Path(rest).stem
    return file_name(named)


def file_name(text: str) -> str:
    """With hyphens for what a file's name should not hold; empty where nothing is left."""
    return _ELSE.sub("-", text).strip("-._")[:80]
