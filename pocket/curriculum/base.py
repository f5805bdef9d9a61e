"""What a family of tasks is, and the dice that it draws with.

A family is a kind of task: many ways to ask, and a way to make instances whose outputs are computed, and
therefore right, wherever they can be. One family in eight, and one topic in eight, is held out: the model
never sees them in training, so that what it writes can be told from what it recites.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from curriculum import words
from selfinstruct.records import Instance

__all__ = ["Draft", "Draw", "Family", "is_held_out"]

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Draft:
    """A task: an instruction in plain English, no number before it and no colon at its end, and one to
    three instances. `input` is empty where the instruction needs none; such a task has one instance.
    """

    instruction: str
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """name: unique, snake_case. draw: makes one task; the same dice give the same task."""

    name: str
    is_classification: bool
    draw: Callable[[Draw], Draft]


class Draw:
    """Dice. held_out: topics come from the held-out ones, for tasks that only measure."""

    def __init__(self, seed: str, *, held_out: bool = False) -> None:
        self._random = random.Random(seed)
        self._topics = [topic for topic in words.TOPICS if is_held_out(topic) == held_out]

    def integer(self, low: int, high: int) -> int:
        """Both ends included."""
        return self._random.randint(low, high)

    def chance(self, share: float) -> bool:
        """True so often."""
        return self._random.random() < share

    def pick(self, items: Sequence[Item]) -> Item:
        """Any one of them."""
        return self._random.choice(items)

    def sample(self, items: Sequence[Item], count: int) -> list[Item]:
        """So many different ones, in random order."""
        return self._random.sample(items, count)

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """All of them, in random order."""
        return self.sample(items, len(items))

    def topic(self) -> str:
        """A noun phrase without article, such as `solar power`."""
        return self.pick(self._topics)


def is_held_out(name: str) -> bool:
    """Whether a family or topic of this name is kept out of training: one in eight, by its name alone."""
    return hashlib.blake2b(name.encode(), digest_size=1).digest()[0] % 8 == 0
