"""Decks: which tasks of the curriculum are in the training text, every instruction only once.

What comes often is remembered, and a model that remembers instructions recites them. So a deck is dealt for
each family before any document is written, with one card for each instruction, and each card goes into one
place of one document. Of what a family can say only a sparse share is in its deck, so that a model that has
learnt how the family asks will mostly write what it has never seen: unless what the family can say is almost
without end, an instruction must fall into one class of `CLASSES` by its digest. One that the family draws
often is not worth a card at all; it gets a setting (curriculum/settings.py) that makes it another one.

Outputs: a JSON file for each family under decks/, written whole or not at all, and read back by shards.
Deterministic: a deck depends on the family, the seed and its size alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from curriculum.base import Draw, Family
from curriculum.families import draw_task
from curriculum.settings import with_setting
from recital import normal

__all__ = ["CLASSES", "Card", "deal", "make_deck", "read_decks", "slice_of"]

Item = TypeVar("Item")

CLASSES = 16
"""Instructions fall into so many classes by their digests, and one class is used."""

CENSUS = 1200
"""Draws that tell which instructions of a family are common: those that come more than once."""

SMALL = 0.5
"""A family with a larger share of common draws is a small one: its rare instructions are few."""

LARGE = 0.06
"""A family with a smaller share has so much to say that any deck is a sparse share of it."""

PATIENCE = 2
"""A deck stays short where this many draws for each card and class did not fill it."""


@dataclass(frozen=True, slots=True)
class Card:
    """One task: `draw_task(family, seed)` with this instruction instead of its own."""

    seed: str
    instruction: str


def make_deck(family: Family, size: int, *, seed: str) -> list[Card]:
    """At most `size` cards, no instruction twice, in whatever case of letters; fewer where the family has no
    more to say."""
    draws = (draw_task(family, f"{seed}:census:{number}") for number in range(CENSUS))
    counts = Counter(normal(draft.instruction) for draft in draws)
    common = {instruction for instruction, count in counts.items() if count > 1}
    share = sum(counts[instruction] for instruction in common) / CENSUS
    cards: dict[str, Card] = {}
    for number in range(PATIENCE * CLASSES * size):
        if len(cards) == size:
            break
        name = f"{seed}:{number}"
        instruction = draw_task(family, name).instruction
        if normal(instruction) in common:
            # Except in a small family as rare as among all draws, so that settings do not take over.
            if LARGE < share <= SMALL and number % CLASSES:
                continue
            instruction = with_setting(Draw(f"setting:{family.name}:{name}"), instruction)
        elif share > LARGE and not _is_used(instruction):
            continue
        cards.setdefault(normal(instruction), Card(name, instruction))
    return list(cards.values())


def _is_used(instruction: str) -> bool:
    return hashlib.blake2b(normal(instruction).encode(), digest_size=2).digest()[0] % CLASSES == 0


def deal(folder: Path, family: Family, size: int, *, seed: str) -> Path:
    """Write the family's deck, unless it is there; its file."""
    path = folder / f"{family.name}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        cards = [(card.seed, card.instruction) for card in make_deck(family, size, seed=seed)]
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(cards))
        partial.replace(path)
    return path


@cache
def read_decks(folder: Path, families: tuple[Family, ...]) -> Mapping[str, Sequence[Card]]:
    """Decks by the names of their families. What two families say is on a card of the first alone."""
    seen: set[str] = set()
    decks: dict[str, list[Card]] = {}
    for family in families:
        cards = [Card(*row) for row in json.loads((folder / f"{family.name}.json").read_text())]
        decks[family.name] = [card for card in cards if normal(card.instruction) not in seen]
        seen.update(normal(card.instruction) for card in cards)
    return decks


def slice_of(items: Iterable[Item], places: range, of: int) -> list[Item]:
    """The items at these places of every `of`: slices with different places have none in common."""
    return [item for number, item in enumerate(items) if number % of in places]
