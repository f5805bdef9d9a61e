"""Seeds as a table: CSV or TSV, the fields' names in its first row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from selfinstruct.seeds.rows import MOST_ROWS, SeedProblem, SeedRow, SeedRows

__all__ = ["COLUMNS", "looks_like_table", "read_table"]

COLUMNS = ("instruction", "input", "output", "is_classification", "id", "name")

_DELIMITERS = {",": "CSV", ";": "CSV with semicolons", "\t": "TSV"}
_FLAGS = dict.fromkeys(("true", "yes", "1"), True) | dict.fromkeys(("false", "no", "0"), False)
_QUOTE = "Put a cell that holds a comma, tab or line break between double quotes; a quote inside is doubled."
_ALL_CELLS = "Write the empty cells too, and put a cell that holds a comma between double quotes."
_HEADER = "Begin the file with the names of its columns: " + ",".join(COLUMNS[:4])


def looks_like_table(text: str) -> bool:
    """Whether the first line names several columns, all of them ours, `instruction` among them."""
    line = _first_line(text)
    return any(
        len(header) > 1 and "instruction" in header and set(header) <= set(COLUMNS)
        for header in (_header(line, delimiter) for delimiter in _DELIMITERS)
    )


def read_table(text: str) -> SeedRows:
    """A row for each of the table's, blank ones left out; its line is the one on which it begins.

    An empty cell is an absent field. Quoting that is broken, cells too many or too few (an unquoted comma
    looks so) and a header without `instruction` are problems; columns with other names are noted.
    """
    delimiter = _delimiter(_first_line(text))
    table, problems = _cells(text, delimiter)
    if not table:
        return SeedRows(_DELIMITERS[delimiter], (), tuple(problems))
    (header_line, first), *body = table
    header = _normal(first)
    if flaw := _flaw_of_header(header):
        problem = SeedProblem(header_line, flaw, hint=f"{_HEADER}. Only instruction is required.")
        return SeedRows(_DELIMITERS[delimiter], (), (problem,))
    rows = []
    for line, cells in body:
        if len(cells) not in (1, len(header)):  # one alone can only be the first column's
            message = f"{len(cells)} cells in a table of {len(header)} columns"
            hint = _QUOTE if len(cells) > len(header) else _ALL_CELLS
            problems.append(SeedProblem(line, message, hint=hint))
        else:
            rows.append(SeedRow(line, _fields(header, cells)))
    others = [name for name in header if name and name not in COLUMNS]
    notes = (f"Columns that are not read: {', '.join(others)}.",) if others else ()
    return SeedRows(_DELIMITERS[delimiter], tuple(rows), tuple(problems), notes)


def _cells(text: str, delimiter: str) -> tuple[list[tuple[int, list[str]]], list[SeedProblem]]:
    """Rows that are not blank, each with its first line."""
    # strict: without it a quote that is never closed swallows the rest of the file in silence.
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    table: list[tuple[int, list[str]]] = []
    problems: list[SeedProblem] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return table, problems
        except csv.Error as error:
            problems.append(SeedProblem(line, _reason(error), hint=_QUOTE))
        else:
            if any(cell.strip() for cell in cells):
                table.append((line, cells))
        if len(table) + len(problems) > MOST_ROWS + 1:  # the header is one
            return table, problems


def _reason(error: csv.Error) -> str:
    if "end of data" in str(error):
        return "a double quote is opened here and never closed"
    if "expected after" in str(error):
        return "text follows a closing double quote"
    return str(error)


def _fields(header: Sequence[str], cells: Sequence[str]) -> dict[str, object]:
    given = zip(header, cells, strict=False)
    fields: dict[str, object] = {name: cell for name, cell in given if name in COLUMNS and cell.strip()}
    flag = fields.get("is_classification")
    if isinstance(flag, str):
        fields["is_classification"] = _FLAGS.get(flag.strip().lower(), flag)
    return fields


def _flaw_of_header(header: Sequence[str]) -> str:
    if "instruction" not in header:
        shown = ", ".join(repr(name[:40]) for name in header[:6])
        return f"no column is named 'instruction'; the first row has {shown}"
    twice = sorted({name for name in header if name in COLUMNS and header.count(name) > 1})
    return f"two columns are named {twice[0]!r}" if twice else ""


def _delimiter(line: str) -> str:
    """The one that makes `instruction` a column, or else the commonest."""
    for delimiter in _DELIMITERS:
        header = _header(line, delimiter)
        if len(header) > 1 and "instruction" in header:
            return delimiter
    return max(_DELIMITERS, key=line.count)


def _header(line: str, delimiter: str) -> list[str]:
    """A guess by splitting: `csv` would raise on what is no table after all."""
    return [name.strip('"') for name in _normal(line.split(delimiter))]


def _normal(header: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in header]


def _first_line(text: str) -> str:
    return re.split(r"[\r\n]", text.lstrip(), maxsplit=1)[0]
