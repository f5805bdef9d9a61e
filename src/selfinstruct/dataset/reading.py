"""Any data set as rows, one after another, and rows back into files of the same kind.

JSON Lines, a JSON array or JSON objects one after another, CSV, TSV, Parquet; a folder with such files in
`data/` (as the Hub keeps a data set), and a run's directory. What a file is, its first bytes tell, not its
name. No more is held than a row group or a megabyte of text, and one row.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from selfinstruct.dataset.formats import Rendering, jsonl_rows
from selfinstruct.dataset.reviewed import reviewed_tasks
from selfinstruct.errors import ConfigError, MissingExtraError
from selfinstruct.paths import path_problem
from selfinstruct.store.directory import MERGED_FILES, atomic_write, holds_merge
from selfinstruct.store.improved import ORIGINAL
from selfinstruct.store.reader import RunReader

__all__ = ["DataFile", "RawRow", "open_data", "read_rows", "row_writer"]

Kind = Literal["JSON Lines", "JSON array", "JSON objects", "CSV", "TSV", "Parquet", "run"]
_PIECE = 1 << 20
_LONGEST_VALUE = 1 << 28
_HINT = "Give a run, or a data set as JSON Lines, JSON, CSV, TSV or Parquet."
_DATA_FILES = (".jsonl", ".json", ".csv", ".tsv", ".parquet")
_EXTRA_CELLS = "\0"


@dataclass(frozen=True, slots=True)
class DataFile:
    """name: as outputs are called beside each other, relative to the folder."""

    path: Path
    name: Path
    kind: Kind


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as the file has it. value: its fields. text: of JSON Lines, the line itself. flaw: why there
    are no fields; empty where there are."""

    value: Mapping[str, Any]
    text: str = ""
    flaw: str = ""


def open_data(path: Path) -> tuple[DataFile, ...]:
    """The files of a data set, in the order of their names; a run counts as one. Of what `merge` wrote, not
    the tasks that were dropped.

    Raises ConfigError for what is none, and UserError for a path that cannot be used.
    """
    if problem := path_problem(path):
        raise problem
    if not path.exists():
        raise ConfigError(f"There is no file or folder {path}.", _HINT)
    if not path.is_dir():
        return (DataFile(path, Path(path.name), _kind(path)),)
    if (path / "run.db").exists():
        RunReader.open(path)
        return (DataFile(path, Path("dataset.jsonl"), "run"),)
    if holds_merge(path):
        data = path / MERGED_FILES[0]
        return (DataFile(data, Path(data.name), _kind(data)),)
    inner = path / "data" if (path / "data").is_dir() else path
    found = sorted(each for each in inner.iterdir() if each.suffix in _DATA_FILES and each.is_file())
    if not found:
        raise ConfigError(f"The folder {path} holds no run and no data files.", _HINT)
    return tuple(DataFile(each, each.relative_to(path), _kind(each)) for each in found)


def _kind(path: Path) -> Kind:
    if not path.is_file():
        raise ConfigError(
            f"{path} is not a file that can be read more than once.", "Save it as a file first."
        )
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror}.", "Check its permissions.") from error
    if head.startswith(b"PAR1"):
        return "Parquet"
    text = head.decode("utf-8-sig", errors="replace").lstrip()
    if not text:
        raise ConfigError(f"{path} is empty.", _HINT)
    if text.startswith("["):
        return "JSON array"
    if text.startswith("{"):
        first = text.partition("\n")[0]
        return (
            "JSON objects"
            if len(first) < len(text) and not _is_json(first) and _spans(text)
            else "JSON Lines"
        )
    header = re.split(r"[\r\n]", text, maxsplit=1)[0]
    if "\0" not in header and ("\t" in header or "," in header):
        return "TSV" if header.count("\t") > header.count(",") else "CSV"
    raise ConfigError(f"{path} is not a data set: it begins with {header[:40]!r}.", _HINT)


def _spans(text: str) -> bool:
    """Whether the first line opens an object that it does not close."""
    first = text.partition("\n")[0].strip()
    return first == "{" or not first.endswith("}")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


# ------------------------------------------------------------------------ reading


def read_rows(file: DataFile) -> Iterator[RawRow]:
    """All rows of a file. One that cannot be read has a flaw, and the others are still read.

    Raises ConfigError where nothing after a place can be read, MissingExtraError without pyarrow.
    """
    match file.kind:
        case "run":
            reader = RunReader.open(file.path)
            for task in reviewed_tasks(reader, ORIGINAL, "apply"):
                for row in jsonl_rows(task, Rendering()):
                    yield RawRow(row)
        case "Parquet":
            table = _parquet().ParquetFile(file.path)
            for batch in table.iter_batches(batch_size=1000):
                for row in batch.to_pylist():
                    yield RawRow(row)
        case "CSV" | "TSV":
            yield from _read_table(file)
        case "JSON Lines":
            yield from _read_lines(file.path)
        case _:
            yield from _read_values(file)


def _read_lines(path: Path) -> Iterator[RawRow]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
        for line in file:
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                why = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
                yield RawRow({}, line, f"not valid JSON: {why}")
                continue
            flaw = "" if isinstance(value, dict) else "no JSON object"
            yield RawRow(value if isinstance(value, dict) else {}, line, flaw)


def _read_values(data: DataFile) -> Iterator[RawRow]:
    """Of a JSON array, or of objects one after another; a megabyte at a time."""
    decoder = json.JSONDecoder()
    between = re.compile(r"[\s,]*")
    with data.path.open(encoding="utf-8-sig", errors="replace") as file:
        buffer, place, number = file.read(_PIECE), 0, 0
        if data.kind == "JSON array":
            place = buffer.index("[") + 1
        while True:
            match = between.match(buffer, place)
            place = match.end() if match else place
            if place < len(buffer) and buffer[place] == "]" and data.kind == "JSON array":
                return
            try:
                value, end = decoder.raw_decode(buffer, place)
            except (ValueError, RecursionError) as error:
                piece = file.read(max(_PIECE, len(buffer) - place))
                if piece and len(buffer) - place < _LONGEST_VALUE:
                    buffer, place = buffer[place:] + piece, 0
                    continue
                if place >= len(buffer) and data.kind == "JSON objects":
                    return
                why = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
                raise ConfigError(
                    f"{data.path}: after {number:,} rows, not valid JSON ({why}).",
                    "Fix it, or write JSON Lines.",
                ) from None
            number, place = number + 1, end
            flaw = "" if isinstance(value, dict) else "no JSON object"
            yield RawRow(value if isinstance(value, dict) else {"": value}, "", flaw)
            if place > _PIECE:
                buffer, place = buffer[place:], 0


def _read_table(data: DataFile) -> Iterator[RawRow]:
    csv.field_size_limit(max(csv.field_size_limit(), 1 << 26))
    with data.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.DictReader(file, delimiter=_delimiter(data), restkey=_EXTRA_CELLS)
        try:
            for row in reader:
                flaw = "more cells than columns" if _EXTRA_CELLS in row else ""
                yield RawRow(row, "", flaw)
        except csv.Error as error:
            raise ConfigError(f"{data.path}, line {reader.line_num}: {error}.", "Fix the quoting.") from error


def _delimiter(data: DataFile) -> str:
    if data.kind == "TSV":
        return "\t"
    return ","


def _columns(data: DataFile) -> list[str]:
    with data.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return list(csv.DictReader(file, delimiter=_delimiter(data)).fieldnames or ())


def _parquet() -> Any:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError(
            "Parquet needs the package pyarrow, which is not installed.",
            "Install it with: pip install 'selfinstruct[parquet]'",
        ) from error
    return parquet


# ------------------------------------------------------------------------ writing


@contextmanager
def row_writer(data: DataFile, target: Path) -> Iterator[Callable[[RawRow], None]]:
    """What writes rows to `target` in the kind of file that `data` is, fields and their order kept. The
    file is there as a whole or not at all. Raises what `atomic_write` raises."""
    with atomic_write(target) as file:
        match data.kind:
            case "Parquet":
                yield from _write_parquet(data, file)
            case "CSV" | "TSV":
                table = csv.writer(file, delimiter=_delimiter(data), lineterminator="\n")
                columns = _columns(data)
                table.writerow(columns)

                def write_cells(row: RawRow) -> None:
                    cells = [row.value.get(name) for name in columns]
                    table.writerow([*cells, *row.value.get(_EXTRA_CELLS, ())])

                yield write_cells
            case "JSON array":
                begun: list[bool] = []

                def write_element(row: RawRow) -> None:
                    value = row.value[""] if row.flaw and "" in row.value else row.value
                    file.write(",\n" if begun else "[\n")
                    file.write(json.dumps(value, ensure_ascii=False))
                    begun.append(True) if not begun else None

                yield write_element
                file.write("\n]\n" if begun else "[]\n")
            case _:

                def write_line(row: RawRow) -> None:
                    value = row.value[""] if row.flaw and "" in row.value else row.value
                    file.write(row.text if row.text else json.dumps(value, ensure_ascii=False))
                    file.write("" if row.text.endswith("\n") else "\n")

                yield write_line


def _write_parquet(data: DataFile, file: Any) -> Iterator[Callable[[RawRow], None]]:
    import pyarrow as pa

    parquet = _parquet()
    schema = parquet.read_schema(data.path)
    waiting: list[Mapping[str, Any]] = []
    with parquet.ParquetWriter(file.buffer, schema) as table:

        def write(row: RawRow) -> None:
            waiting.append(row.value)
            if len(waiting) == 1000:
                flush()

        def flush() -> None:
            table.write_table(pa.Table.from_pylist(waiting, schema=schema))
            waiting.clear()

        yield write
        if waiting:
            flush()
