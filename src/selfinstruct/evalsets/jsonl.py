"""Any questions with answers, as JSON Lines or a JSON array: one's own test set, an export, a public set.

What a row may look like; the first form whose fields are there is taken:

    {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}
    {"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}]}
    {"instruction": "…", "instances": [{"input": "…", "output": "…"}]}      a run's own data set
    {"instruction": "…", "input": "…", "output": "…"}                       Alpaca
    {"instruction": "…", "context": "…", "response": "…", "category": "…"}  Dolly
    {"prompt": "…", "completion": "…"}

The answer may be a list of texts: any of them is right, and the best match counts. `id`, `task` and
`category` are kept where they are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.rows import FileRow, read_rows
from selfinstruct.evalsets.user_oriented import items_of_task

__all__ = ["ANSWERS", "QUESTIONS", "load_jsonl"]

QUESTIONS = ("instruction", "prompt", "question")
INPUTS = ("input", "context")
ANSWERS = ("output", "outputs", "completion", "response", "target", "references", "answer")
"""The fields that a reference may stand in."""

_ROLES = {"system": "system", "user": "user", "human": "user", "assistant": "assistant", "gpt": "assistant"}


def load_jsonl(path: Path, *, answers_needed: bool = True) -> tuple[EvaluationItem, ...]:
    """answers_needed: False takes rows with a question alone, too, as items without references.

    Raises UserError naming the line: where a row is of none of these forms, a conversation has more than
    one question, or an id comes twice."""
    return tuple(
        item
        for number, row in enumerate(read_rows(path))
        for item in _items(row, row.id() or f"item_{number}", answers_needed)
    )


def _items(row: FileRow, name: str, answers_needed: bool) -> Iterator[EvaluationItem]:
    conversation = row.first_of("messages", "conversations")
    if conversation is not None:
        yield _of_conversation(row, conversation, name)
    elif row.first_of("instances") is not None:
        yield from items_of_task(row, name)
    else:
        answered = answers_needed or row.first_of(*ANSWERS) is not None
        yield EvaluationItem(
            id=name,
            instruction=row.required(*QUESTIONS).strip(),
            input=row.text(*INPUTS).strip(),
            references=row.texts(*ANSWERS) if answered else (),
            task=row.text("task"),
            category=row.text("category"),
        )


def _of_conversation(row: FileRow, field: str, name: str) -> EvaluationItem:
    """A system message, where there is one, stands before the instruction."""
    turns = [
        (_ROLES.get(turn.required("role", "from"), ""), turn.required("content", "value"))
        for turn in row.objects(field)
    ]
    roles = [role for role, _ in turns]
    if roles not in (["user", "assistant"], ["system", "user", "assistant"]):
        raise row.mistake(
            f"field {field!r} has to be one question and its answer, of roles user and assistant "
            f"(after a system message, if any), and is {' '.join(role or '?' for role in roles) or 'empty'}",
            "Give one question a row.",
        )
    *asked, answer = (text for _, text in turns)
    return EvaluationItem(
        id=name,
        instruction="\n\n".join(text.strip() for text in asked),
        input="",
        references=(answer,),
        task=row.text("task"),
        category=row.text("category"),
    )
