"""A new run from a recorded one: its requests and replies, under other verdicts.

What depends on the pool is renumbered on the way. A task of the new run keeps whatever the old one has of the
same candidate: classification, instances, their requests and attempts. What the old run sent for tasks that
the new one does not hold stays with the old one.

A recorded prompt may show an instruction that the new verdicts reject, and that has no place in the new pool
then. Its demonstrations name it as what it still is, a candidate: `17.3` instead of a number (`lineage`).
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from selfinstruct.config import Config
from selfinstruct.errors import ConfigError
from selfinstruct.paths import path_problem
from selfinstruct.records import ABOUT_SEEDS, JudgedInstruction, Stage
from selfinstruct.store.attributes import ASKED
from selfinstruct.store.connection import connect, snapshot
from selfinstruct.store.directory import RunPaths, atomic_write
from selfinstruct.store.encoding import JSON, clean_text, to_json
from selfinstruct.store.failures import from_os, storage_errors
from selfinstruct.store.names import candidate_id
from selfinstruct.store.reader import JudgedTask
from selfinstruct.store.state import load_seeds
from selfinstruct.store.writer import DEMONSTRATIONS, INSTANCE, PREAMBLE, REQUEST, SAMPLING, SETTLE, RunWriter

__all__ = ["Place", "copy_run", "new_directory"]

ATTEMPT = "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
BATCH = "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
BATCHED = "INSERT INTO batched SELECT ?, ? WHERE EXISTS (SELECT 1 FROM attempts WHERE id = ?)"
BATCHES_THERE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'batched'"
REJUDGE = "UPDATE instances SET reason = ?, detail = ? WHERE task = ? AND position = ?"
TASK_STATE = "UPDATE tasks SET is_classification = ?, valid = ?, reason = ? WHERE number = ?"

Place = tuple[int, int]
"""Of a candidate: its ticket, and its position in the reply."""

_Row = tuple[Any, ...]


@contextmanager
def new_directory(path: Path) -> Iterator[Path]:
    """A folder that is there as a whole, with what the block put into it, or not at all.

    It grows under another name in the same folder, which is removed when the block fails; a kill may leave it
    there. Raises ConfigError where the path is taken, before the block or after it, and StorageError.
    """
    if problem := path_problem(path):
        raise problem
    target = path.resolve()
    taken = ConfigError(f"{path} already exists, and a new run does not overwrite it.", "Name a new folder.")
    if target.exists():
        raise taken
    growing = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    with storage_errors(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        growing.mkdir()
    try:
        yield growing
        try:
            growing.rename(target)
        except OSError as error:
            raise (taken if target.exists() else from_os(error, path)) from error
    except BaseException:
        shutil.rmtree(growing, ignore_errors=True)
        raise


def copy_run(
    source: Path,
    target: Path,
    config: Config,
    tickets: Sequence[Sequence[JudgedInstruction]],
    tasks: Mapping[Place, JudgedTask],
    *,
    notes: Mapping[str, JSON],
    remark: str,
) -> None:
    """Write the run into `target`, a new folder.

    tickets: all of 0, 1, 2 … that the new run admits, each with its candidates at their places.
    tasks: by their places, those whose instances and reason take the place of the recorded ones.
    notes: all that the new run has. remark: one line, for the head of config.toml.
    What the source's writer records meanwhile does no harm: tickets beyond `tickets` come along as replies
    that wait to be admitted. Raises StorageError.
    """
    old, new = RunPaths(source), RunPaths(target)
    with snapshot(old.database, old.lock) as origin:
        with closing(RunWriter.open(target, config, load_seeds(origin))) as writer:
            for ticket, judged in enumerate(tickets):
                writer.admit(ticket, judged)
            for key, value in notes.items():
                writer.note(key, value)
        with storage_errors(new.database), closing(connect(new.database)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            _copy_rows(_Source(origin, old.database), connection)
            _settle_anew(connection, tasks)
            connection.execute("COMMIT")
    _put_first(new.config, f"# {clean_text(remark)}\n")


class _Source:
    """The run that is copied. Its failures name its own file, wherever its rows are read."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self._path = connection, path

    def rows(self, query: str) -> Iterator[_Row]:
        with storage_errors(self._path):
            yield from self._connection.execute(query)

    def has_table(self, name: str) -> bool:
        """False of one that came with a later version than the run's."""
        query = "SELECT 1 FROM sqlite_master WHERE name = ?"
        with storage_errors(self._path):
            return self._connection.execute(query, (name,)).fetchone() is not None


class _Renumbering:
    """From the tasks and the pool of one run to those of the other, by the candidates' places."""

    def __init__(self, source: _Source, connection: sqlite3.Connection) -> None:
        ((self._seeds,),) = source.rows("SELECT count(*) FROM seeds")
        self._places: list[Place] = [
            (ticket, position)
            for ticket, position in source.rows("SELECT ticket, position FROM tasks ORDER BY number")
        ]
        self._numbers: dict[Place, int] = {
            (ticket, position): number
            for number, ticket, position in connection.execute("SELECT number, ticket, position FROM tasks")
        }

    def task(self, number: int) -> int | None:
        """A task's new number; None where the new run has no such task."""
        return self._numbers.get(self._places[number])

    def subject(self, stage: str, number: int, position: int) -> int | None:
        """A request's, likewise; tickets keep theirs, and so do seeds."""
        of_ticket = stage in (Stage.INSTRUCTIONS, Stage.MEANING)
        return number if of_ticket or (stage, position) in ABOUT_SEEDS else self.task(number)

    def demonstration(self, entry: int | str) -> int | str:
        """A pool index or, of what is in no pool, a candidate's id; before and after."""
        if isinstance(entry, int) and entry < self._seeds:
            return entry
        place = _place(entry) if isinstance(entry, str) else self._places[entry - self._seeds]
        number = self._numbers.get(place)
        return candidate_id(*place) if number is None else self._seeds + number


def _place(identifier: str) -> Place:
    ticket, _, position = identifier.partition(".")
    return int(ticket), int(position)


def _copy_rows(source: _Source, connection: sqlite3.Connection) -> None:
    """All that `RunWriter.admit` does not write."""
    numbers = _Renumbering(source, connection)
    copy = connection.executemany
    copy(PREAMBLE, source.rows("SELECT id, text FROM preambles"))
    copy(SAMPLING, source.rows("SELECT id, value FROM samplings"))
    attempts = source.rows("SELECT * FROM attempts")
    copy(
        ATTEMPT,
        (
            (key, stage, subject, position, *rest)
            for key, stage, number, position, *rest in attempts
            if (subject := numbers.subject(stage, number, position)) is not None
        ),
    )
    if any(source.rows(BATCHES_THERE)):
        copy(BATCH, source.rows("SELECT * FROM batches"))
        copy(BATCHED, source.rows("SELECT attempt, batch, attempt FROM batched"))
    requests = source.rows("SELECT * FROM requests")
    copy(
        REQUEST,
        (
            (stage, subject, position, *rest)
            for stage, number, position, *rest in requests
            if (subject := numbers.subject(stage, number, position)) is not None
        ),
    )
    demonstrations = source.rows("SELECT ticket, shown FROM demonstrations")
    copy(
        DEMONSTRATIONS,
        (
            (ticket, to_json([numbers.demonstration(entry) for entry in json.loads(shown)]))
            for ticket, shown in demonstrations
        ),
    )
    if source.has_table("attributes"):
        copy(ASKED, source.rows("SELECT ticket, asked FROM attributes"))
    states = source.rows("SELECT number, is_classification, valid, reason FROM tasks")
    copy(
        TASK_STATE,
        ((*state, task) for number, *state in states if (task := numbers.task(number)) is not None),
    )
    instances = source.rows("SELECT * FROM instances")
    copy(
        INSTANCE,
        ((task, *rest) for number, *rest in instances if (task := numbers.task(number)) is not None),
    )


def _settle_anew(connection: sqlite3.Connection, judged: Mapping[Place, JudgedTask]) -> None:
    """Other verdicts on the recorded instances, and on the tasks."""
    for number, ticket, position in connection.execute(
        "SELECT number, ticket, position FROM tasks"
    ).fetchall():
        task = judged.get((ticket, position))
        if task is not None:
            verdicts = [each.verdict for each in task.instances]
            rows = [(verdict.reason, verdict.detail, number, at) for at, verdict in enumerate(verdicts)]
            connection.executemany(REJUDGE, rows)
            connection.execute(SETTLE, (task.reason is None, task.reason, number))


def _put_first(path: Path, line: str) -> None:
    rest = path.read_text(encoding="utf-8")
    with atomic_write(path) as file:
        file.write(line + rest)
