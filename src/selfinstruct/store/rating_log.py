"""`ratings.db`, in a run's directory or beside predictions: what raters did, one row an event.

Rows are added and never changed (`ratings`). A row is on the disk when the method that adds it returns.

Not in run.db: that has one writer at a time, and people must be able to rate while a run is being written,
several of them at once. Here any number of processes may write; SQLite lets them wait for each other.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from selfinstruct import __version__
from selfinstruct.errors import NotARunError
from selfinstruct.store.connection import connect, snapshot, use_write_ahead_log
from selfinstruct.store.directory import RunPaths
from selfinstruct.store.encoding import clean_text, to_json
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.ratings import Action, Event

__all__ = ["RatingLog", "ratings_path", "read_events"]

APPLICATION_ID = int.from_bytes(b"SIra")
VERSION = 1
TABLES = (
    # once: of the form that was sent, so that sending it again after a broken connection adds nothing.
    # answers: JSON. edit: JSON, what the rater wrote in place of fields. undone: the event that this undoes.
    "CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, rater TEXT NOT NULL,"
    " action TEXT NOT NULL, item TEXT NOT NULL, system TEXT NOT NULL, digest TEXT NOT NULL,"
    " answers TEXT NOT NULL, edit TEXT, undone INTEGER REFERENCES events, once TEXT UNIQUE)",
    "CREATE INDEX undone_events ON events (undone) WHERE undone IS NOT NULL",
)
COLUMNS = "number, time, rater, action, item, system, digest, answers, edit, undone"
LAST_ACTION = (
    "SELECT number, item, system, digest FROM events WHERE rater = ? AND action <> 'undo'"
    " AND NOT EXISTS (SELECT 1 FROM events later WHERE later.undone = events.number)"
    " ORDER BY number DESC LIMIT 1"
)
BUSY_LOOKS, BUSY_LOOK_SECONDS = 200, 0.05


def ratings_path(directory: Path) -> Path:
    """Where the ratings of a run, or of the predictions in a directory, are kept once there are any."""
    return directory / "ratings.db"


def read_events(directory: Path, after: int = 0) -> tuple[Event, ...]:
    """Those with a number greater than `after`, in order; none where nobody has rated yet.

    Raises NotARunError for a file of a newer version, StorageError for a damaged one.
    """
    path = ratings_path(directory)
    with storage_errors(path):
        if not path.exists():
            return ()
    with snapshot(path, RunPaths(directory).lock) as connection:
        return tuple(_events(connection, after)) if _is_ready(connection, path) else ()


class RatingLog:
    """Adds events. Any thread may use it; so may any number of others, in this process and elsewhere.

    Every method raises StorageError where the disk fails.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._lock = threading.Lock()

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Creates the file where there is none; not the directory.

        Raises NotARunError for a file of a newer version, StorageError where none can be made or read.
        """
        path = ratings_path(directory)
        with storage_errors(path):
            connection = connect(path)
            try:
                _create(connection, path)
            except BaseException:
                connection.close()
                raise
            return cls(connection, path)

    def rate(
        self,
        rater: str,
        item: str,
        system: str,
        digest: str,
        answers: Mapping[str, Any],
        *,
        edit: Mapping[str, str] | None = None,
        once: str | None = None,
    ) -> bool:
        """Say something about an item. Whatever the same rater said of it before stays in the history.

        once: a word of the sender's own; a second event with it is left out, and False returned.
        """
        return self._append(Action.RATE, rater, (item, system, digest), to_json(answers), edit, once)

    def skip(self, rater: str, item: str, *, once: str | None = None) -> bool:
        """Leave an item for later; ratings that it has stay. `once` as in `rate`."""
        return self._append(Action.SKIP, rater, (item, "", ""), "{}", None, once)

    def undo(self, rater: str, *, once: str | None = None) -> tuple[str, str] | None:
        """Take back the last thing that this rater did and has not taken back; its item and system. None
        where there is nothing to take back."""
        with self._transaction() as execute:
            if once is not None and (
                again := execute("SELECT item, system FROM events WHERE once = ?", (once,)).fetchone()
            ):
                return (again[0], again[1])
            last = execute(LAST_ACTION, (clean_text(rater),)).fetchone()
            if last is None:
                return None
            number, *about = last
            self._insert(execute, Action.UNDO, rater, tuple(about), "{}", None, once, number)
            return (about[0], about[1])

    def events(self, after: int = 0) -> tuple[Event, ...]:
        """As `read_events`."""
        with self._lock, storage_errors(self._path):
            return tuple(_events(self._connection, after))

    def close(self) -> None:
        """All events are on the disk before and after."""
        self._connection.close()

    def _append(
        self,
        action: Action,
        rater: str,
        about: tuple[str, ...],
        answers: str,
        edit: Mapping[str, str] | None,
        once: str | None,
    ) -> bool:
        with self._transaction() as execute:
            return self._insert(execute, action, rater, about, answers, edit, once, None)

    def _insert(
        self,
        execute: Any,
        action: Action,
        rater: str,
        about: tuple[str, ...],
        answers: str,
        edit: Mapping[str, str] | None,
        once: str | None,
        undone: int | None,
    ) -> bool:
        """Whether it was added."""
        texts = (rater, action.value, *about, answers, to_json(edit) if edit else None)
        done = execute(
            "INSERT INTO events (time, rater, action, item, system, digest, answers, edit, undone, once)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (once) DO NOTHING",
            (time.time(), *(text if text is None else clean_text(text) for text in texts), undone, once),
        )
        return bool(done.rowcount)

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with self._lock, storage_errors(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise


def _events(connection: sqlite3.Connection, after: int) -> Iterator[Event]:
    rows = connection.execute(f"SELECT {COLUMNS} FROM events WHERE number > ? ORDER BY number", (after,))  # noqa: S608
    for number, moment, rater, action, item, system, of, answers, edit, undone in rows:
        yield Event(
            number,
            moment,
            rater,
            Action(action),
            item,
            system,
            of,
            json.loads(answers),
            json.loads(edit or "{}"),
            undone,
        )


def _create(connection: sqlite3.Connection, path: Path) -> None:
    """The tables, in one transaction, and the write-ahead log; whatever of it is not there yet."""
    connection.execute("BEGIN IMMEDIATE")
    if not _is_ready(connection, path):
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        for table in TABLES:
            connection.execute(table)
    connection.execute("COMMIT")
    for look in range(BUSY_LOOKS):
        if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            return
        try:
            use_write_ahead_log(connection)
            return
        except sqlite3.OperationalError as error:  # another process is just doing the same
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or look == BUSY_LOOKS - 1:
                raise
            time.sleep(BUSY_LOOK_SECONDS)


def _is_ready(connection: sqlite3.Connection, path: Path) -> bool:
    """False for a file without tables. Raises NotARunError for one that is not ours, or newer."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
            return False
        raise NotARunError(f"{path} is a database, but not one of ratings.", "Move it away.")
    if version > VERSION:
        raise NotARunError(
            f"{path} is of ratings format {version}; this is selfinstruct {__version__}, which reads up to"
            f" format {VERSION}.",
            "Upgrade selfinstruct to read it.",
        )
    return True
