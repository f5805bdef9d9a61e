"""From rows to seed tasks, and for rows that are none, what is wrong with which field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic import model_validator as validator
from pydantic_core import ErrorDetails

from selfinstruct.records import Instance, SeedTask
from selfinstruct.seeds.rows import SeedProblem, SeedRow
from selfinstruct.text.placeholders import without_placeholder
from selfinstruct.text.spelling import closest

__all__ = ["tasks_from_rows"]

_MENDS = {
    "string_too_short": "Write it, or delete what it belongs to.",
    "string_type": "Put it between double quotes.",
    "string_unicode": "It may have been cut in the middle of an escaped emoji: write that again.",
    "bool_type": "Write true or false, without quotes in JSON.",
    "list_type": 'Write them as [{"input": "…", "output": "…"}].',
    "model_type": 'Write it as {"input": "…", "output": "…"}.',
}


def _text_of_number(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier = Annotated[Text, BeforeValidator(_text_of_number)]


class _Object(BaseModel):
    # Other fields are the user's own business: the paper's reference data carries several.
    model_config = ConfigDict(extra="ignore", strict=True)

    @validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        """As writers of tables mean it, pandas among them."""
        if not isinstance(value, dict):
            return value
        return {name: given for name, given in value.items() if given is not None}


class _Instance(_Object):
    input: str = ""
    output: str


class _Seed(_Object):
    instruction: Text
    id: Identifier | None = None
    name: str = ""
    instances: list[_Instance] = Field(default_factory=list)
    is_classification: bool = False
    input: str = ""
    """With `output`, the one instance of a flat row."""
    output: str = ""


def tasks_from_rows(rows: Iterable[SeedRow]) -> tuple[list[tuple[int, SeedTask]], list[SeedProblem]]:
    """Tasks with the lines on which they begin, and every problem of every other row.

    A row without an id gets `seed_task_` and its place among the rows, counted from 0, or the next number
    that no row has taken. The second of two equal ids is a problem.
    """
    seeds: list[tuple[int, int, _Seed]] = []
    problems: list[SeedProblem] = []
    lines_of_ids: dict[str, int] = {}
    for place, row in enumerate(rows):
        if not isinstance(row.value, dict):
            message = f"expected a JSON object, found {_kind(row.value)}"
            problems.append(SeedProblem(row.line, message, hint='Write it as {"instruction": "…"}.'))
            continue
        try:
            seed = _Seed.model_validate(row.value)
        except ValidationError as error:
            problems += (_problem(row.line, details) for details in error.errors())
            continue
        if seed.id in lines_of_ids:
            problems.append(_used_twice(row.line, seed.id, lines_of_ids[seed.id]))
            continue
        if seed.id is not None:
            lines_of_ids[seed.id] = row.line
        seeds.append((place, row.line, seed))
    return list(_numbered(seeds, set(lines_of_ids))), problems


def _numbered(seeds: Iterable[tuple[int, int, _Seed]], taken: set[str]) -> Iterator[tuple[int, SeedTask]]:
    for place, line, seed in seeds:
        name = seed.id
        if name is None:
            name = next(free for number in count(place) if (free := f"seed_task_{number}") not in taken)
            taken.add(name)
        yield line, SeedTask(name, seed.name, seed.instruction, _instances(seed), seed.is_classification)


def _instances(seed: _Seed) -> tuple[Instance, ...]:
    """Words for no input, such as `N/A`, are none."""
    if not seed.instances and (seed.input.strip() or seed.output.strip()):
        return (Instance(without_placeholder(seed.input) and seed.input, seed.output),)
    return tuple(
        Instance(without_placeholder(each.input) and each.input, each.output) for each in seed.instances
    )


def _used_twice(line: int, name: str, before: int) -> SeedProblem:
    return SeedProblem(
        line, f"{name!r} was already used on line {before}", "id", "Give each seed an id of its own, or none."
    )


def _problem(line: int, details: ErrorDetails) -> SeedProblem:
    kind, given = details["type"], details["input"]
    field = ".".join(str(part) for part in details["loc"])
    hint = _MENDS.get(kind, "")
    match kind:
        case "missing":
            message, hint = "is missing", _mend_of_missing(field, given)
        case "string_too_short":
            message = "is empty"
        case "string_unicode":
            message = "holds half a character (a lone surrogate)"
        case "bool_type":
            message = f"should be true or false, not {_kind(given)}"
        case _:
            message = f"{details['msg'][:1].lower()}{details['msg'][1:]}, not {_kind(given)}"
    return SeedProblem(line, message, field, hint)


def _mend_of_missing(field: str, given: object) -> str:
    name = field.rpartition(".")[2]
    for other in given if isinstance(given, dict) else ():
        if closest(other, [name]):
            return f"Rename {other!r} to {name!r}."
    if name == "instruction":
        return "Every seed needs one, or messages, conversations or a prompt. All other fields are optional."
    return "Add it; it may be empty."


def _kind(value: object) -> str:
    match value:
        case None | bool():
            return json.dumps(value)
        case list():
            return "an array"
        case dict():
            return "an object"
        case str():
            return f"the text {value[:30]!r}" if value.isprintable() and value else "a string"
        case _:
            return "a number"
