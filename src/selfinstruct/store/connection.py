"""Connections to run.db: one that writes, any number that read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selfinstruct.store.failures import storage_errors
from selfinstruct.store.lock import is_held

__all__ = ["connect", "snapshot", "use_write_ahead_log"]

BUSY_SECONDS = 30.0
"""How long to wait for another connection. Only a rollback journal makes a writer wait for readers."""


def connect(path: Path) -> sqlite3.Connection:
    """For the writer: creates the file where there is none; a commit returns when it is on the disk.

    Transactions are begun and ended by hand. It may be used by a thread other than the one that made it.
    """
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def use_write_ahead_log(connection: sqlite3.Connection) -> str:
    """The journal mode that could be set: `wal`, or `delete` where the file system has no shared memory
    (network file systems), which is slower and lets readers and the writer wait for each other."""
    try:
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    except sqlite3.OperationalError:  # some file systems say no by failing
        (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    return str(mode)


@contextmanager
def snapshot(path: Path, lock: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads, and whatever is read inside the block is of one moment.

    The moment is that of the first query. A writer goes on meanwhile; only its log cannot be cut
    before the block ends. SQLite leaves `-shm` and an empty `-wal` beside the file.
    """
    with storage_errors(path):
        connection = _connect_reader(path, lock)
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()


def _connect_reader(path: Path, lock: Path) -> sqlite3.Connection:
    try:
        return _open_read_only(path, "mode=ro")
    except sqlite3.OperationalError as error:
        # A folder in which SQLite cannot make its -shm. Without a log to read and a writer to make one,
        # the file alone is the whole run, and nothing will change it.
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise
        log = path.with_name(f"{path.name}-wal")
        if (log.exists() and log.stat().st_size > 0) or is_held(lock):
            raise
        return _open_read_only(path, "immutable=1")


def _open_read_only(path: Path, option: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?{option}"
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # opens the file
    except BaseException:
        connection.close()
        raise
    return connection
