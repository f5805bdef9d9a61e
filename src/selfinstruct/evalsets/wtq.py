r"""WikiTableQuestions (Pasupat and Liang, 2015): questions about tables of Wikipedia, release 1.0.2.

    data/pristine-unseen-tables.tsv            id, utterance, context, targetValue; 4,344, the test split
    tagged/data/pristine-unseen-tables.tagged  the same with targetCanon, what each target is read as
    csv/203-csv/733.csv, or 733.tsv            the tables; the first row names the columns

In .tsv and .tagged files `|` stands between the items of a list, and within them `\n` is a line break, `\p` a
`|`, `\\` a backslash. In .csv files a backslash stands before quotation marks and backslashes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from selfinstruct.errors import UserError
from selfinstruct.evalsets.rows import FileRow, read_file

__all__ = ["Table", "TableQuestion", "canonical", "load_wtq"]

TEST_SPLIT = "pristine-unseen-tables"
FIELDS = ("id", "utterance", "context", "targetValue")
AS_PUBLISHED = "Take the release as its authors publish it."
LONGEST_CELL = 1 << 20
"""Characters; Python's csv module stops at 131,072 otherwise."""

_ESCAPES = {r"\n": "\n", r"\p": "|", r"\\": "\\"}
_ESCAPED = re.compile(r"\\[np\\]")


@dataclass(frozen=True, slots=True)
class Table:
    """header: the columns' names. rows: cells, as many as there are in the file."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class TableQuestion:
    """targets: all of these are the answer, in no order. canonical: what each is read as, a number or a date
    such as `1990-02-xx`, or itself. context: where the release has the table."""

    id: str
    question: str
    context: str
    table: Table
    targets: tuple[str, ...]
    canonical: tuple[str, ...]


def load_wtq(path: Path) -> tuple[tuple[TableQuestion, ...], bool]:
    """The questions of a split, and whether the release says itself what their targets are read as; where it
    does not, `canonical` reads them.

    path: the release's folder, for the test split; or a .tsv or .tagged file in it.
    Raises UserError naming the file, the line and the field.
    """
    if path.is_dir():
        root, file = path, path / "data" / f"{TEST_SPLIT}.tsv"
        if not file.is_file():
            raise UserError(f"{path} holds no {file.relative_to(path)}.", AS_PUBLISHED)
    else:
        root, file = _root(path), path
    tagged = root / "tagged" / "data" / f"{file.stem}.tagged"
    file = tagged if tagged.is_file() else file
    tables: dict[Path, Table] = {}
    found = tuple(_question(row, root, tables) for row in _rows(file))
    if not found:
        raise UserError(f"{file} holds no question.", AS_PUBLISHED)
    return found, file.suffix == ".tagged"


def _root(file: Path) -> Path:
    """The release that a file is in."""
    if not file.is_file():
        read_file(file)  # which says what is wrong
    above = next((each for each in file.absolute().parents[:4] if (each / "csv").is_dir()), None)
    if above is None:
        raise UserError(f"There is no folder `csv` with the tables above {file}.", AS_PUBLISHED)
    return above


def _rows(file: Path) -> Iterator[FileRow]:
    lines = read_file(file).split("\n")
    header = lines[0].rstrip("\r").split("\t")
    missing = [name for name in FIELDS if name not in header]
    if missing:
        raise UserError(f"{file}, line 1: there is no column {missing[0]!r}.", AS_PUBLISHED)
    for number, line in enumerate(lines[1:], start=2):
        cells = line.rstrip("\r").split("\t")
        if cells == [""]:
            continue
        row = FileRow(file, number, dict(zip(header, cells, strict=False)))
        if len(cells) != len(header):
            raise row.mistake(f"there are {len(cells)} fields, not {len(header)}", AS_PUBLISHED)
        yield row


def _question(row: FileRow, root: Path, tables: dict[Path, Table]) -> TableQuestion:
    """tables: those that have been read, which is added to."""
    targets = _items(row.required("targetValue"))
    meant = _items(row.text("targetCanon")) if row.text("targetCanon") else tuple(map(canonical, targets))
    if not all(each.strip() for each in targets):
        raise row.mistake("an item in field 'targetValue' is empty", AS_PUBLISHED)
    if len(meant) != len(targets):
        raise row.mistake(
            f"field 'targetCanon' has {len(meant)} items, and 'targetValue' {len(targets)}", AS_PUBLISHED
        )
    context = row.required("context")
    where = PurePosixPath(context)
    if where.is_absolute() or ".." in where.parts:
        raise row.mistake(f"field 'context' leads out of the release: {context!r}", AS_PUBLISHED)
    files = [root / where, (root / where).with_suffix(".tsv")]
    file = next((each for each in files if each.is_file()), None)
    if file is None:
        raise row.mistake(f"field 'context' names {context}, and {root} has no such table", AS_PUBLISHED)
    if file not in tables:
        tables[file] = _table(file)
    question = _unescaped(row.required("utterance"))
    return TableQuestion(row.required("id"), question, context, tables[file], targets, meant)


def _table(file: Path) -> Table:
    text = read_file(file)
    if file.suffix == ".tsv":
        rows = [tuple(map(_unescaped, line.rstrip("\r").split("\t"))) for line in text.split("\n") if line]
    else:
        rows = list(_csv_rows(file, text))
    if not rows:
        raise UserError(f"{file} holds nothing.", AS_PUBLISHED)
    return Table(rows[0], tuple(rows[1:]))


def _csv_rows(file: Path, text: str) -> Iterator[tuple[str, ...]]:
    before = csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), doublequote=False, escapechar="\\", strict=True)
    try:
        yield from (tuple(row) for row in reader if row)
    except csv.Error as error:
        raise UserError(f"{file}, line {reader.line_num}: {error}.", AS_PUBLISHED) from error
    finally:
        csv.field_size_limit(before)


def _items(text: str) -> tuple[str, ...]:
    return tuple(map(_unescaped, text.split("|")))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)


_NAMES = """
january february march april may june july august september october november december
"""
_MONTHS = {name: number for number, full in enumerate(_NAMES.split(), 1) for name in (full, full[:3])}
_MONTHS["sept"] = 9
_MONTH = f"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH}\.?(?:,? (?P<year>\d{{4}}))?",
        rf"{_MONTH}\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?",
        rf"{_MONTH}\.?(?:,? (?P<year>\d{{4}}))?",
    )
)
_AMOUNT = re.compile(
    r"(?P<sign>[+-]?)[$£€]?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+)"
    r"(?: (?P<times>million|billion)| [^\W\d][^\d]*|%|st|nd|rd|th)?"
)
_TIMES = {"million": 1e6, "billion": 1e9}


def canonical(target: str) -> str:
    """What a target is read as where the release does not say: a number with or without commas, currency and
    unit, a date, or itself. On the test split it differs from the release in 17 of 4,638 targets."""
    text = " ".join(target.lower().split())
    for pattern in _DATES:
        if found := pattern.fullmatch(text):
            parts = {"day": "", **found.groupdict("")}
            return f"{parts['year'] or 'xxxx'}-{_MONTHS[parts['month']]:02}-{parts['day'] or 'xx'}"
    if found := _AMOUNT.fullmatch(text):
        number = float(found["sign"] + found["number"].replace(",", ""))
        return repr(number * _TIMES.get(found["times"] or "", 1.0))
    return target
