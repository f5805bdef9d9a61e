"""Rows of exported files as examples. Which format it is, the first row's fields tell.

jsonl               {"id", "instruction", "instances": [{"input", "output"}]}: a run's dataset.jsonl
alpaca, parquet     {"instruction", "input", "output"}
chat, openai        {"messages": [{"role", "content"}]}
sharegpt            {"conversations": [{"from", "value"}]}
prompt-completion   {"prompt", "completion"}: in a template already
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from selfinstruct.errors import ConfigError
from selfinstruct.store.encoding import clean_text
from selfinstruct.training.examples import Conversation, Example, Instructed, Rendered

__all__ = ["TrainingRow", "examples_of_rows"]

TrainingRow = tuple[str, Mapping[str, Any]]
"""Where it stands, for messages (`line 3`), and its fields."""

ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "system": "system"}
HINT = "`selfinstruct export` writes files that can be read."


def examples_of_rows(rows: Iterable[TrainingRow], name: str) -> tuple[str, list[Example]]:
    """The format's name, and an example an instance. name: the file's, for messages.

    Raises ConfigError, naming row and field, for a row that is not like the first one, and where there is no
    row at all.
    """
    read: Callable[[str, Mapping[str, Any]], list[Example]] | None = None
    kind, found = "", list[Example]()
    for number, (place, row) in enumerate(rows, start=1):
        try:
            if read is None:
                kind, read = _format(row)
            found += read(str(number), row)
        except _FlawError as flaw:
            raise ConfigError(f"{name}, {place}: {flaw}.", HINT) from None
    if not found:
        raise ConfigError(f"{name} has no rows to train on.", HINT)
    return kind, found


class _FlawError(Exception):
    """What is wrong with a row."""


def _format(row: Mapping[str, Any]) -> tuple[str, Callable[[str, Mapping[str, Any]], list[Example]]]:
    if "instances" in row:
        return "jsonl", _task
    if "messages" in row:
        return "chat", _messages
    if "conversations" in row:
        return "sharegpt", _conversations
    if "prompt" in row:
        return "prompt-completion", _prompt_completion
    if "instruction" in row:
        return "parquet" if "task_id" in row else "alpaca", _instance
    fields = ", ".join(map(repr, row)) or "none"
    raise _FlawError(f"its fields ({fields}) match no known format")


def _task(number: str, row: Mapping[str, Any]) -> list[Example]:
    instruction, name = _text(row, "instruction"), clean_text(str(row.get("id") or f"row_{number}"))
    instances = row["instances"]
    if not isinstance(instances, list):
        raise _FlawError("field 'instances' is not a list")
    return [
        Instructed(
            f"{name}.{place}", name, instruction, _text(each, "input", ""), _text(each, "output", where=where)
        )
        for place, each in enumerate(instances)
        for where in [f"instances.{place}."]
    ]


def _instance(number: str, row: Mapping[str, Any]) -> list[Example]:
    instruction = _text(row, "instruction")
    group = clean_text(str(row.get("task_id") or instruction))
    return [Instructed(number, group, instruction, _text(row, "input", ""), _text(row, "output"))]


def _messages(number: str, row: Mapping[str, Any]) -> list[Example]:
    return [_conversation(number, row["messages"], "messages", "role", "content")]


def _conversations(number: str, row: Mapping[str, Any]) -> list[Example]:
    return [_conversation(number, row["conversations"], "conversations", "from", "value")]


def _prompt_completion(number: str, row: Mapping[str, Any]) -> list[Example]:
    if isinstance(row["prompt"], list):  # TRL's conversational kind
        completion = row.get("completion")
        turns = [*row["prompt"], *(completion if isinstance(completion, list) else [])]
        return [_conversation(number, turns, "prompt and completion", "role", "content")]
    prompt = _text(row, "prompt")
    return [Rendered(number, prompt, prompt, _text(row, "completion"))]


def _conversation(number: str, turns: object, field: str, role: str, content: str) -> Conversation:
    if not isinstance(turns, list) or not turns:
        raise _FlawError(f"field {field!r} is not a list of turns")
    read = []
    for place, turn in enumerate(turns):
        where = f"{field}.{place}."
        speaker = _text(turn, role, where=where)
        if speaker not in ROLES:
            raise _FlawError(f"field '{where}{role}' is {speaker!r}; known are {', '.join(ROLES)}")
        read.append((ROLES[speaker], _text(turn, content, where=where)))
    if read[-1][0] != "assistant" or len(read) < 2:
        raise _FlawError(f"field {field!r} does not end with a reply of the assistant")
    return Conversation(number, next(text for name, text in read if name != "system"), tuple(read))


def _text(row: object, field: str, default: str | None = None, where: str = "") -> str:
    value = row.get(field) if isinstance(row, Mapping) else None
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise _FlawError(f"field '{where}{field}' is {'missing' if value is None else 'not text'}")
    return clean_text(value)
