"""Seeds as conversations: rows of `messages`, of `conversations`, or of `prompt` and `completion`.

The user's first message becomes the instruction and the reply to it the output of its one instance. What a
system message says, and what follows the first reply, is no part of a task, and is noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from selfinstruct.seeds.rows import SeedProblem, SeedRow

__all__ = ["Conversations", "read_conversations"]

_USER, _ASSISTANT = frozenset({"user", "human"}), frozenset({"assistant", "gpt", "model", "bot"})
_SYSTEM = frozenset({"system", "developer"})
_FIELDS = {"messages": ("role", "content"), "conversations": ("from", "value")}
_HINT = {
    "messages": 'Write them as [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}].',
    "conversations": 'Write them as [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}].',
    "prompt": 'Write {"prompt": "…", "completion": "…"}.',
}


@dataclass(frozen=True, slots=True)
class Conversations:
    """The rows with every conversation as a flat row (`instruction`, `output`), those that are none as they
    were. problems: of conversations that cannot be read. notes: what was passed over, each a sentence."""

    rows: tuple[SeedRow, ...]
    problems: tuple[SeedProblem, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Turn:
    role: str
    text: str


class _UnreadableError(Exception):
    """Control flow: `field` and what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


def read_conversations(rows: Iterable[SeedRow]) -> Conversations:
    """A row with an `instruction` is no conversation, whatever else it holds."""
    flat: list[SeedRow] = []
    problems: list[SeedProblem] = []
    longer = with_system = 0
    for row in rows:
        value = row.value
        form = _form(value) if isinstance(value, dict) else None
        if form is None or not isinstance(value, dict):
            flat.append(row)
            continue
        try:
            turns = _prompt_turns(value) if form == "prompt" else _turns(value[form], form)
            asked, answered = _first_exchange(turns, form)
        except _UnreadableError as error:
            problems.append(SeedProblem(row.line, error.message, error.field, _HINT[form]))
            continue
        others = {name: given for name, given in value.items() if name not in (form, "completion")}
        flat.append(replace(row, value={**others, "instruction": asked, "output": answered}))
        longer += sum(turn.role in _USER for turn in turns) > 1
        with_system += any(turn.role in _SYSTEM for turn in turns)
    notes = (
        (f"Of {_rows(longer)} with several turns the first exchange was read alone.", longer),
        (f"System messages were not read: {_rows(with_system)}.", with_system),
    )
    return Conversations(tuple(flat), tuple(problems), tuple(note for note, count in notes if count))


def _rows(count: int) -> str:
    return f"{count:,} row{'s' if count != 1 else ''}"


def _form(value: Mapping[str, Any]) -> str | None:
    if "instruction" in value:
        return None
    return next((name for name in (*_FIELDS, "prompt") if name in value), None)


def _prompt_turns(value: Mapping[str, Any]) -> list[_Turn]:
    """Either of the two may be a text or a list of messages."""
    found: list[_Turn] = []
    for name, role in (("prompt", "user"), ("completion", "assistant")):
        given = value.get(name)
        if isinstance(given, list):
            found += _turns(given, name)
        elif given is not None:
            found.append(_Turn(role, _text(given, name)))
    return found


def _turns(given: object, field: str) -> list[_Turn]:
    role_field, text_field = _FIELDS.get(field, _FIELDS["messages"])
    if not isinstance(given, list):
        raise _UnreadableError(field, "is not a list of messages")
    turns = []
    for place, message in enumerate(given):
        where = f"{field}.{place}"
        if not isinstance(message, dict) or not isinstance(message.get(role_field), str):
            raise _UnreadableError(
                where, f"is not a message with the fields {role_field!r} and {text_field!r}"
            )
        turns.append(
            _Turn(message[role_field].lower(), _text(message.get(text_field), f"{where}.{text_field}"))
        )
    return turns


def _text(given: object, field: str) -> str:
    """A text, or the texts of a list of parts (`{"type": "text", "text": "…"}`), as some APIs write it."""
    if isinstance(given, list) and all(isinstance(part, dict) and "text" in part for part in given):
        given = "\n".join(str(part["text"]) for part in given)
    if not isinstance(given, str):
        raise _UnreadableError(field, "is not a text")
    return given


def _first_exchange(turns: list[_Turn], field: str) -> tuple[str, str]:
    """The user's first message, and what the assistant said to it, empty where nothing did."""
    start = next((place for place, turn in enumerate(turns) if turn.role in _USER), None)
    if start is None:
        raise _UnreadableError(field, "has no user message")
    after = turns[start + 1 : start + 2]
    answered = after[0].text if after and after[0].role in _ASSISTANT else ""
    return turns[start].text, answered
