"""Two verdicts on every candidate of a run, the recorded one and another, side by side."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from selfinstruct.records import JudgedInstruction, SeedTask, Verdict
from selfinstruct.store.lineage import NearEntry, PoolEntry
from selfinstruct.store.names import candidate_id, seed_name, task_id

__all__ = ["FilterComparison", "Rejudged", "VerdictAndNearest", "compare", "draw_examples"]

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class VerdictAndNearest:
    """A verdict on a candidate, and the pool entry nearest to it, by meaning where that decided; None where
    none was looked for."""

    verdict: Verdict
    nearest: NearEntry | None

    def to_json(self) -> dict[str, Any]:
        """`reason` is null for accepted."""
        nearest = None if self.nearest is None else asdict(self.nearest)
        return {"reason": self.verdict.reason, "detail": self.verdict.detail, "nearest": nearest}


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A candidate, judged twice. Ids, also those of nearest entries, are the recorded run's, where `explain`
    finds them: `task_17`, or `17.3` where it was rejected."""

    id: str
    instruction: str
    before: VerdictAndNearest
    after: VerdictAndNearest

    def to_json(self) -> dict[str, Any]:
        """One object."""
        decisions = {"before": self.before.to_json(), "after": self.after.to_json()}
        return {"id": self.id, "instruction": self.instruction, **decisions}


@dataclass(frozen=True, slots=True)
class FilterComparison:
    """All candidates of a run, in admission order.

    changed: the settings that differ, by dotted name: the recorded value, the new one.
    instances, tasks: how many of the recorded tasks' instances, and of the tasks themselves, are rejected for
        each reason, before and after; only reasons where that differs.
    data_set: tasks in the data set before and after; None where the outcome still depends on requests.
    """

    changed: dict[str, tuple[Any, Any]]
    candidates: tuple[Rejudged, ...]
    instances: dict[str, tuple[int, int]]
    tasks: dict[str, tuple[int, int]]
    data_set: tuple[int, int] | None = None

    def counts(self) -> dict[str, tuple[int, int]]:
        """Candidates before and after: `accepted` first, then by reason, the commonest first."""
        before = Counter(each.before.verdict.reason or "accepted" for each in self.candidates)
        after = Counter(each.after.verdict.reason or "accepted" for each in self.candidates)
        names = sorted(
            {"accepted", *before, *after},
            key=lambda name: (name != "accepted", -max(before[name], after[name]), name),
        )
        return {name: (before[name], after[name]) for name in names}

    def kept(self) -> list[Rejudged]:
        """Accepted, and accepted again."""
        return self._select(before=True, after=True)

    def newly_kept(self) -> list[Rejudged]:
        """Rejected, but accepted now."""
        return self._select(before=False, after=True)

    def newly_dropped(self) -> list[Rejudged]:
        """Accepted, but rejected now."""
        return self._select(before=True, after=False)

    def to_json(self) -> dict[str, Any]:
        """One object, with a few examples of each group."""
        groups = {
            "kept": self.kept(),
            "newly_kept": self.newly_kept(),
            "newly_dropped": self.newly_dropped(),
        }
        return {
            "changed": _before_and_after(self.changed),
            "candidates": len(self.candidates),
            "counts": _before_and_after(self.counts()),
            "instances": _before_and_after(self.instances),
            "tasks": _before_and_after(self.tasks),
            "data_set": self.data_set and {"before": self.data_set[0], "after": self.data_set[1]},
            **{
                name: {"count": len(group), "examples": [each.to_json() for each in draw_examples(group)]}
                for name, group in groups.items()
            },
        }

    def _select(self, *, before: bool, after: bool) -> list[Rejudged]:
        return [
            each
            for each in self.candidates
            if each.before.verdict.accepted is before and each.after.verdict.accepted is after
        ]


def draw_examples(group: Sequence[Rejudged]) -> list[Rejudged]:
    """Five of them, chosen at random, in their order. The same group always gives the same ones."""
    drawn = random.Random(len(group)).sample(range(len(group)), min(EXAMPLES, len(group)))
    return [group[place] for place in sorted(drawn)]


def compare(
    seeds: Iterable[SeedTask],
    before: Sequence[Sequence[JudgedInstruction]],
    after: Sequence[Sequence[JudgedInstruction]],
    *,
    drop_only: bool = False,
) -> Iterator[Rejudged]:
    """The candidates of tickets 0, 1, 2 …, as they are recorded and as they were judged again.

    drop_only: what was rejected stays as it is recorded.
    """
    pool_before = [PoolEntry(seed_name(seed.id), seed.instruction) for seed in seeds]
    pool_after, tasks = list(pool_before), 0
    for ticket, pair in enumerate(zip(before, after, strict=True)):
        for position, (was, now) in enumerate(zip(*pair, strict=True)):
            name = task_id(tasks) if was.verdict.accepted else candidate_id(ticket, position)
            decision = _decision(was, pool_before)
            stays = drop_only and not was.verdict.accepted
            yield Rejudged(name, was.text, decision, decision if stays else _decision(now, pool_after))
            if was.verdict.accepted:
                tasks += 1
                pool_before.append(PoolEntry(name, was.text))
            if now.verdict.accepted:
                pool_after.append(PoolEntry(name, now.text))


def _decision(judged: JudgedInstruction, pool: Sequence[PoolEntry]) -> VerdictAndNearest:
    near = next(iter(judged.neighbours), None)
    if judged.verdict.reason == "same_meaning":
        near = judged.meaning
    if near is None:
        return VerdictAndNearest(judged.verdict, None)
    entry = pool[near.index]
    return VerdictAndNearest(judged.verdict, NearEntry(entry.id, entry.instruction, near.score))


def _before_and_after(values: dict[str, tuple[Any, Any]]) -> dict[str, dict[str, Any]]:
    return {name: {"before": before, "after": after} for name, (before, after) in values.items()}
