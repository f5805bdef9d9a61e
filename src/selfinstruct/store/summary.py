"""A run in numbers."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from selfinstruct.records import Stage, TokenCounts
from selfinstruct.store.batches import BatchStanding, batch_standings, holds_batches
from selfinstruct.store.meanings import untested
from selfinstruct.store.schema import NEGOTIATED, UNRECOGNIZED
from selfinstruct.store.selection import select_tasks

__all__ = ["StageSummary", "Summary", "in_and_out", "summarize", "tokens_used"]

OF_TASKS = (Stage.CLASSIFICATION, Stage.INSTANCES, Stage.ANSWERS)
"""Stages whose requests are about a task."""


@dataclass(frozen=True, slots=True)
class StageSummary:
    """One stage's requests. Tokens are as `TokenCounts` has them. `mean_seconds` is of the completed ones;
    None where there are none. `settled`: of the completed ones, those that tasks needed which are settled;
    0 for instructions. `once`: those that a run needs once, about seeds."""

    completed: int
    attempts: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    mean_seconds: float | None
    settled: int
    once: int


@dataclass(frozen=True, slots=True)
class Summary:
    """All counts are of the whole run, except `tasks` and `instances`: of the data set.

    admitted: tasks, valid or not; pending: those not settled yet; invalid_tasks: why the others are not
        in the data set.
    requests: completed ones; lost: those that never will be, by reason; attempts: what was sent for
        them, retries included; errors: failed attempts, by the error's class; negotiated: attempts by which
        was found out what the endpoint takes.
    last_unrecognized: what the endpoint said of the last request that was lost as `unrecognized_error`; None
        where none was.
    last_failure: what the attempt that was sent last, of those that came to an end, failed with; None
        where it was completed, and before any.
    …_tokens: as `TokenCounts` has them; estimated: some endpoint did not count them.
    tickets: admitted ones; candidates: what their replies held; rejected: of these, by reason.
    first, last: seconds since 1970 of the first attempt's start and the last one's end; None before.
    untested: admitted tasks that were not compared by meaning, though they should have been: their embeddings
        were lost.
    batches: those that were sent to the provider; batched: of the tokens, those of requests in batches, by
        stage.
    """

    tasks: int
    instances: int
    admitted: int
    pending: int
    invalid_tasks: dict[str, int]
    requests: int
    attempts: int
    lost: dict[str, int]
    errors: dict[str, int]
    negotiated: int
    last_unrecognized: str | None
    last_failure: str | None
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    estimated: bool
    by_stage: dict[Stage, StageSummary]
    tickets: int
    candidates: int
    rejected: dict[str, int]
    rejected_instances: dict[str, int]
    first: float | None
    last: float | None
    untested: int = 0
    batches: tuple[BatchStanding, ...] = ()
    batched: dict[Stage, TokenCounts] = field(default_factory=dict)

    @property
    def spare(self) -> int:
        """Admitted tasks that are neither dropped nor in the data set: beyond those wanted or, where tasks
        are missing, still in progress (not settled, or behind one that is not)."""
        return self.admitted - sum(self.invalid_tasks.values()) - self.tasks

    @property
    def unrecognized(self) -> dict[str, Any]:
        """The requests lost as `unrecognized_error`, as commands print them with --json."""
        return {"count": self.lost.get(UNRECOGNIZED, 0), "last_message": self.last_unrecognized}


def summarize(connection: sqlite3.Connection, wanted: int) -> Summary:
    """`wanted` is the number of tasks asked for, which the data set ends at."""
    selected = select_tasks(connection, wanted)
    (beyond,) = connection.execute(
        "SELECT count(*) FROM tasks JOIN instances ON task = number"
        " WHERE number >= ? AND valid AND instances.reason IS NULL",
        (selected.end,),
    ).fetchone()
    admitted, pending, instances = connection.execute(
        "SELECT (SELECT count(*) FROM tasks), (SELECT count(*) FROM tasks WHERE valid IS NULL), instances"
        " FROM task_totals"
    ).fetchone()
    estimated, first, last = connection.execute(
        "SELECT coalesce(sum(estimated), 0), (SELECT started FROM attempts ORDER BY id LIMIT 1),"
        " max(max(last), (SELECT started FROM attempts ORDER BY id DESC LIMIT 1)) FROM request_totals"
    ).fetchone()
    tickets, candidates = connection.execute(
        "SELECT count(*), coalesce(sum(candidates), 0) FROM tickets"
    ).fetchone()
    last_outcome = connection.execute(
        "SELECT outcome, message FROM attempts WHERE outcome IS NOT NULL"
        " AND outcome <> 'negotiated' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    errors = _counts(
        connection,
        "SELECT outcome, count(*) FROM attempts"
        " WHERE outcome IS NOT NULL AND outcome <> 'completed' GROUP BY outcome",
    )
    negotiated = errors.pop(NEGOTIATED, 0)
    unrecognized = connection.execute(
        "SELECT message FROM requests WHERE lost = ? ORDER BY rowid DESC LIMIT 1", (UNRECOGNIZED,)
    ).fetchone()
    by_stage = _stages(connection)
    return Summary(
        tasks=selected.tasks,
        instances=instances - beyond,
        admitted=admitted,
        pending=pending,
        invalid_tasks=_counts(
            connection, "SELECT reason, count(*) FROM tasks WHERE valid = 0 GROUP BY reason"
        ),
        requests=sum(stage.completed for stage in by_stage.values()),
        attempts=sum(stage.attempts for stage in by_stage.values()),
        lost=_counts(connection, "SELECT lost, count(*) FROM requests WHERE lost IS NOT NULL GROUP BY lost"),
        errors=errors,
        negotiated=negotiated,
        last_unrecognized=unrecognized and unrecognized[0],
        last_failure=last_outcome[1] if last_outcome and last_outcome[0] != "completed" else None,
        prompt_tokens=sum(stage.prompt_tokens for stage in by_stage.values()),
        completion_tokens=sum(stage.completion_tokens for stage in by_stage.values()),
        cached_tokens=sum(stage.cached_tokens for stage in by_stage.values()),
        cache_write_tokens=sum(stage.cache_write_tokens for stage in by_stage.values()),
        reasoning_tokens=sum(stage.reasoning_tokens for stage in by_stage.values()),
        estimated=bool(estimated),
        by_stage=by_stage,
        tickets=tickets,
        candidates=candidates,
        rejected=_counts(
            connection, "SELECT reason, count(*) FROM candidates WHERE reason IS NOT NULL GROUP BY reason"
        ),
        rejected_instances=_counts(
            connection, "SELECT reason, count(*) FROM instances WHERE reason IS NOT NULL GROUP BY reason"
        ),
        first=first,
        last=last,
        untested=untested(connection),
        batches=batch_standings(connection),
        batched=_in_batches(connection),
    )


def _in_batches(connection: sqlite3.Connection) -> dict[Stage, TokenCounts]:
    if not holds_batches(connection):
        return {}
    rows = connection.execute(
        "SELECT stage, sum(prompt_tokens), sum(completion_tokens), sum(cached_tokens),"
        " sum(cache_write_tokens), sum(reasoning_tokens) FROM batched CROSS JOIN attempts ON id = attempt"
        " WHERE outcome = 'completed'"
        " GROUP BY stage"
    )
    return {Stage(stage): TokenCounts(*tokens) for stage, *tokens in rows}


def _counts(connection: sqlite3.Connection, query: str) -> dict[str, int]:
    """Commonest first."""
    return dict(sorted(connection.execute(query), key=lambda row: (-row[1], row[0])))


def _stages(connection: sqlite3.Connection) -> dict[Stage, StageSummary]:
    """Of tasks that are not settled, few as a rule, the requests are counted one by one."""
    unsettled = dict(
        connection.execute(
            "SELECT stage, count(*) FROM tasks CROSS JOIN requests ON subject = number"
            " AND stage IN ('classification', 'instances', 'answers')"
            " WHERE valid IS NULL AND attempt IS NOT NULL AND NOT (stage = 'classification' AND"
            " requests.position = 1) GROUP BY stage"
        )
    )
    rows = connection.execute(
        "SELECT stage, sum(completed), sum(attempts), sum(prompt_tokens), sum(completion_tokens),"
        " sum(cached_tokens), sum(cache_write_tokens), sum(reasoning_tokens), sum(seconds),"
        " sum(completed) FILTER (WHERE NOT once), coalesce(sum(completed) FILTER (WHERE once), 0)"
        " FROM request_totals GROUP BY stage"
    )
    known = {}
    for stage, completed, attempts, *tokens, seconds, of_tasks, once in rows:
        settled = (of_tasks or 0) - unsettled.get(stage, 0) if stage in OF_TASKS else 0
        mean = seconds / completed if completed else None
        prompt, completion, cached, written, reasoning = tokens
        known[stage] = StageSummary(
            completed, attempts, prompt, completion, cached, written, reasoning, mean, settled, once
        )
    return {stage: known.get(stage, StageSummary(0, 0, 0, 0, 0, 0, 0, None, 0, 0)) for stage in Stage}


def tokens_used(used: Summary | StageSummary) -> str:
    """`812 in (700 cached), 96 out (60 thinking)`, without what is zero."""
    from_cache = {"cached": used.cached_tokens, "written to the cache": used.cache_write_tokens}
    return f"{_part(used.prompt_tokens, 'in', from_cache)}, " + _part(
        used.completion_tokens, "out", {"thinking": used.reasoning_tokens}
    )


def in_and_out(summary: Summary) -> str:
    """The same, and whether they are estimates."""
    estimated = ", estimated: the endpoint does not count them" if summary.estimated else ""
    return tokens_used(summary) + estimated


def _part(tokens: int, direction: str, kinds: Mapping[str, int]) -> str:
    of_these = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items() if count)
    return f"{tokens:,} {direction}" + (f" ({of_these})" if of_these else "")
