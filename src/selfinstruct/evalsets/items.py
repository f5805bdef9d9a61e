"""What every suite is made of: an instruction, what it works on, and the answers that would be right."""

from __future__ import annotations

from collections.abc import Iterator
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

    def texts(self) -> Iterator[tuple[str, str]]:
        """The parts that training data should not hold, each with the name of its field."""
        yield "instruction", self.instruction
        yield "input", self.input
        for reference in self.references:
            yield "reference", reference
