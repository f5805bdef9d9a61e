"""Conversations as chat models and their trainers take them: an instance a line.

    {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}

No other field: OpenAI's fine-tuning refuses files that have any, and TRL needs none.
"""

from __future__ import annotations

from collections.abc import Iterator

from selfinstruct.dataset.format import Columns, ExportedRow, Rendering
from selfinstruct.records import Task

__all__ = ["COLUMNS", "rows", "turns"]

COLUMNS: Columns = {"messages": {"role": "string", "content": "string"}}


def rows(task: Task, rendering: Rendering) -> Iterator[ExportedRow]:
    """An instance each: the system message if there is one, the user's, the assistant's."""
    for turn in turns(task, rendering):
        yield {"messages": [{"role": role, "content": text} for role, text in turn]}


def turns(task: Task, rendering: Rendering) -> Iterator[list[tuple[str, str]]]:
    """Each instance as (role, text) pairs. Instruction and input are joined by a blank line."""
    opening = [("system", rendering.system)] if rendering.system else []
    for instance in task.instances:
        asked = f"{task.instruction}\n\n{instance.input}" if instance.input else task.instruction
        yield [*opening, ("user", asked), ("assistant", instance.output)]
