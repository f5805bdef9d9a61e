"""A seeds file's format, by its content and extension, and the file taken apart into rows.

JSON:   {"instruction": "…", …} a line (the paper's `seed_tasks.jsonl`), or an array of such objects
tables: CSV or TSV, the first row naming the columns
text:   an instruction a line
"""

from __future__ import annotations

import io

from selfinstruct.seeds.decoding import decode
from selfinstruct.seeds.json_rows import looks_like_json, read_json
from selfinstruct.seeds.rows import MOST_LINES, MOST_ROWS, SeedProblem, SeedRow, SeedRows
from selfinstruct.seeds.table_rows import looks_like_table, read_table

__all__ = ["read_rows"]

_JSON = (".json", ".jsonl", ".ndjson")
_TABLES = (".csv", ".tsv", ".tab")
_OTHERS = (".yaml", ".yml", ".toml", ".xml", ".html", ".htm")


def read_rows(data: bytes, extension: str) -> SeedRows:
    """Take a file apart.

    extension: of its name, `.csv`; empty where it has none. Content that begins as JSON goes before it,
        since `seeds.txt` full of objects cannot be meant as instructions.
    """
    text = decode(data)
    if isinstance(text, SeedProblem):
        return SeedRows("", problems=(text,))
    if text.count("\n") > MOST_LINES:
        return SeedRows("", problems=(_too_many(f"more than {MOST_LINES:,} lines"),))
    read = _read_any(text, extension.lower())
    if len(read.rows) + len(read.problems) > MOST_ROWS:
        return SeedRows(read.format, problems=(_too_many(f"more than {MOST_ROWS:,} rows"),))
    return read


def _too_many(what: str) -> SeedProblem:
    hint = "Seeds are examples for the model: give some hundreds, such as a random sample of these."
    return SeedProblem(0, f"{what} are not read", hint=hint)


def _read_any(text: str, extension: str) -> SeedRows:
    if looks_like_json(text) or extension in _JSON:
        return read_json(text)
    if extension in _TABLES or looks_like_table(text):
        return read_table(text)
    if extension in _OTHERS:
        hint = "Give JSON Lines, a JSON array, CSV, TSV, or plain text with one instruction per line."
        return SeedRows("", problems=(SeedProblem(0, f"{extension} files are not read", hint=hint),))
    return _read_text(text)


def _read_text(text: str) -> SeedRows:
    rows: list[SeedRow] = []
    comments = blank = 0
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if len(rows) > MOST_ROWS:
            break
        instruction = line.strip()
        if not instruction:
            blank += 1
        elif instruction.startswith("#"):
            comments += 1
        else:
            rows.append(SeedRow(number, {"instruction": instruction}))
    skipped = [
        f"{count:,} {kind.format('lines' if count > 1 else 'line')}"
        for count, kind in ((blank, "blank {}"), (comments, "{} beginning with #"))
        if count
    ]
    notes = (f"Passed over: {' and '.join(skipped)}.",) if skipped else ()
    return SeedRows("plain text", tuple(rows), notes=notes)
