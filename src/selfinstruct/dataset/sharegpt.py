"""Conversations as ShareGPT has them, for trainers that read those: an instance a line.

{"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from selfinstruct.dataset import chat
from selfinstruct.dataset.format import Columns, ExportedRow, Rendering
from selfinstruct.records import Task

__all__ = ["COLUMNS", "rows"]

COLUMNS: Columns = {"conversations": {"from": "string", "value": "string"}}

SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}


def rows(task: Task, rendering: Rendering) -> Iterator[ExportedRow]:
    """An instance each, with the turns of `chat`."""
    for turn in chat.turns(task, rendering):
        yield {"conversations": [{"from": SPEAKERS[role], "value": text} for role, text in turn]}
