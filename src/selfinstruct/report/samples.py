"""Tasks and rejects to read: a few hundred, drawn at random, whatever the size of the run."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from selfinstruct.report.funnel import NearText, nearest_text
from selfinstruct.report.shortening import shortened
from selfinstruct.store.record import CandidateRecord, RunRecord, TaskRecord
from selfinstruct.text.verbs import VerbObject

__all__ = ["Sample", "SampleInstance", "draw_samples"]

KEPT, DROPPED, REJECTED = 240, 60, 100
INSTANCES = 3
LETTERS = 1200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SampleInstance:
    """Texts are shortened. reason: why it was rejected; None where it was kept."""

    input: str
    output: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A task of the data set (`kept`), one that was admitted and has no valid instance (`dropped`), or an
    instruction that was rejected. reason: why it is not kept. kind: `classification`, `other`, or empty where
    nobody asked. more: instances beyond those given. nearest: what it was most like in the pool."""

    id: str
    status: Literal["kept", "dropped", "rejected"]
    reason: str | None
    kind: str
    verb: str
    object: str
    instruction: str
    instances: tuple[SampleInstance, ...]
    more: int
    nearest: NearText | None


def draw_samples(record: RunRecord, find: Callable[[str], VerbObject]) -> tuple[Sample, ...]:
    """At most 400: kept ones first, each group in the run's order. The same run gives the same ones.

    Rejects are drawn evenly from their reasons, so that rare ones can be read too.
    """
    rng = random.Random(record.config.seed)
    candidates = {each.task: each for each in record.candidates if each.task is not None}
    kept = [task for task in record.tasks if record.in_data_set(task)]
    dropped = [task for task in record.tasks if task.reason is not None]
    rejected = [each for each in record.candidates if not each.verdict.accepted]
    return (
        *(_task(task, "kept", candidates[task.number], record, find) for task in _draw(rng, kept, KEPT)),
        *(
            _task(task, "dropped", candidates[task.number], record, find)
            for task in _draw_evenly(rng, dropped, lambda task: task.reason, DROPPED)
        ),
        *(
            _reject(each, record, find)
            for each in _draw_evenly(rng, rejected, lambda each: each.verdict.reason, REJECTED)
        ),
    )


def _task(
    task: TaskRecord,
    status: Literal["kept", "dropped"],
    candidate: CandidateRecord,
    record: RunRecord,
    find: Callable[[str], VerbObject],
) -> Sample:
    found = find(task.text)
    instances = [each for each in task.instances if status == "dropped" or each.verdict.accepted]
    return Sample(
        id=candidate.id,
        status=status,
        reason=task.reason,
        kind={True: "classification", False: "other", None: ""}[task.is_classification],
        verb=found.verb or "",
        object=found.object or "",
        instruction=shortened(task.text, LETTERS),
        instances=tuple(
            SampleInstance(
                shortened(each.input, LETTERS), shortened(each.output, LETTERS), each.verdict.reason
            )
            for each in instances[:INSTANCES]
        ),
        more=max(0, len(instances) - INSTANCES),
        nearest=_near(candidate, record),
    )


def _reject(candidate: CandidateRecord, record: RunRecord, find: Callable[[str], VerbObject]) -> Sample:
    found = find(candidate.text)
    return Sample(
        id=candidate.id,
        status="rejected",
        reason=candidate.verdict.reason,
        kind="",
        verb=found.verb or "",
        object=found.object or "",
        instruction=shortened(candidate.text, LETTERS),
        instances=(),
        more=0,
        nearest=_near(candidate, record),
    )


def _near(candidate: CandidateRecord, record: RunRecord) -> NearText | None:
    near = nearest_text(candidate, record)
    return near and NearText(near.id, shortened(near.instruction), near.score)


def _draw(rng: random.Random, those: Sequence[T], count: int) -> list[T]:
    """In their order."""
    places = sorted(rng.sample(range(len(those)), min(count, len(those))))
    return [those[place] for place in places]


def _draw_evenly(
    rng: random.Random, those: Sequence[T], group: Callable[[T], str | None], count: int
) -> list[T]:
    """As many of each group as of any other, as far as it has them; in their order."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(those):
        groups[group(each) or ""].append(place)
    for places in groups.values():
        rng.shuffle(places)
    drawn: list[int] = []
    while len(drawn) < count and any(groups.values()):
        for places in groups.values():
            if places and len(drawn) < count:
                drawn.append(places.pop())
    return [those[place] for place in sorted(drawn)]
