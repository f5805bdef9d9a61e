"""What instruction requests asked for, attribute by attribute: one row a request that did.

A run that a version without attributes began has no such table: readers find nothing then.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from selfinstruct.records import Attributes
from selfinstruct.store.encoding import to_json

__all__ = ["ASKED", "asked_row", "attributes_of", "load_asked"]

ASKED = "INSERT INTO attributes VALUES (?, ?)"


def asked_row(ticket: int, asked: Sequence[Attributes]) -> tuple[int, str]:
    """For `ASKED`."""
    return ticket, to_json([{name: list(values) for name, values in each.items()} for each in asked])


def attributes_of(asked: Sequence[Attributes], position: int) -> Attributes | None:
    """Those of the candidate at this place of a reply; None where the reply has more than were asked for. One
    entry alone holds for all."""
    if len(asked) == 1:
        return asked[0]
    return asked[position] if position < len(asked) else None


def load_asked(
    connection: sqlite3.Connection, ticket: int | None = None
) -> dict[int, tuple[Attributes, ...]]:
    """By ticket; of one of them, or of all."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'attributes'").fetchone() is None:
        return {}
    rows = connection.execute(
        "SELECT ticket, asked FROM attributes WHERE ticket = ? OR ? IS NULL ORDER BY ticket", (ticket, ticket)
    )
    return {
        number: tuple({name: tuple(values) for name, values in each.items()} for each in json.loads(asked))
        for number, asked in rows
    }
