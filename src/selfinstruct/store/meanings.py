"""How near candidates are to the pool in meaning: one row for each that was compared, or should have been.

Only a run that compares by meaning has rows. One that a version without it began may lack the table: readers
find nothing then. The embeddings themselves are replies of the stage `meaning`, like any other reply.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from selfinstruct.records import JudgedInstruction, Neighbour

__all__ = [
    "MEANING",
    "MEANINGS",
    "RecordedTexts",
    "load_embeddings",
    "load_meanings",
    "meaning_row",
    "untested",
]

RecordedTexts = tuple[int, int, str, str | None]
"""Subject, position, the prompt's body, and the reply; None where the request was lost."""

# nearest: pool index, and its cosine; NULL where none was found. untested: 1 where its embedding was lost.
MEANINGS = (
    "CREATE TABLE IF NOT EXISTS meanings (ticket INTEGER, position INTEGER, nearest INTEGER, score REAL,"
    " untested INTEGER NOT NULL, PRIMARY KEY (ticket, position)) WITHOUT ROWID"
)
MEANING = "INSERT INTO meanings VALUES (?, ?, ?, ?, ?)"


def meaning_row(ticket: int, position: int, judged: JudgedInstruction) -> tuple[object, ...] | None:
    """For `MEANING`; None where there is nothing to keep."""
    near = judged.meaning
    if near is None and not judged.untested:
        return None
    return (ticket, position, near and near.index, near and near.score, judged.untested)


def load_meanings(
    connection: sqlite3.Connection, ticket: int | None = None
) -> dict[tuple[int, int], tuple[Neighbour | None, bool]]:
    """By ticket and position: the nearest entry, and whether the embedding was lost; of one ticket, or of
    all."""
    if not _is_there(connection):
        return {}
    rows = connection.execute(
        "SELECT ticket, position, nearest, score, untested FROM meanings WHERE ticket = ? OR ? IS NULL",
        (ticket, ticket),
    )
    return {
        (number, position): (None if nearest is None else Neighbour(nearest, score), bool(lost))
        for number, position, nearest, score, lost in rows
    }


def untested(connection: sqlite3.Connection) -> int:
    """Accepted candidates that were not compared, since their embeddings were lost."""
    if not _is_there(connection):
        return 0
    query = (
        "SELECT count(*) FROM meanings CROSS JOIN candidates USING (ticket, position)"
        " WHERE untested AND reason IS NULL"
    )
    (count,) = connection.execute(query).fetchone()
    return int(count)


def load_embeddings(connection: sqlite3.Connection) -> Iterator[RecordedTexts]:
    """Seeds first, then by ticket."""
    yield from connection.execute(
        "SELECT subject, position, body, reply FROM requests WHERE stage = 'meaning'"
        " ORDER BY position >= 0, subject, position"
    )


def _is_there(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meanings'").fetchone() is not None
