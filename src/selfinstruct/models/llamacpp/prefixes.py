"""What a model knows after the beginning that a stage's prompts share: computed once, put back before each.

In the paper's recipe that beginning is a few-shot prompt of 800 to 1,200 tokens, before some 40 that differ.
llama.cpp's own cache would keep it too, but compares each prompt with the one before, so that sums, and now
and then a token, depend on what a server did last. Here every request with a preamble begins from the same
state, which the preamble alone determines: a reply remains a function of the file and the request.

The states are files of llama.cpp's, which has no other way to set one aside; a folder of the system's for
temporary files holds them until the model is closed. (3 KB a token for the bundled model, 130 KB for one of
7 B parameters.) A killed process leaves its folder behind, which the next one removes.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Protocol

import portalocker

from selfinstruct.errors import StorageError

__all__ = ["PrefixStates", "Slot"]

LEAST = 500
"""Characters of a preamble that is worth a state; a shorter one is read with the rest."""
PREFIX, LOCK = "selfinstruct-states-", ".lock"
MOST = 8
"""States kept; the recipe needs three. What was used longest ago is computed anew."""


class Slot(Protocol):
    """A server's one place for a prompt and its reply."""

    def read(self, text: str) -> bool:
        """Read it, and write nothing. False where it does not fit the context window."""

    def save(self, name: str) -> None:
        """To a file of that name. Raises OSError."""

    def restore(self, name: str) -> bool:
        """From that file. False where there is none."""


class PrefixStates:
    """Of one model file, shared by its servers, in whose threads it is called."""

    def __init__(self) -> None:
        self._saved: dict[str, None] = {}  # by name, what was used last at the end
        self._lock = threading.Lock()

    @cached_property
    def folder(self) -> Path:
        """Where servers keep their states. Made when first asked for."""
        _remove_abandoned()
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._alive = _lock(folder)
        return folder

    def begin(self, slot: Slot, preamble: str) -> bool:
        """Put the slot into the state after `preamble`; whether it is, so that only the rest is left to read.

        False for a short preamble, and for one that fills the whole context window. Raises StorageError where
        the state cannot be kept.
        """
        if len(preamble) < LEAST:
            return False
        name = hashlib.sha256(preamble.encode()).hexdigest()
        while not (
            self._is_saved(name) and slot.restore(name)
        ):  # another server's thread may have removed it
            if not self._save(slot, preamble, name):
                return False
        return True

    def close(self) -> None:
        """Remove the files. No server may be writing."""
        if "folder" in self.__dict__:
            self._alive.release()
            shutil.rmtree(self.folder, ignore_errors=True)
            del self.folder
        self._saved.clear()

    def _is_saved(self, name: str) -> bool:
        with self._lock:
            if name not in self._saved:
                return False
            self._saved[name] = self._saved.pop(name)
            return True

    def _save(self, slot: Slot, preamble: str, name: str) -> bool:
        """Under the lock: other servers would compute the same at the same time."""
        with self._lock:
            if name in self._saved and (self.folder / name).exists():
                return True
            if not slot.read(preamble):
                return False
            try:
                slot.save(name)
            except OSError as error:
                raise StorageError(
                    f"The state of a model cannot be kept in {self.folder}: {error}.",
                    "Make room there, or name another folder for temporary files: TMPDIR=PATH",
                ) from error
            self._saved[name] = None
            while len(self._saved) > MOST:
                oldest = next(iter(self._saved))
                del self._saved[oldest]
                (self.folder / oldest).unlink(missing_ok=True)
            return True


def _lock(folder: Path) -> portalocker.Lock:
    """Held as long as this process lives; AlreadyLocked where another holds it."""
    lock = portalocker.Lock(folder / LOCK, timeout=0, fail_when_locked=True)
    lock.acquire()
    return lock


def _remove_abandoned() -> None:
    """The folders of processes that were killed. Another user's are theirs to remove."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if (folder / LOCK).exists():  # otherwise it is just being made
            with suppress(portalocker.LockException, OSError):
                _lock(folder).release()
                shutil.rmtree(folder)
