"""From requests to tasks: how many are left after each step, and what the others were rejected for."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from selfinstruct.config import FilterConfig
from selfinstruct.report.reasons import meaning, remedy
from selfinstruct.report.shortening import shortened
from selfinstruct.store.names import task_id
from selfinstruct.store.record import CandidateRecord, RunRecord, TaskRecord

__all__ = ["Example", "Funnel", "NearText", "Rejects", "describe_funnel", "nearest_text"]

EXAMPLES = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NearText:
    """A pool entry and its ROUGE-L F1 with what it stands beside."""

    id: str
    instruction: str
    score: float


@dataclass(frozen=True, slots=True)
class Example:
    """Something that was rejected. text: shortened. detail: what triggered it, for people. nearest: where it
    was compared with the pool."""

    id: str
    text: str
    detail: str
    nearest: NearText | None = None


@dataclass(frozen=True, slots=True)
class Rejects:
    """Those of one reason. share: of everything that was judged. examples: up to three, drawn at random."""

    reason: str
    count: int
    share: float
    meaning: str
    remedy: str
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Funnel:
    """Counts of the whole run, but for `tasks` and `instances`, which are the data set's.

    attempts: sent, retries included; requests: completed ones.
    tickets: replies to requests for instructions; candidates: instructions read out of them.
    classification, other: of the admitted tasks; the rest is not classified yet.
    pending: admitted, and not settled yet; left_over: settled or not, beyond those wanted.
    instances_read: of all tasks.
    """

    attempts: int
    requests: int
    lost_requests: tuple[Rejects, ...]
    tickets: int
    candidates: int
    rejected: tuple[Rejects, ...]
    admitted: int
    classification: int
    other: int
    pending: int
    dropped: tuple[Rejects, ...]
    left_over: int
    tasks: int
    instances_read: int
    rejected_instances: tuple[Rejects, ...]
    instances: int


def describe_funnel(record: RunRecord) -> Funnel:
    """Of a run at any moment."""
    summary, filters = record.summary, record.config.filters
    rng = random.Random(record.config.seed)
    rejected = _by_reason(each for each in record.candidates if not each.verdict.accepted)
    dropped = defaultdict(list)
    instances = defaultdict(list)
    for task in record.tasks:
        if task.reason is not None:
            dropped[task.reason].append(task)
        for each in task.instances:
            if each.verdict.reason is not None:
                instances[each.verdict.reason].append((task, each.input, each.output, each.verdict.detail))
    settled = sum(task.valid is not None for task in record.tasks)
    read = sum(len(task.instances) for task in record.tasks)
    kinds = [task.is_classification for task in record.tasks]
    return Funnel(
        attempts=summary.attempts,
        requests=summary.requests,
        lost_requests=_rejects(summary.lost, summary.requests + sum(summary.lost.values()), filters, {}),
        tickets=summary.tickets,
        candidates=summary.candidates,
        rejected=_rejects(
            summary.rejected,
            summary.candidates,
            filters,
            {
                reason: [_candidate_example(each, record) for each in _draw(rng, those)]
                for reason, those in rejected.items()
            },
        ),
        admitted=summary.admitted,
        classification=kinds.count(True),
        other=kinds.count(False),
        pending=sum(task.valid is None and not _left_over(task, record) for task in record.tasks),
        dropped=_rejects(
            summary.invalid_tasks,
            settled,
            filters,
            {
                reason: [_task_example(each) for each in _draw(rng, those)]
                for reason, those in dropped.items()
            },
        ),
        left_over=sum(_left_over(task, record) and task.reason is None for task in record.tasks),
        tasks=summary.tasks,
        instances_read=read,
        rejected_instances=_rejects(
            summary.rejected_instances,
            read,
            filters,
            {
                reason: [_instance_example(*each) for each in _draw(rng, those)]
                for reason, those in instances.items()
            },
        ),
        instances=summary.instances,
    )


def nearest_text(candidate: CandidateRecord, record: RunRecord) -> NearText | None:
    """What a candidate was most like."""
    near = candidate.nearest
    if near is None:
        return None
    return NearText(record.pool_name(near.index), record.pool_text(near.index), near.score)


def _left_over(task: TaskRecord, record: RunRecord) -> bool:
    """Behind the last task wanted, in a run that has as many."""
    return record.summary.tasks >= record.config.limits.tasks and task.number >= record.end


def _by_reason(candidates: Iterable[CandidateRecord]) -> dict[str, list[CandidateRecord]]:
    found = defaultdict(list)
    for each in candidates:
        found[each.verdict.reason or ""].append(each)
    return found


def _draw(rng: random.Random, those: Sequence[T]) -> list[T]:
    return rng.sample(those, min(EXAMPLES, len(those)))


def _rejects(
    counts: Mapping[str, int], whole: int, filters: FilterConfig, examples: Mapping[str, list[Example]]
) -> tuple[Rejects, ...]:
    """Commonest first, as the counts are."""
    return tuple(
        Rejects(
            reason,
            count,
            count / whole,
            meaning(reason, filters),
            remedy(reason),
            tuple(examples.get(reason, ())),
        )
        for reason, count in counts.items()
    )


def _candidate_example(candidate: CandidateRecord, record: RunRecord) -> Example:
    similar = candidate.verdict.reason == "similar"
    return Example(
        candidate.id,
        shortened(candidate.text),
        "" if similar else candidate.verdict.detail,
        nearest_text(candidate, record) if similar else None,
    )


def _task_example(task: TaskRecord) -> Example:
    rejected = Counter(each.verdict.reason for each in task.instances)
    detail = ", ".join(f"{reason} {count}" for reason, count in sorted(rejected.items(), key=str))
    return Example(task_id(task.number), shortened(task.text), detail or "no instance in the reply")


def _instance_example(task: TaskRecord, given: str, output: str, detail: str) -> Example:
    return Example(
        task_id(task.number),
        shortened(f"{task.text}\nInput: {given}\nOutput: {output}"),
        detail,
    )
