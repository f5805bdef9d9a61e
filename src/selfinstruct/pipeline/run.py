"""One `generate`, from the open run to its data set and what to tell about it."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

from selfinstruct.config import Config
from selfinstruct.dataset.jsonl import write_dataset
from selfinstruct.errors import EndpointMismatchError, RunMismatchError, UnknownModelError, UserError
from selfinstruct.models.base import NegotiableModel
from selfinstruct.models.catalog import open_model
from selfinstruct.pipeline.budget import require_prices
from selfinstruct.pipeline.display import Display, SilentDisplay
from selfinstruct.pipeline.forecast import PILOT_TASKS, PILOT_TICKETS, forecast
from selfinstruct.pipeline.generation import Generation, StopReason
from selfinstruct.pipeline.interrupts import interrupts
from selfinstruct.pipeline.progress import Progress
from selfinstruct.pipeline.resolve import Plan
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.registry import build_recipe
from selfinstruct.store.directory import RunPaths
from selfinstruct.store.reader import RunReader
from selfinstruct.store.state import RunState
from selfinstruct.store.summary import Summary
from selfinstruct.store.writer import RunWriter

PILOT_LOOK_SECONDS = 0.1

__all__ = ["Description", "Outcome", "describe", "generate"]


@dataclass(frozen=True, slots=True)
class Description:
    """A run as it stands.

    cost_usd: None where the prices are not known.
    running: whether a process writes it at this moment.
    """

    config: Config
    summary: Summary
    cost_usd: float | None
    running: bool

    @property
    def missing(self) -> int:
        """Tasks wanted and not there yet."""
        return self.config.limits.tasks - self.summary.tasks

    @property
    def requests_per_second(self) -> float | None:
        """From the first request to the last, pauses between invocations included."""
        first, last = self.summary.first, self.summary.last
        return (
            None if first is None or last is None or last <= first else self.summary.requests / (last - first)
        )

    def to_json(self) -> dict[str, Any]:
        """The counts of the whole run, as `status --json` prints them."""
        counts = asdict(self.summary)
        counts["by_stage"] = {str(stage): usage for stage, usage in counts["by_stage"].items()}
        return {
            "wanted": self.config.limits.tasks,
            "missing": self.missing,
            **counts,
            "requests_per_second": self.requests_per_second,
            "cost_usd": self.cost_usd,
            "running": self.running,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a `generate` came to.

    advice: why it stopped, where that needs saying, and what would help; else empty.
    seconds: this invocation's; everything in `description` is the whole run's.
    """

    run: Path
    dataset: Path
    stopped: StopReason
    advice: str
    description: Description
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """One object, as `generate --json` prints it."""
        return {
            "run": str(self.run),
            "dataset": str(self.dataset),
            "stopped": self.stopped,
            "advice": self.advice,
            **self.description.to_json(),
            "seconds": round(self.seconds, 3),
        }


def describe(reader: RunReader) -> Description:
    """Works while the run goes on. Raises `NotARunError`, `StorageError`."""
    config, summary = reader.config(), reader.summary()
    price = config.endpoint.cost(summary.prompt_tokens, summary.completion_tokens)
    return Description(config, summary, price, reader.is_being_written)


async def generate(directory: Path, plan: Plan, *, display: Display | None = None) -> Outcome:
    """Start a run in `directory`, or go on with the one that is there, and write its data set.

    Whatever stops it, `dataset.jsonl` then holds a prefix of what the finished run would hold.
    Raises the errors of errors.py; an endpoint that is given up on is an `Outcome`, not an error.
    """
    began = monotonic()
    display = display or SilentDisplay()
    try:
        generation, stopped = await _generate(directory, plan, display)
    except (EndpointMismatchError, UnknownModelError) as refused:
        if not plan.chat_if_refused or RunReader(directory).has_completions():
            raise
        try:
            generation, stopped = await _generate(directory, plan.with_chat(), display)
        except (EndpointMismatchError, UnknownModelError) as error:
            raise error if isinstance(error, UnknownModelError) else refused from None
    paths = RunPaths(directory.absolute())
    return Outcome(
        run=paths.directory,
        dataset=paths.dataset,
        stopped=stopped,
        advice=_advice(generation, stopped),
        description=describe(RunReader(directory)),
        seconds=monotonic() - began,
    )


async def _generate(directory: Path, plan: Plan, display: Display) -> tuple[Generation, StopReason]:
    """One attempt at it, with the recipe that the plan names."""
    require_prices(plan.config.limits, plan.config.endpoint)
    model = open_model(plan.config)
    if plan.config.recipe.name == "chat" and isinstance(model, NegotiableModel):
        model.adopt(replace(model.capabilities, api="chat"))
    try:
        recipe = await asyncio.to_thread(build_recipe, plan.config, model.count_tokens)
        writer = RunWriter.open(directory, plan.config, plan.seeds)
        if writer.journal_mode != "wal":
            display.say(f"{directory} is on a file system without shared memory: a slower journal is used.")
        try:
            state = writer.state()
            _keep_to_prompts(writer, state, recipe)
            generation = Generation(writer, state, RunReader(directory).summary(), model, recipe)
            stopped = await _watched(generation, writer, display)
        except UserError:
            await _write_data_set(writer)  # what was paid for before the mistake showed is not lost
            raise
        else:
            await _write_data_set(writer)
        finally:
            await writer.aclose()
    finally:
        await model.aclose()
    return generation, stopped


def _keep_to_prompts(writer: RunWriter, state: RunState, recipe: Recipe) -> None:
    """A run goes on with the prompts that it began with. Settings are compared by the store; what a newer
    version of this package may have changed in a sheet shows only here.
    """
    samples = [
        recipe.instructions_prompt(["a", "b"]),
        recipe.classification_prompt("a"),
        recipe.instances_prompt("a", is_classification=False),
        recipe.instances_prompt("a", is_classification=True),
    ]
    digest = hashlib.sha256(repr(samples).encode()).hexdigest()
    begun_with = state.notes.get("prompts", digest)
    if begun_with != digest:
        raise RunMismatchError(
            f"The prompts of the recipe {recipe.name!r} are not those that the run {writer.directory} was"
            " begun with.",
            "Go on with the version of selfinstruct that began it, or start a new run.",
        )
    writer.note("prompts", digest)


async def _write_data_set(writer: RunWriter) -> None:
    await writer.flush()
    write_dataset(RunReader(writer.directory), RunPaths(writer.directory).dataset)


async def _watched(generation: Generation, writer: RunWriter, display: Display) -> StopReason:
    """Run it, with a display and the pilot's forecast beside it and both signals wired."""

    def finish_in_flight() -> None:
        display.say("Finishing what is in flight; Ctrl-C again to stop at once.")
        generation.finish_in_flight()

    beside = [
        asyncio.create_task(display.follow(Progress(generation))),
        asyncio.create_task(_tell_forecast(generation, writer, display)),
    ]
    try:
        with interrupts(finish_in_flight, generation.stop_now):
            return await generation.run()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)
        for task in beside:
            task.cancelled() or task.result()


async def _tell_forecast(generation: Generation, writer: RunWriter, display: Display) -> None:
    """Once the pilot is over, unless the run is nearly over too: what all of it will take, told and kept."""
    ledger, config = generation.ledger, generation.config
    while ledger.admitted_tickets < PILOT_TICKETS or ledger.settled < PILOT_TASKS:
        await asyncio.sleep(PILOT_LOOK_SECONDS)
    if 2 * ledger.valid > ledger.wanted:
        return
    await writer.flush()
    summary = await asyncio.to_thread(RunReader(writer.directory).summary)
    expected = forecast(
        summary, wanted=ledger.wanted, concurrency=generation.pacer.most, endpoint=config.endpoint
    )
    if expected is not None:
        writer.note("forecast", expected.to_json())
        display.say(expected.sentence())


def _advice(generation: Generation, stopped: StopReason) -> str:
    match stopped:
        case "saturated":
            return f"Saturated: {generation.advice}"
        case "unavailable":
            return str(generation.failure)
        case "budget":
            return "The budget is spent. Run the same command with a larger one, or 0 for none, to go on."
        case "interrupted":
            return "Interrupted. Run the same command again to go on."
        case "done":
            return ""
