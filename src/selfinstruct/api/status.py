"""A run in numbers, for Python callers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from selfinstruct.pipeline.run import describe
from selfinstruct.store.reader import RunReader

__all__ = ["RunStatus", "status_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """All counts are of the whole run, resumes included, but for `tasks` and `instances`: of the data set.

    wanted: tasks asked for. model: as PROVIDER/NAME.
    candidates: instructions read out of replies; admitted: those that the filters passed; rejected: the
        others, by reason, the commonest first.
    rejected_instances: by reason. dropped_tasks: admitted, but not in the data set, by reason. pending:
        admitted, and not over yet.
    requests: completed ones; attempts: sent ones, retries included; lost: those that never will be completed,
        by reason.
    cost_usd: None where the prices are not known. estimated: the endpoint did not count all tokens.
    running: whether a process writes the run at this moment.
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
        """Whether the data set holds all tasks that were asked for."""
        return self.tasks >= self.wanted


def status_of(reader: RunReader) -> RunStatus:
    """At this moment."""
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
        recipe=config.recipe.title,
    )
