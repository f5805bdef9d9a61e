"""JSON as models write it: amid prose, in a ``` fence, more than one value, or cut off anywhere.

Valid JSON is read exactly. Beyond it: a value that ends too early keeps what it had, and is marked as not
whole; quotation marks inside a string need no backslash where what follows shows that the string goes on;
strings may run over several lines; a comma may be missing or too many; and it may be Python's way of writing
the same, with 'single' quotation marks and `True`. Nothing raises, and no text takes more than linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selfinstruct.recipes.chat.json_values import JsonArray, JsonLiteral, JsonObject, JsonString, JsonValue

__all__ = ["read_values"]

DEEPEST = 40
"""Levels that are followed; deeper nesting ends a value, as if it were cut there."""


def read_values(text: str) -> Iterator[JsonObject | JsonArray]:
    """Every object and array in a text that is not part of one before it.

    Where one breaks off although the text goes on, the next is looked for from there: after an object that
    cannot be read, those that follow it in its array are found.
    """
    reader = _Reader(text)
    while (value := reader.next_container()) is not None:
        yield value


_CONTAINER = re.compile(r"""\{\s*+["'}] | \[\s*+["'{\[\]]""", re.VERBOSE)
_SPACE = re.compile(r"\s*+")
_SEPARATORS = re.compile(r"[\s,]*+")
_LITERAL = re.compile(r"[\w.+-]++")
_LITERALS = {"True": "true", "False": "false", "None": "null"}
_WORD = "[Tt]rue | [Ff]alse | null | None"
_STRINGS = {
    mark: re.compile(
        rf"""(?: [^{mark}\\]++ | \\.
              | {mark}(?! \s*+ (?: \Z | [:}}\]] | , \s*+ (?: \Z | ["'\[\]{{}}\d-] | {_WORD} ) ) ) )*+""",
        re.DOTALL | re.VERBOSE,
    )
    for mark in ('"', "'")
}
"""Up to the quotation mark that ends it: one that JSON could go on behind."""


class _Reader:
    """Reads on from `position`. Every call moves it forward or ends the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def next_container(self) -> JsonObject | JsonArray | None:
        """The next object or array, skipping what stands before it; None where there is no other."""
        start = _CONTAINER.search(self.text, self.position)
        if start is None:
            return None
        self.position = start.start() + 1
        return self._object(DEEPEST) if start[0][0] == "{" else self._array(DEEPEST)

    def _value(self, depth: int) -> JsonValue | None:
        """None where no value begins, or one too deep inside others."""
        self._skip(_SPACE)
        if depth and self._take("{"):
            return self._object(depth - 1)
        if depth and self._take("["):
            return self._array(depth - 1)
        if mark := self._quotation_mark():
            return self._string(mark)
        word = self._skip(_LITERAL)
        return JsonLiteral(_LITERALS.get(word, word)) if word else None

    def _object(self, depth: int) -> JsonObject:
        fields: dict[str, JsonValue] = {}
        while True:
            self._skip(_SEPARATORS)
            if self._take("}"):
                return JsonObject(fields, whole=True)
            mark = self._quotation_mark()
            if not mark:
                return JsonObject(fields, whole=False)
            name = self._string(mark)
            self._skip(_SPACE)
            value = self._value(depth) if self._take(":") else None
            if value is None:
                return JsonObject(fields, whole=False)
            fields[name.text] = value
            if not value.whole:
                return JsonObject(fields, whole=False)

    def _array(self, depth: int) -> JsonArray:
        items: list[JsonValue] = []
        while True:
            self._skip(_SEPARATORS)
            if self._take("]"):
                return JsonArray(tuple(items), whole=True)
            value = self._value(depth)
            if value is None:
                return JsonArray(tuple(items), whole=False)
            items.append(value)
            if not value.whole:
                return JsonArray(tuple(items), whole=False)

    def _quotation_mark(self) -> str:
        """The one that begins a string here; empty for none."""
        return next((mark for mark in _STRINGS if self._take(mark)), "")

    def _string(self, mark: str) -> JsonString:
        return JsonString(_unescape(self._skip(_STRINGS[mark])), whole=self._take(mark))

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.position)
        if match is None:
            return ""
        self.position = match.end()
        return match[0]

    def _take(self, character: str) -> bool:
        if not self.text.startswith(character, self.position):
            return False
        self.position += 1
        return True


_ESCAPES = re.compile(r"((?:\\u[0-9a-fA-F]{4})+) | \\u[0-9a-fA-F]{0,3}\Z | \\(.)", re.DOTALL | re.VERBOSE)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\", "/": "/"}


def _unescape(raw: str) -> str:
    """An escape that JSON does not know keeps its backslash. Left out: half a surrogate pair, and an escape
    that was cut."""
    return _ESCAPES.sub(_unescaped, raw) if "\\" in raw else raw


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return bytes.fromhex(escape[1].replace("\\u", "")).decode("utf-16-be", "ignore")
    return _ESCAPED.get(escape[2], escape[0]) if escape[2] else ""
