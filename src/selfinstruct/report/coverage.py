"""The most frequent verbs, topics and output formats, and those that are rare compared with the seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from selfinstruct.records import Task
from selfinstruct.report.topics import content_words
from selfinstruct.text.formats import Format, output_format
from selfinstruct.text.verbs import VerbObject

__all__ = ["Coverage", "CoverageItem", "Kind", "describe_coverage"]

UNDER_REPRESENTED_BELOW = 0.25
"""A share below this part of the seeds' share counts as under-represented."""

LEAST_SEEDS = 2
"""An item counts as under-represented only if this many seeds have it: one may be chance."""

SHOWN = 15


@dataclass(frozen=True, slots=True)
class CoverageItem:
    """A verb, a word, a format. Shares are of all tasks (outputs, for formats) and of all seeds."""

    name: str
    count: int
    share: float
    seed_count: int
    seed_share: float

    @property
    def is_under_represented(self) -> bool:
        """Whether the data has far less of it than the seeds."""
        return self.seed_count >= LEAST_SEEDS and self.share < UNDER_REPRESENTED_BELOW * self.seed_share


@dataclass(frozen=True, slots=True)
class Kind:
    """commonest: up to 15; under_represented: up to 15, largest gap first; distinct: how many in the
    data."""

    commonest: tuple[CoverageItem, ...]
    under_represented: tuple[CoverageItem, ...]
    distinct: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """formats: of outputs, all of them in the order of `Format`. top_label: the commonest output of
    classification tasks and its share of their instances; repeated_outputs: of the others' outputs, the share
    that some other instance has too. None where there are none."""

    verbs: Kind
    topics: Kind
    formats: tuple[CoverageItem, ...]
    top_label: tuple[str, float] | None
    repeated_outputs: float | None


def describe_coverage(
    tasks: Sequence[Task],
    seeds: Sequence[Task],
    verb_objects: Sequence[VerbObject],
    seed_verb_objects: Sequence[VerbObject],
) -> Coverage:
    """`verb_objects`, `seed_verb_objects`: one for each task and for each seed."""
    return Coverage(
        verbs=_kind(
            Counter(each.verb for each in verb_objects if each.verb),
            Counter(each.verb for each in seed_verb_objects if each.verb),
            len(tasks),
            len(seeds),
        ),
        topics=_kind(_topics(tasks, verb_objects), _topics(seeds, seed_verb_objects), len(tasks), len(seeds)),
        formats=_formats(tasks, seeds),
        top_label=_top_label(tasks),
        repeated_outputs=_repeated(tasks),
    )


def _kind(ours: Counter[str], theirs: Counter[str], tasks: int, seeds: int) -> Kind:
    items = [_item(name, ours, theirs, tasks, seeds) for name in sorted(ours.keys() | theirs.keys())]
    rare = [item for item in items if item.is_under_represented] if tasks else []
    return Kind(
        commonest=tuple(sorted((i for i in items if i.count), key=lambda item: -item.count)[:SHOWN]),
        under_represented=tuple(sorted(rare, key=lambda item: item.share - item.seed_share)[:SHOWN]),
        distinct=len(ours),
    )


def _item(name: str, ours: Counter[str], theirs: Counter[str], tasks: int, seeds: int) -> CoverageItem:
    return CoverageItem(
        name, ours[name], ours[name] / max(tasks, 1), theirs[name], theirs[name] / max(seeds, 1)
    )


def _topics(tasks: Iterable[Task], verb_objects: Iterable[VerbObject]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for task, found in zip(tasks, verb_objects, strict=True):
        counts.update(content_words(task.instruction, found.verb))
    return counts


def _formats(tasks: Sequence[Task], seeds: Sequence[Task]) -> tuple[CoverageItem, ...]:
    ours, theirs = (
        Counter(
            str(output_format(instance.output, task.instruction))
            for task in those
            for instance in task.instances
            if instance.output
        )
        for those in (tasks, seeds)
    )
    return tuple(_item(name, ours, theirs, ours.total(), theirs.total()) for name in map(str, Format))


def _top_label(tasks: Iterable[Task]) -> tuple[str, float] | None:
    labels = Counter(
        instance.output for task in tasks if task.is_classification for instance in task.instances
    )
    if not labels:
        return None
    label, count = min(labels.items(), key=lambda item: (-item[1], item[0]))
    return label, count / labels.total()


def _repeated(tasks: Iterable[Task]) -> float | None:
    outputs = Counter(
        instance.output for task in tasks if not task.is_classification for instance in task.instances
    )
    if not outputs:
        return None
    return sum(count for count in outputs.values() if count > 1) / outputs.total()
