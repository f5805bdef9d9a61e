"""Root verbs and their direct objects (Figure 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from selfinstruct.text.verbs import VerbObject

__all__ = ["RootVerb", "VerbObjects", "count_verb_objects"]

VERBS, OBJECTS = 20, 4


@dataclass(frozen=True, slots=True)
class RootVerb:
    """A root verb. objects: the commonest direct objects with their counts; what is missing to `count` has
    rarer ones, or none."""

    verb: str
    count: int
    objects: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class VerbObjects:
    """instructions: all; with_verb, with_both: those in which a root verb was found, and both.
    distinct_verbs, distinct_pairs: different ones.
    commonest: the 20 commonest verbs with their 4 commonest objects, counted among instructions with both;
    covered: how many instructions these pairs hold.
    """

    instructions: int
    with_verb: int
    with_both: int
    distinct_verbs: int
    distinct_pairs: int
    commonest: tuple[RootVerb, ...]
    covered: int


def count_verb_objects(found: Sequence[VerbObject]) -> VerbObjects:
    """`found`: one for each instruction."""
    pairs = Counter((each.verb, each.object) for each in found if each.verb and each.object)
    verbs: Counter[str] = Counter()
    for (verb, _), count in pairs.items():
        verbs[verb] += count
    commonest = tuple(RootVerb(verb, count, _objects(verb, pairs)) for verb, count in _ranked(verbs)[:VERBS])
    return VerbObjects(
        instructions=len(found),
        with_verb=sum(each.verb is not None for each in found),
        with_both=pairs.total(),
        distinct_verbs=len({each.verb for each in found if each.verb}),
        distinct_pairs=len(pairs),
        commonest=commonest,
        covered=sum(count for verb in commonest for _, count in verb.objects),
    )


def _objects(verb: str, pairs: Counter[tuple[str, str]]) -> tuple[tuple[str, int], ...]:
    own = Counter({thing: count for (root, thing), count in pairs.items() if root == verb})
    return tuple(_ranked(own)[:OBJECTS])


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    """The commonest first, equals by name, so that equal runs give equal figures."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
