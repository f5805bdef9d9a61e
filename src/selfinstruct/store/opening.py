"""Beginning a run, or going on with one: the lock, the identity check, config.toml, the database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from selfinstruct.config import Config
from selfinstruct.errors import RunMismatchError
from selfinstruct.records import SeedTask
from selfinstruct.store.batches import create_tables, withdraw_unsent
from selfinstruct.store.connection import connect, use_write_ahead_log
from selfinstruct.store.directory import RunPaths, holds_run, write_config
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.lock import RunLock
from selfinstruct.store.schema import begin_again, create, stored_config
from selfinstruct.store.totals import create_totals

__all__ = ["check_identity", "open_run"]

ABSENT = object()


def open_run(
    paths: RunPaths, config: Config, seeds: Sequence[SeedTask]
) -> tuple[RunLock, sqlite3.Connection, bool, str]:
    """The held lock, the connection to write with, whether the run is new, and the journal mode."""
    holds_run(paths.directory)  # raises for a folder that is not ours, before anything is made in it
    with storage_errors(paths.directory):
        paths.directory.mkdir(parents=True, exist_ok=True)
        lock = RunLock(paths.lock)
    try:
        with storage_errors(paths.database):
            connection = connect(paths.database)
            try:
                created = _begin_or_resume(connection, paths, config, seeds)
                create_tables(connection)
                create_totals(connection)
                withdraw_unsent(connection)
                return lock, connection, created, use_write_ahead_log(connection)
            except BaseException:
                connection.close()
                raise
    except BaseException:
        lock.release()
        raise


def _begin_or_resume(
    connection: sqlite3.Connection, paths: RunPaths, config: Config, seeds: Sequence[SeedTask]
) -> bool:
    stored = stored_config(connection, paths.database)
    if stored is None:
        write_config(paths, config)
        create(connection, config, seeds)
        return True
    if stored.identity() != config.identity() and begin_again(connection, config, seeds):
        write_config(paths, config)
        return False
    check_identity(paths, stored, config)
    if stored != config:
        connection.execute("UPDATE run SET config = ?", (json.dumps(config.model_dump(mode="json")),))
    if stored != config or not paths.config.exists():
        write_config(paths, config)
    return False


def check_identity(paths: RunPaths, stored: Config, asked: Config) -> None:
    """Raise RunMismatchError where the two would make different data, naming every field and both values.

    stored: of the run in `paths`; asked: of whoever wants to resume it.
    """
    kept, wanted = stored.identity(), asked.identity()
    differing = [
        f"{field} is {_shown(kept, field)}, not {_shown(wanted, field)}"
        for field in sorted(kept.keys() | wanted.keys())
        if kept.get(field, ABSENT) != wanted.get(field, ABSENT)
    ]
    if provider := [text for text in differing if text.startswith("model.provider ")]:
        # Another kind of model: that its name and the like differ too says nothing more.
        differing = [*provider, *(text for text in differing if not text.startswith("model."))]
    if differing:
        fix = "Start a new run in another folder, or leave the option out to keep the run's value."
        if all(text.startswith("filters.") for text in differing):
            fix += " To re-apply other filters to the recorded candidates, see `selfinstruct filter`."
        raise RunMismatchError(
            f"The run {paths.directory} was started with other settings: {'; '.join(differing)}.", fix
        )


def _shown(fields: dict[str, Any], name: str) -> str:
    return json.dumps(fields[name], ensure_ascii=False) if name in fields else "not set"
