"""What the reading of a seeds file hands on: rows with the lines on which they begin, and problems."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MOST_CHARACTERS", "MOST_LINES", "MOST_ROWS", "SeedProblem", "SeedRow", "SeedRows"]

MOST_ROWS = 200_000
"""Rows that a seeds file may have: seeds are examples to imitate, and each takes about a kilobyte."""
MOST_CHARACTERS = 1 << 20
"""Characters that one row of JSON may have: as objects it takes up to a hundred times as many bytes."""
MOST_LINES = 2_000_000
"""Lines that it may have, blank ones too."""


@dataclass(frozen=True, slots=True)
class SeedProblem:
    """Something wrong with a seeds file; as a string, all but the line and the hint.

    line: counted from 1; 0 is the file as a whole. Of a row over several lines, the first.
    field: dotted (`instances.0.output`); empty where no single field is to blame.
    hint: how to fix it, in a sentence.
    """

    line: int
    message: str
    field: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"field {self.field!r}: {self.message}" if self.field else self.message


@dataclass(frozen=True, slots=True)
class SeedRow:
    """What should be one seed: in good files a dict, its keys the fields' names."""

    line: int
    value: object


@dataclass(frozen=True, slots=True)
class SeedRows:
    """A file taken apart.

    format: in words for people (`JSON Lines`); empty where it is no text.
    notes: what was passed over on purpose, each a sentence.
    """

    format: str
    rows: tuple[SeedRow, ...] = ()
    problems: tuple[SeedProblem, ...] = ()
    notes: tuple[str, ...] = ()
