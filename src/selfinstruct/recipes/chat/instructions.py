"""Reading new instructions out of a reply: the JSON that was asked for, or a list.

Of JSON, objects count wherever they stand, with the instruction as `instruction` or `task`, an input for it
as `input` and its kind as `kind` or `is_classification` (in any case, with or without underscores); failing
these, strings in an array; numbers that all of them begin with are left out. A list is numbered or bulleted,
and an item may begin or end with a mark of its kind, such as `[classification]` or `(not classification)`, or
end in a line like `Classification: no`. Prose alone holds no instruction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from selfinstruct.recipes.chat.json_prefix import read_values
from selfinstruct.recipes.chat.json_values import (
    JsonLiteral,
    JsonObject,
    JsonString,
    field,
    find_objects,
    plain_name,
    strings,
    text_of,
)
from selfinstruct.recipes.chat.kinds import KINDS
from selfinstruct.recipes.chat.labels import names_labels
from selfinstruct.recipes.chat.material import speaks_of_material, works_on_material
from selfinstruct.recipes.reply import Reply
from selfinstruct.records import InstructionCandidate
from selfinstruct.text.placeholders import without_placeholder

__all__ = ["attribute_field", "read_instructions"]

INSTRUCTION_FIELDS = ("instruction", "task")
INPUT_FIELDS = ("input",)
KIND_FIELDS = ("kind", "isclassification", "classification")
_KINDS = {"true": True, "yes": True, "false": False, "no": False}
_KINDS_BY_NAME = {
    **{said: (is_classification, True) for said, is_classification in _KINDS.items()},
    **KINDS,
}
"""What a kind says, by its name or by yes or no: whether it is classification, whether it needs an input."""


def attribute_field(name: str) -> str:
    """The field of the reply that repeats an attribute: its name, unless that is one that is read here."""
    return f"asked {name}" if plain_name(name) in (*INSTRUCTION_FIELDS, *INPUT_FIELDS, *KIND_FIELDS) else name


def read_instructions(answer: Reply) -> list[InstructionCandidate]:
    """The instructions in a reply, in its order, white space collapsed.

    One that was cut is flawed `truncated`, if any of its text had been written. Its kind is None where the
    reply does not say it, and where it says classification of an instruction that names no labels: small
    models say so of anything.
    """
    values = list(read_values(answer.text))
    objects = [found for value in values for found in find_objects(value, _holds_instruction)]
    found = (
        _unnumbered([_from_object(one) for one in objects])
        or _from_list(answer)
        or _unnumbered(
            [_candidate(string.text, whole=string.whole) for value in values for string in strings(value)]
        )
    )
    return [_doubted(candidate) for candidate in found if candidate.text or candidate.flaw is None]


def _candidate(
    text: str,
    *,
    whole: bool,
    is_classification: bool | None = None,
    needs_input: bool = True,
    given: str = "",
) -> InstructionCandidate:
    flaw = None if whole else "truncated"
    return InstructionCandidate(" ".join(text.split()), flaw, is_classification, needs_input, given)


def _doubted(candidate: InstructionCandidate) -> InstructionCandidate:
    """What the reply says of its kind, unless the instruction's own words plainly say otherwise. Where it
    says by an input alone, only an instruction that names labels can be classification."""
    if candidate.is_classification is None and candidate.needs_input and not candidate.input:
        return candidate
    seen = works_on_material(candidate.text)
    if seen is False:
        return replace(candidate, is_classification=False, needs_input=False, input="")
    labels = names_labels(candidate.text)
    if candidate.is_classification:
        return candidate if labels else replace(candidate, is_classification=None)
    needs_input = candidate.needs_input or seen is True
    if candidate.is_classification is None:
        needs_input = needs_input or speaks_of_material(candidate.text)
        if labels and needs_input:
            return replace(candidate, needs_input=True)
    return replace(candidate, is_classification=False, needs_input=needs_input)


# JSON

_NUMBER_OF_ITS_OWN = re.compile(r"(\d{1,3}+)[.):]\s")


def _unnumbered(candidates: list[InstructionCandidate]) -> list[InstructionCandidate]:
    """Without their numbers if all of two or more begin with one, the first with 1: the model went on with
    the list that it was shown. Else the numbers are the instructions' own, such as dates."""
    numbers = [_NUMBER_OF_ITS_OWN.match(candidate.text) for candidate in candidates]
    whole = [match for match, candidate in zip(numbers, candidates, strict=True) if candidate.flaw is None]
    if len(whole) < 2 or not all(whole) or whole[0] is None or int(whole[0][1]) != 1:
        return candidates
    return [
        replace(candidate, text=candidate.text[match.end() :] if match else candidate.text)
        for candidate, match in zip(candidates, numbers, strict=True)
    ]


def _holds_instruction(value: JsonObject) -> bool:
    return isinstance(field(value, INSTRUCTION_FIELDS), JsonString)


def _from_object(value: JsonObject) -> InstructionCandidate:
    instruction = field(value, INSTRUCTION_FIELDS)
    assert isinstance(instruction, JsonString)
    kind = field(value, KIND_FIELDS)
    said = kind.text.strip().lower() if isinstance(kind, JsonString | JsonLiteral) else ""
    is_classification, needs_input = _KINDS_BY_NAME.get(said, (None, True))
    shown = field(value, INPUT_FIELDS)
    given = without_placeholder(text_of(shown) or "")
    if given.split() == instruction.text.split():  # said twice, it is no material
        given = ""
    if shown is not None and is_classification is None:
        needs_input = given != ""  # an empty one says that none is needed
    return _candidate(
        instruction.text,
        whole=value.whole,
        is_classification=is_classification,
        needs_input=needs_input,
        given=given,
    )


# Lists. Quantifiers are possessive (`*+`): no reply, however odd, takes more than linear time.

_NUMBER = re.compile(
    r"""^[^\S\n]*+ [#*]*+ [^\S\n]*+ (?:Task[^\S\n]++)?+
        (?: \d{1,3}+ [^\S\n]?+ (?: [.):]\** (?=\s|\Z) | [、．）] ) | [（(] \d{1,3}+ [)）] )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_BULLET = re.compile(r"^[^\S\n]*+[-*•–](?=[^\S\n]|$)", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[^\S\n]*+\n")
_BOLD_START = re.compile(r"\A\*\*([^*]++)\*\*")
_QUOTED = re.compile(r'"([^"]++)"|“([^”]++)”')
_KIND = r"(?P<kind> yes | no | true | false )"
_MARK = (
    r"[\[(] \s*+ (?P<not> no[nt] [\s-]*+ (?:an?\s++)?+ )?+ (?:is[_\s]?)?+ classification (?:\s++task)?+"
    rf"\s*+ (?: [:=] \s*+ {_KIND} )?+ \s*+ [\])]"
)
_MARKS = (
    re.compile(rf"\A {_MARK} \s*+ [:–-]?+", re.IGNORECASE | re.VERBOSE),
    re.compile(rf"{_MARK} \s*+ \.?+ \Z", re.IGNORECASE | re.VERBOSE),
    re.compile(
        rf"\n [ \t*•-]*+ (?:is[_\ ]?)?+ classification (?:\ task)?+ [\ *]*+ [:=] [\ *]*+"
        rf"{_KIND} [*.]*+ \Z",
        re.IGNORECASE | re.VERBOSE,
    ),
)


def _from_list(answer: Reply) -> list[InstructionCandidate]:
    """An item goes on to the next one's number, or bullet where nothing is numbered, or to a blank line."""
    text = answer.text if answer.cut else f"{answer.text}\n\n"
    marker = _NUMBER if _NUMBER.search(text) else _BULLET
    items = marker.split(text)[1:]
    return [
        _from_item(_BLANK_LINE.split(item.lstrip(" \t"), maxsplit=1), last=place == len(items))
        for place, item in enumerate(items, start=1)
    ]


def _from_item(parts: Sequence[str], *, last: bool) -> InstructionCandidate:
    """`parts`: up to the first blank line, and what follows it, if there is one. The last item is whole if
    something does."""
    text = _BOLD_START.sub(r"\1", parts[0].strip())
    kind = None
    if mark := next(filter(None, (pattern.search(text) for pattern in _MARKS)), None):
        kind = (mark.groupdict().get("not") is None) == _KINDS[(mark["kind"] or "yes").lower()]
        text = (text[: mark.start()] + text[mark.end() :]).strip()
    if quoted := _QUOTED.fullmatch(text):
        text = quoted[1] or quoted[2]
    return _candidate(text, whole=not last or len(parts) > 1, is_classification=kind)
