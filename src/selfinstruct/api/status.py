"""A run in numbers, for Python callers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from selfinstruct.pipeline.description import describe
from selfinstruct.store.reader import RunReader

__all__ = ["RunStatus", "status_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """A run in numbers. `tasks` and `instances` count the data set; all others count the whole run.

    wanted: requested tasks. model: as PROVIDER/NAME.
    candidates: instructions parsed from replies; admitted: those that passed the filters; rejected: the
        others, by reason, most frequent first.
    rejected_instances: by reason. dropped_tasks: admitted tasks that are not in the data set, by reason.
        pending: admitted tasks without a verdict yet.
    requests: completed requests; attempts: sent ones, retries included; lost: requests that will never be
        completed, by reason.
    cost_usd: None if prices are unknown. estimated: the endpoint did not count all tokens.
    running: whether a process is writing the run.
    """

    tasks: int
    wanted: int
    instances: int
    candidates: int
    admitted: int
    rejected: Mapping[str, int]
    rejected_instances: Mapping[str, int]
    dropped_tasks: Mapping[str, int]
    pending: int
    requests: int
    attempts: int
    lost: Mapping[str, int]
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    cost_usd: float | None
    running: bool
    model: str
    recipe: str

    @property
    def complete(self) -> bool:
        """Whether the data set has all requested tasks."""
        return self.tasks >= self.wanted


def status_of(reader: RunReader) -> RunStatus:
    """The numbers at this moment."""
    described = describe(reader)
    summary, config = described.summary, described.config
    return RunStatus(
        tasks=summary.tasks,
        wanted=config.limits.tasks,
        instances=summary.instances,
        candidates=summary.candidates,
        admitted=summary.admitted,
        rejected=summary.rejected,
        rejected_instances=summary.rejected_instances,
        dropped_tasks=summary.invalid_tasks,
        pending=summary.pending,
        requests=summary.requests,
        attempts=summary.attempts,
        lost=summary.lost,
        prompt_tokens=summary.prompt_tokens,
        completion_tokens=summary.completion_tokens,
        estimated=summary.estimated,
        cost_usd=described.cost_usd,
        running=described.running,
        model=f"{config.model.provider}/{config.model.name}",
        recipe=config.recipe_title,
    )
