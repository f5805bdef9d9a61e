"""Saturation: when going on would cost requests and bring next to nothing.

Judged in admission order at ticket boundaries, and for tasks in their order, so that where a run stops
is as deterministic as what it holds.
"""

from __future__ import annotations

from collections import Counter, deque

__all__ = ["UNREADABLE", "SaturationDetector"]

UNREADABLE = "unreadable_reply"
"""Why a task is not in the data set whose reply held no instance."""

TASKS_JUDGED = 100  # tasks without a valid instance that it takes to give up on a model
FIRST_REPLIES = 5  # without any instruction that it takes to give up on a model at the start
FIRST_TASKS = 10  # whose replies held no instance; the same


class SaturationDetector:
    """Shares over the last tickets and the last tasks, with what to tell the user."""

    def __init__(self, *, tickets: int, share: float) -> None:
        self._share = share
        self._tickets: deque[tuple[int, int]] = deque(maxlen=tickets)
        self._tasks: deque[bool] = deque(maxlen=TASKS_JUDGED)
        self._first: list[int] = []
        self._first_tasks: list[bool] = []  # whether an instance was read of them

    def ticket_admitted(self, candidates: int, admitted: int, *, lost: bool = False) -> None:
        """In admission order. lost: it has no reply."""
        self._tickets.append((candidates, admitted))
        if not lost and len(self._first) < FIRST_REPLIES:
            self._first.append(candidates)

    def task_settled(self, reason: str | None) -> None:
        """In task order. reason: why it is not in the data set; None: it can be."""
        self._tasks.append(reason is None)
        if reason != "lost" and len(self._first_tasks) < FIRST_TASKS:
            self._first_tasks.append(reason != UNREADABLE)

    @property
    def nothing_read(self) -> bool:
        """None of the first replies held an instruction: the model does not answer as it should, and each
        further reply would cost as much."""
        return len(self._first) == FIRST_REPLIES and not any(self._first)

    @property
    def no_instance_read(self) -> bool:
        """None of the first tasks' replies held an instance; the same."""
        return len(self._first_tasks) == FIRST_TASKS and not any(self._first_tasks)

    @property
    def instructions_exhausted(self) -> bool:
        """The last tickets brought almost nothing new, or the first nothing at all."""
        if self.nothing_read:
            return True
        if len(self._tickets) < (self._tickets.maxlen or 0):
            return False
        candidates = sum(parsed for parsed, _ in self._tickets)
        admitted = sum(kept for _, kept in self._tickets)
        return admitted < self._share * candidates or candidates == 0

    @property
    def instances_exhausted(self) -> bool:
        """The last tasks had almost no valid instance, or the first ones none that can be parsed."""
        if self.no_instance_read:
            return True
        return len(self._tasks) == TASKS_JUDGED and sum(self._tasks) < self._share * TASKS_JUDGED

    def advice(self, rejected: Counter[str]) -> str:
        """Why the run stopped, and what would help. `rejected`: instruction candidates by reason."""
        if self.no_instance_read:
            first = f"the first {FIRST_TASKS} tasks"
            return f"none of the replies for {first} contains an instance that can be parsed."
        if self.instances_exhausted:
            return (
                f"fewer than {self._share:.0%} of the last {TASKS_JUDGED} tasks got a valid instance. "
                'Read some replies (export them with `format="requests"`); '
                "a stronger model usually helps."
            )
        if self.nothing_read:
            return f"none of the first {FIRST_REPLIES} replies contains an instruction that can be parsed."
        tickets = len(self._tickets)
        candidates = sum(parsed for parsed, _ in self._tickets)
        if candidates == 0:
            return (
                f"no instruction could be parsed from the last {tickets} replies. Read some of them "
                '(export them with `format="requests"`): is this a base model that continues lists?'
            )
        admitted = sum(kept for _, kept in self._tickets)
        found = f"of the last {candidates} instructions {admitted} were new and well-formed"
        if rejected and rejected.most_common(1)[0][0] == "similar":
            return (
                f"{found}; most resemble what the pool already holds. More or more varied seed tasks, a "
                f"higher temperature or a stronger model would help."
            )
        reason = rejected.most_common(1)[0][0] if rejected else "unknown"
        return f"{found}; the most common reason was {reason!r}. See selfinstruct status RUN for all of them."
