"""A file of rows, or several where there are many: `train.parquet`, or `train-00000-of-00004.parquet` and so
on, the names that the Hugging Face Hub gives them.
"""

from __future__ import annotations

import re
import secrets
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from selfinstruct.dataset.formats import Columns, ExportedRow, FileKind
from selfinstruct.dataset.writers import WRITERS
from selfinstruct.store.failures import storage_errors

__all__ = ["SHARD_ROWS", "ShardedFile", "pattern_of", "shards_of"]

SHARD_ROWS = 250_000
"""Rows in a file of a folder, at most: some 100 MB of typical ones."""


def pattern_of(path: Path) -> Path:
    """That all shards of this file match: `train-*.parquet`."""
    return path.with_name(f"{path.stem}-*{path.suffix}")


def shards_of(path: Path) -> set[Path]:
    """Those that are there."""
    name = re.compile(rf"{re.escape(path.stem)}-\d{{5}}-of-\d{{5}}{re.escape(path.suffix)}")
    return {each for each in path.parent.glob(pattern_of(path).name) if name.fullmatch(each.name)}


class ShardedFile:
    """A context in which rows are written. At its end the files are there as a whole; where it fails, none
    is. Until then those that are full lie under other names beside them.

    files: what was written, in order, once the context is left.
    """

    def __init__(self, path: Path, kind: FileKind, columns: Columns, most: int) -> None:
        """most: rows in a file, 1 or more."""
        self.path = path
        self.files: tuple[Path, ...] = (path,)
        self._kind, self._columns, self._most = kind, columns, most
        self._key = secrets.token_hex(4)
        self._full: list[Path] = []
        self._open: AbstractContextManager[object] | None = None
        self._rows = 0

    def write(self, row: ExportedRow) -> None:
        """Raises what the file's writer does."""
        if self._rows == self._most:
            self._finish()
            self._begin()
        self._write(row)
        self._rows += 1

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._finish()
            with storage_errors(self.path):
                self._publish()
            return
        try:
            if self._open is not None:
                self._open.__exit__(kind, error, trace)
        finally:
            for file in self._full:
                file.unlink(missing_ok=True)

    def _begin(self) -> None:
        growing = self.path.with_name(f".{self.path.stem}-{len(self._full):05}.{self._key}{self.path.suffix}")
        opened = WRITERS[self._kind](growing, self._columns)
        self._write = opened.__enter__()
        self._open, self._rows, self._growing = opened, 0, growing

    def _finish(self) -> None:
        assert self._open is not None, "a file is open within the context"
        self._open.__exit__(None, None, None)
        self._open = None
        self._full.append(self._growing)

    def _publish(self) -> None:
        count = len(self._full)
        if count > 1:
            stem, end = self.path.stem, self.path.suffix
            self.files = tuple(
                self.path.with_name(f"{stem}-{number:05}-of-{count:05}{end}") for number in range(count)
            )
        for file, target in zip(self._full, self.files, strict=True):
            file.replace(target)
