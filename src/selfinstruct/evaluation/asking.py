"""A model's answers to the items of a suite: one request an item, with a run's rigour; greedy, unless the
suite says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from selfinstruct.config import Config
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.benchmarks.base import Answer, Benchmark, Call
from selfinstruct.evaluation.layouts import lay_out, layout_for
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.evaluation.settings import EvaluationSettings
from selfinstruct.pipeline.asking import BatchPlan, ask, greedy
from selfinstruct.recipes.reply import read_reply
from selfinstruct.records import Completion, Prompt
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.dispatch import Lost

__all__ = ["Asked", "ask_items"]


@dataclass(frozen=True, slots=True)
class Asked:
    """predictions: of the items that have been asked, in their order. waiting: how many of the suite's have
    not.

    call, layout, examples, max_tokens: how they were asked, resolved; the most of each.
    """

    predictions: tuple[Prediction, ...]
    waiting: int
    call: str
    layout: str
    examples: int
    max_tokens: int
    batch: BatchOutcome


async def ask_items(
    items: Sequence[EvaluationItem],
    settings: EvaluationSettings,
    plan: BatchPlan,
    display: BatchDisplay | None,
    benchmark: Benchmark | None = None,
) -> Asked:
    """benchmark: None for the templates of `layouts`.

    Raises what `complete_batch` does; an endpoint that is given up on is in the outcome."""
    used: list[tuple[Config, str]] = []

    def prompts(config: Config) -> list[Prompt]:
        chat = config.model.api == "chat"
        if benchmark is not None:
            used.append((config, benchmark.layout(chat=chat)))
            call = Call(chat, config.model.context_window, settings.max_tokens, settings.stop)
            return [benchmark.prompt(item, call) for item in items]
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
            _prediction(
                item, outcome, prompt.sampling.stop, _stripped if benchmark is None else benchmark.answer
            )
            for item, prompt, outcome in zip(items, asked, batch.outcomes, strict=True)
            if outcome is not None
        ),
        waiting=batch.outcomes.count(None),
        call="chat" if config.model.api == "chat" else "completions",
        layout=layout,
        examples=max(prompt.demonstrations for prompt in asked),
        max_tokens=max(prompt.sampling.max_tokens for prompt in asked),
        batch=batch,
    )


def _stripped(reply: str) -> Answer:
    return Answer(reply.strip())


def _prediction(
    item: EvaluationItem, outcome: Completion | Lost, stop: Sequence[str], kept: Callable[[str], Answer]
) -> Prediction:
    """Without what a model thought before it; a lost one is an empty answer. kept: what of it is."""
    if isinstance(outcome, Lost):
        return Prediction(item, "", lost=outcome.reason)
    reply = read_reply(outcome, stop)
    ended = "stop" if outcome.finish_reason == "length" and not reply.cut else outcome.finish_reason
    answer = kept(reply.text)
    return Prediction(item, answer.text, finish_reason=ended, detail=answer.detail)
