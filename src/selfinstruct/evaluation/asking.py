"""A model's answers to the items of a suite: greedy, one request an item, with a run's rigour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selfinstruct.config import Config
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.layouts import lay_out, layout_for
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.evaluation.settings import EvaluationSettings
from selfinstruct.pipeline.asking import BatchPlan, ask
from selfinstruct.recipes.fitting import reply_tokens
from selfinstruct.recipes.reply import read_reply
from selfinstruct.records import Completion, Prompt, Sampling
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.dispatch import Lost

__all__ = ["Asked", "ask_items", "greedy"]


@dataclass(frozen=True, slots=True)
class Asked:
    """predictions: of the items that have been asked, in their order. waiting: how many of the suite's have
    not.

    call, layout, max_tokens: how they were asked, resolved.
    """

    predictions: tuple[Prediction, ...]
    waiting: int
    call: str
    layout: str
    max_tokens: int
    batch: BatchOutcome


async def ask_items(
    items: Sequence[EvaluationItem],
    settings: EvaluationSettings,
    plan: BatchPlan,
    display: BatchDisplay | None,
) -> Asked:
    """Raises what `complete_batch` does; an endpoint that is given up on is in the outcome."""
    used: list[tuple[Config, str]] = []

    def prompts(config: Config) -> list[Prompt]:
        layout = layout_for(settings.template, settings.suite, chat=config.model.api == "chat")
        used.append((config, layout))
        sampling = greedy(settings.max_tokens, config, settings.stop)
        return [Prompt("", lay_out(item, layout), sampling, len(item.examples)) for item in items]

    batch, asked = await ask(
        plan,
        prompts,
        first=settings.limit,
        name_of=lambda number: f"item {items[number].id}",
        display=display,
    )
    config, layout = used[-1]
    return Asked(
        predictions=tuple(
            _prediction(item, outcome, settings.stop)
            for item, outcome in zip(items, batch.outcomes, strict=True)
            if outcome is not None
        ),
        waiting=batch.outcomes.count(None),
        call="chat" if config.model.api == "chat" else "completions",
        layout=layout,
        max_tokens=asked[0].sampling.max_tokens,
        batch=batch,
    )


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


def _prediction(item: EvaluationItem, outcome: Completion | Lost, stop: Sequence[str]) -> Prediction:
    """Without white space around it and what a model thought before it; a lost one is an empty answer."""
    if isinstance(outcome, Lost):
        return Prediction(item, "", lost=outcome.reason)
    answer = read_reply(outcome, stop)
    ended = "stop" if outcome.finish_reason == "length" and not answer.cut else outcome.finish_reason
    return Prediction(item, answer.text.strip(), finish_reason=ended)
