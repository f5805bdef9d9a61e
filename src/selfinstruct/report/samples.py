"""What a page's sample browser holds: every task and every reject, or of a large run a stated sample.

Texts are whole up to some thousand letters. Beyond the limits tasks are drawn at random, rejects evenly from
their reasons, so that rare ones can be read too; the same run always gives the same ones.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeVar

from selfinstruct.records import Instance, JudgedInstance, SeedTask
from selfinstruct.report.funnel import NearText, nearest_text
from selfinstruct.report.shortening import shortened
from selfinstruct.report.signals import RowMark, RowMarks
from selfinstruct.store.names import seed_name
from selfinstruct.store.record import CandidateRecord, RunRecord, TaskRecord
from selfinstruct.text.tokens import count_words
from selfinstruct.text.verbs import VerbObject

__all__ = ["TASKS", "Sample", "SampleInstance", "Samples", "draw_samples"]

TASKS, REJECTED, SEEDS = 5_000, 2_000, 500
INSTANCES = 8
LETTERS = 4_000
BUDGET = 8_000_000
"""Letters in all, beyond which fewer tasks are drawn: a page should open at once."""

T = TypeVar("T")
Status = Literal["kept", "spare", "pending", "dropped", "rejected", "seed"]


@dataclass(frozen=True, slots=True)
class SampleInstance:
    """Texts are shortened; words: of input and output as they are (`count_words`). reason: why it was
    rejected; None where it was kept."""

    input: str
    output: str
    words: tuple[int, int]
    reason: str | None
    signals: tuple[str, ...] = ()
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """status: `kept` (a task of the data set), `spare` (beyond those wanted), `pending` (not settled, or
    behind one that is not), `dropped` (admitted, no valid instance), `rejected` (an instruction), `seed`.
    reason: why it is not kept. kind: `classification`, `other`, or empty where nobody asked.
    words: of the instruction. instances: of tasks that are kept the valid ones first; more: instances beyond
    those given. nearest: what it was most like in the pool, with its text only where that is not among the
    samples. request: the number of the instruction request that it came from; None of seeds."""

    id: str
    status: Status
    reason: str | None
    kind: str
    verb: str
    object: str
    instruction: str
    words: int
    instances: tuple[SampleInstance, ...]
    more: int
    nearest: NearText | None
    request: int | None


@dataclass(frozen=True, slots=True)
class Samples:
    """those: kept tasks first, each group in the run's order. totals: how many the run has of each status.
    shown: what the prompts that they came from showed, ids by the request's number."""

    those: tuple[Sample, ...]
    totals: Mapping[str, int]
    shown: Mapping[int, tuple[str, ...]]

    @property
    def missing(self) -> dict[str, tuple[int, int]]:
        """By status, how many are there and how many the run has, where that differs."""
        here = Counter(each.status for each in self.those)
        return {name: (here[name], count) for name, count in self.totals.items() if here[name] < count}  # type: ignore[index]

    def to_json(self) -> dict[str, Any]:
        """For the page's script."""
        return {"samples": [asdict(each) for each in self.those], "shown": self.shown}


def draw_samples(
    record: RunRecord,
    find: Callable[[str], VerbObject],
    *,
    marks: RowMarks | None = None,
    most: int = TASKS,
) -> Samples:
    """Of a run at any moment. most: tasks of the data set; others are fewer in proportion."""
    rng = random.Random(record.config.seed)
    candidates = {each.task: each for each in record.candidates if each.task is not None}
    by_status: dict[Status, list[TaskRecord]] = {"kept": [], "spare": [], "pending": [], "dropped": []}
    waiting: Status = "spare" if record.summary.tasks >= record.config.limits.tasks else "pending"
    for task in record.tasks:
        kept: Status = "kept" if record.in_data_set(task) else waiting
        by_status["dropped" if task.reason is not None else kept].append(task)
    rejected = [each for each in record.candidates if not each.verdict.accepted]
    limit = min(most, _affordable(record))
    few = max(1, limit * REJECTED // TASKS)
    summary = record.summary
    totals = {
        "kept": summary.tasks,
        waiting: summary.spare,
        "dropped": sum(summary.invalid_tasks.values()),
        "rejected": sum(summary.rejected.values()),
        "seed": len(record.seeds),
    }
    drawn = {
        "kept": _draw(rng, by_status["kept"], limit),
        "spare": _draw(rng, by_status["spare"], few),
        "pending": _draw(rng, by_status["pending"], few),
        "dropped": _draw_evenly(rng, by_status["dropped"], lambda task: task.reason, few),
    }
    found = [
        _task(task, status, candidates[task.number], record, find, marks or {})  # type: ignore[arg-type]
        for status, tasks in drawn.items()
        for task in tasks
    ]
    found += [
        _reject(each, record, find)
        for each in _draw_evenly(rng, rejected, lambda each: each.verdict.reason, few)
    ]
    found += [_seed(seed, find) for seed in _draw(rng, record.seeds, min(SEEDS, limit))]
    here = {each.id for each in found}
    requests = {each.request for each in found}
    return Samples(
        those=tuple(_without_known_text(each, here) for each in found),
        totals={status: count for status, count in totals.items() if count},
        shown={
            ticket.number: tuple(
                entry if isinstance(entry, str) else _pool_name(record, entry) for entry in ticket.shown
            )
            for ticket in record.tickets
            if ticket.number in requests and ticket.shown
        },
    )


def _affordable(record: RunRecord) -> int:
    """How many tasks of this run's size the budget holds."""
    letters = sum(
        min(len(task.text), LETTERS)
        + sum(min(len(each.input), LETTERS) + min(len(each.output), LETTERS) for each in task.instances)
        for task in record.tasks
    )
    return BUDGET if letters <= BUDGET else max(1, BUDGET * len(record.tasks) // letters)


def _task(
    task: TaskRecord,
    status: Status,
    candidate: CandidateRecord,
    record: RunRecord,
    find: Callable[[str], VerbObject],
    marks: RowMarks,
) -> Sample:
    valid = [each for each in task.instances if each.verdict.accepted]
    others = [each for each in task.instances if not each.verdict.accepted]
    instances = [_instance(each, None, marks.get((task.number, place))) for place, each in enumerate(valid)]
    instances += [_instance(each, each.verdict.reason) for each in others]
    return _sample(
        candidate.id,
        status,
        task.text,
        find(task.text),
        reason=task.reason,
        kind={True: "classification", False: "other", None: ""}[task.is_classification],
        instances=tuple(instances[:INSTANCES]),
        more=max(0, len(instances) - INSTANCES),
        nearest=_near(candidate, record),
        request=task.ticket,
    )


def _instance(
    instance: JudgedInstance | Instance, reason: str | None, mark: RowMark | None = None
) -> SampleInstance:
    mark = mark or RowMark()
    return SampleInstance(
        shortened(instance.input, LETTERS),
        shortened(instance.output, LETTERS),
        (count_words(instance.input), count_words(instance.output)),
        reason,
        mark.signals,
        mark.score,
    )


def _reject(candidate: CandidateRecord, record: RunRecord, find: Callable[[str], VerbObject]) -> Sample:
    return _sample(
        candidate.id,
        "rejected",
        candidate.text,
        find(candidate.text),
        reason=candidate.verdict.reason,
        nearest=_near(candidate, record),
        request=candidate.ticket,
    )


def _seed(seed: SeedTask, find: Callable[[str], VerbObject]) -> Sample:
    return _sample(
        seed_name(seed.id),
        "seed",
        seed.instruction,
        find(seed.instruction),
        kind="classification" if seed.is_classification else "other",
        instances=tuple(_instance(each, None) for each in seed.instances[:INSTANCES]),
    )


def _sample(
    name: str,
    status: Status,
    text: str,
    found: VerbObject,
    *,
    reason: str | None = None,
    kind: str = "",
    instances: tuple[SampleInstance, ...] = (),
    more: int = 0,
    nearest: NearText | None = None,
    request: int | None = None,
) -> Sample:
    return Sample(
        id=name,
        status=status,
        reason=reason,
        kind=kind,
        verb=found.verb or "",
        object=found.object or "",
        instruction=shortened(text, LETTERS),
        words=count_words(text),
        instances=instances,
        more=more,
        nearest=nearest,
        request=request,
    )


def _near(candidate: CandidateRecord, record: RunRecord) -> NearText | None:
    near = nearest_text(candidate, record, seeds_apart=True)
    return None if near is None else replace(near, instruction=shortened(near.instruction, 200))


def _pool_name(record: RunRecord, index: int) -> str:
    """A seed's own id may look like a task's."""
    name = record.pool_name(index)
    return seed_name(name) if index < len(record.seeds) else name


def _without_known_text(sample: Sample, here: set[str]) -> Sample:
    near = sample.nearest
    if near is None or near.id not in here:
        return sample
    return replace(sample, nearest=replace(near, instruction=""))


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
