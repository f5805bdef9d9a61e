"""All families of the curriculum, in a visible list, and how a task of one is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import ModuleType

from curriculum import (
    arithmetic,
    classification_facts,
    classification_texts,
    code,
    dates_and_units,
    everyday,
    extraction,
    knowledge,
    open_ended,
    reasoning,
    rewriting,
    strings,
    tables,
)
from curriculum.base import Draft, Draw, Family, is_held_out

__all__ = ["MODULES", "all_families", "draw_task", "held_out_families", "training_families", "unique"]

MODULES: tuple[ModuleType, ...] = (
    arithmetic,
    classification_facts,
    classification_texts,
    code,
    dates_and_units,
    everyday,
    extraction,
    knowledge,
    open_ended,
    reasoning,
    rewriting,
    strings,
    tables,
)
"""Each has its `FAMILIES`."""


@cache
def all_families() -> tuple[Family, ...]:
    """In the order of the modules. Raises ValueError where two have one name."""
    return unique([family for module in MODULES for family in module.FAMILIES])


def unique(families: Sequence[Family]) -> tuple[Family, ...]:
    """The same families; raises ValueError where two have one name."""
    names: set[str] = set()
    for family in families:
        if family.name in names:
            raise ValueError(f"two families are called {family.name}")
        names.add(family.name)
    return tuple(families)


def training_families() -> tuple[Family, ...]:
    """Those that the model learns from."""
    return tuple(family for family in all_families() if not is_held_out(family.name))


def held_out_families() -> tuple[Family, ...]:
    """Those that only measure: about one in eight."""
    return tuple(family for family in all_families() if is_held_out(family.name))


def draw_task(family: Family, seed: str, *, held_out: bool = False) -> Draft:
    """One task; the same seed gives the same. held_out: with topics that training never sees."""
    return family.draw(Draw(f"{family.name}:{seed}", held_out=held_out))
