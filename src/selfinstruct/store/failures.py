"""What SQLite and the operating system say when storage fails, in the words of errors.py."""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selfinstruct.errors import SelfInstructError, StorageError
from selfinstruct.paths import path_problem

__all__ = ["damaged", "from_os", "from_sqlite", "storage_errors"]

FULL = "Free some space, then run the same command again: everything received is kept."
FAILING = (
    "Check the disk (space, quota, mount), then run the same command again: everything received is kept."
)
FORBIDDEN = "Check who may write there and whether it is mounted read-only, then run the same command again."
UNREADABLE = "Restore it from a backup, or start a new run in another folder."


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Translate what fails inside the block; `path` is what the message names."""
    try:
        yield
    except (SelfInstructError, BrokenPipeError):  # a pipe's reader that has had enough is no failure
        raise
    except sqlite3.Error as error:
        raise from_sqlite(error, path) from error
    except json.JSONDecodeError as error:  # of a column
        raise damaged(path, str(error)) from error
    except OSError as error:
        raise from_os(error, path) from error


def damaged(path: Path, why: str) -> StorageError:
    """The file is there, but cannot be read as what it should be."""
    return StorageError(f"{path} is damaged: {why}.", UNREADABLE)


def from_sqlite(error: sqlite3.Error, path: Path) -> Exception:
    """A StorageError; the error itself where it is a bug of ours (a wrong parameter, a closed connection)."""
    if isinstance(error, sqlite3.ProgrammingError | sqlite3.IntegrityError | sqlite3.InterfaceError):
        return error
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF:  # the low byte is the kind
        case sqlite3.SQLITE_FULL:
            return StorageError(f"The disk is full: {path} could not be written.", FULL)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return StorageError(f"{path} could not be opened or written: {error}.", FORBIDDEN)
        case sqlite3.SQLITE_IOERR:
            return StorageError(f"{path} could not be read or written: {error}.", FAILING)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return StorageError(
                f"{path} is locked by another program: {error}.",
                "Close the program that has it open, then run the same command again.",
            )
        case _:
            return damaged(path, str(error))


def from_os(error: OSError, path: Path) -> SelfInstructError:
    """A UserError where nothing can be at the path, whoever may write there; otherwise a StorageError that
    names the path and the system's own words."""
    problem = path_problem(path, below=True)
    if problem is not None:
        return problem
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"The disk is full: {path} could not be written.", FULL)
    said = error.strerror or str(error)
    return StorageError(f"{path} could not be read or written: {said}.", FORBIDDEN)
