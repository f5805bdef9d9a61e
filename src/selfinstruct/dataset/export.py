"""The formats that a run can be exported in, and the one way to write them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.dataset import candidates, jsonl, requests
from selfinstruct.dataset.jsonl import to_line
from selfinstruct.errors import ConfigError
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.reader import RunReader

__all__ = ["FORMATS", "Format", "export"]


@dataclass(frozen=True, slots=True)
class Format:
    """`rows` makes the lines of a file, in order, without holding them all; `about` says what they are."""

    about: str
    rows: Callable[[RunReader], Iterator[Mapping[str, Any]]]


FORMATS: Mapping[str, Format] = {
    "jsonl": Format("the data set: a task a line, with its instances", jsonl.rows),
    "candidates": Format("every instruction candidate, with verdict and nearest neighbour", candidates.rows),
    "requests": Format("every completed request: prompt and completion", requests.rows),
}
"""By the name on the command line. A new format is a module with `rows`, and a line here."""


def export(reader: RunReader, format_name: str, out: Path | None) -> int:
    """Write the run as it is now; the number of lines. `out` is replaced as a whole; None is standard
    output, in UTF-8 whatever the locale.

    Raises ConfigError for an unknown format, BrokenPipeError where standard output is read no further,
    and what `atomic_write` raises.
    """
    chosen = FORMATS.get(format_name)
    if chosen is None:
        raise ConfigError(f"There is no format {format_name!r}.", f"Formats are {', '.join(FORMATS)}.")
    lines = map(to_line, chosen.rows(reader))
    if out is not None:
        with atomic_write(out) as file:
            return _count(file.write(line) for line in lines)
    sys.stdout.flush()
    with storage_errors(Path("standard output")):
        written = _count(sys.stdout.buffer.write(line.encode()) for line in lines)
        sys.stdout.buffer.flush()
    return written


def _count(writes: Iterator[int]) -> int:
    return sum(1 for _ in writes)
