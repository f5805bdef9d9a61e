"""Paths that a user gave: what keeps one from being used, said plainly, and reading a file whatever it is.

Changes nothing on the disk. What is wrong with the disk itself (full, read-only): store/failures.py.
"""

from __future__ import annotations

import errno
import os
import select
import stat
from io import BufferedReader
from pathlib import Path

from selfinstruct.errors import UserError

__all__ = ["path_problem", "read_bytes"]

NAME_BYTES = 255
"""What the file systems in use take for one name."""
SHOWN_CHARACTERS = 60
PIPE_SECONDS = 5.0
MOST_BYTES = 1 << 28
"""Of a pipe or a device, which may never end."""
MOST_BYTES_OF_FILE = 1 << 32
"""Of a file, where the caller names no other limit: all of it is held in memory."""


def path_problem(path: Path, *, below: bool = False) -> UserError | None:
    """What no file or folder can have for a path: a part that is a file, a loop of links, a link to nothing,
    a name that is too long, a NUL. None for a path that may be used, whether or not anything is there.

    below: whether something is to be made in `path`, which must then be no link to nothing itself.
    """
    shown = _shortened(str(path))
    if "\0" in str(path):
        return UserError(f"The path {shown!r} holds a NUL character.", "Name another path.")
    for name in path.parts:
        if len(os.fsencode(name)) > NAME_BYTES:
            return UserError(
                f"The name {_shortened(name)} has {len(os.fsencode(name)):,} bytes, and a file system takes"
                f" {NAME_BYTES}.",
                "Name a shorter one.",
            )
    for part in [*reversed(path.parents), path]:
        try:
            found = part.stat()
        except OSError as error:
            return _broken(part, shown, error, needed=below or part != path)
        if part != path and not stat.S_ISDIR(found.st_mode):
            return UserError(
                f"{shown} cannot be reached: {part} is a file, not a folder.", "Name a path in a folder."
            )
    return None


def read_bytes(path: Path, kind: type[UserError], what: str = "", *, at_most: int | None = None) -> bytes:
    """All that a file, a pipe (`<(command)`) or a device gives.

    kind: what is raised where it cannot be read. what: how the message calls it, such as `the seeds file`.
    at_most: bytes, 4 GiB if not given; of pipes and devices 256 MiB in any case.
    """
    name = f"{what} {_shortened(str(path))}".lstrip()
    at_most = MOST_BYTES_OF_FILE if at_most is None else at_most
    try:
        if path.is_fifo():
            return _read_pipe(path, kind, name, min(at_most, MOST_BYTES))
        with path.open("rb") as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            return _read(file, kind, name, at_most if regular else min(at_most, MOST_BYTES))
    except (OSError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        problem = path_problem(path, below=True)
        if problem is not None:
            raise kind(problem.message, problem.hint) from error
        if isinstance(error, IsADirectoryError):
            raise kind(f"Cannot read {name}: it is a folder, not a file.", "Name a file.") from error
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise kind(f"Cannot read {name}: {said}.", "Check the path and its permissions.") from error


def _broken(part: Path, shown: str, error: OSError, *, needed: bool) -> UserError | None:
    """Of a part that cannot be looked at. None where it is merely not there, or may not be looked at."""
    if error.errno == errno.ELOOP:
        return UserError(
            f"{shown} cannot be reached: {part} is in a loop of symbolic links.",
            "Remove the link, or name another path.",
        )
    if error.errno == errno.ENAMETOOLONG:
        return UserError(f"The path {shown} is too long for the system.", "Name a shorter one.")
    if error.errno == errno.ENOENT and needed and part.is_symlink():
        return UserError(
            f"{shown} cannot be reached: {part} is a symbolic link to {part.readlink()}, where nothing is.",
            "Create what it points to, or remove the link.",
        )
    return None


def _read_pipe(path: Path, kind: type[UserError], name: str, at_most: int) -> bytes:
    """Raises `kind` where nothing opens it for writing within a few seconds: it would be waited for without
    end."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as pipe:
        waiting = select.poll()
        waiting.register(pipe, select.POLLIN)
        begun: bytes | None = b""
        if not waiting.poll(PIPE_SECONDS * 1000):
            begun = pipe.raw.read(1)  # empty where there is no writer; None where there is one that is silent
            if begun == b"":
                raise kind(f"Nothing writes to {name}, which is a pipe.", "Start what writes to it.")
        os.set_blocking(pipe.fileno(), True)
        return (begun or b"") + _read(pipe, kind, name, at_most)


def _read(file: BufferedReader, kind: type[UserError], name: str, at_most: int) -> bytes:
    data = file.read(at_most + 1)
    if len(data) > at_most:
        raise kind(f"Cannot read {name}: it goes on after {at_most >> 20:,} MiB.", "Name a smaller file.")
    return data


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
