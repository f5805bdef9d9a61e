"""What things are called outside a run: `seed_task_3`, `task_17`, `17.3`. A user's own seed whose id looks
like one of the last two is called `seed:task_17`.

Positions and tickets count from 0, as tasks do.
"""

from __future__ import annotations

import re
import sqlite3

__all__ = ["SEED", "PoolNames", "candidate_id", "seed_name", "task_id"]

SEED = "seed:"
_TAKEN = re.compile(r"task_\d+|\d+\.\d+")


def task_id(number: int) -> str:
    """An admitted task's id in data sets."""
    return f"task_{number}"


def candidate_id(ticket: int, position: int) -> str:
    """Any candidate's, rejected ones too: its ticket, and its place in the reply."""
    return f"{ticket}.{position}"


def seed_name(identifier: str) -> str:
    """A seed's, by its own id."""
    return f"{SEED}{identifier}" if _TAKEN.fullmatch(identifier) else identifier


class PoolNames:
    """From places in the pool, seeds first, to ids."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        query = "SELECT id FROM seeds ORDER BY number"
        self.seeds = [seed_name(identifier) for (identifier,) in connection.execute(query)]

    def __getitem__(self, index: int) -> str:
        return self.seeds[index] if index < len(self.seeds) else task_id(index - len(self.seeds))
