"""The order in which examples are learnt, as a function of the seed alone.

All epochs are one long list, cut into updates of `batch` examples. So a tuning goes on from a place in that
list, whatever stopped it. Within an update the shorter ones come first: then the few that are computed at
a time are padded little, and the update itself is what it would be in any other order.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from random import Random

__all__ = ["held_out_groups", "training_order", "updates"]


def training_order(lengths: Sequence[int], *, epochs: float, batch: int, seed: int) -> list[int]:
    """Places in `lengths`, each about `epochs` times; a fraction of an epoch is the beginning of one more.

    lengths: tokens of each example.
    """
    wanted = max(1, round(epochs * len(lengths)))
    order: list[int] = []
    for epoch in range(ceil(wanted / len(lengths))):
        order += _shuffled(len(lengths), f"{seed} epoch {epoch}")
    del order[wanted:]
    found: list[int] = []
    for first in range(0, wanted, batch):
        found += sorted(order[first : first + batch], key=lengths.__getitem__)
    return found


def updates(examples: int, *, epochs: float, batch: int) -> int:
    """How many there are."""
    return ceil(max(1, round(epochs * examples)) / batch)


def held_out_groups(groups: Sequence[str], *, share: float, seed: int) -> set[str]:
    """Groups to measure on, never to learn from: whole ones, until they hold `share` of the examples.

    groups: of each example. At least 4 examples are wanted, at most 400, and never more than a fifth; none
    where `share` is 0 or there are fewer than 10.
    """
    if not share or len(groups) < 10:
        return set()
    wanted = min(max(round(share * len(groups)), 4), 400, len(groups) // 5)
    sizes: dict[str, int] = {}
    for group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    names = list(sizes)
    found: set[str] = set()
    for place in _shuffled(len(names), f"{seed} held out"):
        if wanted - sizes[names[place]] >= 0:
            found.add(names[place])
            wanted -= sizes[names[place]]
        if not wanted:
            break
    return found


def _shuffled(count: int, seed: str) -> list[int]:
    """Of Python's generator only `random()` is promised to stay the same between versions."""
    random = Random(seed)
    keys = [random.random() for _ in range(count)]
    return sorted(range(count), key=keys.__getitem__)
