"""The loop: tickets, classification and instances overlapped, without a barrier between stages.

    next job (ledger) → prompt (recipe) → completion (dispatch) → candidates (recipe) → verdicts (filters)
    → pool and tasks (ledger), recorded (store)

What is sent when depends on timing; what is admitted does not: replies are admitted in ticket order, and
a task depends on its own replies alone. See docs/architecture.md, "Determinism".
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Literal

from selfinstruct.config import Config
from selfinstruct.errors import ContextLengthError, SelfInstructError, StorageError, UserError
from selfinstruct.filters.instances import judge_instances
from selfinstruct.models.base import Capabilities, Model, NegotiableModel
from selfinstruct.pipeline.admission import Admission
from selfinstruct.pipeline.budget import Budget, Spending
from selfinstruct.pipeline.dispatch import BudgetReachedError, Dispatcher, Lost, WindingDownError
from selfinstruct.pipeline.ledger import Job, Ledger
from selfinstruct.pipeline.pacing import Pacer
from selfinstruct.pipeline.requests import RequestBuilder
from selfinstruct.pipeline.saturation import SaturationGauge
from selfinstruct.recipes.base import Recipe
from selfinstruct.records import Completion, Stage
from selfinstruct.store.state import RunState
from selfinstruct.store.summary import Summary
from selfinstruct.store.writer import RunWriter

__all__ = ["Generation", "StopReason"]

FEWEST_DEMONSTRATIONS = 2
BACKLOG_A_SLOT = 4

StopReason = Literal["done", "budget", "saturated", "unavailable", "interrupted"]


class Generation:
    """One invocation of the loop over an open run. Create it inside the event loop; `run` it once.

    Attributes that a display may read at any time: ledger, budget, pacer, failures and the counters
    `rejected` (instruction candidates), `rejected_instances`, `invalid_tasks` and `lost`, each a reason
    to a number, of the whole run.
    """

    def __init__(
        self, writer: RunWriter, state: RunState, before: Summary, model: Model, recipe: Recipe
    ) -> None:
        config = state.config
        self.config: Config = config
        self._writer, self._model, self._recipe = writer, model, recipe
        seeds = [seed.instruction for seed in state.seeds]
        self._gauge = SaturationGauge(
            tickets=config.limits.saturation_tickets, share=config.limits.saturation_share
        )
        self.budget = Budget(config.limits, config.endpoint, Spending.of(state))
        loop = asyncio.get_running_loop()
        concurrency = config.endpoint.concurrency or model.default_concurrency
        self.pacer = Pacer(concurrency, loop.time)
        self.ledger = Ledger(
            wanted=config.limits.tasks,
            window=config.window,
            backlog=BACKLOG_A_SLOT * max(8, concurrency),
            requests_a_task=recipe.requests_a_task,
        )
        self._dispatcher = self._open_dispatcher(state)
        self._requests = RequestBuilder(config, recipe, self.ledger, seeds)
        self._admission = Admission(config, [*seeds, *state.instructions])
        self._admitting = asyncio.Lock()
        self._tickets: dict[int, Completion | Lost] = {}
        self.rejected = Counter(before.rejected)
        self.rejected_instances = Counter(before.rejected_instances)
        self.invalid_tasks = Counter(before.invalid_tasks)
        self.lost = Counter(before.lost)
        self._stopped: StopReason | None = None
        self._failure: SelfInstructError | None = None
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._restore(state)

    @property
    def failures(self) -> Counter[str]:
        """Attempts of this invocation that failed, by error class."""
        return self._dispatcher.failures

    @property
    def advice(self) -> str:
        """For a saturated run: why, and what would help."""
        return self._gauge.advice(self.rejected)

    async def run(self) -> StopReason:
        """Go on until the data set is decided, or something stops it.

        Raises the `UserError` or `StorageError` that ended it; everything received is recorded then.
        `failure` holds why an endpoint was given up on.
        """
        async with asyncio.TaskGroup() as group:
            await self._admit_answered()
            await self._send_jobs(group)
            if self.ledger.decided:
                await self._drain_briefly()
        decided = self.ledger.decided
        if isinstance(self._failure, StorageError) or (isinstance(self._failure, UserError) and not decided):
            raise self._failure
        assert self._stopped is not None
        return "done" if decided else self._stopped

    @property
    def failure(self) -> SelfInstructError | None:
        """What made the run stop before its end, if an error did."""
        return self._failure

    def finish_in_flight(self) -> None:
        """Send nothing more; let what is out come back (the first Ctrl-C)."""
        self._stop("interrupted")

    def stop_now(self) -> None:
        """Abandon what is out (the second Ctrl-C)."""
        self._stop("interrupted")
        self._abandon()

    # --------------------------------------------------------------------- sending

    async def _send_jobs(self, group: asyncio.TaskGroup) -> None:
        while not self._finished():
            await self._dispatcher.room()
            if self._finished():
                return
            job = self.ledger.next_job(self.budget.requests_left())
            if job is not None:
                task = group.create_task(self._carry_out(job))
                self._tasks.add(task)
                task.add_done_callback(self._carried_out)
                await asyncio.sleep(0)  # the task takes its place in the queue for slots
            elif self._tasks:
                self._changed.clear()
                await self._changed.wait()
            else:
                # Nothing is out and nothing may be sent: only a closed pool leaves that.
                assert self.ledger.closed, "the ledger has no next job, but the run is not decided"
                self._stop("saturated")

    def _finished(self) -> bool:
        if self._stopped is None and self.ledger.decided:
            self._stop("done")
        return self._stopped is not None

    def _stop(self, reason: StopReason) -> None:
        self._stopped = self._stopped or reason
        self._dispatcher.wind_down()
        self._changed.set()

    async def _drain_briefly(self) -> None:
        """Replies still out are paid for, so they are worth a short wait, though not a long one: the
        data set is complete without them.
        """
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0 + 2 * self.pacer.round_trip)
        self._abandon()

    def _abandon(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _carried_out(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed.set()

    async def _carry_out(self, job: Job) -> None:
        try:
            await self._receive(job, await self._complete(job))
        except BudgetReachedError:
            self._stop("budget")
        except WindingDownError:
            pass  # the run is stopping; the job stays to be done by the next invocation
        except SelfInstructError as error:
            self._failure = self._failure or error
            self._stop("unavailable")
            self._abandon()

    async def _complete(self, job: Job) -> Completion | Lost:
        """What comes back, with half the demonstrations each time that the prompt proves too long.

        The endpoint's own count decides, request by request, and nothing is remembered: a window learnt
        from one request would change others by the accident of which came first.
        """
        at_most = None
        while True:
            request = self._requests.build(job, at_most)
            try:
                return await self._dispatcher.complete(request)
            except ContextLengthError:
                at_most = request.prompt.demonstrations // 2
                if at_most < FEWEST_DEMONSTRATIONS:
                    raise

    # ------------------------------------------------------------------- receiving

    async def _receive(self, job: Job, outcome: Completion | Lost) -> None:
        if isinstance(outcome, Lost):
            self.lost[outcome.reason] += 1
        if job.stage is Stage.INSTRUCTIONS:
            self._tickets[job.subject] = outcome
            self.ledger.answer_ticket(job.subject)
            await self._admit_answered()
        else:
            self._advance_task(job.stage, job.subject, outcome)

    async def _admit_answered(self) -> None:
        """Admit every ticket whose turn has come. Comparing to a large pool takes milliseconds, so it
        runs in a thread; the lock keeps the order.
        """
        async with self._admitting:
            while (ticket := self.ledger.ticket_to_admit()) is not None:
                outcome = self._tickets.pop(ticket)
                candidates = [] if isinstance(outcome, Lost) else self._recipe.parse_instructions(outcome)
                judged = await asyncio.to_thread(self._admission.judge, candidates)
                self._writer.admit(ticket, judged)
                accepted = [entry for entry in judged if entry.verdict.accepted]
                numbers = self.ledger.admit(entry.text for entry in accepted)
                for number, entry in zip(numbers, accepted, strict=True):
                    if entry.is_classification is not None:
                        self.ledger.classify(number, entry.is_classification)
                self.rejected.update(entry.verdict.reason for entry in judged if entry.verdict.reason)
                self._gauge.ticket_admitted(len(judged), len(accepted))
                self.ledger.closed = self._gauge.instructions_exhausted
                self._changed.set()

    def _advance_task(self, stage: Stage, task: int, outcome: Completion | Lost) -> None:
        if isinstance(outcome, Lost):
            self._writer.settle(task, [], "lost")
            self._settle(task, "lost")
        elif stage is Stage.CLASSIFICATION:
            is_classification = self._recipe.parse_classification(outcome)
            self._writer.classify(task, is_classification)
            self.ledger.classify(task, is_classification)
        else:
            candidates = self._recipe.parse_instances(outcome, bool(self.ledger.is_classification[task]))
            judged = judge_instances(candidates, max_instances=self.config.recipe.max_instances)
            self.rejected_instances.update(entry.verdict.reason for entry in judged if entry.verdict.reason)
            valid = any(entry.verdict.accepted for entry in judged)
            reason = None if valid else "no_valid_instance"
            self._writer.settle(task, judged, reason)
            self._settle(task, reason)

    def _settle(self, task: int, reason: str | None) -> None:
        if reason is not None:
            self.invalid_tasks[reason] += 1
        self._judge_tasks(self.ledger.settle(task, reason is None))

    def _judge_tasks(self, settled_in_order: list[bool]) -> None:
        for valid in settled_in_order:
            self._gauge.task_settled(valid)
            if self._gauge.instances_exhausted and not self.ledger.decided:
                self._stop("saturated")

    # -------------------------------------------------------------------- resuming

    def _open_dispatcher(self, state: RunState) -> Dispatcher:
        negotiated = not isinstance(self._model, NegotiableModel)
        recorded = state.notes.get("capabilities")
        if isinstance(self._model, NegotiableModel) and isinstance(recorded, dict):
            self._model.adopt(Capabilities.from_json(recorded))
            negotiated = True
        return Dispatcher(
            self._model,
            self._writer,
            self.budget,
            self.pacer,
            self.config.endpoint,
            negotiated=negotiated,
        )

    def _restore(self, state: RunState) -> None:
        """Replay what earlier invocations recorded; nothing of it is asked again."""
        first = 0
        for candidates, admitted in state.tickets:
            self.ledger.admit(state.instructions[first : first + admitted])
            self._gauge.ticket_admitted(candidates, admitted)
            first += admitted
        self.ledger.closed = self._gauge.instructions_exhausted
        for number, task in enumerate(state.tasks):
            if task.valid is not None:
                self._judge_tasks(self.ledger.settle(number, task.valid))
            elif task.is_classification is not None:
                self.ledger.classify(number, task.is_classification)
        recorded: dict[tuple[Stage, int], Completion | Lost] = {**state.completions}
        recorded.update({key: Lost(reason) for key, reason in state.lost.items()})
        for stage in Stage:
            for (_, subject), outcome in sorted(
                (item for item in recorded.items() if item[0][0] is stage), key=lambda item: item[0][1]
            ):
                if stage is Stage.INSTRUCTIONS:
                    self._tickets[subject] = outcome
                    self.ledger.answer_ticket(subject)
                elif stage is Stage.INSTANCES or self.ledger.is_classification[subject] is None:
                    self._advance_task(stage, subject, outcome)
