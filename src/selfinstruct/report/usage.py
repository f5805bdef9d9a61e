"""What the run took: requests, tokens, money, time; and how the endpoint behaved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from selfinstruct.records import Stage
from selfinstruct.report.distribution import Histogram, Spread, histogram, spread
from selfinstruct.store.notes import asked_otherwise
from selfinstruct.store.record import AttemptRecord, RunRecord

__all__ = ["Pace", "RunUsage", "StageUse", "describe_usage"]

PAUSE = 60.0
"""Seconds without any request under way that count as a pause of the run, not as its work."""

PACE_BINS = 60
LATENCY_STEPS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class StageUse:
    """requests: completed ones; attempts: sent for them, failed: of these, those without a completion.
    …_tokens: as `TokenCounts` has them. cost: US dollars; None without prices. seconds: a reply's, of
    completed requests; latency: the same as a histogram."""

    stage: Stage
    requests: int
    attempts: int
    failed: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    cost: float | None
    seconds: Spread
    latency: Histogram


@dataclass(frozen=True, slots=True)
class Pace:
    """Completed requests in equal spans of the time from the first to the last. seconds: of one span."""

    seconds: float
    requests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RunUsage:
    """negotiated: attempts by which was found out what the endpoint takes. errors: failed attempts, by the
    error's class. open: attempts whose process died before their outcome; they count as sent, and their
    tokens are not known.
    unrecognized: the endpoint's words on the last request lost as `unrecognized_error`; None where none was.
    asked_otherwise: by stage, in what its requests differ from what the recipe asks for, since the endpoint
        does not take that.
    cost: US dollars; None without prices. estimated: some endpoint does not count tokens.
    …_a_task: over the data set's tasks; None where there are none.
    elapsed: seconds from the first request to the last reply; working: the same without the run's pauses.
    """

    stages: tuple[StageUse, ...]
    negotiated: int
    errors: dict[str, int]
    unrecognized: str | None
    asked_otherwise: dict[Stage, tuple[str, ...]]
    open: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    estimated: bool
    cost: float | None
    requests_a_task: float | None
    tokens_a_task: float | None
    cost_a_task: float | None
    seconds: Spread
    elapsed: float
    working: float
    pace: Pace | None


def describe_usage(record: RunRecord) -> RunUsage:
    """Of a run at any moment."""
    summary, config = record.summary, record.config
    by_stage: defaultdict[Stage, list[AttemptRecord]] = defaultdict(list)
    for attempt in record.attempts:
        by_stage[attempt.stage].append(attempt)
    cost = config.cost(summary.by_stage, summary.batched)
    tokens, tasks = summary.prompt_tokens + summary.completion_tokens, summary.tasks
    completed = [each for each in record.attempts if each.outcome == "completed"]
    return RunUsage(
        stages=tuple(_stage(record, stage, by_stage[stage]) for stage in Stage),
        negotiated=summary.negotiated,
        errors=summary.errors,
        unrecognized=summary.last_unrecognized,
        asked_otherwise=asked_otherwise(record.notes),
        open=record.counts.open,
        prompt_tokens=summary.prompt_tokens,
        completion_tokens=summary.completion_tokens,
        cached_tokens=summary.cached_tokens,
        cache_write_tokens=summary.cache_write_tokens,
        reasoning_tokens=summary.reasoning_tokens,
        estimated=summary.estimated,
        cost=cost,
        requests_a_task=summary.attempts / tasks if tasks else None,
        tokens_a_task=tokens / tasks if tasks else None,
        cost_a_task=cost / tasks if tasks and cost is not None else None,
        seconds=spread([each.seconds or 0.0 for each in completed]),
        elapsed=(summary.last or 0.0) - (summary.first or 0.0),
        working=_working(record.attempts),
        pace=_pace(completed, record.scale),
    )


def _stage(record: RunRecord, stage: Stage, attempts: Sequence[AttemptRecord]) -> StageUse:
    seconds = [each.seconds or 0.0 for each in attempts if each.outcome == "completed"]
    use = record.summary.by_stage[stage]
    endpoint = record.config.for_stage(stage).endpoint
    return StageUse(
        stage=stage,
        requests=use.completed,
        attempts=use.attempts,
        failed=record.counts.failed.get(stage, 0),
        prompt_tokens=use.prompt_tokens,
        completion_tokens=use.completion_tokens,
        cached_tokens=use.cached_tokens,
        cache_write_tokens=use.cache_write_tokens,
        reasoning_tokens=use.reasoning_tokens,
        cost=endpoint.cost(use, record.summary.batched.get(stage)),
        seconds=spread(seconds),
        latency=histogram(seconds, (0.0, *LATENCY_STEPS), open_ended=True),
    )


def _working(attempts: Sequence[AttemptRecord]) -> float:
    """Seconds in which requests were under way, or would soon be again."""
    total, end = 0.0, None
    for each in sorted(attempts, key=lambda attempt: attempt.started):
        over = each.started + (each.seconds or 0.0)
        if end is None:
            total += over - each.started
        elif over > end:
            total += over - (each.started if each.started - end > PAUSE else end)
        end = over if end is None else max(end, over)
    return total


def _pace(completed: Sequence[AttemptRecord], scale: float) -> Pace | None:
    """None where nothing took any time. scale: by which counts are multiplied."""
    ends = [each.started + (each.seconds or 0.0) for each in completed]
    if len(ends) < 2 or max(ends) == min(ends):
        return None
    first, span = min(ends), (max(ends) - min(ends)) / PACE_BINS
    edges = [first + number * span for number in range(PACE_BINS)] + [max(ends)]
    counts = histogram(ends, edges).counts
    return Pace(span, tuple(round(count * scale) for count in counts))
