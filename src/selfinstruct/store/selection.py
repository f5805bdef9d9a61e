"""Which tasks are the data set: the first N admitted that have a valid instance.

Cut before the first task that is not settled yet, so that whatever moment a run is read at, the data
set is a prefix of the full run's. The scheduler counts by the same rule while requests go out, verdict by
verdict; a test holds the two against each other.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

__all__ = ["Selection", "select_tasks"]


@dataclass(frozen=True, slots=True)
class Selection:
    """end: tasks with a lower number, as far as they are valid, are the data set.
    deciding_ticket: the one that bore the N-th; None while there are fewer."""

    end: int
    deciding_ticket: int | None


def select_tasks(connection: sqlite3.Connection, wanted: int) -> Selection:
    """`wanted` is N."""
    (settled,) = connection.execute(
        "SELECT coalesce((SELECT min(number) FROM tasks WHERE valid IS NULL), count(*)) FROM tasks"
    ).fetchone()
    last = connection.execute(
        "SELECT number, ticket FROM tasks WHERE valid AND number < ? ORDER BY number LIMIT 1 OFFSET ?",
        (settled, wanted - 1),
    ).fetchone()
    return Selection(settled, None) if last is None else Selection(last[0] + 1, last[1])
