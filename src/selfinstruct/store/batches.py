"""Batches of requests that were sent to a provider: which attempts are in which, and how far it is.

An attempt that is to go in a batch is in batch 0 until it is in one. What a process that died had gathered
was never asked: `withdraw_unsent` takes it back. An attempt of a batch that was created stays open until its
result is recorded, whichever process does that.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from selfinstruct.records import Stage

if TYPE_CHECKING:
    from selfinstruct.store.commit import Statement

__all__ = [
    "NOT_IN_ANY",
    "BatchStanding",
    "OpenAttempt",
    "StoredBatch",
    "batch_standings",
    "create_tables",
    "holds_batches",
    "load_batches",
    "prepared",
    "withdraw_unsent",
]

NOT_IN_ANY = 0
"""The batch of attempts that wait to be put into one."""

TABLES = (
    # One row a batch, before anything of it is sent. key: ours, which the provider keeps. address: where it
    # was sent. file, remote: the provider's ids, NULL until known. status: the provider's word. done, failed:
    # its requests, as the provider counts them. checked: when it was last looked at; seconds since 1970.
    "CREATE TABLE IF NOT EXISTS batches (number INTEGER PRIMARY KEY, key TEXT NOT NULL,"
    " address TEXT NOT NULL, requests INTEGER NOT NULL, tokens INTEGER NOT NULL, created REAL NOT NULL,"
    " file TEXT, remote TEXT,"
    " status TEXT NOT NULL, done INTEGER NOT NULL, failed INTEGER NOT NULL, message TEXT NOT NULL,"
    " checked REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS batched (attempt INTEGER PRIMARY KEY, batch INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS batched_in ON batched (batch)",
)
_OPEN = (
    "SELECT a.id, a.stage, a.subject, a.position, a.reserved_prompt_tokens, a.reserved_completion_tokens"
    " FROM batched JOIN attempts a ON a.id = attempt WHERE batch = ? AND a.outcome IS NULL"
)
BATCH = "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, 'uploading', 0, 0, '', ?)"
GATHER = "INSERT INTO batched VALUES (?, 0)"
PUT_INTO = "UPDATE batched SET batch = ? WHERE attempt = ?"
UPLOADED = "UPDATE batches SET file = ?, status = 'uploaded' WHERE number = ?"
STANDING = (
    "UPDATE batches SET remote = ?, status = ?, done = ?, failed = ?, message = ?, checked = ?"
    " WHERE number = ?"
)
DISSOLVE = "UPDATE batches SET status = 'not sent' WHERE number = ?"
UNGATHER = "DELETE FROM batched WHERE attempt = ?"


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt in a batch whose outcome is not recorded, with what was reserved for it."""

    number: int
    stage: Stage
    subject: int
    position: int
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch with results still to come, or to be recorded. file, remote: the provider's ids, empty until
    known."""

    number: int
    attempts: tuple[OpenAttempt, ...] = field(repr=False)
    key: str
    address: str
    tokens: int
    created: float
    file: str
    remote: str


@dataclass(frozen=True, slots=True)
class BatchStanding:
    """A batch, for people. open: requests whose results are not recorded; done, failed: as the provider
    counted when it was last asked, `checked` seconds since 1970."""

    number: int
    id: str
    status: str
    requests: int
    open: int
    done: int
    failed: int
    message: str
    created: float
    checked: float


def create_tables(connection: sqlite3.Connection) -> None:
    """Where they are not there yet."""
    for table in TABLES:
        connection.execute(table)


def holds_batches(connection: sqlite3.Connection) -> bool:
    """Whether the run has the tables: one that was begun before there were any has not."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'batched'"
    return connection.execute(query).fetchone() is not None


def withdraw_unsent(connection: sqlite3.Connection) -> None:
    """Take back attempts that were never put into a batch, in a transaction of its own. For whoever has just
    begun to write the run."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "DELETE FROM attempts WHERE outcome IS NULL AND id IN (SELECT attempt FROM batched WHERE batch = 0)"
    )
    connection.execute("DELETE FROM batched WHERE batch = 0")
    connection.execute("COMMIT")


def load_batches(connection: sqlite3.Connection) -> list[StoredBatch]:
    """Those with open attempts, the first one first."""
    rows = connection.execute(
        "SELECT number, key, address, tokens, created, coalesce(file, ''), coalesce(remote, '') FROM batches"
        " ORDER BY number"
    ).fetchall()
    found = []
    for number, *rest in rows:
        attempts = tuple(
            OpenAttempt(attempt, Stage(stage), *columns)
            for attempt, stage, *columns in connection.execute(_OPEN, (number,))
        )
        if attempts:
            found.append(StoredBatch(number, attempts, *rest))
    return found


def batch_standings(connection: sqlite3.Connection) -> tuple[BatchStanding, ...]:
    """All of the run, the first one first; none where it has no tables."""
    if not holds_batches(connection):
        return ()
    rows = connection.execute(
        "SELECT number, coalesce(remote, ''), status, requests, (SELECT count(*) FROM batched JOIN attempts"
        " ON id = attempt WHERE batch = number AND outcome IS NULL), done, failed, message, created, checked"
        " FROM batches ORDER BY number"
    )
    return tuple(BatchStanding(*row) for row in rows)


def prepared(
    number: int, key: str, address: str, attempts: Collection[int], tokens: int
) -> Iterator[Statement]:
    """Of a batch that is about to be sent."""
    now = time.time()
    yield BATCH, (number, key, address, len(attempts), tokens, now, now)
    for attempt in attempts:
        yield PUT_INTO, (number, attempt)
