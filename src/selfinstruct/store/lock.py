"""One writer at a time.

The lock is flock(2) on a file of its own: the system drops it when its process ends, however that
ends. It cannot be on run.db: closing any descriptor of a file drops all POSIX locks that the process
holds on it, SQLite's own among them, and two writers could then corrupt it.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from selfinstruct.errors import RunInUseError

__all__ = ["RunLock", "is_held"]

LOOKS, LOOK_SECONDS = 5, 0.02


class RunLock:
    """Held from construction to `release`, or to the end of the process.

    Raises RunInUseError, naming the process that holds it.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            self._take()
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError as error:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise RunInUseError(
                f"Process {holder or '(just starting)'} is writing the run {path.parent}.",
                "Wait until it has finished, or stop it; then run the same command again.",
            ) from error
        except OSError:
            os.close(self._descriptor)
            raise

    def _take(self) -> None:
        """Raises BlockingIOError. A reader that is just looking (`is_held`) goes away within a moment."""
        for _ in range(LOOKS):
            try:
                return fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(LOOK_SECONDS)
        return fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        """Let others write. The file stays: deleting it would let two processes hold two locks."""
        os.close(self._descriptor)


def is_held(path: Path) -> bool:
    """Whether a writer lives. Creates nothing, and needs no right to write."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
