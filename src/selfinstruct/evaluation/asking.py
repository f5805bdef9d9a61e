"""A model's answers to the items of a suite: one request an item, with a run's rigour; greedy, unless the
suite says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from selfinstruct.config import Config
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.benchmarks.base import Answer, Benchmark, Call
from selfinstruct.evaluation.item_prompts import ItemPrompts, TokenCounter
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

    call, layout, examples, max_tokens: how they were asked, resolved; the most of each. prompts_cut: how many
    of them were cut to fit the model's context.
    """

    predictions: tuple[Prediction, ...]
    waiting: int
    call: str
    layout: str
    examples: int
    max_tokens: int
    prompts_cut: int
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
    used: list[tuple[Config, str, ItemPrompts]] = []

    def prompts(config: Config) -> ItemPrompts:
        chat = config.model.api == "chat"
        if benchmark is not None:
            layout = benchmark.layout(chat=chat)
            window = config.model.context_window
            call = Call(chat, window, settings.max_tokens, settings.stop, partial(counter.count, config))
            made = ItemPrompts(items, partial(benchmark.prompt, call=call), call.cut)
        else:
            layout = layout_for(settings.template, settings.suite, chat=chat)
            sampling = greedy(settings.max_tokens, config, settings.stop)
            made = ItemPrompts(
                items,
                lambda item: Prompt("", lay_out(item, layout), sampling, len(item.examples)),
                frozenset(),
            )
        used.append((config, layout, made))
        return made

    counter = TokenCounter(plan.model)
    try:
        batch, _ = await ask(
            plan,
            prompts,
            first=None if settings.limit is None else settings.limit * settings.samples,
            name_of=lambda number: f"item {items[number].id}",
            display=display,
        )
    finally:
        await counter.aclose()
    config, layout, made = used[-1]
    answered = [place for place, outcome in enumerate(batch.outcomes) if outcome is not None]
    how = [made.how(place) for place in answered or [0]]
    kept = _stripped if benchmark is None else benchmark.answer
    return Asked(
        predictions=tuple(
            _prediction(items[place], outcome, made.how(place).sampling.stop, kept)
            for place in answered
            if (outcome := batch.outcomes[place]) is not None
        ),
        waiting=batch.outcomes.count(None),
        call="chat" if config.model.api == "chat" else "completions",
        layout=layout,
        examples=max(each.demonstrations for each in how),
        max_tokens=max(each.sampling.max_tokens for each in how),
        prompts_cut=sum(items[place].id in made.cut for place in answered),
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
