"""What raters are asked.

Of generated data the three questions of the paper's Table 2, and what is to become of the instance. Of
predictions its four levels (section 5.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "ACCEPT",
    "ACCEPTABLE",
    "ALL_THREE",
    "COMMENT",
    "DECISION",
    "DECISIONS",
    "EDIT",
    "FIELDS",
    "LEVEL",
    "LEVELS",
    "QUESTIONS",
    "REJECT",
    "Level",
]

QUESTIONS: Mapping[str, str] = {
    "task": "Does the instruction describe a valid task?",
    "input": "Is the input appropriate for the instruction?",
    "output": "Is the output a correct and acceptable response to the instruction and input?",
}
"""By the name of their answer, true or false. They are asked of the texts as the model wrote them."""

ALL_THREE = "all three"
"""What Table 2 calls the instances of which all three hold."""

DECISION = "decision"
ACCEPT, EDIT, REJECT = DECISIONS = ("accept", "edit", "reject")

COMMENT = "comment"
"""Among the answers, where the rater wrote one: a text."""

FIELDS = ("instruction", "input", "output")
"""What an edit may change."""


@dataclass(frozen=True, slots=True)
class Level:
    """short: for a chart's legend."""

    name: str
    short: str
    text: str


LEVEL = "level"
LEVELS = (
    Level("A", "correct and satisfying", "The response is correct and satisfying."),
    Level("B", "acceptable, minor imperfections", "It is acceptable, with minor errors or imperfections."),
    Level(
        "C",
        "on the task, but significant errors",
        "It responds to the instruction, but has significant errors.",
    ),
    Level("D", "irrelevant or invalid", "It is irrelevant or invalid."),
)
ACCEPTABLE = ("A", "B")
"""Against C and D, where four levels are two."""
