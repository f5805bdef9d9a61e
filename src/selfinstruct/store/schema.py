"""The tables of run.db.

Facts that are counted (`attempts`) lie apart from the long texts (`requests`), so that a summary of a
large run reads megabytes and not gigabytes.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from selfinstruct import __version__
from selfinstruct.config import Config
from selfinstruct.errors import NotARunError
from selfinstruct.records import SeedTask
from selfinstruct.store.encoding import clean_text, seed_to_row
from selfinstruct.store.failures import damaged
from selfinstruct.store.meanings import MEANINGS

__all__ = [
    "APPLICATION_ID",
    "NEGOTIATED",
    "UNRECOGNIZED",
    "VERSION",
    "begin_again",
    "create",
    "has_completions",
    "identify",
    "stored_config",
]

APPLICATION_ID = int.from_bytes(b"SIns")
"""In the file's header: tells a run from any other SQLite database."""

VERSION = 3
"""`PRAGMA user_version`. Whatever changes, `run.version` stays: it names who wrote a newer file."""

# asked: JSON array of what each new task is asked to be, {attribute: [value, …]}; of one entry for all.
ATTRIBUTES = "CREATE TABLE IF NOT EXISTS attributes (ticket INTEGER PRIMARY KEY, asked TEXT NOT NULL)"

TABLES = (
    # One row. config: JSON; its limits and endpoint follow the latest resume. version: of selfinstruct.
    "CREATE TABLE run (config TEXT NOT NULL, version TEXT NOT NULL, created REAL NOT NULL)",
    "CREATE TABLE seeds (number INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL,"
    " instruction TEXT NOT NULL, instances TEXT NOT NULL, is_classification INTEGER NOT NULL)",
    "CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # What requests share, once each: the paper's few-shot examples are longer than all else in a prompt.
    "CREATE TABLE preambles (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    "CREATE TABLE samplings (id INTEGER PRIMARY KEY, value TEXT NOT NULL)",
    # One row an intent. outcome: NULL while it is open (for ever, where its process died), `completed`,
    # or the class of the error. started: seconds since 1970. The last eight are of completed ones; tokens as
    # `records.TokenCounts` has them.
    "CREATE TABLE attempts (id INTEGER PRIMARY KEY, stage TEXT NOT NULL, subject INTEGER NOT NULL,"
    " position INTEGER NOT NULL, started REAL NOT NULL, reserved_prompt_tokens INTEGER NOT NULL,"
    " reserved_completion_tokens INTEGER NOT NULL, outcome TEXT, message TEXT, seconds REAL,"
    " finish_reason TEXT, prompt_tokens INTEGER, completion_tokens INTEGER, cached_tokens INTEGER,"
    " cache_write_tokens INTEGER, reasoning_tokens INTEGER, estimated INTEGER)",
    # One row a request that is over: completed (attempt, reply) or lost (lost: the reason).
    # position: of an answer, the place of its input among the task's; else 0.
    "CREATE TABLE requests (stage TEXT NOT NULL, subject INTEGER NOT NULL, position INTEGER NOT NULL,"
    " attempt INTEGER, lost TEXT, message TEXT, seed INTEGER NOT NULL, preamble INTEGER NOT NULL,"
    " sampling INTEGER NOT NULL, demonstrations INTEGER NOT NULL, body TEXT NOT NULL, reply TEXT,"
    " PRIMARY KEY (stage, subject, position))",
    "CREATE INDEX lost_requests ON requests (lost) WHERE lost IS NOT NULL",
    # shown: JSON array of pool indices, in the prompt's order. In a run that was filtered from another, what
    # is in the pool no longer stands there as a candidate, "17.3".
    "CREATE TABLE demonstrations (ticket INTEGER PRIMARY KEY, shown TEXT NOT NULL)",
    ATTRIBUTES,
    # One row an admitted ticket, also where its reply held nothing or was lost.
    "CREATE TABLE tickets (number INTEGER PRIMARY KEY, candidates INTEGER NOT NULL,"
    " admitted INTEGER NOT NULL)",
    # neighbours: JSON [[pool index, ROUGE-L F1], …], nearest first. reason: NULL for accepted.
    # is_classification: NULL where the reply did not say. needs_input: 0 where it said that none is needed.
    # given: an input that the reply gave with the instruction; '' where it gave none.
    "CREATE TABLE candidates (ticket INTEGER, position INTEGER, text TEXT NOT NULL, reason TEXT,"
    " detail TEXT NOT NULL, neighbours TEXT, mean_similarity REAL, is_classification INTEGER,"
    " needs_input INTEGER NOT NULL, given TEXT NOT NULL,"
    " PRIMARY KEY (ticket, position)) WITHOUT ROWID",
    # One row an accepted candidate. valid: NULL until it is settled; reason: why it is not.
    "CREATE TABLE tasks (number INTEGER PRIMARY KEY, ticket INTEGER NOT NULL, position INTEGER NOT NULL,"
    " is_classification INTEGER, valid INTEGER, reason TEXT)",
    MEANINGS,
    "CREATE TABLE instances (task INTEGER, position INTEGER, input TEXT NOT NULL, output TEXT NOT NULL,"
    " reason TEXT, detail TEXT NOT NULL, PRIMARY KEY (task, position)) WITHOUT ROWID",
)

NEGOTIATED = "negotiated"
"""The outcome of an attempt by which was found out what the endpoint takes: it did not fail."""

UNRECOGNIZED = "unrecognized_error"
"""Why a request was lost that the endpoint refused in words that are not understood."""

UPGRADE = "Upgrade selfinstruct to read it."


def create(connection: sqlite3.Connection, config: Config, seeds: Sequence[SeedTask]) -> None:
    """All of it in one transaction: a run is there as a whole, or not at all.

    Call it before the journal becomes a write-ahead log, so that the file's own header names the
    application from the first moment (`identify`).
    """
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    for table in TABLES:
        connection.execute(table)
    _ask(connection, config, seeds)
    connection.execute("COMMIT")


def begin_again(connection: sqlite3.Connection, config: Config, seeds: Sequence[SeedTask]) -> bool:
    """Let a run that never had a completion (a wrong key, say) be asked for something else; False, and
    nothing changes, where it had one. Attempts stay: they were sent, and count.
    """
    if has_completions(connection):
        return False
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(  # refused to be asked by chat, or by completions, and is asked otherwise now
        "UPDATE attempts SET outcome = ? WHERE outcome IN ('EndpointMismatchError', 'UnknownModelError')",
        (NEGOTIATED,),
    )
    for table in (ATTRIBUTES, MEANINGS):  # which a run that an earlier version began has not
        connection.execute(table)
    for table in ("run", "seeds", "notes", "requests", "demonstrations", "attributes", "tickets", "meanings"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a name from this line
    _ask(connection, config, seeds)
    connection.execute("COMMIT")
    return True


def has_completions(connection: sqlite3.Connection) -> bool:
    """Whether any request was ever completed."""
    query = "SELECT 1 FROM attempts WHERE outcome = 'completed' LIMIT 1"
    return connection.execute(query).fetchone() is not None


def _ask(connection: sqlite3.Connection, config: Config, seeds: Sequence[SeedTask]) -> None:
    connection.execute(
        "INSERT INTO run VALUES (?, ?, ?)",
        (json.dumps(config.model_dump(mode="json")), __version__, time.time()),
    )
    rows = (seed_to_row(number, seed) for number, seed in enumerate(seeds))
    connection.executemany(
        "INSERT INTO seeds VALUES (?, ?, ?, ?, ?, ?)",
        (tuple(clean_text(cell) if isinstance(cell, str) else cell for cell in row) for row in rows),
    )


def identify(path: Path) -> None:
    """Check a database file that is not empty by its header alone.

    Not through SQLite, because merely opening a database in WAL mode leaves files beside it.
    Raises StorageError for what is no SQLite database, NotARunError for one that is not ours.
    """
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(b"SQLite format 3\0") or len(header) < 100:
        raise damaged(path, "it does not start like a database")
    half_written = path.with_name(f"{path.name}-journal").exists()
    if int.from_bytes(header[68:72]) != APPLICATION_ID and not half_written:
        raise NotARunError(f"{path} is a database, but not that of a run.", "Name another folder.")


def stored_config(connection: sqlite3.Connection, path: Path) -> Config | None:
    """The run's config; None where its creation was cut short.

    Raises NotARunError for another application's database and for a run of another format.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
            return None
        raise NotARunError(f"{path} is a database, but not that of a run.", "Name another folder.")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (writer,) = connection.execute("SELECT version FROM run").fetchone()
    if version > VERSION:
        raise NotARunError(
            f"{path} was written by selfinstruct {writer} (run format {version});"
            f" this is {__version__}, which reads up to format {VERSION}.",
            UPGRADE,
        )
    if version < VERSION:
        raise NotARunError(
            f"{path} was written by an earlier selfinstruct, {writer} (run format {version}); this is"
            f" {__version__}, which reads format {VERSION} alone.",
            "Finish and export it with the version that wrote it, or start a new run in another folder.",
        )
    (column,) = connection.execute("SELECT config FROM run").fetchone()
    try:
        config = json.loads(column)
        config.setdefault("filters", {}).setdefault("signals", "none")  # begun before there were any
        return Config.model_validate(config)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise NotARunError(
            f"{path} was written by selfinstruct {writer}; this is {__version__},"
            f" which cannot read its config ({field}: {first['msg']}).",
            UPGRADE,
        ) from error
