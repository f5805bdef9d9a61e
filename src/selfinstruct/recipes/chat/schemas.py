"""What replies must look like, as JSON schemas for endpoints that hold a model to one.

In OpenAI's strict subset: the root is an object, no property is optional, none is added. Properties are
written in the order given here.
"""

from __future__ import annotations

import json
from typing import Any

from selfinstruct.recipes.chat.kinds import KINDS

__all__ = [
    "INPUTS_SCHEMA",
    "INSTANCES_SCHEMA",
    "LABELLED_INPUTS_SCHEMA",
    "LABELLED_INSTANCES_SCHEMA",
    "TASKS_SCHEMA",
    "TASKS_WITH_INPUTS_SCHEMA",
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


TASKS_SCHEMA = _schema("tasks", {"instruction": _TEXT, "kind": {"type": "string", "enum": list(KINDS)}})

TASKS_WITH_INPUTS_SCHEMA = _schema("tasks", {"instruction": _TEXT, "input": _TEXT})

INPUTS_SCHEMA = _schema("inputs", {"kind": _TEXT, "input": _TEXT})
"""What kind an input is stands before it, so that no two are alike."""

LABELLED_INPUTS_SCHEMA = _schema("inputs", {"label": _TEXT, "input": _TEXT})
"""The label is written before the input, so that every label gets its inputs (section 2.2, step 3)."""

INSTANCES_SCHEMA = _schema("instances", {"input": _TEXT, "output": _TEXT})

LABELLED_INSTANCES_SCHEMA = _schema("instances", {"output": _TEXT, "input": _TEXT})
