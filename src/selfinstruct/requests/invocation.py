"""What every invocation that sends requests does alike, whatever it sends: the model opened and closed, as
many jobs at once as the endpoint bears, and whatever may stop them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from selfinstruct.config import Config, EndpointConfig
from selfinstruct.errors import (
    EndpointMismatchError,
    EndpointRefusesError,
    SelfInstructError,
    UnknownModelError,
)
from selfinstruct.models.base import Api, Capabilities, Model, NegotiableModel
from selfinstruct.models.batching import BatchingModel
from selfinstruct.models.catalog import open_embedder, open_model
from selfinstruct.models.custom import CustomModel
from selfinstruct.records import SeedTask, Stage
from selfinstruct.requests.batches.queue import BatchQueue
from selfinstruct.requests.budget import Budget
from selfinstruct.requests.collecting import rare_collections
from selfinstruct.requests.dispatch import (
    BudgetReachedError,
    Dispatcher,
)
from selfinstruct.requests.following import said_if_slow
from selfinstruct.requests.pacing import Pacer, WindingDownError
from selfinstruct.requests.router import Router
from selfinstruct.requests.signals import interrupts
from selfinstruct.store.notes import capabilities_note
from selfinstruct.store.reader import RunReader
from selfinstruct.store.state import RunState
from selfinstruct.store.summary import Summary
from selfinstruct.store.writer import RunWriter

__all__ = [
    "Interruptible",
    "Job",
    "Sender",
    "StopReason",
    "naming_the_other_call",
    "open_dispatcher",
    "open_router",
    "opened_embedder",
    "opened_model",
    "opened_models",
    "opened_writer",
    "stop_advice",
    "watched",
    "whichever_call_it_takes",
]

StopReason = Literal["done", "budget", "saturated", "unavailable", "refused", "waiting", "interrupted"]

Job = Callable[[], Awaitable[None]]
"""Sends a request and uses what comes back."""

_Result = TypeVar("_Result")


class Sender:
    """Carries out jobs through a dispatcher until there are none or something stops it.

    stopped: the first reason to stop; None before. failure: the error behind it, if one is. shortfall: what
        one request may take, where not even that fits the budget.
    """

    def __init__(self, dispatcher: Dispatcher | Router) -> None:
        self.stopped: StopReason | None = None
        self.failure: SelfInstructError | None = None
        self.shortfall = ""
        self._dispatcher = dispatcher
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        dispatcher.listen(self)

    @property
    def batches_out(self) -> bool:
        """Whether batches are out, which go on without it."""
        return self._dispatcher.batches_out

    async def send(self, group: asyncio.TaskGroup, next_job: Callable[[], Job | None]) -> None:
        """Begin jobs as there is room for them, in the order in which they come. Returns once it is stopped,
        though jobs may still be out in `group`, or when no job is out and none is next.

        next_job: None where nothing can be sent at present; asked again whenever something has changed.
        """
        while self.stopped is None:
            welcome = await self._dispatcher.room()
            self._changed.clear()
            if self.stopped is not None:
                return
            begun = 0
            while begun < welcome and (job := next_job()) is not None:
                self._begin(group, job)
                begun += 1
            if begun:
                await asyncio.sleep(0)  # the tasks take their places in the queue for slots
            elif self._tasks:
                await self._changed.wait()
            else:
                return

    def _begin(self, group: asyncio.TaskGroup, job: Job) -> None:
        task = group.create_task(self._carry_out(job))
        self._tasks.add(task)
        task.add_done_callback(self._carried_out)

    def wake(self) -> None:
        """Something has changed by which there may be a next job."""
        self._changed.set()

    def stop(self, reason: StopReason) -> None:
        """Send nothing more; let what is out come back."""
        self.stopped = self.stopped or reason
        self._dispatcher.wind_down()
        self._changed.set()

    def finish_in_flight(self) -> None:
        """The first Ctrl-C."""
        self.stop("interrupted")

    def stop_now(self) -> None:
        """The second Ctrl-C: abandon what is out."""
        self.stop("interrupted")
        self._dispatcher.abandon()
        self._abandon()

    def batches_failed(self, error: SelfInstructError) -> None:
        """No batch can be sent or collected any more."""
        self.failure = self.failure or error
        self.stop("unavailable")

    def batches_at_rest(self) -> None:
        """Nobody is to wait for the batches that are out: stop, unless something else is under way."""
        if self._tasks and self._dispatcher.waiting_for_batches == len(self._tasks):
            self.stop("waiting")

    async def drain(self, seconds: float) -> None:
        """Wait so long at most for what is out, then abandon it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        self._abandon()

    def _abandon(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _carried_out(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed.set()

    async def _carry_out(self, job: Job) -> None:
        try:
            await job()
        except BudgetReachedError as reached:
            self.shortfall = self.shortfall or str(reached)
            self.stop("budget")
        except WindingDownError:
            pass  # it is stopping; the job stays to be done by the next invocation
        except SelfInstructError as error:
            self.failure = self.failure or error
            self.stop("refused" if isinstance(error, EndpointRefusesError) else "unavailable")
            self._abandon()


class Interruptible(Protocol):
    """What Ctrl-C can stop."""

    @property
    def batches_out(self) -> bool:
        """Whether batches are out, which go on without it."""

    def finish_in_flight(self) -> None:
        """The first one."""

    def stop_now(self) -> None:
        """The second one."""


async def watched(
    work: Coroutine[Any, Any, _Result],
    stoppable: Interruptible,
    say: Callable[[str], None],
    *beside: Coroutine[Any, Any, None],
) -> _Result:
    """The work's result. Meanwhile both signals are wired, where they are ours, and what stands beside it
    runs and is cancelled in the end; an error there is raised."""

    def finish_in_flight() -> None:
        left = "Batches keep running at the provider. " if stoppable.batches_out else ""
        say(f"{left}Finishing what is in flight; Ctrl-C again to stop at once.")
        stoppable.finish_in_flight()

    tasks = [asyncio.create_task(each) for each in beside]
    try:
        with rare_collections(), interrupts(finish_in_flight, stoppable.stop_now):
            return await work
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for task in tasks:
            task.cancelled() or task.result()


def stop_advice(
    stopped: StopReason,
    failure: SelfInstructError | None,
    shortfall: str = "",
    summary: Summary | None = None,
) -> str:
    """Why it stopped, where that needs saying, and what would help; empty where it is done, or where only
    whoever sent the requests can tell. summary: of the run, whose batches may still be out."""
    out = [batch for batch in summary.batches if batch.open] if summary is not None else []
    if out and stopped in ("waiting", "interrupted"):
        open_requests = sum(batch.open for batch in out)
        requests = "1 request" if open_requests == 1 else f"{open_requests:,} requests"
        batches = "1 batch" if len(out) == 1 else f"{len(out):,} batches"
        why = "Interrupted. " if stopped == "interrupted" else ""
        are = "is" if len(out) == 1 else "are"
        return (
            f"{why}{batches} with {requests} {are} still running at the provider. Run the same command again"
            " to collect the results."
        )
    match stopped:
        case "unavailable" | "refused":
            return str(failure)
        case "budget":
            why = shortfall or "The budget is spent."
            return f"{why} Run the same command with a larger one, or 0 for none, to resume."
        case "waiting":
            return "The provider accepts no more batches now. Run the same command again later."
        case "interrupted":
            return "Interrupted. Run the same command again to resume."
        case _:
            return ""


@asynccontextmanager
async def opened_writer(
    directory: Path, config: Config, seeds: Sequence[SeedTask], say: Callable[[str], None]
) -> AsyncIterator[RunWriter]:
    """As `RunWriter.open`; closed in the end."""
    writer = RunWriter.open(directory, config, seeds)
    try:
        if writer.journal_mode != "wal":
            say(f"{directory} is on a file system without shared memory: a slower journal is used.")
        yield writer
    finally:
        await writer.aclose()


@asynccontextmanager
async def opened_model(
    config: Config, own: Model | None = None, say: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Model]:
    """The model that the config names, asked by the call that suits its recipe; closed in the end.

    own: the object of the user's own that the config may name. say: is told what takes long. Raises what
    `open_model` does.
    """
    model: Model
    if own is not None and config.model.custom is not None:
        model = CustomModel(own, config.model.name)
    else:
        slow = "Joining the Ray cluster." if config.engine.name == "ray" else "Opening the model."
        with said_if_slow(say, slow):
            model = open_model(config.model, config.endpoint, config.engine)
    try:
        yield model
    finally:
        await model.aclose()


@asynccontextmanager
async def opened_embedder(config: Config) -> AsyncIterator[Model]:
    """The embedding model that the config names, closed in the end. Raises what `open_embedder` does."""
    model = open_embedder(config.model, config.endpoint)
    try:
        yield model
    finally:
        await model.aclose()


@asynccontextmanager
async def opened_models(
    config: Config, custom: Model | None = None, say: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Mapping[Stage, Model]]:
    """The model of each stage, as `opened_model`; stages that agree in it share one. That of meaning makes
    embeddings, and is there only where instructions are compared by it."""
    async with AsyncExitStack() as opened:
        models: dict[str, Model] = {}
        by_stage: dict[Stage, Model] = {}
        for stage in filter(config.asks, Stage):
            own = config.for_stage(stage)
            if stage is Stage.MEANING:
                by_stage[stage] = await opened.enter_async_context(opened_embedder(own))
                continue
            if _place(own) not in models:
                models[_place(own)] = await opened.enter_async_context(opened_model(own, custom, say))
            by_stage[stage] = models[_place(own)]
        yield by_stage


def _place(config: Config) -> str:
    """What tells models apart: which one, and where."""
    return config.model_dump_json(include={"model": True, "endpoint": True})


def open_dispatcher(
    model: Model,
    writer: RunWriter,
    state: RunState,
    budget: Budget,
    endpoint: EndpointConfig,
    stages: Collection[Stage] = tuple(Stage),
) -> Dispatcher:
    """With what earlier invocations found out about the endpoint, stage by stage, and with the batches that
    they left. stages: those that the model is asked for."""
    settled = set(Stage)
    if isinstance(model, NegotiableModel):
        # What another model's endpoint takes says nothing of this one's.
        settled = {stage for stage in stages if capabilities_note(stage) in state.notes}
        for stage in settled:
            model.adopt(stage, Capabilities.from_json(state.notes[capabilities_note(stage)]))
    pacer = Pacer(endpoint.concurrency or model.default_concurrency, asyncio.get_running_loop().time)
    batches = _open_batches(model, writer, budget, endpoint, stages)
    return Dispatcher(model, writer, budget, pacer, endpoint, settled=settled, batches=batches)


def _open_batches(
    model: Model, writer: RunWriter, budget: Budget, endpoint: EndpointConfig, stages: Collection[Stage]
) -> BatchQueue | None:
    """None where requests go alone and none is in a batch."""
    stored = [batch for batch in writer.batches() if batch.attempts[0].stage in stages]
    if not isinstance(model, BatchingModel) or not (endpoint.batch.on or stored):
        return None
    return BatchQueue(
        model.batches,
        writer,
        endpoint.batch,
        stored,
        patience_seconds=endpoint.patience_seconds,
        forget=lambda held: budget.forget(held.stage, held.prompt_tokens, held.completion_tokens),
    )


def open_router(models: Mapping[Stage, Model], writer: RunWriter, state: RunState, budget: Budget) -> Router:
    """A dispatcher for each of the models."""
    dispatchers: dict[int, Dispatcher] = {}
    for stage, model in models.items():
        if id(model) not in dispatchers:
            endpoint = state.config.for_stage(stage).endpoint
            same = [each for each, other in models.items() if other is model]
            dispatchers[id(model)] = open_dispatcher(model, writer, state, budget, endpoint, same)
    return Router({stage: dispatchers[id(model)] for stage, model in models.items()})


async def whichever_call_it_takes(
    directory: Path,
    first: Callable[[], Awaitable[_Result]],
    second: Callable[[], Awaitable[_Result]],
) -> _Result:
    """The result of `first`, which asks by one of the two calls (chat, completions); where the endpoint
    refuses that before any completion of the run in `directory`, that of `second`, which asks by the other.

    Raises the first refusal where both are refused, unless the second says that the model is unknown.
    """
    try:
        return await first()
    except (EndpointMismatchError, UnknownModelError) as refused:
        if RunReader(directory).has_completions():
            raise
        try:
            return await second()
        except (EndpointMismatchError, UnknownModelError) as error:
            raise error if isinstance(error, UnknownModelError) else refused from None


def naming_the_other_call(
    refused: EndpointMismatchError, api: Api | None, option: str
) -> EndpointMismatchError:
    """The same error with the option by which the model would be asked by the other call, unless the endpoint
    says that it takes none of it. For a call that the user chose, so that the other is not tried by itself.

    api: by which it was asked.
    """
    asked, other = ("chat", "completions") if api == "chat" else ("completions", "chat")
    if refused.wants == asked:
        return refused
    if refused.wants:
        hint = f"Change the request: use {option}"
    else:
        requests = "chat requests" if other == "chat" else other
        hint = f"{refused.hint} If it is right, the endpoint may take {requests} only: {option}"
    return EndpointMismatchError(refused.message, hint.strip(), refused.wants)
