"""What every suite is made of: an instruction, what it works on, and the answers that would be right."""

from __future__ import annotations

from dataclasses import dataclass

from selfinstruct.records import Instance

__all__ = ["EvaluationItem"]


@dataclass(frozen=True, slots=True)
class EvaluationItem:
    """One thing to ask, and what it is scored by.

    id: names it within its set. input: empty where the instruction needs none. references: answers that are
    right, at least one; the best match counts. task, category: what groups it in reports; empty for none.
    examples: solved ones to show before the input (few-shot); none by default.
    """

    id: str
    instruction: str
    input: str
    references: tuple[str, ...]
    task: str = ""
    category: str = ""
    examples: tuple[Instance, ...] = ()
