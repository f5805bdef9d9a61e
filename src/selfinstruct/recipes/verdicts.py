"""What judges' prompts have in common, and how a verdict is read from a reply.

The judge gives its reason first: a verdict that comes before any thought is a worse one. Where the endpoint
can hold a model to a schema, it does; elsewhere the reply is read for what it says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from selfinstruct.recipes.chat.json_prefix import read_values
from selfinstruct.recipes.chat.json_values import JsonString, JsonValue, field, find_objects

__all__ = ["REASONS", "Opinion", "Reading", "marked", "plain_text", "read_opinion", "verdict_schema"]

REASONS = ("reason", "explanation", "why", "rationale", "justification")
"""What judges call the field of their reason."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """choice: one of the values asked for; empty where the reply has none. reason: the judge's own words."""

    choice: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """fields: of a JSON object. value: of such a field. alone: at the beginning of a text. named: in it."""

    fields: tuple[str, ...]
    value: re.Pattern[str]
    alone: re.Pattern[str]
    named: re.Pattern[str]


def verdict_schema(properties: Mapping[str, Mapping[str, Any]]) -> str:
    """A JSON schema of an object with these fields, all required, after the reason."""
    every = {"reason": {"type": "string"}, **properties}
    return json.dumps(
        {
            "type": "object",
            "properties": every,
            "required": list(every),
            "additionalProperties": False,
        }
    )


def marked(name: str, text: str) -> str:
    """A text between marks that say what it is."""
    return f"===== {name} =====\n{text.strip()}\n===== end of {name} =====\n\n"


def read_opinion(reply: str, reading: Reading) -> Opinion:
    """A verdict, wherever the reply has it: in a JSON object, alone at its beginning, or named in a sentence,
    where the last one counts."""
    for value in read_values(reply):
        for found in find_objects(value, lambda each: field(each, reading.fields) is not None):
            match = reading.value.match(plain_text(field(found, reading.fields)))
            if match:
                return Opinion(match[1], plain_text(field(found, REASONS)))
    alone = reading.alone.match(reply)
    said = [alone] if alone else list(reading.named.finditer(reply))
    return Opinion(said[-1][1] if said else "", reply.strip())


def plain_text(value: JsonValue | None) -> str:
    """A string's text, anything else as JSON; empty for nothing."""
    match value:
        case None:
            return ""
        case JsonString(text):
            return text.strip()
        case _:
            return str(value)
