"""What is told of a run: its numbers as it stands, and what a `generate` came to.

Imports little, so that `status` answers at once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.config import Config
from selfinstruct.pipeline.forecast import Forecast
from selfinstruct.records import Stage
from selfinstruct.store.notes import asked_otherwise
from selfinstruct.store.reader import RunReader
from selfinstruct.store.summary import Summary

if TYPE_CHECKING:
    from selfinstruct.requests.invocation import StopReason

__all__ = ["GenerateResult", "RunDescription", "describe", "run_state"]


@dataclass(frozen=True, slots=True)
class RunDescription:
    """A run as it stands.

    cost_usd: None where the prices are not known.
    running: whether a process writes it at this moment.
    forecast: what its pilot promised; None before the end of that.
    asked_otherwise: how a stage's requests differ from what the recipe asks for, since the endpoint does not
        take that; only of stages where they do.
    """

    config: Config
    summary: Summary
    cost_usd: float | None
    running: bool
    forecast: Forecast | None
    asked_otherwise: dict[Stage, tuple[str, ...]]

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
        del counts["last_unrecognized"]
        return {
            "wanted": self.config.limits.tasks,
            "missing": self.missing,
            **counts,
            "unrecognized": self.summary.unrecognized,
            "asked_otherwise": {str(stage): list(phrases) for stage, phrases in self.asked_otherwise.items()},
            "requests_per_second": self.requests_per_second,
            "cost_usd": self.cost_usd,
            "running": self.running,
            "forecast": self.forecast and self.forecast.to_json(),
        }


@dataclass(frozen=True, slots=True)
class GenerateResult:
    """What a `generate` came to.

    advice: why it stopped, where that needs saying, and what would help; else empty.
    seconds: this invocation's; everything in `description` is the whole run's.
    """

    run: Path
    dataset: Path
    stopped: StopReason
    advice: str
    description: RunDescription
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


def describe(reader: RunReader) -> RunDescription:
    """Works while the run goes on. Raises `NotARunError`, `StorageError`."""
    config, summary = reader.config(), reader.summary()
    notes = reader.notes()
    told = notes.get("forecast")
    return RunDescription(
        config=config,
        summary=summary,
        cost_usd=config.cost(summary.by_stage, summary.batched),
        running=reader.is_being_written,
        forecast=None if told is None else Forecast.from_json(told),
        asked_otherwise=asked_otherwise(notes),
    )


def run_state(tasks: int, wanted: int, *, running: bool) -> str:
    """`Run complete: 300 of 300 tasks`, without a full stop."""
    state = "complete" if tasks >= wanted else "in progress" if running else "incomplete"
    return f"Run {state}: {tasks:,} of {wanted:,} tasks"
