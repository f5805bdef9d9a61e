"""One writer at a time.

The lock is on a file of its own: the system drops it when its process ends, however that ends. It cannot be
on run.db: closing any descriptor of a file drops all POSIX locks that the process holds on it, SQLite's own
among them, and two writers could then corrupt it.

portalocker knows what each system offers: flock(2) on Linux and macOS, and on Windows locks on ranges of
bytes, which also keep other processes from reading who holds the lock.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import portalocker

from selfinstruct.errors import RunInUseError

__all__ = ["RunLock", "is_held"]

LOOKS, LOOK_SECONDS = 5, 0.02


class RunLock:
    """Held from construction to `release`, or to the end of the process.

    Raises RunInUseError, naming the process that holds it where the system lets that be read.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if not self._take():
                raise RunInUseError(
                    f"Process {self._holder() or '(just starting)'} is writing the run {path.parent}.",
                    "Wait until it has finished, or stop it; then run the same command again.",
                )
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, f"{os.getpid()}\n".encode())
        except BaseException:
            os.close(self._descriptor)
            raise

    def _take(self) -> bool:
        """A reader that is just looking (`is_held`) goes away within a moment."""
        for _ in range(LOOKS):
            if _locked(self._descriptor, portalocker.LockFlags.EXCLUSIVE):
                return True
            time.sleep(LOOK_SECONDS)
        return _locked(self._descriptor, portalocker.LockFlags.EXCLUSIVE)

    def _holder(self) -> str:
        try:
            return os.read(self._descriptor, 20).decode("ascii", "replace").strip()
        except PermissionError:  # Windows
            return "(another one)"

    def release(self) -> None:
        """Let others write. The file stays: deleting it would let two processes hold two locks."""
        os.close(self._descriptor)


def is_held(path: Path) -> bool:
    """Whether a writer lives. Creates nothing, and needs no right to write.

    The lock that it tries is a shared one: readers that look at the same time do not take each other for a
    writer, and NFS grants no other lock on a file that is open for reading only.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return not _locked(descriptor, portalocker.LockFlags.SHARED)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, kind: portalocker.LockFlags) -> bool:
    """Whether the lock was free and is ours now, without waiting. Raises OSError where none can be had."""
    try:
        portalocker.lock(descriptor, kind | portalocker.LockFlags.NON_BLOCKING)
    except portalocker.AlreadyLocked:
        return False
    except portalocker.LockException as error:
        raise error.__cause__ if isinstance(error.__cause__, OSError) else OSError(str(error)) from error
    return True
