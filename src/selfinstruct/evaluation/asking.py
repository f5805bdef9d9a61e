"""A model's answers to the items of a suite: one request an item, with a run's rigour; greedy, unless the
suite says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from selfinstruct.config import Config
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.layouts import lay_out, layout_for
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.evaluation.settings import EvaluationSettings
from selfinstruct.pipeline.asking import BatchPlan, ask, greedy
from selfinstruct.recipes.reply import read_reply
from selfinstruct.records import Completion, Prompt, Sampling
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.dispatch import Lost

__all__ = ["Asked", "Form", "ask_items"]


class Form(Protocol):
    """How a suite asks, where its items do not become prompts by a template."""

    def layout(self, *, chat: bool) -> str:
        """What to call it."""

    def prompt(self, item: EvaluationItem, *, chat: bool) -> str:
        """The text that is sent."""

    def sampling(self, max_tokens: int, stop: Sequence[str], config: Config) -> Sampling:
        """stop: the user's."""

    def answer(self, reply: str) -> str:
        """The reply as it is kept."""


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
    form: Form | None = None,
) -> Asked:
    """form: None for the templates of `layouts`.

    Raises what `complete_batch` does; an endpoint that is given up on is in the outcome."""
    used: list[tuple[Config, str]] = []

    def prompts(config: Config) -> list[Prompt]:
        chat = config.model.api == "chat"
        if form is not None:
            used.append((config, form.layout(chat=chat)))
            sampling = form.sampling(settings.max_tokens, settings.stop, config)
            return [Prompt("", form.prompt(item, chat=chat), sampling, 0) for item in items]
        layout = layout_for(settings.template, settings.suite, chat=chat)
        used.append((config, layout))
        sampling = greedy(settings.max_tokens, config, settings.stop)
        return [Prompt("", lay_out(item, layout), sampling, len(item.examples)) for item in items]

    batch, asked = await ask(
        plan,
        prompts,
        first=None if settings.limit is None else settings.limit * settings.samples,
        name_of=lambda number: f"item {items[number].id}",
        display=display,
    )
    config, layout = used[-1]
    return Asked(
        predictions=tuple(
            _prediction(item, outcome, asked[0].sampling.stop, str.strip if form is None else form.answer)
            for item, outcome in zip(items, batch.outcomes, strict=True)
            if outcome is not None
        ),
        waiting=batch.outcomes.count(None),
        call="chat" if config.model.api == "chat" else "completions",
        layout=layout,
        max_tokens=asked[0].sampling.max_tokens,
        batch=batch,
    )


def _prediction(
    item: EvaluationItem, outcome: Completion | Lost, stop: Sequence[str], kept: Callable[[str], str]
) -> Prediction:
    """Without what a model thought before it; a lost one is an empty answer. kept: what of it is."""
    if isinstance(outcome, Lost):
        return Prediction(item, "", lost=outcome.reason)
    answer = read_reply(outcome, stop)
    ended = "stop" if outcome.finish_reason == "length" and not answer.cut else outcome.finish_reason
    return Prediction(item, kept(answer.text), finish_reason=ended)
