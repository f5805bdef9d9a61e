"""Which tasks are the data set: the first N admitted that have a valid instance.

Cut before the first task that is not settled yet, so that whatever moment a run is read at, the data
set is a prefix of the full run's. The scheduler counts by the same rule while requests go out, verdict by
verdict; a test holds the two against each other.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from selfinstruct.store.totals import count_if_needed

__all__ = ["Selection", "select_tasks"]


@dataclass(frozen=True, slots=True)
class Selection:
    """end: tasks with a lower number, as far as they are valid, are the data set.
    deciding_ticket: the one that bore the N-th; None while there are fewer. tasks: how many there are."""

    end: int
    deciding_ticket: int | None
    tasks: int


def select_tasks(connection: sqlite3.Connection, wanted: int) -> Selection:
    """`wanted` is N. Found from the end of the run, where the N-th is as soon as there are so many."""
    count_if_needed(connection)
    (settled,) = connection.execute(
        "SELECT coalesce((SELECT min(number) FROM tasks WHERE valid IS NULL),"
        " (SELECT max(number) + 1 FROM tasks), 0)"
    ).fetchone()
    (valid,) = connection.execute(
        "SELECT valid - (SELECT count(*) FROM tasks WHERE number >= ? AND valid) FROM task_totals", (settled,)
    ).fetchone()
    if valid < wanted:
        return Selection(settled, None, valid)
    number, ticket = connection.execute(
        "SELECT number, ticket FROM tasks WHERE valid AND number < ? ORDER BY number DESC LIMIT 1 OFFSET ?",
        (settled, valid - wanted),
    ).fetchone()
    return Selection(number + 1, ticket, wanted)
