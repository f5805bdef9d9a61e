"""Rows of any data set as examples: which fields are the instruction, the input and the output.

    instruction, instances                        a task a row, as `dataset.jsonl` of a run
    instruction, input or context, output or response …   Alpaca, Dolly, Parquet
    messages, conversations                       chat, OpenAI, ShareGPT: an example for each reply
    prompt, completion or response                in one of the paper's templates, or plain; texts or messages
    prompt, chosen                                preferences: the chosen one
    question, answer

A user's message is split at its first blank line into instruction and input, as `export` joins them. In a
conversation of several turns each reply is an example: its instruction is the message before it, its input
what was said before that. System messages belong to no example.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from selfinstruct.records import Instance, Row

__all__ = ["FlawError", "examples_of"]

USER, ASSISTANT = frozenset({"user", "human"}), frozenset({"assistant", "gpt", "model", "bot", "chatgpt"})
OUTPUTS = ("output", "response", "completion", "answer", "target")
ANSWERS = (*OUTPUTS, "chosen")
INPUTS = ("input", "context")
_TEMPLATE = re.compile(
    r"\A(?:Task: )?(?P<instruction>.*?)(?:\n{1,2}Input: (?P<input>.*?))?(?:\n{1,2}Output:)?\s*\Z", re.DOTALL
)
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


class FlawError(Exception):
    """What keeps a row from being read, for people."""


def examples_of(value: Mapping[str, Any]) -> tuple[Row, ...]:
    """At least one. Raises FlawError, naming the field, for a row of no known format."""
    kind = _classification(value.get("is_classification"))
    if "instances" in value and "instruction" in value:
        return _of_task(value, kind)
    for field in ("messages", "conversations", "conversation"):
        if value.get(field) is not None:
            return _of_turns(value[field], field)
    if "instruction" in value:
        given = next((value[name] for name in INPUTS if value.get(name) is not None), "")
        return (Row(_text(value["instruction"], "instruction"), _text(given, "input"), _output(value), kind),)
    if "prompt" in value and (isinstance(value["prompt"], list) or any(name in value for name in ANSWERS)):
        return _of_prompt(value)
    for asked in ("question", "query"):
        if asked in value:
            return (_split(_text(value[asked], asked), _output(value)),)
    fields = ", ".join(map(repr, list(value)[:6])) or "none"
    raise FlawError(f"its fields ({fields}) match no known format")


def _of_task(value: Mapping[str, Any], kind: bool | None) -> tuple[Row, ...]:
    instances, instruction = value["instances"], _text(value["instruction"], "instruction")
    if not isinstance(instances, list) or not instances:
        raise FlawError("field 'instances' is not a list of instances")
    rows: list[Row] = []
    earlier: tuple[Instance, ...] = ()
    for place, each in enumerate(instances):
        if not isinstance(each, Mapping):
            raise FlawError(f"field 'instances.{place}' is not an object")
        own = Instance(
            _text(each.get("input"), f"instances.{place}.input"), _text(each.get("output"), "output")
        )
        rows.append(Row(instruction, own.input, own.output, kind, earlier))
        earlier += (own,)
    return tuple(rows)


def _of_prompt(value: Mapping[str, Any]) -> tuple[Row, ...]:
    prompt = value["prompt"]
    answer = next((value[name] for name in ANSWERS if value.get(name) is not None), None)
    if isinstance(prompt, list):
        return _of_turns([*prompt, *(answer if isinstance(answer, list) else [])], "prompt")[-1:]
    if isinstance(answer, list):
        asked = [] if any(_role(turn) in USER for turn in answer) else [{"role": "user", "content": prompt}]
        return _of_turns([*asked, *answer], "chosen")[-1:]
    text, output = _text(prompt, "prompt"), _text(answer, "completion").strip()
    marked = re.search(r"^Input: |\nOutput:\s*\Z|\ATask: ", text, re.MULTILINE)
    match = _TEMPLATE.match(text) if marked else None
    if match is None:
        return (_split(text.strip(), output),)
    if match["input"]:
        return (Row(match["instruction"].strip(), match["input"].strip(), output),)
    return (_split(match["instruction"].strip(), output),)


def _of_turns(turns: object, field: str) -> tuple[Row, ...]:
    if not isinstance(turns, list) or not turns:
        raise FlawError(f"field {field!r} is not a list of messages")
    rows: list[Row] = []
    said: list[str] = []
    asked = ""
    asked_once = False
    for place, turn in enumerate(turns):
        if not isinstance(turn, Mapping):
            raise FlawError(f"field '{field}.{place}' is not a message")
        role = _role(turn)
        text = _content(turn.get("content", turn.get("value")), f"{field}.{place}")
        if role in USER:
            if asked:
                said.append(asked)
            asked = text
            asked_once = asked_once or bool(text.strip())
        elif role in ASSISTANT:
            row = _split(asked, text)
            if said:
                row = Row(row.instruction, "\n\n".join(filter(None, (*said, row.input))), text)
            rows.append(row)
            said += [asked, text] if asked else [text]
            asked = ""
    if not rows:
        raise FlawError(f"field {field!r} has no reply of an assistant")
    if not asked_once:
        raise FlawError(f"field {field!r} has no message of a user")
    return tuple(rows)


def _role(turn: object) -> str:
    return str(turn.get("role", turn.get("from", ""))).lower() if isinstance(turn, Mapping) else ""


def _split(asked: str, output: str) -> Row:
    instruction, _, given = asked.strip().partition("\n\n")
    return Row(instruction, given.strip(), output)


def _output(value: Mapping[str, Any]) -> str:
    for name in OUTPUTS:
        if name in value:
            return _text(value[name], name)
    raise FlawError(f"it has no output; looked for {', '.join(OUTPUTS)}")


def _content(given: object, field: str) -> str:
    """A text, or the texts of a list of parts; parts without a text, such as pictures, are named."""
    if isinstance(given, list):
        return "\n".join(
            str(part.get("text") or f"[{part.get('type', 'part')}]")
            if isinstance(part, Mapping)
            else str(part)
            for part in given
        )
    return _text(given, field)


def _text(given: object, field: str) -> str:
    match given:
        case None:
            return ""
        case str():
            return given
        case bool() | int() | float():
            return str(given)
        case list() | dict():
            return json.dumps(given, ensure_ascii=False, default=str)
    raise FlawError(f"field {field!r} is not a string")


def _classification(given: object) -> bool | None:
    if isinstance(given, str):
        word = given.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else None
    return given if isinstance(given, bool) else None
