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
from selfinstruct.errors import EndpointMismatchError
from selfinstruct.models.base import Model
from selfinstruct.models.providers import PROVIDERS
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.records import Prompt
from selfinstruct.requests.batch import BatchOutcome, complete_batch
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.invocation import naming_the_other_call, whichever_call_it_takes

__all__ = ["BatchPlan", "ask", "file_name", "name_of_model", "plan_batch"]

_ELSE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Which model is to be asked, and where its requests are kept.

    if_refused: what to ask by instead where the endpoint does not take the call of `config`; None where that
        call was chosen, or is known to be the right one.
    model: one of the user's own; None where the config names one of ours.
    """

    directory: Path
    config: Config
    if_refused: Config | None
    model: Model | None = None


def plan_batch(
    directory: Path, *, model_spec: str | None, options: Mapping[str, Any], config_file: Path | None = None
) -> BatchPlan:
    """options: as in `resolve`; what is not given comes from the batch that is in the directory.

    Raises what `resolve` raises.
    """
    plan = resolve(directory, options=options, config_file=config_file, model_spec=model_spec)
    seedless = {"seeds": SeedsConfig()}
    other = plan.if_refused and plan.if_refused.model_copy(update=seedless)
    return BatchPlan(directory, plan.config.model_copy(update=seedless), other, plan.model)


async def ask(
    plan: BatchPlan,
    prompts_by: Callable[[Config], Sequence[Prompt]],
    *,
    first: int | None = None,
    name_of: Callable[[int], str],
    display: BatchDisplay | None,
) -> tuple[BatchOutcome, Sequence[Prompt]]:
    """What became of the prompts, and the prompts.

    prompts_by: for the call that the config's `model.api` says.
    first, name_of, display: as in `complete_batch`, which also says what is raised.
    """

    async def by(config: Config) -> tuple[BatchOutcome, Sequence[Prompt]]:
        prompts = prompts_by(config)
        batch = await complete_batch(
            plan.directory, config, prompts, first=first, name_of=name_of, display=display, own=plan.model
        )
        return batch, prompts

    if plan.if_refused is not None:
        return await whichever_call_it_takes(
            plan.directory, partial(by, plan.config), partial(by, plan.if_refused)
        )
    try:
        return await by(plan.config)
    except EndpointMismatchError as refused:
        other = "completions" if plan.config.model.api == "chat" else "chat"
        raise naming_the_other_call(refused, plan.config.model.api, f'`api="{other}"`') from refused


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
