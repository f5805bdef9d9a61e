"""Where a generation stands, as numbers that a display can show."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from selfinstruct.config import LimitsConfig
from selfinstruct.pipeline.generation import Generation
from selfinstruct.requests.waits import Stall

__all__ = ["RunProgress", "Snapshot"]

RATE_SECONDS = 15.0  # the rate and the time left look back so far


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment. Counts are the whole run's, `seconds` and the rate this invocation's.

    seconds_left: None until there is something to go by. stall: what is waited for; None while replies
    come in.
    """

    seconds: float
    tasks: int
    wanted: int
    tickets: int
    candidates: int
    admitted: int
    pending: int
    requests: int
    attempts: int
    requests_per_second: float
    in_flight: int
    concurrency: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    seconds_left: float | None
    rejected: Mapping[str, int]
    rejected_instances: Mapping[str, int]
    invalid_tasks: int
    lost: int
    failures: Mapping[str, int]
    limits: LimitsConfig
    stall: Stall | None


class RunProgress:
    """Takes snapshots of one generation."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._began = monotonic()
        self._seen: deque[tuple[float, int]] = deque([(self._began, generation.budget.completed)])

    def snapshot(self) -> Snapshot:
        """The present moment."""
        generation = self._generation
        scheduler, budget, router = generation.scheduler, generation.budget, generation.router
        rate = self._rate(budget.completed)
        rejected = Counter(generation.rejected)
        return Snapshot(
            seconds=monotonic() - self._began,
            tasks=scheduler.data_set_size,
            wanted=scheduler.wanted,
            tickets=scheduler.admitted_tickets,
            candidates=len(scheduler.instructions) + rejected.total(),
            admitted=len(scheduler.instructions),
            pending=scheduler.pending,
            requests=budget.completed,
            attempts=budget.attempts,
            requests_per_second=rate,
            in_flight=router.in_flight,
            concurrency=router.limit,
            prompt_tokens=budget.prompt_tokens,
            completion_tokens=budget.completion_tokens,
            cost=budget.cost,
            seconds_left=scheduler.requests_ahead() / rate if rate else None,
            rejected=rejected,
            rejected_instances=Counter(generation.rejected_instances),
            invalid_tasks=generation.invalid_tasks.total(),
            lost=generation.lost.total(),
            failures=Counter(generation.failures),
            limits=generation.config.limits,
            stall=self.stall(),
        )

    def stall(self) -> Stall | None:
        """What is waited for; None while replies come in."""
        return self._generation.router.stall()

    def completed(self) -> int:
        """Requests answered so far."""
        return self._generation.budget.completed

    def _rate(self, completed: int) -> float:
        now = monotonic()
        self._seen.append((now, completed))
        while len(self._seen) > 2 and now - self._seen[1][0] >= RATE_SECONDS:
            self._seen.popleft()
        then, before = self._seen[0]
        return (completed - before) / (now - then) if now > then else 0.0
