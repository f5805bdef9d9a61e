"""What N tasks will take, in requests, tokens, money and time, from how a run has gone so far.

Every stage goes on at its average; the yield of a ticket is taken as it was. It falls slowly as the pool
fills, with most models by a few per cent a thousand tasks, which a pilot cannot see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from selfinstruct.config import Config
from selfinstruct.records import Stage, TokenCounts
from selfinstruct.store.summary import Summary
from selfinstruct.text.messages import duration

__all__ = ["PILOT_TICKETS", "Forecast", "forecast", "in_batches", "pilot_tasks"]

PILOT_TICKETS = 12
"""Admitted tickets before a forecast means much."""


def pilot_tasks(wanted: int) -> int:
    """And settled tasks: a quarter of those wanted, but 24 at least and 300 at most.

    Where one reply in fifty runs on to its length limit, those cost nearly as much as all others together,
    and two dozen tasks often hold none of them.
    """
    return min(300, max(24, wanted // 4))


@dataclass(frozen=True, slots=True)
class Forecast:
    """For the whole run, what is already spent included.

    cost_usd: None without prices. seconds: with all slots busy, at the pace of the replies
    so far; None before any, and where requests go in batches.
    """

    tasks: int
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    seconds: float | None

    def to_json(self) -> dict[str, Any]:
        """As kept in a run, under the note `forecast`."""
        return asdict(self)

    def sentence(self) -> str:
        """For people."""
        parts = [
            f"about {self.requests:,} requests",
            f"{self.prompt_tokens + self.completion_tokens:,} tokens",
        ]
        if self.cost_usd is not None:
            parts.append(f"${self.cost_usd:,.2f}")
        if self.seconds is not None:
            parts.append(duration(self.seconds))
        return f"Forecast for {self.tasks:,} tasks: {', '.join(parts)}."

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Forecast:
        """The inverse of `to_json`."""
        return cls(**value)


def forecast(summary: Summary, config: Config, *, wanted: int, concurrency: int) -> Forecast | None:
    """For `wanted` tasks; None where a ticket or a task has still to show how it goes."""
    settled = summary.admitted - summary.pending
    valid = settled - sum(summary.invalid_tasks.values())
    if not valid:
        return None
    tasks = wanted * settled / valid
    counts = {stage: tasks * seen.settled / settled + seen.once for stage, seen in summary.by_stage.items()}
    counts[Stage.INSTRUCTIONS] = tasks * summary.tickets / summary.admitted
    by_meaning = summary.by_stage[Stage.MEANING]
    counts[Stage.MEANING] += tasks * (by_meaning.completed - by_meaning.once) / summary.admitted
    sent_again = sum(summary.errors.values()) / summary.requests  # of those still out nothing is known
    busy_seconds = 0.0
    tokens: dict[Stage, TokenCounts] = {}
    for stage, seen in summary.by_stage.items():
        if seen.completed:
            share = counts[stage] / seen.completed
            tokens[stage] = TokenCounts(
                prompt_tokens=round(share * seen.prompt_tokens),
                completion_tokens=round(share * seen.completion_tokens),
                cached_tokens=round(share * seen.cached_tokens),
                cache_write_tokens=round(share * seen.cache_write_tokens),
                reasoning_tokens=round(share * seen.reasoning_tokens),
            )
            busy_seconds += counts[stage] * (seen.mean_seconds or 0.0)
    return Forecast(
        tasks=wanted,
        requests=round(sum(counts.values()) * (1 + sent_again)),
        prompt_tokens=sum(each.prompt_tokens for each in tokens.values()),
        completion_tokens=sum(each.completion_tokens for each in tokens.values()),
        cost_usd=config.cost(tokens, in_batches(config, tokens)),
        seconds=None if in_batches(config, tokens) else busy_seconds / concurrency,
    )


def in_batches(config: Config, tokens: Mapping[Stage, TokenCounts]) -> dict[Stage, TokenCounts]:
    """Those of the stages whose requests go in batches, but for one each."""
    return {stage: each for stage, each in tokens.items() if config.for_stage(stage).endpoint.batch.on}
