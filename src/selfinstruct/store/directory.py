"""The run directory: what lies where, whether a run is there, and files that are replaced as a whole."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TextIO

import tomli_w
from pydantic import ValidationError

from selfinstruct.config import Config
from selfinstruct.errors import NotARunError, UserError
from selfinstruct.paths import path_problem
from selfinstruct.store.connection import snapshot
from selfinstruct.store.encoding import clean_text
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.schema import identify, stored_config

__all__ = [
    "MERGED_FILES",
    "RunPaths",
    "atomic_write",
    "holds_merge",
    "holds_run",
    "keep_run_files",
    "read_run_config",
    "run_to_read",
    "write_config",
]

CONFIG_HEADER = """\
# What this run was asked to do, resolved. Changing it here changes nothing: run.db holds the same.

"""

OWN_FILES = ("config.toml", "dataset.jsonl", ".lock")
DATABASES = ("run.db", "ratings.db")
"""With what SQLite keeps beside them."""
OWN_FOLDERS = ("improved", "judge")

ANOTHER_FOLDER = "Name a new or empty folder for a new run, or the folder of an existing one."
RUN_TO_READ = "Name the folder of a run, which `selfinstruct generate` wrote."

MERGED_FILES = ("dataset.jsonl", "dropped.jsonl")
"""What a folder holds that `selfinstruct merge` wrote: the data set, and what is not in it."""


@dataclass(frozen=True, slots=True)
class RunPaths:
    """Where everything lies."""

    directory: Path

    @property
    def database(self) -> Path:
        """SQLite; the run itself."""
        return self.directory / "run.db"

    @property
    def config(self) -> Path:
        """For people."""
        return self.directory / "config.toml"

    @property
    def dataset(self) -> Path:
        """What the run is for."""
        return self.directory / "dataset.jsonl"

    @property
    def lock(self) -> Path:
        """Locked while a process writes."""
        return self.directory / ".lock"


def holds_run(directory: Path) -> bool:
    """Whether a run is there. False where a new one can begin: nothing is there, an empty folder, or a
    run whose creation was cut short before its database.

    Raises NotARunError where the folder is somebody else's (or no folder), StorageError for a damaged
    database. Changes nothing.
    """
    paths = RunPaths(directory)
    if problem := path_problem(directory, below=True):
        raise NotARunError(problem.message, problem.hint)
    with storage_errors(directory):
        if not directory.exists():
            return False
        if not directory.is_dir():
            raise NotARunError(f"{directory} is a file, not the folder of a run.", ANOTHER_FOLDER)
        if paths.database.exists() and paths.database.stat().st_size > 0:
            identify(paths.database)
            return True
        if any(not _left_by_creation(entry.name) for entry in directory.iterdir()):
            raise NotARunError(f"{directory} holds files, but no run.", ANOTHER_FOLDER)
        if paths.config.exists() and not _is_config(paths.config):
            raise NotARunError(
                f"{directory} holds no run, and its config.toml is not that of a run.", ANOTHER_FOLDER
            )
        return False


def holds_merge(directory: Path) -> bool:
    """Whether a folder is one that merging wrote, rather than a run."""
    return not RunPaths(directory).database.exists() and all(
        (directory / name).is_file() for name in MERGED_FILES
    )


def run_to_read(directory: Path) -> None:
    """Raises NotARunError, as for somebody who wants to read a run, where `directory` holds none; and what
    `holds_run` raises."""
    try:
        found = holds_run(directory)
    except NotARunError as error:
        if error.hint != ANOTHER_FOLDER:
            raise
        if holds_merge(directory):
            raise NotARunError(
                f"{directory} holds a data set that `selfinstruct merge` wrote, not a run.",
                f"Use its file, {directory / MERGED_FILES[0]}: `selfinstruct check` and `selfinstruct"
                " finetune` read it. For another format, export the runs that were merged.",
            ) from None
        raise NotARunError(error.message, RUN_TO_READ) from None
    if not found:
        raise NotARunError(f"{directory} holds no run.", RUN_TO_READ)


def _left_by_creation(name: str) -> bool:
    return name in ("run.db", "run.db-journal", "config.toml", ".lock") or name.startswith(".config.toml.")


def _is_config(path: Path) -> bool:
    try:
        Config.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, ValueError):
        return False
    return True


def read_run_config(directory: Path) -> Config | None:
    """What the run in this directory was asked to do; None where a new run can begin.

    Raises what `holds_run` raises, and NotARunError for a run of a newer version.
    """
    if not holds_run(directory):
        return None
    paths = RunPaths(directory)
    with snapshot(paths.database, paths.lock) as connection:
        return stored_config(connection, paths.database)


def write_config(paths: RunPaths, config: Config) -> None:
    """Replace config.toml, but for the comment at its head, which may tell where the run comes from. Fields
    that are None are left out: TOML has no word for it."""
    text = tomli_w.dumps(config.model_dump(mode="json", exclude_none=True))
    header = _opening_comment(paths.config) or CONFIG_HEADER
    with atomic_write(paths.config) as file:
        file.write(header + clean_text(text))


def _opening_comment(path: Path) -> str:
    """What stands above the first setting; empty where there is no such file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except (FileNotFoundError, UnicodeDecodeError):
        return ""
    return "".join(takewhile(lambda line: line.startswith("#") or not line.strip(), lines))


def keep_run_files(*paths: Path) -> None:
    """Raises UserError where an output that a user named is one of the files that a run is made of, of
    whichever run, or cannot be a path. Other files may lie in a run's folder."""
    for path in paths:
        if problem := path_problem(path):
            raise problem
        target = path.resolve()  # what a link leads to is what would be replaced
        for above in target.parents:
            inside = target.relative_to(above).parts
            if _is_own(inside) and RunPaths(above).database.is_file():
                raise UserError(
                    f"{path} is a file of the run {above}, which would be lost.", "Name another file."
                )


def _is_own(inside: tuple[str, ...]) -> bool:
    first = inside[0]
    if len(inside) > 1:
        return first in OWN_FOLDERS
    databases = (f"{name}{end}" for name in DATABASES for end in ("", "-journal", "-wal", "-shm"))
    return first in OWN_FILES or first in databases


@contextmanager
def atomic_write(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file that is there as a whole, with what the block wrote, or as it was before.

    It grows under another name in the same folder, which is removed when the block fails; a kill may
    leave it there. Half characters, as in the name of a file that is not UTF-8, become question marks. Raises
    UserError where the path cannot be a file, StorageError where writing fails.
    """
    if problem := path_problem(path):
        raise problem
    target = path.resolve()  # through a link, rather than in its place
    if target.exists() and not target.is_file():  # never put a file in the place of /dev/null
        raise UserError(f"{path} is not a regular file.", "Name a file.")
    if not target.parent.is_dir():
        raise UserError(f"The folder of {path} does not exist.", "Create it first.")
    growing = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    with storage_errors(path):
        try:
            with growing.open("x", encoding="utf-8", errors="replace", newline="\n") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            growing.replace(target)
        except BaseException:
            growing.unlink(missing_ok=True)
            raise
