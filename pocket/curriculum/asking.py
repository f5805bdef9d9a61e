"""How tasks are worded and put together: what several modules of the curriculum have in common.

Tables and lists of asks are read from text, the words of an instruction are filled in, and instances are
made. What only one module does stays there. The order in which the dice are thrown is part of what these
functions promise: a throw more or fewer, and every task after it is a different one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from curriculum import words
from curriculum.base import Draft, Draw
from selfinstruct.records import Instance

__all__ = [
    "READERS",
    "ask_one",
    "bulleted",
    "capitalized",
    "different_pairs",
    "each_label",
    "fill",
    "free_task",
    "in_setting",
    "instances_of",
    "labelled",
    "numbered",
    "read_lines",
    "read_rows",
    "some_instances",
    "with_article",
]

READERS = [
    who for who in words.AUDIENCES if who not in ("a local newspaper", "people who have never heard of it")
]
"""Audiences that anything may be written for, with a topic or without one."""

_CHOICE = re.compile(r"\[([^\[\]]*)\]")


def read_lines(text: str) -> tuple[str, ...]:
    """The lines of a block."""
    return tuple(text.strip().splitlines())


def read_rows(text: str, bar: str = " | ") -> list[tuple[str, ...]]:
    """Cells parted by bars, a row a line; an indented line continues the row above it."""
    rows = re.split(r"\n(?! )", text.strip("\n"))
    return [tuple(" ".join(row.split()).split(bar)) for row in rows]


def capitalized(text: str) -> str:
    """With a capital first letter, the rest as it was."""
    return text[:1].upper() + text[1:]


def with_article(noun: str) -> str:
    """`an onion` or `a pear`, by the first letter alone."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def numbered(lines: Sequence[str]) -> str:
    """A line each, from 1."""
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def bulleted(lines: Sequence[str]) -> str:
    """A line each, behind a hyphen."""
    return "\n".join(f"- {line}" for line in lines)


def fill(dice: Draw, template: str, /, **slots: object) -> str:
    """The template with one of each `[this|that]`, which may nest, and with its slots filled.

    Besides those given there are `{topic}` and `{somebody}`, such as `our baker`.
    """
    while "[" in template:
        template = _CHOICE.sub(lambda found: dice.pick(found[1].split("|")), template)
    somebody = f"{dice.pick(('the', 'our', 'my friend the'))} {dice.pick(words.JOBS)}"
    return capitalized(template.format(topic=dice.topic(), somebody=somebody, **slots))


def ask_one(dice: Draw, asks: str, /, **slots: object) -> str:
    """One of the templates, a line each, filled."""
    return fill(dice, dice.pick(read_lines(asks)), **slots)


def in_setting(
    dice: Draw,
    instruction: str,
    before: Sequence[tuple[str, ...]],
    after: Sequence[tuple[str, ...]],
    *,
    share_after: float = 0.7,
) -> str:
    """The instruction with a sentence before or after it that says who wants it done, or for whom.

    before, after: rows of one cell. share_after: how often it stands after.
    """
    comes_after = dice.chance(share_after)
    (setting,) = dice.pick(after if comes_after else before)
    setting = setting.format(
        name=dice.pick(words.NAMES), job=with_article(dice.pick(words.JOBS)), city=dice.pick(words.CITIES),
        weekday=dice.pick(words.WEEKDAYS), audience=dice.pick(READERS),
    )  # fmt: skip
    return f"{instruction} {setting}" if comes_after else f"{setting} {instruction}"


def free_task(dice: Draw, asks: Sequence[tuple[str, ...]], /, **values: object) -> Draft:
    """A task without input. asks: rows of an instruction and its output, where `{nl}` is a line break."""
    instruction, output = (capitalized(cell.format(**values, nl="\n")) for cell in dice.pick(asks))
    return Draft(instruction, (Instance(input="", output=output),))


def instances_of(pairs: Iterable[tuple[str, str]]) -> tuple[Instance, ...]:
    """Of inputs and outputs; of equal inputs one is kept, with the last output."""
    return tuple(Instance(input=given, output=output) for given, output in dict(pairs).items())


def different_pairs(
    make: Callable[[], tuple[str, str]], count: int, *, changed: bool = True
) -> dict[str, str]:
    """Outputs by their inputs, so many. changed: one whose output is its input is made anew."""
    pairs: dict[str, str] = {}
    while len(pairs) < count:
        given, output = make()
        if not changed or given != output:
            pairs[given] = output
    return pairs


def some_instances(
    dice: Draw, make: Callable[[], Instance], counts: Sequence[int] = (1, 2, 2, 3, 3)
) -> tuple[Instance, ...]:
    """As many as one of the counts, or fewer: no input stands twice."""
    made: dict[str, Instance] = {}
    for _ in range(dice.pick(counts)):
        instance = make()
        made.setdefault(instance.input, instance)
    return tuple(made.values())


def each_label(dice: Draw, labels: Sequence[str], make: Callable[[int], str]) -> tuple[Instance, ...]:
    """An instance for each of two or three labels, in random order; `make` gets the place of the label."""
    places = dice.sample(range(len(labels)), min(len(labels), 3))
    return tuple(Instance(make(place), labels[place]) for place in places)


def labelled(dice: Draw, make: Callable[[str], str], classes: Sequence[str]) -> tuple[Instance, ...]:
    """An instance for each of two or three classes, in random order; of two, one may come twice.

    make: an input for a class.
    """
    order = dice.shuffled(classes)[:3]
    if len(classes) == 2 and dice.chance(0.4):
        order.append(dice.pick(classes))
    return instances_of([(make(label), label) for label in order])
