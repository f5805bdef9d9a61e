"""The bundled library: personas, topics and more to draw from, written for this package.

    personas.tsv    who asks: a persona for each pair of 20 fields and 10 regions; four ages in turn
    topics.tsv      what about: ten topics in each of the 20 fields
    others.toml     skill, format, length, difficulty, audience and first words (verbs), with their weights

Tests hold that fields, regions and ages have equal shares.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = [
    "BUNDLED",
    "BY_NAME_ONLY",
    "Persona",
    "Topic",
    "bundled_personas",
    "bundled_topics",
    "bundled_values",
]

BUNDLED = "bundled"

BY_NAME_ONLY = frozenset({"begins_with"})
"""Not drawn where the whole library is asked for: a first word and a skill contradict each other."""


@dataclass(frozen=True, slots=True)
class Persona:
    """text: as it stands in a prompt. age: `young` (below 25), `adult`, `middle` (from 40) or `old` (from
    60)."""

    field: str
    region: str
    age: str
    text: str


@dataclass(frozen=True, slots=True)
class Topic:
    """text: as it stands in a prompt."""

    field: str
    text: str


@cache
def bundled_personas() -> tuple[Persona, ...]:
    """Field by field, a region after the other in each."""
    return tuple(Persona(*row) for row in _rows("personas.tsv"))


@cache
def bundled_topics() -> tuple[Topic, ...]:
    """Field by field."""
    return tuple(Topic(*row) for row in _rows("topics.tsv"))


@cache
def bundled_values() -> Mapping[str, Mapping[str, float]]:
    """By attribute: the values with their weights."""
    others = tomllib.loads(_read("others.toml"))
    return {
        "persona": dict.fromkeys((each.text for each in bundled_personas()), 1.0),
        "topic": dict.fromkeys((each.text for each in bundled_topics()), 1.0),
        **others,
    }


def _rows(name: str) -> list[list[str]]:
    return list(csv.reader(_read(name).splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def _read(name: str) -> str:
    return resources.files("selfinstruct.attributes").joinpath(name).read_text(encoding="utf-8")
