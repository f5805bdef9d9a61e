"""The format of Stanford Alpaca: an instance a line, its instruction repeated.

{"instruction": "…", "input": "", "output": "…"}
"""

from __future__ import annotations

from collections.abc import Iterator

from selfinstruct.dataset.format import Columns, ExportedRow, Rendering
from selfinstruct.records import Task

__all__ = ["COLUMNS", "rows"]

COLUMNS: Columns = {"instruction": "string", "input": "string", "output": "string"}


def rows(task: Task, _: Rendering) -> Iterator[ExportedRow]:
    """An instance each. `input` is empty where the instruction needs none."""
    for instance in task.instances:
        yield {"instruction": task.instruction, "input": instance.input, "output": instance.output}
