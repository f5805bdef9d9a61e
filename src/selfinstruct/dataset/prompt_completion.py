r"""Plain text for tuning a base model: an instance a line, in one of the paper's templates.

    {"prompt": "Name the capital.\nInput: France\nOutput:", "completion": " Paris"}

What TRL's `SFTTrainer` reads: it learns the completion only, and ends it with the end-of-text token.
"""

from __future__ import annotations

from collections.abc import Iterator

from selfinstruct.dataset.format import Columns, ExportedRow, Rendering
from selfinstruct.dataset.templates import render_prompt
from selfinstruct.records import Task

__all__ = ["COLUMNS", "rows"]

COLUMNS: Columns = {"prompt": "string", "completion": "string"}


def rows(task: Task, rendering: Rendering) -> Iterator[ExportedRow]:
    """An instance each; `rendering.seed` decides the templates."""
    for place, instance in enumerate(task.instances):
        key = f"{task.id}.{place}"
        rendered = render_prompt(task.instruction, instance.input, seed=rendering.seed, key=key)
        yield {"prompt": rendered.prompt, "completion": rendered.completion(instance.output)}
