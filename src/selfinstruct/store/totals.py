"""Counts that a run keeps of itself, so that a summary of a million tasks is as quick as one of a hundred.

SQLite's triggers keep them within the transaction that changes what they count; nothing else writes them. A
run of an earlier version has none: whoever resumes it makes them, once, and until then each reader counts.
"""

from __future__ import annotations

import sqlite3

__all__ = ["count_if_needed", "create_totals"]

ONCE = "(({0}.stage, {0}.position) IN (VALUES ('classification', 1), ('meaning', -1)))"
"""Of an attempt: whether a run needs its request once, since it is about seeds (`records.ABOUT_SEEDS`)."""

SUMS = ("prompt_tokens", "completion_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens")

# One row a stage, two where some of its requests are about seeds. last: seconds since 1970 of the last end.
# seconds: of the completed ones. estimated: completed ones whose tokens the endpoint did not count.
REQUEST_TOTALS = (
    "CREATE {temporary} TABLE request_totals (stage TEXT NOT NULL, once INTEGER NOT NULL, attempts INTEGER,"
    " completed INTEGER, seconds REAL, estimated INTEGER, last REAL, "
    + ", ".join(f"{name} INTEGER" for name in SUMS)
    + ", PRIMARY KEY (stage, once)) WITHOUT ROWID"
)

# One row: tasks that are valid, and their accepted instances.
TASK_TOTALS = "CREATE {temporary} TABLE task_totals (valid INTEGER NOT NULL, instances INTEGER NOT NULL)"


def _of_attempt(row: str) -> tuple[str, ...]:
    """What one attempt adds to the columns from `attempts` on, but for `last`."""
    completed = f"({row}.outcome IS 'completed')"
    return (
        "1",
        completed,
        f"coalesce({completed} * {row}.seconds, 0)",
        f"coalesce({row}.estimated, 0)",
        *(f"coalesce({row}.{name}, 0)" for name in SUMS),
    )


_COLUMNS = ("attempts", "completed", "seconds", "estimated", *SUMS)
_END = "{0}.started + coalesce({0}.seconds, 0)"

COUNT_REQUESTS = (
    f"INSERT INTO request_totals (stage, once, last, {', '.join(_COLUMNS)})"
    f" SELECT stage, {ONCE.format('attempts')}, max({_END.format('attempts')}), "
    + ", ".join(f"sum({value})" for value in _of_attempt("attempts"))
    + " FROM attempts GROUP BY 1, 2"
)
COUNT_TASKS = (
    "INSERT INTO task_totals SELECT (SELECT count(*) FROM tasks WHERE valid), (SELECT count(*) FROM tasks"
    " JOIN instances ON task = number WHERE valid AND instances.reason IS NULL)"
)

_ADDED = ", ".join(f"{name} = {name} + excluded.{name}" for name in _COLUMNS)
_MOVED = ", ".join(
    f"{name} = {name} + {new} - {old}"
    for name, new, old in zip(_COLUMNS, _of_attempt("new"), _of_attempt("old"), strict=True)
)
_TAKEN = ", ".join(f"{name} = {name} - {old}" for name, old in zip(_COLUMNS, _of_attempt("old"), strict=True))
_ACCEPTED = "(SELECT count(*) FROM instances WHERE task = new.number AND reason IS NULL)"
_IS_VALID = "(SELECT coalesce(valid, 0) FROM tasks WHERE number = {}.task)"

# ruff: noqa: S608 - columns and conditions from above
TRIGGERS = (
    "CREATE TRIGGER count_attempt AFTER INSERT ON attempts BEGIN"
    f" INSERT INTO request_totals (stage, once, last, {', '.join(_COLUMNS)})"
    f" VALUES (new.stage, {ONCE.format('new')}, {_END.format('new')}, {', '.join(_of_attempt('new'))})"
    f" ON CONFLICT (stage, once) DO UPDATE SET last = max(last, excluded.last), {_ADDED}; END",
    "CREATE TRIGGER recount_attempt AFTER UPDATE OF outcome ON attempts BEGIN"
    f" UPDATE request_totals SET last = max(last, {_END.format('new')}), {_MOVED}"
    f" WHERE stage = new.stage AND once = {ONCE.format('new')}; END",
    "CREATE TRIGGER uncount_attempt AFTER DELETE ON attempts BEGIN"
    f" UPDATE request_totals SET {_TAKEN} WHERE stage = old.stage AND once = {ONCE.format('old')}; END",
    "CREATE TRIGGER count_task AFTER UPDATE OF valid ON tasks WHEN old.valid IS NOT new.valid BEGIN"
    " UPDATE task_totals SET valid = valid + coalesce(new.valid, 0) - coalesce(old.valid, 0),"
    f" instances = instances + (coalesce(new.valid, 0) - coalesce(old.valid, 0)) * {_ACCEPTED}; END",
    "CREATE TRIGGER count_instance AFTER INSERT ON instances"
    f" WHEN new.reason IS NULL AND {_IS_VALID.format('new')} BEGIN"
    " UPDATE task_totals SET instances = instances + 1; END",
    "CREATE TRIGGER recount_instance AFTER UPDATE OF reason ON instances"
    f" WHEN (new.reason IS NULL) <> (old.reason IS NULL) AND {_IS_VALID.format('new')} BEGIN"
    " UPDATE task_totals SET instances = instances + (new.reason IS NULL) - (old.reason IS NULL); END",
)

INDEXES = (
    "CREATE INDEX IF NOT EXISTS pending_tasks ON tasks (number) WHERE valid IS NULL",
    "CREATE INDEX IF NOT EXISTS dropped_tasks ON tasks (reason) WHERE valid = 0",
    "CREATE INDEX IF NOT EXISTS rejected_candidates ON candidates (reason) WHERE reason IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS rejected_instances ON instances (reason) WHERE reason IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS failed_attempts ON attempts (outcome)"
    " WHERE outcome IS NOT NULL AND outcome <> 'completed'",
)
"""Of what is rare in a good run, or soon over. Queries repeat their conditions word for word."""


def create_totals(connection: sqlite3.Connection) -> None:
    """For whoever writes the run, in a transaction of its own; nothing where they are there. Counting a
    million tasks takes some seconds."""
    if _are_there(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    _count(connection, "")
    for statement in (*INDEXES, *TRIGGERS):
        connection.execute(statement)
    connection.execute("COMMIT")


def count_if_needed(connection: sqlite3.Connection) -> None:
    """For whoever reads the run: the tables are there afterwards, for this connection alone where the run has
    none."""
    if not _are_there(connection):
        _count(connection, "TEMPORARY")


def _count(connection: sqlite3.Connection, temporary: str) -> None:
    for statement in (REQUEST_TOTALS, TASK_TOTALS):
        connection.execute(statement.format(temporary=temporary))
    connection.execute(COUNT_REQUESTS)
    connection.execute(COUNT_TASKS)


def _are_there(connection: sqlite3.Connection) -> bool:
    query = (
        "SELECT 1 FROM sqlite_master WHERE name = 'task_totals'"
        " UNION ALL SELECT 1 FROM sqlite_temp_master WHERE name = 'task_totals'"
    )
    return connection.execute(query).fetchone() is not None
