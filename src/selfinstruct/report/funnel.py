"""From requests to tasks: how many are left after each step, and what the others were rejected for."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from selfinstruct.records import JudgedInstance
from selfinstruct.report.reasons import meaning, remedy
from selfinstruct.report.shortening import shortened
from selfinstruct.store.names import seed_name, task_id
from selfinstruct.store.record import CandidateRecord, RunRecord, TaskRecord

__all__ = ["Example", "Funnel", "NearText", "Rejects", "describe_funnel", "nearest_text"]

EXAMPLES = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NearText:
    """A pool entry and how like it what it stands beside is. measure: `ROUGE-L`, or `cosine` of meaning."""

    id: str
    instruction: str
    score: float
    measure: str = "ROUGE-L"


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
    valid: admitted tasks with a valid instance, wherever they stand. What is admitted is in the data set,
        dropped, pending (not settled yet, or behind one that is not) or left_over (beyond those wanted).
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
    valid: int
    pending: int
    dropped: tuple[Rejects, ...]
    left_over: int
    tasks: int
    instances_read: int
    rejected_instances: tuple[Rejects, ...]
    instances: int

    @property
    def dropped_count(self) -> int:
        """Of all reasons."""
        return sum(each.count for each in self.dropped)


def describe_funnel(record: RunRecord) -> Funnel:
    """Of a run at any moment."""
    summary, counts = record.summary, record.counts
    left_over = summary.spare if summary.tasks >= record.config.limits.tasks else 0
    examples = _Examples(record)
    return Funnel(
        attempts=summary.attempts,
        requests=summary.requests,
        lost_requests=examples.lost(),
        tickets=summary.tickets,
        candidates=summary.candidates,
        rejected=examples.rejected(),
        admitted=summary.admitted,
        classification=counts.classification,
        other=counts.other,
        valid=counts.valid,
        pending=summary.spare - left_over,
        dropped=examples.dropped(),
        left_over=left_over,
        tasks=summary.tasks,
        instances_read=counts.instances,
        rejected_instances=examples.rejected_instances(),
        instances=summary.instances,
    )


def nearest_text(
    candidate: CandidateRecord, record: RunRecord, *, seeds_apart: bool = False
) -> NearText | None:
    """What a candidate was most like; of one rejected for its meaning, by that. seeds_apart: name seeds so
    that they cannot be taken for tasks."""
    by_meaning = candidate.verdict.reason == "same_meaning"
    near = candidate.meaning if by_meaning else candidate.nearest
    if near is None:
        return None
    measure = "cosine" if by_meaning else "ROUGE-L"
    name = record.pool_name(near.index)
    if near.index < len(record.seeds) and seeds_apart:
        name = seed_name(name)
    return NearText(name, record.pool_text(near.index), near.score, measure)


class _Examples:
    """Counts by reason, each with a few that were rejected for it."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record
        self._rng = random.Random(record.config.seed)

    def lost(self) -> tuple[Rejects, ...]:
        """Requests, of which there is nothing to show."""
        lost = self._record.summary.lost
        return self._rejects(lost, self._record.summary.requests + sum(lost.values()), (), _task)

    def rejected(self) -> tuple[Rejects, ...]:
        """Instructions, of all that were read."""
        summary = self._record.summary
        found = ((each.verdict.reason, each) for each in self._record.candidates)
        return self._rejects(summary.rejected, summary.candidates, found, self._instruction)

    def dropped(self) -> tuple[Rejects, ...]:
        """Tasks, of all that are settled."""
        found = ((task.reason, task) for task in self._record.tasks)
        settled = self._record.counts.settled
        return self._rejects(self._record.summary.invalid_tasks, settled, found, _task)

    def rejected_instances(self) -> tuple[Rejects, ...]:
        """Of all instances that were read."""
        read = ((task, each) for task in self._record.tasks for each in task.instances)
        found = ((each.verdict.reason, (task, each)) for task, each in read)
        counts = self._record.summary.rejected_instances
        return self._rejects(counts, self._record.counts.instances, found, _instance)

    def _rejects(
        self,
        counts: Mapping[str, int],
        whole: int,
        found: Iterable[tuple[str | None, T]],
        example: Callable[[T], Example],
    ) -> tuple[Rejects, ...]:
        """Commonest first, as the counts are. `found`: each with its reason, None where it was kept."""
        groups = defaultdict(list)
        for reason, each in found:
            if reason is not None:
                groups[reason].append(each)
        filters = self._record.config.filters
        return tuple(
            Rejects(
                reason,
                count,
                count / whole,
                meaning(reason, filters),
                remedy(reason),
                tuple(example(each) for each in self._drawn(groups[reason])),
            )
            for reason, count in counts.items()
        )

    def _drawn(self, those: Sequence[T]) -> list[T]:
        return self._rng.sample(those, min(EXAMPLES, len(those)))

    def _instruction(self, candidate: CandidateRecord) -> Example:
        compared = candidate.verdict.reason in ("similar", "same_meaning")
        near = nearest_text(candidate, self._record) if compared else None
        detail = "" if near else candidate.verdict.detail  # which says the same
        return Example(candidate.id, shortened(candidate.text), detail, near)


def _task(task: TaskRecord) -> Example:
    rejected = Counter(each.verdict.reason for each in task.instances)
    detail = ", ".join(f"{reason} {count}" for reason, count in sorted(rejected.items(), key=str))
    return Example(task_id(task.number), shortened(task.text), detail or "no instance in the reply")


def _instance(read: tuple[TaskRecord, JudgedInstance]) -> Example:
    task, each = read
    text = f"{task.text}\nInput: {each.input}\nOutput: {each.output}"
    return Example(task_id(task.number), shortened(text), each.verdict.detail)
