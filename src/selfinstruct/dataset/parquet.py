"""A table for data frames: the columns of `alpaca`, and what an instance owes to its task.

task_id, instruction, input, output, is_classification
"""

from __future__ import annotations

from collections.abc import Iterator

from selfinstruct.dataset import alpaca
from selfinstruct.dataset.format import Columns, ExportedRow, Rendering
from selfinstruct.records import Task

__all__ = ["COLUMNS", "rows"]

COLUMNS: Columns = {"task_id": "string", **alpaca.COLUMNS, "is_classification": "bool"}


def rows(task: Task, rendering: Rendering) -> Iterator[ExportedRow]:
    """An instance each."""
    for row in alpaca.rows(task, rendering):
        yield {"task_id": task.id, **row, "is_classification": task.is_classification}
