"""The one who writes a run. What is promised about it stands in the docstring of `store`."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from selfinstruct.config import Config
from selfinstruct.errors import StorageError
from selfinstruct.records import (
    Completion,
    JudgedInstance,
    JudgedInstruction,
    Request,
    Sampling,
    SeedTask,
)
from selfinstruct.store.attributes import ASKED, asked_row
from selfinstruct.store.batches import (
    DISSOLVE,
    GATHER,
    NOT_IN_ANY,
    PUT_INTO,
    STANDING,
    UNGATHER,
    UPLOADED,
    StoredBatch,
    load_batches,
    prepared,
)
from selfinstruct.store.commit import GroupCommit, Statement
from selfinstruct.store.connection import snapshot
from selfinstruct.store.directory import RunPaths
from selfinstruct.store.encoding import (
    JSON,
    clean_completion,
    neighbours_to_json,
    sampling_from_json,
    sampling_to_json,
    to_json,
)
from selfinstruct.store.lock import RunLock
from selfinstruct.store.meanings import MEANING, meaning_row
from selfinstruct.store.opening import open_run
from selfinstruct.store.state import RunState, load_state

__all__ = ["RunWriter"]

INTEND = (
    "INSERT INTO attempts (id, stage, subject, position, started, reserved_prompt_tokens,"
    " reserved_completion_tokens) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
WITHDRAW = "DELETE FROM attempts WHERE id = ?"
FAIL = "UPDATE attempts SET outcome = ?, message = ?, seconds = ? WHERE id = ?"
COMPLETE = (
    "UPDATE attempts SET outcome = 'completed', seconds = ?, finish_reason = ?, prompt_tokens = ?,"
    " completion_tokens = ?, cached_tokens = ?, cache_write_tokens = ?, reasoning_tokens = ?, estimated = ?"
    " WHERE id = ?"
)
REQUEST = "INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
DEMONSTRATIONS = "INSERT INTO demonstrations VALUES (?, ?)"
PREAMBLE = "INSERT INTO preambles VALUES (?, ?)"
SAMPLING = "INSERT INTO samplings VALUES (?, ?)"
TICKET = "INSERT INTO tickets VALUES (?, ?, ?)"
CANDIDATE = "INSERT INTO candidates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
TASK = "INSERT INTO tasks (number, ticket, position, is_classification) VALUES (?, ?, ?, ?)"
CLASSIFY = "UPDATE tasks SET is_classification = ? WHERE number = ?"
INSTANCE = "INSERT INTO instances VALUES (?, ?, ?, ?, ?, ?)"
SETTLE = "UPDATE tasks SET valid = ?, reason = ? WHERE number = ?"
NOTE = "INSERT OR REPLACE INTO notes VALUES (?, ?)"


class RunWriter:
    """One at a time, in one event loop. Coroutines return when what they tell is on the disk, functions
    at once; all take effect in the order of the calls.

    created: whether there was no run before. journal_mode: `wal`, or `delete` where the file system
    cannot do that (`connection.use_write_ahead_log`).
    Every method raises StorageError once storage has failed.
    """

    def __init__(
        self,
        directory: Path,
        lock: RunLock,
        connection: sqlite3.Connection,
        *,
        created: bool,
        journal_mode: str,
    ) -> None:
        self.directory = directory
        self.created = created
        self.journal_mode = journal_mode
        self._paths = RunPaths(directory)
        self._lock: RunLock | None = lock
        self._preambles = {text: key for key, text in connection.execute("SELECT id, text FROM preambles")}
        self._samplings: dict[Sampling, int] = {
            sampling_from_json(value): key
            for key, value in connection.execute("SELECT id, value FROM samplings")
        }
        self._attempts: int
        self._tasks: int
        self._attempts, self._tasks = connection.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM attempts), (SELECT count(*) FROM tasks)"
        ).fetchone()
        self._batches: int
        (self._batches,) = connection.execute("SELECT coalesce(max(number), 0) FROM batches").fetchone()
        self._commit = GroupCommit(connection, self._paths.database)

    @classmethod
    def open(cls, directory: Path, config: Config, seeds: Sequence[SeedTask]) -> Self:
        """Begin a run in this directory, or go on with the one that is there.

        Raises NotARunError where the directory holds something else (and touches nothing),
        RunInUseError where another process writes the run, RunMismatchError where `config` would change
        its data, StorageError.
        """
        directory = Path(directory)
        lock, connection, created, journal_mode = open_run(RunPaths(directory), config, seeds)
        try:
            return cls(directory, lock, connection, created=created, journal_mode=journal_mode)
        except BaseException:
            connection.close()
            lock.release()
            raise

    @property
    def transactions(self) -> int:
        """Committed since it was opened; fewer than operations, by as much as they came together."""
        return self._commit.transactions

    def state(self) -> RunState:
        """What is on the disk, for going on from there."""
        with snapshot(self._paths.database, self._paths.lock) as connection:
            return load_state(connection, self._paths.database)

    async def intend(
        self,
        request: Request,
        *,
        reserved_prompt_tokens: int,
        reserved_completion_tokens: int,
        in_batch: bool = False,
    ) -> int:
        """The number of the attempt, whose request may be sent now, or put into a batch. Cancelled, it
        withdraws it."""
        self._attempts += 1
        attempt = self._attempts
        row = (
            attempt,
            request.stage.value,
            request.subject,
            request.position,
            time.time(),
            reserved_prompt_tokens,
            reserved_completion_tokens,
        )
        try:
            await self._commit.commit((INTEND, row), *([(GATHER, (attempt,))] if in_batch else []))
        except asyncio.CancelledError:
            with suppress(StorageError):
                self.withdraw(attempt)
            raise
        return attempt

    def withdraw(self, attempt: int) -> None:
        """An attempt whose request was never sent: it leaves no trace."""
        self._commit.enqueue((WITHDRAW, (attempt,)), (UNGATHER, (attempt,)))

    def fail(self, attempt: int, error: str, message: str, seconds: float) -> None:
        """An attempt that brought no completion; `error` is the name of the error's class."""
        self._commit.enqueue((FAIL, (error, message, seconds, attempt)))

    async def complete(self, attempt: int, request: Request, completion: Completion) -> Completion:
        """The completion as it is kept (`encoding.clean_text`). Use this one, so that an interrupted run
        goes on with what an uninterrupted one has."""
        kept = clean_completion(completion)
        outcome = (
            kept.seconds,
            kept.finish_reason,
            kept.prompt_tokens,
            kept.completion_tokens,
            kept.cached_tokens,
            kept.cache_write_tokens,
            kept.reasoning_tokens,
            kept.estimated,
            attempt,
        )
        statements = self._request_statements(request, attempt=attempt, reply=kept.text)
        await self._commit.commit((COMPLETE, outcome), *statements)
        return kept

    async def lose(self, request: Request, reason: str, message: str) -> None:
        """A request that will never have a completion."""
        await self._commit.commit(*self._request_statements(request, lost=reason, message=message))

    def batches(self) -> list[StoredBatch]:
        """Those on the disk with attempts whose outcomes are still to be recorded."""
        with snapshot(self._paths.database, self._paths.lock) as connection:
            return load_batches(connection)

    async def prepare_batch(self, key: str, address: str, attempts: Collection[int], tokens: int) -> int:
        """The number of a batch of these attempts, which may be sent now."""
        self._batches += 1
        await self._commit.commit(*prepared(self._batches, key, address, attempts, tokens))
        return self._batches

    async def batch_uploaded(self, batch: int, file: str) -> None:
        """The batch's file is with the provider."""
        await self._commit.commit((UPLOADED, (file, batch)))

    async def batch_standing(
        self, batch: int, remote: str, status: str, done: int, failed: int, message: str
    ) -> None:
        """The batch is with the provider, and stands so."""
        row = (remote, status, done, failed, message, time.time(), batch)
        await self._commit.commit((STANDING, row))

    async def dissolve_batch(self, batch: int, attempts: Collection[int]) -> None:
        """The batch was not sent: its attempts leave no trace."""
        withdrawn = [(sql, (attempt,)) for attempt in attempts for sql in (WITHDRAW, UNGATHER)]
        await self._commit.commit(*withdrawn, (DISSOLVE, (batch,)))

    def gather_again(self, attempts: Collection[int]) -> None:
        """Attempts of a batch that did not come to them wait to be put into another."""
        self._commit.enqueue(*((PUT_INTO, (NOT_IN_ANY, attempt)) for attempt in attempts))

    def admit(self, ticket: int, judged: Sequence[JudgedInstruction]) -> None:
        """A ticket's candidates; tickets come in order, each once. The accepted ones become the next
        tasks, numbered 0, 1, 2 … over the run, classified where the reply said which they are."""
        statements: list[Statement] = []
        first = self._tasks
        for position, candidate in enumerate(judged):
            verdict = candidate.verdict
            neighbours = neighbours_to_json(candidate.neighbours)
            row = (ticket, position, candidate.text, verdict.reason, verdict.detail, neighbours)
            kind = candidate.is_classification, candidate.needs_input, candidate.input
            statements.append((CANDIDATE, (*row, candidate.mean_similarity, *kind)))
            if (compared := meaning_row(ticket, position, candidate)) is not None:
                statements.append((MEANING, compared))
            if verdict.accepted:
                statements.append((TASK, (self._tasks, ticket, position, candidate.is_classification)))
                self._tasks += 1
        self._commit.enqueue((TICKET, (ticket, len(judged), self._tasks - first)), *statements)

    def classify(self, task: int, is_classification: bool) -> None:
        """The answer of the classification stage."""
        self._commit.enqueue((CLASSIFY, (is_classification, task)))

    def settle(self, task: int, judged: Sequence[JudgedInstance], reason: str | None) -> None:
        """A task that is over. `reason`: None where it has a valid instance, otherwise why it is not in
        the data set (`no_valid_instance`, `lost`)."""
        instances = [
            (INSTANCE, (task, position, each.input, each.output, each.verdict.reason, each.verdict.detail))
            for position, each in enumerate(judged)
        ]
        self._commit.enqueue(*instances, (SETTLE, (reason is None, reason, task)))

    def note(self, key: str, value: JSON) -> None:
        """A small fact about the run (capabilities, why it stopped); replaces an earlier one."""
        self._commit.enqueue((NOTE, (key, to_json(value))))

    async def flush(self) -> None:
        """Return when everything told so far is on the disk."""
        await self._commit.commit()

    async def aclose(self) -> None:
        """`close`, without holding up the event loop."""
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Write what was told, then let others write. May be called twice.

        Raises StorageError where something could not be written and nobody has been told yet.
        """
        try:
            self._commit.close()
        finally:
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def _request_statements(
        self,
        request: Request,
        *,
        attempt: int | None = None,
        lost: str | None = None,
        message: str | None = None,
        reply: str | None = None,
    ) -> list[Statement]:
        """What keeps a request that is over, and whatever it shares with others once."""
        prompt = request.prompt
        statements: list[Statement] = []
        preamble = self._preambles.get(prompt.preamble)
        if preamble is None:
            preamble = self._preambles[prompt.preamble] = len(self._preambles) + 1
            statements.append((PREAMBLE, (preamble, prompt.preamble)))
        sampling = self._samplings.get(prompt.sampling)
        if sampling is None:
            sampling = self._samplings[prompt.sampling] = len(self._samplings) + 1
            statements.append((SAMPLING, (sampling, sampling_to_json(prompt.sampling))))
        if request.shown:
            statements.append((DEMONSTRATIONS, (request.subject, to_json(request.shown))))
        if request.asked:
            statements.append((ASKED, asked_row(request.subject, request.asked)))
        name = (request.stage.value, request.subject, request.position)
        row = (*name, attempt, lost, message, request.seed, preamble, sampling)
        statements.append((REQUEST, (*row, prompt.demonstrations, prompt.body, reply)))
        return statements
