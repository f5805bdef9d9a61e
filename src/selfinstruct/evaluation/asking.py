"""A model's answers to the items of a suite: one request an item, with a run's rigour; greedy, unless the
suite says otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import overload

from selfinstruct.config import Config
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.benchmarks.base import Answer, Benchmark, Call
from selfinstruct.evaluation.benchmarks.fitting import careful_tokens
from selfinstruct.evaluation.layouts import lay_out, layout_for
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.evaluation.settings import EvaluationSettings
from selfinstruct.models.base import Model
from selfinstruct.models.catalog import is_local, open_model
from selfinstruct.pipeline.asking import BatchPlan, ask, greedy
from selfinstruct.recipes.reply import read_reply
from selfinstruct.records import Completion, Prompt, Sampling
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
    used: list[tuple[Config, str, _Prompts]] = []

    def prompts(config: Config) -> _Prompts:
        chat = config.model.api == "chat"
        if benchmark is not None:
            layout = benchmark.layout(chat=chat)
            window = config.model.context_window
            call = Call(chat, window, settings.max_tokens, settings.stop, partial(counter.count, config))
            made = _Prompts(items, partial(benchmark.prompt, call=call), call.cut)
        else:
            layout = layout_for(settings.template, settings.suite, chat=chat)
            sampling = greedy(settings.max_tokens, config, settings.stop)
            made = _Prompts(
                items,
                lambda item: Prompt("", lay_out(item, layout), sampling, len(item.examples)),
                frozenset(),
            )
        used.append((config, layout, made))
        return made

    counter = _TokenCounter(plan.model)
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


@dataclass(frozen=True, slots=True)
class _How:
    """What is kept of a prompt."""

    sampling: Sampling
    demonstrations: int


class _Prompts(Sequence[Prompt]):
    """Those of items, made when they are wanted: long ones would not all fit into memory.

    cut: ids of the items whose prompts were cut, as far as they have been made."""

    def __init__(
        self, items: Sequence[EvaluationItem], make: Callable[[EvaluationItem], Prompt], cut: Set[str]
    ) -> None:
        self._items, self._make, self.cut = items, make, cut
        self._how: dict[int, _How] = {}

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, place: int) -> Prompt: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Prompt]: ...
    def __getitem__(self, place: int | slice) -> Prompt | Sequence[Prompt]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        prompt = self._make(self._items[place])
        self._how[place] = _How(prompt.sampling, prompt.demonstrations)
        return prompt

    def how(self, place: int) -> _How:
        """Of the prompt there, which is made where it has not been."""
        if place not in self._how:
            self[place]
        return self._how[place]


class _TokenCounter:
    """Counts by the model's own tokenizer where it is on this machine, by an estimate where not.

    own: a model of the user's own, which the config may name. Others are opened when they are first needed,
    one for each config; until `aclose` they stay open."""

    def __init__(self, own: Model | None) -> None:
        self._own = own
        self._opened: dict[str, Model] = {}
        self._lock = threading.Lock()

    def count(self, config: Config, text: str) -> int:
        """Tokens. Raises what opening the model does."""
        if self._own is not None and config.model.custom is not None:
            return self._own.count_tokens(text)
        if not is_local(config.model.provider):
            return careful_tokens(text)
        with self._lock:
            name = config.model.model_dump_json()
            if name not in self._opened:
                self._opened[name] = open_model(config.model, config.endpoint)
            return self._opened[name].count_tokens(text)

    async def aclose(self) -> None:
        """Close what was opened."""
        for model in self._opened.values():
            await model.aclose()


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
