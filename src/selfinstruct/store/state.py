"""What a run has on the disk, as pipeline/ needs it to go on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selfinstruct.config import Config
from selfinstruct.records import Attributes, Completion, Example, Prompt, SeedTask, Stage
from selfinstruct.store.attributes import load_asked
from selfinstruct.store.encoding import sampling_from_json, seed_from_row
from selfinstruct.store.schema import stored_config

__all__ = [
    "RecordedRequest",
    "RequestName",
    "RunState",
    "TaskState",
    "TokenUse",
    "load_latest_completions",
    "load_notes",
    "load_recorded_requests",
    "load_seeds",
    "load_state",
]


RequestName = tuple[Stage, int, int]
"""Stage, subject and position, as in `Request`."""


@dataclass(frozen=True, slots=True)
class TaskState:
    """An admitted task. None: not known yet. `valid` is known once it is settled; `needs_input` is what the
    reply said that it came from, `example` what that reply holds of it, `position` its place there.
    reason: why it is not valid."""

    is_classification: bool | None
    valid: bool | None
    needs_input: bool
    example: Example
    position: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TokenUse:
    """Tokens of a stage, as `TokenCounts` has them. open_…: what was reserved for attempts whose process died
    before their outcome; spent, as far as anybody knows."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    open_prompt_tokens: int = 0
    open_completion_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True, slots=True)
class RunState:
    """Where a run stands.

    tickets: candidates and admitted ones of each admitted ticket, in order, and whether its request was lost;
        `instructions`, `tasks`: of each admitted task, by its number.
    completions, lost: of tickets not admitted and tasks not settled; `lost` gives the reason.
    asked: by ticket, the attributes that its request asked for, where it did.
    attempts: every intent that was not withdrawn. completed: requests, over the whole run, as is `used`.
    used_in_batches: of `used`, what requests in batches took.
    """

    config: Config
    seeds: tuple[SeedTask, ...]
    tickets: tuple[tuple[int, int, bool], ...]
    instructions: list[str]
    tasks: list[TaskState]
    completions: dict[RequestName, Completion]
    lost: dict[RequestName, str]
    attempts: int
    completed: int
    used: dict[Stage, TokenUse]
    used_in_batches: dict[Stage, TokenUse]
    notes: dict[str, Any]
    asked: dict[int, tuple[Attributes, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request that is over. outcome: its completion, or the reason why it was lost."""

    subject: int
    prompt: Prompt
    outcome: Completion | str


TOKENS_USED = (
    "SELECT stage, coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0),"
    " coalesce(sum(reserved_prompt_tokens) FILTER (WHERE outcome IS NULL), 0),"
    " coalesce(sum(reserved_completion_tokens) FILTER (WHERE outcome IS NULL), 0),"
    " coalesce(sum(cached_tokens), 0), coalesce(sum(cache_write_tokens), 0)"
    " FROM attempts{} GROUP BY stage"
)
IN_BATCHES = " JOIN batched ON attempt = id"

TICKETS = (
    "SELECT candidates, admitted, lost IS NOT NULL FROM tickets"
    " LEFT JOIN requests ON stage = 'instructions' AND subject = number ORDER BY number"
)

# What `_outcome` makes one of, in its order: of a request r and its attempt a.
OUTCOME = (
    "r.lost, r.reply, a.finish_reason, a.prompt_tokens, a.completion_tokens, a.estimated, a.seconds,"
    " a.cached_tokens, a.cache_write_tokens, a.reasoning_tokens"
)

# The requests whose reply is still to be used, all that are about seeds (`CALIBRATION`) among them.
UNUSED_REPLIES = (
    f"SELECT r.stage, r.subject, r.position, {OUTCOME}"  # noqa: S608 - columns from above
    " FROM requests r LEFT JOIN attempts a ON a.id = r.attempt"
    " WHERE r.stage = 'instructions' AND r.subject >= ?"
    " OR r.stage = 'classification' AND r.position = 1"
    " OR r.stage IN ('classification', 'instances', 'answers')"
    " AND r.subject IN (SELECT number FROM tasks WHERE valid IS NULL)"
)

RECORDED_REQUESTS = (
    f"SELECT r.subject, p.text, r.body, r.sampling, r.demonstrations, {OUTCOME}"  # noqa: S608 - as above
    " FROM requests r JOIN preambles p ON p.id = r.preamble LEFT JOIN attempts a ON a.id = r.attempt"
    " WHERE r.stage = ? ORDER BY r.subject"
)

LATEST_COMPLETIONS = (
    f"SELECT {OUTCOME}"  # noqa: S608 - as above
    " FROM requests r JOIN attempts a ON a.id = r.attempt WHERE r.stage = ?"
    " ORDER BY r.subject DESC LIMIT ?"
)


def load_state(connection: sqlite3.Connection, path: Path) -> RunState:
    """Read all of it; `path` is the database's, for messages."""
    config = stored_config(connection, path)
    assert config is not None, "a run that is open has its config"
    tickets = tuple(
        (candidates, admitted, bool(lost)) for candidates, admitted, lost in connection.execute(TICKETS)
    )
    completions, lost = _unused_replies(connection, len(tickets))
    attempts, completed = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE outcome = 'completed') FROM attempts"
    ).fetchone()
    return RunState(
        config=config,
        seeds=load_seeds(connection),
        tickets=tickets,
        instructions=[
            text
            for (text,) in connection.execute(
                "SELECT text FROM tasks JOIN candidates USING (ticket, position) ORDER BY number"
            )
        ],
        tasks=[
            TaskState(_truth(answer), _truth(valid), bool(needs_input), Example(text, given), position, why)
            for answer, valid, needs_input, text, given, position, why in connection.execute(
                "SELECT tasks.is_classification, valid, needs_input, text, given, position, tasks.reason"
                " FROM tasks JOIN candidates USING (ticket, position) ORDER BY number"
            )
        ],
        completions=completions,
        lost=lost,
        attempts=attempts,
        completed=completed,
        used=_token_use(connection, ""),
        used_in_batches=_token_use(connection, IN_BATCHES),
        notes=load_notes(connection),
        asked=load_asked(connection),
    )


def _token_use(connection: sqlite3.Connection, joined: str) -> dict[Stage, TokenUse]:
    rows = connection.execute(TOKENS_USED.format(joined))
    return {Stage(stage): TokenUse(*tokens) for stage, *tokens in rows}


def load_seeds(connection: sqlite3.Connection) -> tuple[SeedTask, ...]:
    """In the pool's order."""
    return tuple(map(seed_from_row, connection.execute("SELECT * FROM seeds ORDER BY number")))


def load_notes(connection: sqlite3.Connection) -> dict[str, Any]:
    """By key."""
    rows = connection.execute("SELECT key, value FROM notes ORDER BY key")
    return {key: json.loads(value) for key, value in rows}


def load_recorded_requests(connection: sqlite3.Connection, stage: Stage) -> Iterator[RecordedRequest]:
    """By subject."""
    samplings = {
        key: sampling_from_json(value) for key, value in connection.execute("SELECT id, value FROM samplings")
    }
    rows = connection.execute(RECORDED_REQUESTS, (stage.value,))
    for subject, preamble, body, sampling, demonstrations, *outcome in rows:
        prompt = Prompt(preamble, body, samplings[sampling], demonstrations)
        yield RecordedRequest(subject, prompt, _outcome(outcome))


def load_latest_completions(connection: sqlite3.Connection, stage: Stage, count: int) -> list[Completion]:
    """By subject."""
    outcomes = map(_outcome, connection.execute(LATEST_COMPLETIONS, (stage.value, count)))
    return [outcome for outcome in outcomes if isinstance(outcome, Completion)][::-1]


def _unused_replies(
    connection: sqlite3.Connection, next_ticket: int
) -> tuple[dict[RequestName, Completion], dict[RequestName, str]]:
    completions: dict[RequestName, Completion] = {}
    lost: dict[RequestName, str] = {}
    for stage, subject, position, *columns in connection.execute(UNUSED_REPLIES, (next_ticket,)):
        key, outcome = (Stage(stage), subject, position), _outcome(columns)
        if isinstance(outcome, str):
            lost[key] = outcome
        else:
            completions[key] = outcome
    return completions, lost


def _outcome(columns: Sequence[Any]) -> Completion | str:
    lost, reply, finish_reason, prompt_tokens, completion_tokens, estimated, *rest = columns
    if lost is not None:
        return str(lost)
    return Completion(reply, finish_reason, prompt_tokens, completion_tokens, bool(estimated), *rest)


def _truth(column: int | None) -> bool | None:
    return None if column is None else bool(column)
