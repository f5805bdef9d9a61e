"""Which verbs, topics and formats of output there are much of, and hardly any, beside the seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from selfinstruct.records import Task
from selfinstruct.report.topics import content_words
from selfinstruct.text.formats import Format, output_format
from selfinstruct.text.verbs import VerbObject

__all__ = ["Coverage", "CoverageItem", "Kind", "describe_coverage"]

THIN = 0.25
"""Of the seeds' share: what has less is thin."""

LEAST_SEEDS = 2
"""Seeds that must have something before the data can be thin of it: one may be an accident."""

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
    def is_thin(self) -> bool:
        """Whether the data has far less of it than the seeds."""
        return self.seed_count >= LEAST_SEEDS and self.share < THIN * self.seed_share


@dataclass(frozen=True, slots=True)
class Kind:
    """commonest: up to 15; thin: up to 15, what is missed most first; distinct: how many the data has."""

    commonest: tuple[CoverageItem, ...]
    thin: tuple[CoverageItem, ...]
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
    phrases: Sequence[VerbObject],
    seed_phrases: Sequence[VerbObject],
) -> Coverage:
    """`phrases`: of each task and of each seed."""
    return Coverage(
        verbs=_kind(
            Counter(each.verb for each in phrases if each.verb),
            Counter(each.verb for each in seed_phrases if each.verb),
            len(tasks),
            len(seeds),
        ),
        topics=_kind(_topics(tasks, phrases), _topics(seeds, seed_phrases), len(tasks), len(seeds)),
        formats=_formats(tasks, seeds),
        top_label=_top_label(tasks),
        repeated_outputs=_repeated(tasks),
    )


def _kind(ours: Counter[str], theirs: Counter[str], tasks: int, seeds: int) -> Kind:
    items = [_item(name, ours, theirs, tasks, seeds) for name in sorted(ours.keys() | theirs.keys())]
    thin = [item for item in items if item.is_thin] if tasks else []
    return Kind(
        commonest=tuple(sorted((i for i in items if i.count), key=lambda item: -item.count)[:SHOWN]),
        thin=tuple(sorted(thin, key=lambda item: item.share - item.seed_share)[:SHOWN]),
        distinct=len(ours),
    )


def _item(name: str, ours: Counter[str], theirs: Counter[str], tasks: int, seeds: int) -> CoverageItem:
    return CoverageItem(
        name, ours[name], ours[name] / max(tasks, 1), theirs[name], theirs[name] / max(seeds, 1)
    )


def _topics(tasks: Iterable[Task], phrases: Iterable[VerbObject]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for task, found in zip(tasks, phrases, strict=True):
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
