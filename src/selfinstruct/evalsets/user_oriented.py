"""The paper's 252 tasks that people might really ask (section 4.4), or any file in their format.

    {"id": "user_oriented_task_0", "motivation_app": "…", "instruction": "…",
     "instances": [{"input": "…", "output": "…"}]}

Many of these tasks have more than one good answer, and each has one reference: the metrics say little by
themselves here, and the paper has people judge the answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.rows import FileRow, read_rows

__all__ = ["items_of_task", "load_user_oriented"]


def load_user_oriented(path: Path) -> tuple[EvaluationItem, ...]:
    """An item for each instance. Raises UserError naming the line and the field."""
    return tuple(
        item
        for number, row in enumerate(read_rows(path))
        for item in items_of_task(row, row.id() or f"user_oriented_task_{number}")
    )


def items_of_task(row: FileRow, name: str) -> Iterator[EvaluationItem]:
    """Of an instruction with `instances`; their ids are numbered where there are several."""
    instruction = row.required("instruction").strip()
    instances = list(row.objects("instances"))
    if not instances:
        raise row.mistake("there is no instance", "Give every task one, with an input and an output.")
    for number, instance in enumerate(instances):
        yield EvaluationItem(
            id=name if len(instances) == 1 else f"{name}.{number}",
            instruction=instruction,
            input=instance.text("input").strip(),
            references=instance.texts("output"),
            task=name if len(instances) > 1 else "",
            category=row.text("motivation_app", "category"),
        )
