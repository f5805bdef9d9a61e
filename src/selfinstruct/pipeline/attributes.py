"""What each instruction of a ticket is asked to be: a function of the run's seed and the ticket alone.

Each attribute is drawn for all tasks of a ticket at once, by systematic sampling: with n tasks, n points at
equal distances over the values laid end to end, each as long as its weight. A value with a share of 1/n or
more comes as often as it should, and of many values no ticket has one twice. Where the points begin moves on
by the golden section from ticket to ticket, so that most of a library comes before any of it comes again. The
values are then shuffled over the tasks. They lie in an order of the run's own: at equal distances in a list
that is sorted, say by region, all points may fall on one region.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import accumulate

from selfinstruct.config import AttributesConfig
from selfinstruct.pipeline.tickets import sample
from selfinstruct.records import Attributes

__all__ = ["Weights", "draw_attributes"]

GOLDEN = 0.6180339887498949

Weights = Mapping[str, Mapping[str, float]]
"""By attribute, then by value."""


def draw_attributes(
    config: AttributesConfig, run_seed: int, ticket: int, count: int, weights: Weights | None = None
) -> tuple[Attributes, ...]:
    """For each of `count` tasks, in the order of the prompt; nothing where there are no attributes.

    weights: in place of the config's, where steering moved them. The same arguments give the same draw on
    every Python version: only `Random.random()` is used.
    """
    if not config.names:
        return ()
    generator = random.Random(f"attributes:{run_seed}:{ticket}")
    drawn: list[dict[str, list[str]]] = [{} for _ in range(count)]
    for name, attribute in config.names.items():
        shares = attribute.values if weights is None else weights.get(name, attribute.values)
        for place in range(attribute.pick):
            own = random.Random(f"attributes:{run_seed}:{name}:{place}")
            begin = (own.random() + ticket * GOLDEN) % 1.0
            values = _spread(_shuffled(shares, own), begin, count)
            for task, index in zip(drawn, sample(generator, count, count), strict=True):
                _add(task, name, values[index], shares, generator)
    return tuple(_cut(task, config.at_most, generator) for task in drawn)


def _shuffled(shares: Mapping[str, float], generator: random.Random) -> Mapping[str, float]:
    values = list(shares)
    return {values[index]: shares[values[index]] for index in sample(generator, len(values), len(values))}


def _spread(shares: Mapping[str, float], begin: float, count: int) -> list[str]:
    """`count` values at equal distances; begin: where between the first two points, 0 to below 1."""
    values = [value for value, share in shares.items() if share > 0]
    ends = list(accumulate(shares[value] for value in values))
    found, place = [], 0
    for number in range(count):
        point = (number + begin) / count * ends[-1]
        while place < len(ends) - 1 and ends[place] <= point:
            place += 1
        found.append(values[place])
    return found


def _add(
    task: dict[str, list[str]], name: str, value: str, shares: Mapping[str, float], generator: random.Random
) -> None:
    """One more value of an attribute, another than those that the task has; the empty one says nothing."""
    has = task.setdefault(name, [])
    if value in has:
        others = {text: share for text, share in shares.items() if text and text not in has and share > 0}
        if not others:
            return
        value = _spread(others, generator.random(), 1)[0]
    if value:
        has.append(value)


def _cut(task: Mapping[str, Sequence[str]], at_most: int | None, generator: random.Random) -> Attributes:
    """Without attributes that say nothing, and without those beyond `at_most`."""
    said = {name: tuple(values) for name, values in task.items() if values}
    if at_most is None or len(said) <= at_most:
        return said
    kept = {list(said)[index] for index in sample(generator, len(said), at_most)}
    return {name: values for name, values in said.items() if name in kept}
