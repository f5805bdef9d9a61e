"""Files of rows, written row by row and replaced as a whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from selfinstruct.dataset.formats import (
    JSONL_COLUMNS,
    Columns,
    ExportedRow,
    Fields,
    FileKind,
    Rendering,
    jsonl_rows,
)
from selfinstruct.errors import MissingExtraError
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.reader import RunReader

__all__ = ["WRITERS", "open_jsonl", "open_parquet", "to_line", "write_dataset"]

ROW_GROUP = 1000
"""Rows that are held, and then compressed together."""


def to_line(row: ExportedRow) -> str:
    """One JSON object and a line feed; other scripts as they are."""
    return json.dumps(row, ensure_ascii=False) + "\n"


@contextmanager
def open_jsonl(path: Path, _: Columns) -> Iterator[Callable[[ExportedRow], None]]:
    """JSON Lines, in UTF-8. Raises what `atomic_write` raises."""
    with atomic_write(path) as file:

        def write(row: ExportedRow) -> None:
            file.write(to_line(row))

        yield write


@contextmanager
def open_parquet(path: Path, columns: Columns) -> Iterator[Callable[[ExportedRow], None]]:
    """Parquet, a row group every `ROW_GROUP` rows; for rows without lists.

    Raises MissingExtraError without pyarrow, and what `atomic_write` raises.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError(
            "Parquet needs the package pyarrow, which is not installed.",
            "Install it with: pip install 'selfinstruct[parquet]'",
        ) from error

    types = {"string": pa.string(), "bool": pa.bool_(), "float64": pa.float64()}
    schema = pa.schema(
        [
            (
                name,
                pa.struct([(field, types[kind]) for field, kind in column.items()])
                if isinstance(column, Fields)
                else types[str(column)],
            )
            for name, column in columns.items()
        ]
    )
    waiting: list[ExportedRow] = []
    with atomic_write(path) as file, parquet.ParquetWriter(file.buffer, schema) as table:

        def flush() -> None:
            table.write_table(pa.Table.from_pylist(waiting, schema=schema))
            waiting.clear()

        def write(row: ExportedRow) -> None:
            waiting.append(row)
            if len(waiting) == ROW_GROUP:
                flush()

        yield write
        if waiting:
            flush()


WRITERS: Mapping[
    FileKind, Callable[[Path, Columns], AbstractContextManager[Callable[[ExportedRow], None]]]
] = {
    "jsonl": open_jsonl,
    "parquet": open_parquet,
}
"""By the end of a file's name. Inside the `with` block its function writes a row."""


def write_dataset(reader: RunReader, path: Path) -> tuple[int, int]:
    """Replace the file by the data set as it is now; the numbers of tasks and of instances in it.

    Raises what `atomic_write` raises.
    """
    tasks = instances = 0
    with open_jsonl(path, JSONL_COLUMNS) as write:
        for task in reader.tasks():
            for row in jsonl_rows(task, Rendering()):
                write(row)
            tasks += 1
            instances += len(task.instances)
    return tasks, instances
