"""How values become columns, and back.

Small structures (a config, neighbours, a seed's instances) are JSON; whatever a query counts or
selects by has a column of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from selfinstruct.records import Completion, Instance, Neighbour, Sampling, SeedTask

__all__ = [
    "JSON",
    "clean_completion",
    "clean_text",
    "neighbours_from_json",
    "neighbours_to_json",
    "sampling_from_json",
    "sampling_to_json",
    "seed_from_row",
    "seed_to_row",
    "to_json",
]

JSON = Any
"""Whatever `json.dumps` takes."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # `dumps` would make one a call


def clean_text(text: str) -> str:
    """The text as it is kept: lone surrogates become U+FFFD, pairs of them the character they mean.

    The only change that anything undergoes on its way into a run, made because neither SQLite nor a
    UTF-8 file can hold them. Everything else, NUL and other controls included, is kept.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def clean_completion(completion: Completion) -> Completion:
    """The completion with `clean_text` applied; itself where nothing changes."""
    text, reason = clean_text(completion.text), clean_text(completion.finish_reason)
    if text is completion.text and reason is completion.finish_reason:
        return completion
    return replace(completion, text=text, finish_reason=reason)


def to_json(value: JSON) -> str:
    """Compact, and readable in any script."""
    return _encode(value)


def neighbours_to_json(neighbours: Sequence[Neighbour]) -> str | None:
    """`[[index, score], …]`, nearest first; None for none."""
    return to_json([(near.index, near.score) for near in neighbours]) if neighbours else None


def neighbours_from_json(column: str | None) -> tuple[Neighbour, ...]:
    """The inverse of `neighbours_to_json`."""
    return tuple(Neighbour(index, score) for index, score in json.loads(column or "[]"))


def sampling_to_json(sampling: Sampling) -> str:
    """An object with the fields of `Sampling`."""
    return to_json(asdict(sampling))


def sampling_from_json(column: str) -> Sampling:
    """The inverse of `sampling_to_json`."""
    fields = json.loads(column)
    texts = {name: tuple(fields.get(name, ())) for name in ("stop", "choices")}
    return Sampling(**{**fields, **texts})


def seed_to_row(number: int, seed: SeedTask) -> tuple[JSON, ...]:
    """A row of the table `seeds`; `number` is the seed's place in the pool."""
    instances = to_json([(instance.input, instance.output) for instance in seed.instances])
    return (number, seed.id, seed.name, seed.instruction, instances, seed.is_classification)


def seed_from_row(row: Sequence[JSON]) -> SeedTask:
    """The inverse of `seed_to_row`."""
    _, identifier, name, instruction, instances, is_classification = row
    return SeedTask(
        id=identifier,
        name=name,
        instruction=instruction,
        instances=tuple(Instance(*pair) for pair in json.loads(instances)),
        is_classification=bool(is_classification),
    )
