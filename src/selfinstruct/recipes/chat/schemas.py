"""What replies must look like, as JSON schemas for endpoints that hold a model to one.

In OpenAI's strict subset: the root is an object, no property is optional, none is added. Properties are
written in the order given here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from selfinstruct.recipes.chat.kinds import KINDS

__all__ = [
    "INPUTS_SCHEMA",
    "INSTANCES_SCHEMA",
    "LABELLED_INPUTS_SCHEMA",
    "LABELLED_INSTANCES_SCHEMA",
    "tasks_schema",
]

_TEXT = {"type": "string"}


def _schema(name: str, properties: dict[str, dict[str, Any]]) -> str:
    """An object that holds, as `name`, a list of objects with these properties and their types."""
    return json.dumps(_object({name: {"type": "array", "items": _object(properties)}}))


def _object(properties: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def tasks_schema(attributes: Iterable[str] = (), *, inputs: bool) -> str:
    """New tasks. attributes: fields before the others, which repeat what a task is asked to be like.
    inputs: each comes with its input, else with its kind."""
    last = {"input": _TEXT} if inputs else {"kind": {"type": "string", "enum": list(KINDS)}}
    return _schema("tasks", dict.fromkeys(attributes, _TEXT) | {"instruction": _TEXT} | last)


INPUTS_SCHEMA = _schema("inputs", {"kind": _TEXT, "input": _TEXT})
"""What kind an input is stands before it, so that no two are alike."""

LABELLED_INPUTS_SCHEMA = _schema("inputs", {"label": _TEXT, "input": _TEXT})
"""The label is written before the input, so that every label gets its inputs (section 2.2, step 3)."""

INSTANCES_SCHEMA = _schema("instances", {"input": _TEXT, "output": _TEXT})

LABELLED_INSTANCES_SCHEMA = _schema("instances", {"output": _TEXT, "input": _TEXT})
