"""What replies must look like, as JSON schemas for endpoints that hold a model to one.

In OpenAI's strict subset: the root is an object, no property is optional, none is added. Properties are
written in the order given here.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["INSTANCES_SCHEMA", "LABELLED_INSTANCES_SCHEMA", "TASKS_SCHEMA"]


def _schema(name: str, properties: dict[str, str]) -> str:
    """An object that holds, as `name`, a list of objects with these properties and their types."""
    item = _object({field: {"type": kind} for field, kind in properties.items()})
    return json.dumps(_object({name: {"type": "array", "items": item}}))


def _object(properties: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TASKS_SCHEMA = _schema("tasks", {"instruction": "string", "is_classification": "boolean"})

INSTANCES_SCHEMA = _schema("instances", {"input": "string", "output": "string"})

LABELLED_INSTANCES_SCHEMA = _schema("instances", {"output": "string", "input": "string"})
"""The label is written before the input, so that every label gets its inputs (section 2.2, step 3)."""
