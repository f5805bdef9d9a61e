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
from selfinstruct.errors import EndpointMismatchError, RunMismatchError
from selfinstruct.models.base import Model
from selfinstruct.models.providers import PROVIDERS
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.recipes.fitting import reply_tokens
from selfinstruct.recipes.reply import read_reply
from selfinstruct.records import Completion, Prompt, Sampling
from selfinstruct.requests.batch import BatchOutcome, complete_batch
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.dispatch import Lost
from selfinstruct.requests.invocation import naming_the_other_call, whichever_call_it_takes

__all__ = [
    "BatchPlan",
    "ask",
    "ask_judge",
    "file_name",
    "greedy",
    "name_of_model",
    "plan_batch",
    "reply_text",
]

JUDGE_TOKENS = 512  # of a judge's reply: a reason of some sentences

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
    numbers: Sequence[int] | None = None,
    name_of: Callable[[int], str],
    display: BatchDisplay | None,
) -> tuple[BatchOutcome, Sequence[Prompt]]:
    """What became of the prompts, and the prompts.

    prompts_by: for the call that the config's `model.api` says.
    first, numbers, name_of, display: as in `complete_batch`, which also says what is raised.
    """

    async def by(config: Config) -> tuple[BatchOutcome, Sequence[Prompt]]:
        prompts = prompts_by(config)
        batch = await complete_batch(
            plan.directory,
            config,
            prompts,
            first=first,
            numbers=numbers,
            name_of=name_of,
            display=display,
            own=plan.model,
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


async def ask_judge(
    plan: BatchPlan,
    rubric: str,
    schema: str,
    cases: Sequence[str],
    names: Sequence[str],
    display: BatchDisplay | None,
    *,
    numbers: Sequence[int] | None = None,
    max_tokens: int = JUDGE_TOKENS,
    hint: str = "",
) -> tuple[BatchOutcome | None, Sequence[Completion | Lost | None]]:
    """What a judge replies to each case; no batch where there is none. A base model, which continues a text,
    is given the beginning of the reply.

    names: of the cases, for messages. numbers: as in `complete_batch`. hint: what to do where the folder was
    begun with other prompts; by default to remove it. Raises what `ask` raises.
    """

    def prompts(config: Config) -> list[Prompt]:
        sampling = greedy(max_tokens, config, schema=schema)
        if config.model.api == "chat":
            return [Prompt(rubric, case, sampling, 0) for case in cases]
        return [Prompt(f"{rubric}\n\n", f"{case}Reply:\n", sampling, 0) for case in cases]

    if not cases:
        return None, ()
    try:
        batch, _ = await ask(
            plan, prompts, numbers=numbers, name_of=lambda number: names[number], display=display
        )
    except RunMismatchError as error:
        raise RunMismatchError(
            error.message,
            hint or f"The answers or the judge have changed. Remove {plan.directory} to judge again.",
        ) from None
    return batch, batch.outcomes


def greedy(max_tokens: int, config: Config, stop: Sequence[str] = (), schema: str = "") -> Sampling:
    """As the paper decodes for evaluation (Table 4), the reply capped to half of the model's context."""
    return Sampling(
        temperature=0.0,
        top_p=1.0,
        frequency_penalty=0.0,
        presence_penalty=0.0,
        max_tokens=reply_tokens(max_tokens, config.model.context_window),
        stop=tuple(stop),
        response_schema=schema,
    )


def reply_text(outcome: Completion) -> str:
    """Without what a model thought before it replied."""
    return read_reply(outcome).text


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
