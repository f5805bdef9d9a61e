"""Server-sent events: a streamed reply put together again, as the one object that it would have been.

The form is that of the HTML standard (section 9.2.6), of which endpoints use `data:` lines, comments and
blank lines, ended by `data: [DONE]`. A line that is JSON without a field's name is taken for data: some
servers tell of an error so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from selfinstruct.models.http.error_bodies import parse_json

__all__ = ["DONE", "holds_events", "join_events"]

DONE = re.compile(rb"(?:\A|[\r\n])data:[ \t]*\[DONE\]")
"""The end of a stream, in what has come of it."""

_LINE_END = re.compile(r"\r\n|\n|\r")  # not str.splitlines: JSON may hold U+2028 and its like as they are
_EVENT = re.compile(r"\s*(?:data|event|id|retry)?:")
_GROWING = frozenset(
    {
        "content",
        "text",
        "arguments",
        "refusal",
        "reasoning",
        "reasoning_content",
        "reasoning_text",
        "thinking",
    }
)
"""Fields of which every event has a piece. Others come whole."""


def holds_events(content_type: str, body: str) -> bool:
    """Whether a reply is a stream, asked for or not, and whatever its type says."""
    if body.lstrip().startswith(("{", "[", "<")):
        return False
    return content_type.lower().startswith("text/event-stream") or _EVENT.match(body) is not None


def join_events(body: str) -> dict[str, Any] | None:
    """The reply; None where it broke off: neither its end nor a reason why it ended has come.

    An error among the events is the whole reply. Of several choices the first counts. `finish_reason` is
    `stop` where the stream came to its end without one.
    """
    reply: dict[str, Any] = {}
    choice: dict[str, Any] = {}
    done = False
    for name, data in _events(body):
        if data.strip() == "[DONE]":
            done = True
            break
        event = parse_json(data)
        if not isinstance(event, dict):
            continue
        if event.get("error"):
            return event
        if name == "error" or event.get("object") == "error":
            return {"error": event}
        reply |= {field: value for field, value in event.items() if value is not None and field != "choices"}
        _add(choice, _first_choice(event))
    if not done and not choice.get("finish_reason"):
        return None
    if choice:
        reply["choices"] = [{"finish_reason": "stop", **choice}]
    return reply


def _events(body: str) -> Iterator[tuple[str, str]]:
    """Each event's name, empty as a rule, and its data: its `data:` lines together."""
    event, lines = "", list[str]()
    for line in [*_LINE_END.split(body), ""]:
        name, _, value = line.partition(":")
        if name == "data":
            lines.append(value.removeprefix(" "))
        elif name == "event":
            event = value.strip()
        elif line.startswith("{"):
            yield event, line
        elif not line and lines:
            yield event, "\n".join(lines)
            event, lines = "", []


def _first_choice(event: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = event.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and not choice.get("index"):
            return choice
    return {}


def _add(choice: dict[str, Any], part: Mapping[str, Any]) -> None:
    """One event's part of the choice. A message of which no content comes is empty. Perplexity sends with
    each delta the message so far; where both are there, the delta counts."""
    delta = part.get("delta")
    if isinstance(delta, dict):
        choice["message"] = _joined("message", choice.get("message") or {"content": ""}, delta)
    elif isinstance(part.get("message"), dict):
        choice["message"] = part["message"]
    rest = {name: value for name, value in part.items() if name not in ("index", "delta", "message")}
    choice |= _joined("choice", choice, rest)


def _joined(name: str, before: Any, more: Any) -> Any:
    """What a field was, and what an event adds to it: text to text, fields to fields, parts to parts."""
    if more is None:
        return before
    if isinstance(more, dict):
        fields = before if isinstance(before, dict) else {}
        return fields | {inner: _joined(inner, fields.get(inner), value) for inner, value in more.items()}
    if isinstance(more, list):
        parts = _as_parts(before)
        for part in more:
            _put(parts, part)
        return parts
    if isinstance(more, str) and name in _GROWING:
        if isinstance(before, list):
            return [*before, *_as_parts(more)]
        return before + more if isinstance(before, str) else more
    return more


def _as_parts(content: Any) -> list[Any]:
    if isinstance(content, list):
        return list(content)
    return [{"type": "text", "text": content}] if isinstance(content, str) and content else []


def _put(parts: list[Any], part: Any) -> None:
    """A part of its own, or more of the one with its index; of a tool call without an index, more of the last
    unless it has a name."""
    place = _place(parts, part) if isinstance(part, dict) else None
    if place is None:
        parts.append(part)
    else:
        parts[place] = _joined("part", parts[place], part)


def _place(parts: list[Any], part: Mapping[str, Any]) -> int | None:
    index, function = part.get("index"), part.get("function")
    if index is not None:
        known = (at for at, one in enumerate(parts) if isinstance(one, dict) and one.get("index") == index)
        return next(known, None)
    goes_on = isinstance(function, dict) and not function.get("name") and not part.get("id")
    return len(parts) - 1 if goes_on and parts and isinstance(parts[-1], dict) else None
