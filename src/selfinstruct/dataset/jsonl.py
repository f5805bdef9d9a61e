"""The data set itself: one task a line.

    {"id": "task_0", "instruction": "…", "is_classification": false,
     "instances": [{"input": "", "output": "…"}]}

Nothing of when, where or at what price it was made, so that equal runs give equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from selfinstruct.records import Task
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.reader import RunReader

__all__ = ["rows", "to_line", "write_dataset"]


def rows(reader: RunReader) -> Iterator[Mapping[str, Any]]:
    """In admission order."""
    return map(_task, reader.tasks())


def to_line(row: Mapping[str, Any]) -> str:
    """One JSON object and a line feed; other scripts as they are."""
    return json.dumps(row, ensure_ascii=False) + "\n"


def write_dataset(reader: RunReader, path: Path) -> tuple[int, int]:
    """Replace the file by the data set as it is now; the numbers of tasks and of instances in it.

    Raises what `atomic_write` raises.
    """
    tasks = instances = 0
    with atomic_write(path) as file:
        for task in reader.tasks():
            file.write(to_line(_task(task)))
            tasks += 1
            instances += len(task.instances)
    return tasks, instances


def _task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "instruction": task.instruction,
        "is_classification": task.is_classification,
        "instances": [asdict(instance) for instance in task.instances],
    }
