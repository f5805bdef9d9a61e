"""What was spent in a folder and all below it, read from the stores that are there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from selfinstruct.store.directory import DATABASES
from selfinstruct.store.reader import RunReader

__all__ = ["Spending", "spent_in"]


@dataclass(frozen=True, slots=True)
class Spending:
    """requests: sent, retries included. tokens: of prompts and completions. seconds: from the first request
    to the last, pauses between invocations included, summed over stores. cost_usd: where prices are known;
    None where nothing has one."""

    requests: int = 0
    tokens: int = 0
    seconds: float = 0.0
    cost_usd: float | None = None


def spent_in(directory: Path) -> Spending:
    """Nothing where there is no store, or none of its requests was ever completed. Runs that were made of
    others (`kept`) have the requests of those, and do not count. Raises StorageError."""
    requests, tokens, seconds = 0, 0, 0.0
    costs: list[float] = []
    for database in sorted(directory.glob(f"**/{DATABASES[0]}")):
        reader = RunReader(database.parent)
        torn = any(part.startswith(".") for part in database.relative_to(directory).parts)
        if torn or not reader.has_completions() or reader.notes().get("filtered_from"):
            continue
        summary = reader.summary()
        requests += summary.attempts
        tokens += summary.prompt_tokens + summary.completion_tokens
        seconds += (summary.last or 0.0) - (summary.first or 0.0)
        cost = reader.config().cost(summary.by_stage, summary.batched)
        costs += [] if cost is None else [cost]
    return Spending(requests, tokens, seconds, sum(costs) if costs else None)
