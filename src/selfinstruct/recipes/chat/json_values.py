"""What JSON is read into, and how to find things in it.

`str` of a value is JSON again, numbers as they were written, without escapes for what is outside ASCII.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

__all__ = [
    "JsonArray",
    "JsonLiteral",
    "JsonObject",
    "JsonString",
    "JsonValue",
    "field",
    "find_objects",
    "plain_name",
    "strings",
    "text_of",
]


@dataclass(frozen=True, slots=True)
class JsonString:
    """A string without its escapes. `whole`, here and below: its end was written."""

    text: str
    whole: bool

    def __str__(self) -> str:
        return json.dumps(self.text, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class JsonLiteral:
    """A number, `true`, `false`, `null` or any other bare word, as written."""

    text: str
    whole: bool = True

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class JsonArray:
    """Its last item may not be whole."""

    items: tuple[JsonValue, ...]
    whole: bool

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True, slots=True)
class JsonObject:
    """Its last field's value may not be whole. Of two fields of one name the last counts."""

    fields: dict[str, JsonValue]
    whole: bool

    def __str__(self) -> str:
        fields = (f"{JsonString(name, whole=True)}: {value}" for name, value in self.fields.items())
        return f"{{{', '.join(fields)}}}"


JsonValue = JsonString | JsonLiteral | JsonArray | JsonObject


def find_objects(value: JsonValue, wanted: Callable[[JsonObject], bool]) -> Iterator[JsonObject]:
    """The outermost objects that are wanted, in their order, however deep they lie."""
    match value:
        case JsonObject() if wanted(value):
            yield value
        case JsonObject(fields):
            for inner in fields.values():
                yield from find_objects(inner, wanted)
        case JsonArray(items):
            for item in items:
                yield from find_objects(item, wanted)


def field(value: JsonObject, names: Sequence[str]) -> JsonValue | None:
    """The field of the first of the names that there is; names are lower-case letters alone:
    `is_classification`, `isClassification` and `Is classification` are all `isclassification`."""
    plain = {plain_name(name): found for name, found in value.fields.items()}
    return next((plain[name] for name in names if name in plain), None)


def plain_name(name: str) -> str:
    """Its letters alone, in lower case."""
    return "".join(filter(str.isalpha, name.lower()))


def strings(value: JsonValue) -> Sequence[JsonString]:
    """The strings of an array, which may be the only field of an object."""
    match value:
        case JsonObject(fields) if len(fields) == 1:
            return strings(*fields.values())
        case JsonArray(items):
            return [item for item in items if isinstance(item, JsonString)]
    return []


def text_of(value: JsonValue | None) -> str | None:
    """A string's text; a number as written; an array or object as JSON; None for `null` too."""
    match value:
        case None | JsonLiteral("null"):
            return None
        case JsonString(text):
            return text
    return str(value)
