"""What things are called outside a run: `seed_task_3`, `task_17`, `17.3`.

Positions and tickets count from 0, as tasks do.
"""

from __future__ import annotations

import sqlite3

__all__ = ["PoolNames", "candidate_id", "task_id"]


def task_id(number: int) -> str:
    """An admitted task's id in data sets."""
    return f"task_{number}"


def candidate_id(ticket: int, position: int) -> str:
    """Any candidate's, rejected ones too: its ticket, and its place in the reply."""
    return f"{ticket}.{position}"


class PoolNames:
    """From places in the pool, seeds first, to ids."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.seeds = [name for (name,) in connection.execute("SELECT id FROM seeds ORDER BY number")]

    def __getitem__(self, index: int) -> str:
        return str(self.seeds[index]) if index < len(self.seeds) else task_id(index - len(self.seeds))
