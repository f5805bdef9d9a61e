"""The data set itself: one task a line.

    {"id": "task_0", "instruction": "…", "is_classification": false,
     "instances": [{"input": "", "output": "…"}]}

Nothing of when, where or at what price it was made, so that equal runs give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from selfinstruct.dataset.format import Columns, ExportedRow, Rendering
from selfinstruct.dataset.writers import open_jsonl
from selfinstruct.records import Task
from selfinstruct.store.reader import RunReader

__all__ = ["COLUMNS", "rows", "write_dataset"]

COLUMNS: Columns = {
    "id": "string",
    "instruction": "string",
    "is_classification": "bool",
    "instances": {"input": "string", "output": "string"},
}


def rows(task: Task, _: Rendering) -> Iterator[ExportedRow]:
    """One."""
    yield {
        "id": task.id,
        "instruction": task.instruction,
        "is_classification": task.is_classification,
        "instances": [asdict(instance) for instance in task.instances],
    }


def write_dataset(reader: RunReader, path: Path) -> tuple[int, int]:
    """Replace the file by the data set as it is now; the numbers of tasks and of instances in it.

    Raises what `atomic_write` raises.
    """
    tasks = instances = 0
    with open_jsonl(path, COLUMNS) as write:
        for task in reader.tasks():
            for row in rows(task, Rendering()):
                write(row)
            tasks += 1
            instances += len(task.instances)
    return tasks, instances
