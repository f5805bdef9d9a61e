"""The scheduler: where every ticket and every task of a run stands, and which request comes next.

Pure bookkeeping in memory. It sends nothing and stores nothing, so that all of the order in which work
happens can be read, and tested, in one place:

    ticket   waiting → sent → answered (→ embedded) → admitted, in ticket order
    task     unclassified → classifying → classified → writing (→ answering) → valid | invalid

The data set is the first N tasks, in admission order, that are valid; it is decided when no task before
the N-th valid one is unsettled. Tickets go out first while the expected yield is below N and the tasks
waiting are few; else tasks, the lowest number first, as long as they may still be among the first N. (All
tickets at once would do as well for a run that comes to its end. One that is stopped early would then hold
many instructions and hardly a task.)
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from selfinstruct.pipeline.projection import Projection
from selfinstruct.records import CALIBRATION, SEED_TEXTS, Stage

__all__ = ["Job", "Scheduler"]


class _Status(IntEnum):
    UNCLASSIFIED = 0
    CLASSIFYING = 1
    CLASSIFIED = 2
    WRITING = 3
    ANSWERING = 4
    VALID = 5
    INVALID = 6


_SETTLED = _Status.VALID
_JOBS = {
    _Status.UNCLASSIFIED: (Stage.CLASSIFICATION, _Status.CLASSIFYING),
    _Status.CLASSIFIED: (Stage.INSTANCES, _Status.WRITING),
}


@dataclass(frozen=True, slots=True)
class Job:
    """The next request to make: a stage, a ticket, a task's number or, at the position `CALIBRATION`, a
    seed's; of an answer which of the task's; and of embeddings which of the ticket's, or of the seeds' at the
    position `SEED_TEXTS`."""

    stage: Stage
    subject: int
    position: int = 0


class Scheduler:
    """See the module. `wanted` is N; `backlog` the requests of admitted tasks that may wait before
    tickets do: some times the concurrency, so that slots are never short of work.

    lag: how far behind its number the pool is that a ticket sees (`tickets.lag`).
    requests_a_task: what a task is expected to need once it is admitted. answers_a_task: how many of these
    are answers, 0 where instances come with theirs. requests_a_ticket: 2 where its candidates' embeddings are
    asked for, else 1.
    """

    def __init__(
        self,
        *,
        wanted: int,
        lag: Callable[[int], int],
        backlog: int,
        requests_a_task: float = 2,
        answers_a_task: float = 0,
        requests_a_ticket: int = 1,
    ) -> None:
        self.wanted = wanted
        self._backlog = backlog
        self._requests_a_task, self._requests_a_ticket = requests_a_task, requests_a_ticket
        self._to_come_after = {
            _Status.UNCLASSIFIED: 2 + answers_a_task,
            _Status.CLASSIFYING: 1 + answers_a_task,
            _Status.CLASSIFIED: 1 + answers_a_task,
            _Status.WRITING: answers_a_task,
        }
        self._lag = lag
        self.projection = Projection()
        # Tickets: admitted ones are [0, admitted); of the later ones some are sent, some answered.
        self._pool_after: list[int] = []  # machine-written instructions once this ticket was admitted
        self._next_ticket = 0
        self._answered: set[int] = set()
        self.closed = False  # no ticket beyond those admitted counts any more
        # Embeddings: heap of those to ask for next, the seeds' first; and what admission still waits for.
        self._embeddings: list[tuple[bool, int, int]] = []  # whether of a ticket; subject, position
        self._unembedded: set[tuple[int, int]] = set()
        # Tasks, by number.
        self.instructions: list[str] = []
        self.is_classification: list[bool | None] = []
        self._status = bytearray()
        self._unanswered: dict[int, set[int]] = {}  # of tasks that are answering: answers not sent yet
        self._answers_out: dict[int, int] = {}
        self._runnable: list[tuple[int, int]] = []  # heap of (task, position) that wait for a request
        self._to_come: float = 0  # requests that unsettled tasks still need, beyond those out
        self._seeds: deque[int] = deque()  # whose kind is asked for first, since tasks wait for all of it
        self._seeds_out = 0
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
        basis = ticket - self._lag(ticket)
        return self._pool_after[basis] if basis >= 0 else 0

    def answer_ticket(self, ticket: int) -> None:
        """A completion is there (or never will be), and waits for its turn."""
        self._answered.add(ticket)

    def embed(self, subject: int, positions: Iterable[int]) -> None:
        """Admission waits for these embeddings: of a ticket's candidates, or of seeds."""
        for position in positions:
            self._unembedded.add((subject, position))
            heapq.heappush(self._embeddings, (position != SEED_TEXTS, subject, position))

    def embedded(self, subject: int, position: int) -> None:
        """They are there, or never will be."""
        self._unembedded.discard((subject, position))

    def ticket_to_admit(self) -> int | None:
        """The next ticket in order, once it is answered and all that it waits for is there."""
        ticket = len(self._pool_after)
        if ticket not in self._answered or self.closed:
            return None
        waits = any(subject == ticket or position == SEED_TEXTS for subject, position in self._unembedded)
        return None if waits else ticket

    def admit(self, instructions: Iterable[str]) -> range:
        """Admit the next ticket in order with these new tasks; their numbers."""
        self._answered.discard(len(self._pool_after))
        first = len(self.instructions)
        for instruction in instructions:
            self.instructions.append(instruction)
            self.is_classification.append(None)
            self._status.append(_Status.UNCLASSIFIED)
            heapq.heappush(self._runnable, (len(self.instructions) - 1, 0))
        added = range(first, len(self.instructions))
        self._to_come += self._to_come_after[_Status.UNCLASSIFIED] * len(added)
        self._pool_after.append(len(self.instructions))
        self._next_ticket = max(self._next_ticket, len(self._pool_after))
        self.projection.ticket_admitted(len(added))
        return added

    # -------------------------------------------------------------------- tasks

    def classify(self, task: int, is_classification: bool) -> None:
        """The task's classification is known; its instances come next."""
        if self._status[task] != _Status.UNCLASSIFIED:  # else told at admission, or by an earlier process
            heapq.heappush(self._runnable, (task, 0))
        self.is_classification[task] = is_classification
        self._move(task, _Status.CLASSIFIED)

    def hold(self, task: int) -> None:
        """The task's reply is there, sent by whichever process, but not what its kind depends on."""
        self._move(task, _Status.CLASSIFYING)

    def ask_about_seeds(self, numbers: Iterable[int]) -> None:
        """Tasks that wait for their kind wait for these requests."""
        self._seeds.extend(numbers)

    def answer_about_seed(self) -> None:
        """One that this process sent is there, or never will be."""
        self._seeds_out -= 1

    def ask(self, task: int, positions: Iterable[int]) -> None:
        """The task's inputs are known; these of them, one or more, are to be answered next."""
        wanted = set(positions)
        self._move(task, _Status.ANSWERING)
        self._unanswered[task], self._answers_out[task] = wanted, 0
        self._to_come += len(wanted)
        for position in wanted:
            heapq.heappush(self._runnable, (task, position))

    def answer(self, task: int, position: int) -> None:
        """One of a task's answers is there (or never will be), sent by this process or by an earlier one."""
        if position in self._unanswered[task]:
            self._unanswered[task].remove(position)
            self._to_come -= 1
        else:
            self._answers_out[task] -= 1

    def settle(self, task: int, valid: bool) -> list[bool]:
        """The task has a valid instance, or none. Returns the outcomes of the tasks that are now settled
        without a gap, in task order: those that judgements about the run may rest on.
        """
        self._move(task, _Status.VALID if valid else _Status.INVALID)
        self.settled += 1
        self.valid += valid
        self.projection.task_settled(valid)
        passed = []
        while self._frontier < len(self._status) and self._status[self._frontier] >= _SETTLED:
            passed.append(self._status[self._frontier] == _Status.VALID)
            self._frontier += 1
        self._valid_below_frontier += sum(passed)
        return passed

    def _move(self, task: int, status: _Status) -> None:
        self._to_come += self._to_come_after.get(status, 0) - self._still_to_come(task)
        self._unanswered.pop(task, None)
        self._answers_out.pop(task, None)
        self._status[task] = status

    def _still_to_come(self, task: int) -> float:
        """Requests that it needs beyond those out."""
        status = _Status(self._status[task])
        return (
            len(self._unanswered[task]) if status is _Status.ANSWERING else self._to_come_after.get(status, 0)
        )

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
        per_task = self._requests_a_task + self._requests_a_ticket / max(projection.admitted_per_ticket, 0.01)
        unsettled = self._status[self._frontier :]
        out = unsettled.count(_Status.CLASSIFYING) + unsettled.count(_Status.WRITING)
        out += sum(self._answers_out.values())
        tickets = self.tickets_out * (
            self._requests_a_ticket + self._requests_a_task * projection.admitted_per_ticket
        )
        return self._to_come + len(self._seeds) + self._seeds_out + out + tickets + tasks * per_task

    # ----------------------------------------------------------------- what next

    def next_job(self, requests_left: float) -> Job | None:
        """The next request worth sending now; None when everything depends on replies still out.

        requests_left: what the budget holds, about. Where it cannot pay for all N tasks, it is not
        spent on instructions that would never get their instances, nor on a task while those before it
        whose next request depends on a reply want the rest: the data set ends at the first that is not
        settled. The job counts as sent.
        """
        if self._seeds:
            self._seeds_out += 1
            return Job(Stage.CLASSIFICATION, self._seeds.popleft(), CALIBRATION)
        if (embedding := self._next_embedding()) is not None:
            return embedding
        ticket = self._sendable_ticket()
        waiting = self._sendable_task()
        if ticket is not None and self._wants_ticket(requests_left, anything_else=waiting is not None):
            self._next_ticket = ticket + 1
            return Job(Stage.INSTRUCTIONS, ticket)
        if waiting is None or self._promised_below(waiting[0], requests_left):
            return None
        heapq.heappop(self._runnable)
        task, position = waiting
        self._to_come -= 1
        if self._status[task] == _Status.ANSWERING:
            self._unanswered[task].remove(position)
            self._answers_out[task] += 1
            return Job(Stage.ANSWERS, task, position)
        stage, status = _JOBS[_Status(self._status[task])]
        self._status[task] = status
        return Job(stage, task)

    def _next_embedding(self) -> Job | None:
        while self._embeddings:
            of_ticket, subject, position = heapq.heappop(self._embeddings)
            if not (of_ticket and self.closed):
                return Job(Stage.MEANING, subject, position)
        return None

    def _promised_below(self, task: int, requests_left: float) -> bool:
        """Whether tasks before it that wait for a reply want all that is left."""
        if requests_left >= len(self._status) * self._to_come_after[_Status.CLASSIFYING]:
            return False
        wanted = sum(
            self._status.count(status, self._frontier, task) * self._to_come_after[status]
            for status in (_Status.CLASSIFYING, _Status.WRITING)
        )
        return 0 < wanted >= requests_left

    def _sendable_ticket(self) -> int | None:
        if self.closed:
            return None
        while self._next_ticket in self._answered:  # on resume: completed before, not to be sent again
            self._next_ticket += 1
        ticket = self._next_ticket
        return ticket if ticket - self._lag(ticket) < len(self._pool_after) else None

    def _wants_ticket(self, requests_left: float, *, anything_else: bool) -> bool:
        if self._to_come >= self._backlog:
            return False
        expected = self.valid + self.projection.cautious_yield(pending=self.pending, tickets=self.tickets_out)
        if expected >= self.wanted:
            return False
        if requests_left == float("inf"):
            return True
        per_ticket = self._requests_a_task * self.projection.admitted_per_ticket
        embeddings = self._requests_a_ticket - 1
        promised = self._to_come + self.tickets_out * (per_ticket + embeddings)
        if requests_left >= promised + self._requests_a_ticket + per_ticket:
            return True
        return not anything_else and self.pending == 0 and self.tickets_out == 0

    def _sendable_task(self) -> tuple[int, int] | None:
        """The first request that waits, of the lowest task, unless the first N valid ones are likely all
        below it."""
        while self._runnable and not self._waits(*self._runnable[0]):
            heapq.heappop(self._runnable)
        if not self._runnable:
            return None
        waiting = self._runnable[0]
        task = waiting[0]
        if self._valid_below_frontier + (task - self._frontier) < self.wanted:
            return waiting
        below = self._status[self._frontier : task]
        valid = self._valid_below_frontier + below.count(_Status.VALID)
        unsettled = len(below) - below.count(_Status.VALID) - below.count(_Status.INVALID)
        expected = valid + self.projection.cautious_yield(pending=unsettled)
        return waiting if expected < self.wanted else None

    def _waits(self, task: int, position: int) -> bool:
        """False for what was settled or answered on resume, from completions that were already there."""
        status = self._status[task]
        return status in _JOBS or (status == _Status.ANSWERING and position in self._unanswered[task])
