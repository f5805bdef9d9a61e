"""Reading inputs out of a reply: the JSON that was asked for, or text with named fields.

Of JSON, objects count wherever they stand, with the field `input` or `text` and, for a classification task,
`label`, `class_label` or `output`; failing these, strings in an array. Text has `Input:`, and `Label:`, at
the start of lines, as in `instances`. An empty list says that no input is needed.
"""

from __future__ import annotations

from selfinstruct.recipes.chat.instances import LABEL_FIELDS, read_instances
from selfinstruct.recipes.chat.json_prefix import read_values
from selfinstruct.recipes.chat.json_values import (
    JsonObject,
    JsonString,
    field,
    find_objects,
    strings,
    text_of,
)
from selfinstruct.recipes.reply import Reply
from selfinstruct.records import InstanceCandidate
from selfinstruct.text.placeholders import without_placeholder

__all__ = ["read_inputs"]

INPUT_FIELDS = ("input", "text")


def read_inputs(answer: Reply, *, is_classification: bool) -> list[InstanceCandidate]:
    """The inputs in a reply, in its order: with empty outputs or, for classification, with their labels.

    One that was cut is flawed `truncated`, if any of its text had been written; of a classification task, a
    whole one without a label is flawed `no_output`. A single empty input stands for none.
    """
    values = list(read_values(answer.text))
    objects = [one for value in values for one in find_objects(value, _holds_input)]
    found = [_from_object(one, is_classification=is_classification) for one in objects]
    if not found and not is_classification:
        found = [
            InstanceCandidate(without_placeholder(one.text), "", None if one.whole else "truncated")
            for value in values
            for one in strings(value)
        ]
    if not found:
        found = _from_text(answer, is_classification=is_classification)
    if not found and not is_classification and any(_is_empty_list(value) for value in values):
        return [InstanceCandidate("", "")]
    return [one for one in found if one.input or one.output or one.flaw != "truncated"]


def _holds_input(value: JsonObject) -> bool:
    return isinstance(field(value, INPUT_FIELDS), JsonString)


def _from_object(value: JsonObject, *, is_classification: bool) -> InstanceCandidate:
    given = without_placeholder(text_of(field(value, INPUT_FIELDS)) or "")
    label = (text_of(field(value, LABEL_FIELDS)) or "").strip() if is_classification else ""
    flaw = "truncated" if not value.whole else "no_output" if is_classification and not label else None
    return InstanceCandidate(given, label, flaw)


def _from_text(answer: Reply, *, is_classification: bool) -> list[InstanceCandidate]:
    """Of an open task, what stands behind `Input:`; an output would be the form's, and is not used."""
    found = read_instances(answer, is_classification=is_classification)
    if is_classification:
        return found
    return [
        InstanceCandidate(one.input, "", "truncated" if one.flaw == "truncated" else None)
        for one in found
        if one.input
    ]


def _is_empty_list(value: object) -> bool:
    match value:
        case JsonObject(fields) if len(fields) == 1:
            return _is_empty_list(*fields.values())
        case _:
            return str(value) == "[]"
