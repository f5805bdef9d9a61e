"""What system prompts of this recipe have in common: the collection's subject, its language, the form of the
reply."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

__all__ = ["Example", "how_many", "system_prompt", "task_line"]

Example = tuple[str, Mapping[str, Sequence[Mapping[str, str]]]]
"""An instruction, and the JSON object that a reply to it is."""


def task_line(instruction: str) -> str:
    """An instruction, as the user's message and the examples have it."""
    return f"Task: {' '.join(instruction.split())}"


def how_many(number: int, one: str, several: str) -> str:
    """`one input`, `3 different inputs`."""
    return f"one {one}" if number == 1 else f"{number} {several}"


def system_prompt(rules: str, examples: Sequence[Example], *, language: str, about: str, written: str) -> str:
    """The rules, what the collection is about and its language if they are given, and the form of the reply.

    written: what the model writes, in words (`Write {written} in German`).
    """
    subject = f"\nThe collection is about {about}; choose inputs from there.\n" if about else ""
    tongue = (
        f"\nWrite {written} in {language}, except where the task itself asks for another language. "
        "The names of the JSON fields stay in English.\n"
        if language
        else ""
    )
    form = "\nReply with one JSON object and nothing else. For example:\n\n"
    shown = (f"{task_line(task)}\n{json.dumps(reply, ensure_ascii=False)}\n" for task, reply in examples)
    return (rules + subject + tongue + form + "\n".join(shown)).rstrip()
