"""Writing a page in the place of an older one, and of nothing else."""

from __future__ import annotations

from pathlib import Path

from selfinstruct.errors import UserError
from selfinstruct.report.page import GENERATOR
from selfinstruct.store.directory import atomic_write, keep_run_files
from selfinstruct.store.failures import storage_errors

__all__ = ["write_report"]

HEAD = 64 * 1024
"""Bytes of a page in which its maker's name stands: the style comes before it."""


def write_report(path: Path, page: str) -> Path:
    """The file. It is there as a whole, or as it was before.

    Raises UserError where another file is there than a report, or a run keeps one of its own, and what
    `atomic_write` raises.
    """
    with storage_errors(path):
        if path.is_file() and path.stat().st_size and not _is_report(path):
            raise UserError(
                f"{path} exists and is not a selfinstruct report.",
                "Name another file with `out`, or move it away.",
            )
    keep_run_files(path)  # those that are empty, or not there yet
    with atomic_write(path) as file:
        file.write(page)
    return path


def _is_report(path: Path) -> bool:
    with path.open("rb") as file:
        return f'<meta name="generator" content="{GENERATOR}">'.encode() in file.read(HEAD)
