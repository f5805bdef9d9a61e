"""A batch: any prompts completed with a run's rigour, in a directory of their own.

It is stored as a run is, without seeds, tickets and tasks; the prompt at place n is the request (instances,
n), unless the caller numbers them otherwise.
Intents are committed before they are sent and completions before they are used, budgets hold across
`kill -9`, one process writes it at a time, and what was completed is never asked again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from selfinstruct.config import Config
from selfinstruct.errors import (
    ContextLengthError,
    RunMismatchError,
    SelfInstructError,
    StorageError,
    UserError,
)
from selfinstruct.models.base import Model
from selfinstruct.records import Completion, Prompt, Request, Stage, request_seed
from selfinstruct.requests.batch_display import BatchDisplay, BatchSnapshot
from selfinstruct.requests.batches.insisting import recover_batches
from selfinstruct.requests.budget import Budget, Spending, require_prices
from selfinstruct.requests.dispatch import Lost
from selfinstruct.requests.invocation import (
    Job,
    Sender,
    StopReason,
    open_dispatcher,
    opened_embedder,
    opened_model,
    opened_writer,
    stop_advice,
    watched,
)
from selfinstruct.store.encoding import clean_text
from selfinstruct.store.notes import asked_otherwise
from selfinstruct.store.reader import RunReader
from selfinstruct.store.state import RunState
from selfinstruct.store.summary import Summary
from selfinstruct.store.writer import RunWriter

__all__ = ["BatchOutcome", "complete_batch"]

STAGE = Stage.INSTANCES
TOO_LONG_BEFORE_GIVING_UP = 10  # prompts, when nothing was ever completed

_Result = TypeVar("_Result")
_Outcomes = dict[int, Completion | Lost]


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of a batch.

    outcomes: in the order of the prompts; None for those that are still to be asked.
    advice: why it stopped and what would help; empty where it is done.
    summary, cost_usd: of all its invocations; no cost without prices.
    asked_otherwise: in what requests differed from the prompts' sampling, since the endpoint does not take
        that.
    """

    outcomes: tuple[Completion | Lost | None, ...]
    stopped: StopReason
    advice: str
    summary: Summary
    cost_usd: float | None
    asked_otherwise: tuple[str, ...]

    def counts(self) -> dict[str, Any]:
        """What it took, as `--json` of every verb that asks prints it."""
        summary = self.summary
        return {
            "requests": summary.requests,
            "attempts": summary.attempts,
            "lost": summary.lost,
            "errors": summary.errors,
            "unrecognized": summary.unrecognized,
            "asked_otherwise": list(self.asked_otherwise),
            "prompt_tokens": summary.prompt_tokens,
            "completion_tokens": summary.completion_tokens,
            "cached_tokens": summary.cached_tokens,
            "cache_write_tokens": summary.cache_write_tokens,
            "reasoning_tokens": summary.reasoning_tokens,
            "estimated": summary.estimated,
            "cost_usd": self.cost_usd,
            "batches": [asdict(each) for each in summary.batches],
        }


async def complete_batch(
    directory: Path,
    config: Config,
    prompts: Sequence[Prompt],
    *,
    first: int | None = None,
    numbers: Sequence[int] | None = None,
    name_of: Callable[[int], str] = "prompt {}".format,
    display: BatchDisplay | None = None,
    own: Model | None = None,
    embeds: bool = False,
) -> BatchOutcome:
    """Complete them, or go on with the batch that is in `directory`. Once they are, no model is needed.

    config: its model, endpoint, limits and seed matter; `model.api` says by which call it is asked. As in a
        run, only limits and endpoint may change once something was completed.
    prompts: more may follow those of earlier invocations; a shorter sequence is a part of the batch. Each is
        taken when it is sent or was answered, and not kept: a sequence may make them then. One that is no
        list or tuple is asked in a thread.
    first: ask for so many of them only; None for all.
    numbers: under which number each prompt is kept, all different; None for their places. With numbers, any
        prompts of a batch may be asked for in any order, and others may come between them later.
    name_of: what to call the prompt at a place, from 0, in messages.
    own: the model of the user's own that the config names; None where it names one of ours.
    embeds: the model makes embeddings, and the prompts are texts to embed (models.embeddings).

    A prompt that is longer than the model's context is lost, as `too_long`, unless all are.
    Raises RunMismatchError naming a prompt that was another one before, and the errors of errors.py; an
    endpoint that is given up on is a `BatchOutcome`.
    """
    require_prices(config)
    display = display or BatchDisplay(None)
    numbers = range(len(prompts)) if numbers is None else numbers
    places = dict(zip(numbers, range(len(prompts)), strict=True))
    names = {number: name_of(place) for place, number in enumerate(numbers)}
    async with opened_writer(directory, config, (), display.say) as writer:
        outcomes = await _taken(prompts, lambda: _recorded(directory, prompts, places, names))
        stopped: StopReason = "done"
        failure: SelfInstructError | None = None
        shortfall = ""
        waiting = [number for number in numbers[:first] if number not in outcomes]
        if waiting:
            async with opened_embedder(config) if embeds else opened_model(config, own, display.say) as model:
                await recover_batches({STAGE: model}, writer, config.endpoint.patience_seconds)
                batch = _Batch(writer, writer.state(), model, prompts, places, outcomes, waiting)
                stopped = await watched(
                    batch.run(), batch.sender, display.say, display.follow(batch.snapshot)
                )
            failure, shortfall = batch.sender.failure, batch.sender.shortfall
    reader = RunReader(directory)
    summary = reader.summary()
    return BatchOutcome(
        outcomes=tuple(outcomes.get(number) for number in numbers),
        stopped=stopped,
        advice=stop_advice(stopped, failure, shortfall, summary),
        summary=summary,
        cost_usd=config.endpoint.cost(summary, summary.batched.get(STAGE)),
        asked_otherwise=asked_otherwise(reader.notes()).get(STAGE, ()),
    )


async def _taken(prompts: Sequence[Prompt], take: Callable[[], _Result]) -> _Result:
    """Of prompts that may have to be made first."""
    return take() if isinstance(prompts, list | tuple) else await asyncio.to_thread(take)


def _recorded(
    directory: Path, prompts: Sequence[Prompt], places: Mapping[int, int], names: Mapping[int, str]
) -> _Outcomes:
    """What earlier invocations have of these prompts. places: of each number."""
    outcomes: _Outcomes = {}
    for recorded in RunReader(directory).recorded_requests(STAGE):
        number = recorded.subject
        if number not in places:
            continue
        if recorded.prompt != _as_kept(prompts[places[number]]):
            raise RunMismatchError(
                f"{directory} was started with another prompt for {names[number]}.",
                "Start again in another folder, or resume with the same settings.",
            )
        outcome = recorded.outcome
        outcomes[number] = Lost(outcome) if isinstance(outcome, str) else outcome
    return outcomes


def _as_kept(prompt: Prompt) -> Prompt:
    return replace(prompt, preamble=clean_text(prompt.preamble), body=clean_text(prompt.body))


class _Batch:
    """One invocation over an open batch; `outcomes` is added to."""

    def __init__(
        self,
        writer: RunWriter,
        state: RunState,
        model: Model,
        prompts: Sequence[Prompt],
        places: Mapping[int, int],
        outcomes: _Outcomes,
        waiting: Sequence[int],
    ) -> None:
        config = state.config
        self._seed = config.seed
        self._writer, self._prompts, self._places, self._outcomes = writer, prompts, places, outcomes
        self._making = asyncio.Lock()
        self._budget = Budget(config, Spending.of(state))
        self._dispatcher = open_dispatcher(model, writer, state, self._budget, config.endpoint)
        self.sender = Sender(self._dispatcher)
        self._wanted = len(outcomes) + len(waiting)
        self._waiting = iter(waiting)
        self._lost = Counter(each.reason for each in outcomes.values() if isinstance(each, Lost))
        self._too_long: list[tuple[Request, ContextLengthError]] = []

    async def run(self) -> StopReason:
        """Raises the `UserError` or `StorageError` that ended it; everything received is recorded then."""
        try:
            async with asyncio.TaskGroup() as group:
                await self.sender.send(group, self._next_job)
        finally:
            await self._dispatcher.aclose()
        failure = self.sender.failure
        if not isinstance(failure, StorageError):
            await self._lose_too_long()
        if isinstance(failure, StorageError | UserError):
            raise failure
        if self._too_long and self.sender.stopped is None:
            raise self._too_long[0][1]
        if len(self._outcomes) == self._wanted:
            return "done"
        assert self.sender.stopped is not None, "nothing waits, but a prompt has no outcome"
        return self.sender.stopped

    def snapshot(self) -> BatchSnapshot:
        """The present moment."""
        return BatchSnapshot(
            prompts=self._wanted,
            over=len(self._outcomes),
            requests=self._budget.completed,
            tokens=self._budget.prompt_tokens + self._budget.completion_tokens,
            cost=self._budget.cost,
            in_flight=self._dispatcher.in_flight,
            concurrency=self._dispatcher.limit,
            lost=Counter(self._lost),
            failures=Counter(self._dispatcher.failures),
            stall=self._dispatcher.stall(),
        )

    def _next_job(self) -> Job | None:
        number = next(self._waiting, None)
        return None if number is None else partial(self._complete, number)

    async def _complete(self, number: int) -> None:
        async with self._making:  # one after the other, so that requests go out in their order
            prompt = await _taken(self._prompts, lambda: self._prompts[self._places[number]])
        request = Request(STAGE, number, prompt, request_seed(self._seed, STAGE, number))
        try:
            self._keep(number, await self._dispatcher.complete(request))
        except ContextLengthError as error:
            self._too_long.append((request, error))
            if not self._budget.completed and len(self._too_long) >= TOO_LONG_BEFORE_GIVING_UP:
                raise
            await self._lose_too_long()

    async def _lose_too_long(self) -> None:
        """Those found too long so far. None before the first completion: a model or a limit that all prompts
        are too long for can be fixed, but what is lost stays lost."""
        while self._budget.completed and self._too_long:
            request, error = self._too_long.pop()
            await self._writer.lose(request, "too_long", str(error))
            self._keep(request.subject, Lost("too_long"))

    def _keep(self, number: int, outcome: Completion | Lost) -> None:
        self._outcomes[number] = outcome
        if isinstance(outcome, Lost):
            self._lost[outcome.reason] += 1
