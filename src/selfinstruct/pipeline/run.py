"""One `generate`, from the open run to its data set and what to tell about it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from selfinstruct.dataset.jsonl import write_dataset
from selfinstruct.models.base import Model
from selfinstruct.models.catalog import open_model
from selfinstruct.pipeline.display import Display, SilentDisplay
from selfinstruct.pipeline.generation import Generation, StopReason
from selfinstruct.pipeline.interrupts import interrupts
from selfinstruct.pipeline.progress import Progress
from selfinstruct.pipeline.resolve import Plan
from selfinstruct.recipes.registry import build_recipe
from selfinstruct.store.reader import RunReader, Summary
from selfinstruct.store.writer import RunWriter

__all__ = ["Outcome", "generate"]

_SUMMARY_FIELDS = (
    "tasks", "instances", "requests", "attempts", "prompt_tokens", "completion_tokens", "estimated",
    "tickets", "candidates", "admitted", "pending", "rejected", "rejected_instances", "invalid_tasks",
    "lost", "errors",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a `generate` came to.

    advice: why it stopped, where that needs saying, and what would help; else empty.
    seconds: this invocation's; everything in `summary` is the whole run's.
    """

    run: Path
    dataset: Path
    stopped: StopReason
    advice: str
    summary: Summary
    cost_usd: float | None
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        totals = asdict(self.summary)
        return {
            "run": str(self.run),
            "dataset": str(self.dataset),
            "stopped": self.stopped,
            "advice": self.advice,
            **{name: totals[name] for name in _SUMMARY_FIELDS},
            "cost_usd": self.cost_usd,
            "seconds": round(self.seconds, 3),
        }


async def generate(directory: Path, plan: Plan, *, display: Display | None = None) -> Outcome:
    """Start a run in `directory`, or go on with the one that is there, and write its data set.

    Whatever stops it, `dataset.jsonl` then holds a prefix of what the finished run would hold.
    Raises the errors of errors.py; an endpoint that is given up on is an `Outcome`, not an error.
    """
    began = monotonic()
    recipe = build_recipe(plan.config)
    async with _opened(plan) as model:
        writer = RunWriter.open(directory, plan.config, plan.seeds)
        try:
            generation = Generation(writer, writer.state(), model, recipe)
            stopped = await _watched(generation, display or SilentDisplay())
        finally:
            await writer.aclose()
            with suppress(StorageError):  # where the disk is full, that error is already on its way
                _write_data_set(writer.directory)
    with RunReader.open(writer.directory) as reader:
        summary = reader.summary()
    return Outcome(
        run=writer.directory,
        dataset=writer.directory / DATASET_NAME,
        stopped=stopped,
        advice=_advice(generation, stopped),
        summary=summary,
        cost_usd=generation.budget.cost,
        seconds=monotonic() - began,
    )


async def _watched(generation: Generation, display: Display) -> StopReason:
    """Run it, with a display beside it and both signals wired."""

    def finish_in_flight() -> None:
        display.say("Finishing what is in flight; Ctrl-C again to stop at once.")
        generation.finish_in_flight()

    watching = asyncio.create_task(display.follow(Progress(generation)))
    try:
        with interrupts(finish_in_flight, generation.stop_now):
            return await generation.run()
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        watching.cancelled() or watching.result()


def _advice(generation: Generation, stopped: StopReason) -> str:
    match stopped:
        case "saturated":
            return f"Saturated: {generation.advice}"
        case "unavailable":
            return str(generation.failure)
        case "budget":
            return "The budget is spent. Run the same command with a larger one to go on."
        case "interrupted":
            return "Interrupted. Run the same command again to go on."
        case "done":
            return ""
