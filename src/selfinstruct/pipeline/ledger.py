"""The ledger: where every ticket and every task of a run stands, and which request comes next.

Pure bookkeeping in memory. It sends nothing and stores nothing, so that all of the order in which work
happens can be read, and tested, in one place:

    ticket   waiting → sent → answered → admitted, in ticket order
    task     unclassified → classifying → classified → writing → valid | invalid

The data set is the first N tasks, in admission order, that are valid; it is decided when no task before
the N-th valid one is unsettled. Tickets go out first while the expected yield is below N and the tasks
waiting are few; else tasks, the lowest number first, as long as they may still be among the first N. (All
tickets at once would do as well for a run that comes to its end. One that is stopped early would then hold
many instructions and hardly a task.)
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from selfinstruct.pipeline.projection import Projection
from selfinstruct.pipeline.tickets import lag
from selfinstruct.records import Stage

__all__ = ["Job", "Ledger"]


class _Status(IntEnum):
    UNCLASSIFIED = 0
    CLASSIFYING = 1
    CLASSIFIED = 2
    WRITING = 3
    VALID = 4
    INVALID = 5


_SETTLED = _Status.VALID
_REQUESTS_TO_COME = {_Status.UNCLASSIFIED: 2, _Status.CLASSIFYING: 1, _Status.CLASSIFIED: 1}
_JOBS = {
    _Status.UNCLASSIFIED: (Stage.CLASSIFICATION, _Status.CLASSIFYING),
    _Status.CLASSIFIED: (Stage.INSTANCES, _Status.WRITING),
}


@dataclass(frozen=True, slots=True)
class Job:
    """The next request to make: a stage, and a ticket or a task number."""

    stage: Stage
    subject: int


class Ledger:
    """See the module. `wanted` is N; `backlog` the requests of admitted tasks that may wait before
    tickets do: some times the concurrency, so that slots are never short of work. `requests_a_task`:
    what a task is expected to need once it is admitted, 2 or, where replies classify it already, 1.
    """

    def __init__(self, *, wanted: int, window: int, backlog: int, requests_a_task: int = 2) -> None:
        self.wanted = wanted
        self._backlog = backlog
        self._requests_a_task = requests_a_task
        self._window = window
        self.projection = Projection()
        # Tickets: admitted ones are [0, admitted); of the later ones some are sent, some answered.
        self._pool_after: list[int] = []  # machine-written instructions once this ticket was admitted
        self._next_ticket = 0
        self._answered: set[int] = set()
        self.closed = False  # no ticket beyond those admitted counts any more
        # Tasks, by number.
        self.instructions: list[str] = []
        self.is_classification: list[bool | None] = []
        self._status = bytearray()
        self._runnable: list[int] = []  # heap of task numbers that wait for their next request
        self._to_come = 0  # requests that unsettled tasks still need, beyond those out
        self.valid = 0
        self.settled = 0
        # Settled without a gap: every task below the frontier.
        self._frontier = 0
        self._valid_below_frontier = 0

    # ------------------------------------------------------------------ tickets

    @property
    def admitted_tickets(self) -> int:
        """Tickets whose candidates have been judged."""
        return len(self._pool_after)

    @property
    def tickets_out(self) -> int:
        """Tickets sent, or answered, but not yet admitted."""
        return self._next_ticket - len(self._pool_after)

    def pool_seen_by(self, ticket: int) -> int:
        """How many machine-written instructions the pool held for this ticket."""
        basis = ticket - lag(ticket, self._window)
        return self._pool_after[basis] if basis >= 0 else 0

    def answer_ticket(self, ticket: int) -> None:
        """A completion is there (or never will be), and waits for its turn."""
        self._answered.add(ticket)

    def ticket_to_admit(self) -> int | None:
        """The next ticket in order, once it is answered."""
        ticket = len(self._pool_after)
        return ticket if ticket in self._answered and not self.closed else None

    def admit(self, instructions: Iterable[str]) -> range:
        """Admit the next ticket in order with these new tasks; their numbers."""
        self._answered.discard(len(self._pool_after))
        first = len(self.instructions)
        for instruction in instructions:
            self.instructions.append(instruction)
            self.is_classification.append(None)
            self._status.append(_Status.UNCLASSIFIED)
            heapq.heappush(self._runnable, len(self.instructions) - 1)
        added = range(first, len(self.instructions))
        self._to_come += 2 * len(added)
        self._pool_after.append(len(self.instructions))
        self._next_ticket = max(self._next_ticket, len(self._pool_after))
        self.projection.ticket_admitted(len(added))
        return added

    # -------------------------------------------------------------------- tasks

    def classify(self, task: int, is_classification: bool) -> None:
        """The task's classification is known; its instances come next."""
        if self._status[task] == _Status.UNCLASSIFIED:  # told at admission, or by an earlier process
            self._to_come -= 1
        else:
            heapq.heappush(self._runnable, task)
        self.is_classification[task] = is_classification
        self._status[task] = _Status.CLASSIFIED

    def settle(self, task: int, valid: bool) -> list[bool]:
        """The task has a valid instance, or none. Returns the outcomes of the tasks that are now settled
        without a gap, in task order: those that judgements about the run may rest on.
        """
        self._to_come -= _REQUESTS_TO_COME.get(_Status(self._status[task]), 0)
        self._status[task] = _Status.VALID if valid else _Status.INVALID
        self.settled += 1
        self.valid += valid
        self.projection.task_settled(valid)
        passed = []
        while self._frontier < len(self._status) and self._status[self._frontier] >= _SETTLED:
            passed.append(self._status[self._frontier] == _Status.VALID)
            self._frontier += 1
        self._valid_below_frontier += sum(passed)
        return passed

    @property
    def decided(self) -> bool:
        """The first N valid tasks are known."""
        return self._valid_below_frontier >= self.wanted

    @property
    def data_set_size(self) -> int:
        """Tasks that the data set would hold if the run stopped here."""
        return min(self._valid_below_frontier, self.wanted)

    @property
    def pending(self) -> int:
        """Tasks not yet settled."""
        return len(self._status) - self.settled

    def requests_ahead(self) -> float:
        """About how many requests are still needed until the data set is decided, those out included."""
        if self.decided:
            return 0.0
        projection = self.projection
        coming = self.pending + self.tickets_out * projection.admitted_per_ticket
        short = max(0.0, self.wanted - self.valid - coming * projection.valid_share)
        tasks = short / max(projection.valid_share, 0.01)
        per_task = self._requests_a_task + 1 / max(projection.admitted_per_ticket, 0.01)
        out = sum(
            status in (_Status.CLASSIFYING, _Status.WRITING) for status in self._status[self._frontier :]
        )
        tickets = self.tickets_out * (1 + self._requests_a_task * projection.admitted_per_ticket)
        return self._to_come + out + tickets + tasks * per_task

    # ----------------------------------------------------------------- what next

    def next_job(self, requests_left: float) -> Job | None:
        """The next request worth sending now; None when everything depends on replies still out.

        requests_left: what the budget holds, about. Where it cannot pay for all N tasks, it is not
        spent on instructions that would never get their instances, nor on a task while those before it
        that are being classified want the rest: the data set ends at the first that is not settled.
        The job counts as sent.
        """
        ticket = self._sendable_ticket()
        task = self._sendable_task()
        if ticket is not None and self._wants_ticket(requests_left, anything_else=task is not None):
            self._next_ticket = ticket + 1
            return Job(Stage.INSTRUCTIONS, ticket)
        if task is None:
            return None
        if requests_left < len(self._status):
            wanted_below = self._status.count(_Status.CLASSIFYING, self._frontier, task)
            if wanted_below and requests_left <= wanted_below:
                return None
        heapq.heappop(self._runnable)
        stage, status = _JOBS[_Status(self._status[task])]
        self._status[task] = status
        self._to_come -= 1
        return Job(stage, task)

    def _sendable_ticket(self) -> int | None:
        if self.closed:
            return None
        while self._next_ticket in self._answered:  # on resume: completed before, not to be sent again
            self._next_ticket += 1
        ticket = self._next_ticket
        return ticket if ticket - lag(ticket, self._window) < len(self._pool_after) else None

    def _wants_ticket(self, requests_left: float, *, anything_else: bool) -> bool:
        if self._to_come >= self._backlog:
            return False
        expected = self.valid + self.projection.cautious_yield(pending=self.pending, tickets=self.tickets_out)
        if expected >= self.wanted:
            return False
        if requests_left == float("inf"):
            return True
        per_ticket = self._requests_a_task * self.projection.admitted_per_ticket
        promised = self._to_come + self.tickets_out * per_ticket
        if requests_left >= promised + 1 + per_ticket:
            return True
        return not anything_else and self.pending == 0 and self.tickets_out == 0

    def _sendable_task(self) -> int | None:
        """The lowest task that waits, unless the first N valid ones are likely all below it."""
        while self._runnable and self._status[self._runnable[0]] >= _SETTLED:
            heapq.heappop(self._runnable)  # settled on resume, from a completion that was already there
        if not self._runnable:
            return None
        task = self._runnable[0]
        if self._valid_below_frontier + (task - self._frontier) < self.wanted:
            return task
        below = self._status[self._frontier : task]
        valid = self._valid_below_frontier + below.count(_Status.VALID)
        unsettled = len(below) - below.count(_Status.VALID) - below.count(_Status.INVALID)
        expected = valid + self.projection.cautious_yield(pending=unsettled)
        return task if expected < self.wanted else None
