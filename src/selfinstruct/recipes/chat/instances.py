"""Reading instances out of a reply: the JSON that was asked for, or text with named fields.

Of JSON, objects count wherever they stand, with the fields `input` and `output`, which for a classification
task may be called `label` or `class_label`. Text has `Input:` and `Output:`, or `Class label:`, at the start
of lines. Prose alone holds no instance.
"""

from __future__ import annotations

import re

from selfinstruct.recipes.chat.json_prefix import read_values
from selfinstruct.recipes.chat.json_values import JsonObject, field, find_objects, text_of
from selfinstruct.recipes.reply import Reply
from selfinstruct.records import InstanceCandidate
from selfinstruct.text.placeholders import without_placeholder

__all__ = ["LABEL_FIELDS", "read_instances"]

INPUT_FIELDS = ("input",)
OUTPUT_FIELDS = ("output",)
LABEL_FIELDS = ("output", "label", "classlabel")


def read_instances(answer: Reply, *, is_classification: bool) -> list[InstanceCandidate]:
    """The instances in a reply, in its order.

    One that was cut is flawed `truncated`, if any of its text had been written; a whole one without an
    output is flawed `no_output`. Words for no input (`N/A`, `<noinput>`) are an empty one.
    """
    found = _from_json(answer, LABEL_FIELDS if is_classification else OUTPUT_FIELDS)
    if not found:
        found = _from_text(answer, _LABELLED_MARKS if is_classification else _PLAIN_MARKS)
    return [one for one in found if one.input or one.output or one.flaw != "truncated"]


def _candidate(given: str, output: str | None, *, whole: bool) -> InstanceCandidate:
    """`output` is None where there is none, not even an empty one."""
    flaw = "truncated" if not whole else "no_output" if output is None else None
    return InstanceCandidate(without_placeholder(given), (output or "").strip(), flaw)


# JSON


def _from_json(answer: Reply, output_fields: tuple[str, ...]) -> list[InstanceCandidate]:
    """None from a reply that begins as text: an input there may be JSON with such fields of its own."""
    if _TEXT_BEGINS.search(answer.text.partition("{")[0]):
        return []

    def is_instance(value: JsonObject) -> bool:
        return field(value, INPUT_FIELDS + output_fields) is not None

    return [
        _candidate(
            text_of(field(one, INPUT_FIELDS)) or "", text_of(field(one, output_fields)), whole=one.whole
        )
        for value in read_values(answer.text)
        for one in find_objects(value, is_instance)
    ]


# Text. Quantifiers are possessive (`*+`): no reply, however odd, takes more than linear time.

_LINE_START = r"^ [ \t*\#>-]*+ (?: \d{1,3}+ [.)] [ \t*]*+ )?+"
_HEADING = r"(?: example | instance ) [ \t]*+ \d++ [ \t*.:\uff1a-]*+"
_COLON = r"[ \t]*+ \d*+ [ \t*]*+ [:\uff1a] \**+"


def _pattern(after_line_start: str) -> re.Pattern[str]:
    return re.compile(f"{_LINE_START} {after_line_start}", re.IGNORECASE | re.MULTILINE | re.VERBOSE)


def _marks(names: str) -> re.Pattern[str]:
    """A field's name, behind the heading of its example if that is on its line; or a heading alone."""
    return _pattern(f"(?: (?: {_HEADING} )?+ (?: {names} ) {_COLON} | {_HEADING} $ )")


_PLAIN_MARKS = _marks("(?P<input> input ) | (?P<output> output )")
_LABELLED_MARKS = _marks(
    "(?P<input> input ) | (?P<output> output ) | (?P<label> (?: class [ _]?+ )?+ label )"
)
_TEXT_BEGINS = _pattern(f"(?: {_HEADING} )?+ (?: input | class [ _]?+ label ) {_COLON}")
_RULE = re.compile(r"\n[-*_]{3,}+\Z")


def _from_text(answer: Reply, marker: re.Pattern[str]) -> list[InstanceCandidate]:
    """A heading begins an example, and so does a field that the one before has already. Of a reply that was
    cut, the last example was.
    """
    marks = [*marker.finditer(answer.text)]
    ends = [*(mark.start() for mark in marks), len(answer.text)][1:]
    examples: list[dict[str, str]] = [{}]
    for mark, end in zip(marks, ends, strict=True):
        fields = _named(mark.lastgroup, _RULE.sub("", answer.text[mark.end() : end].strip()))
        if not fields or fields.keys() & examples[-1].keys():
            examples.append({})
        examples[-1] |= fields
    examples = [example for example in examples if example]
    return [
        _candidate(
            example.get("input") or example.get("below label", ""),
            example.get("output"),
            whole=not answer.cut or place < len(examples),
        )
        for place, example in enumerate(examples, start=1)
    ]


def _named(name: str | None, text: str) -> dict[str, str]:
    """What stands below a label is its input, where that has no name of its own. A heading has no fields."""
    if name is None:
        return {}
    if name == "label":
        label, _, below = text.partition("\n")
        return {"output": label, "below label": below}
    return {name: text}
