"""The loop: tickets, classification and instances overlapped, without a barrier between stages.

    next job (scheduler) → prompt (recipe) → completion (dispatch) → candidates (recipe) → verdicts (filters)
    → pool and tasks (scheduler), recorded (store)

What is sent when depends on timing; what is admitted does not: replies are admitted in ticket order, and
a task depends on its own replies alone. See docs/architecture.md, "Determinism".
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import partial

from selfinstruct.config import Config
from selfinstruct.errors import ContextLengthError, StorageError, UserError
from selfinstruct.filters.contamination import ContaminationIndex
from selfinstruct.filters.custom import CustomFilters
from selfinstruct.filters.instances import judge_instances
from selfinstruct.models.base import Model
from selfinstruct.pipeline.admission import Admission, judge_task
from selfinstruct.pipeline.answering import Answering
from selfinstruct.pipeline.calibration import Calibration, margin
from selfinstruct.pipeline.forecast import PILOT_TICKETS, pilot_tasks
from selfinstruct.pipeline.meaning import Meanings, longest_text
from selfinstruct.pipeline.rendering import RequestBuilder
from selfinstruct.pipeline.saturation import SaturationDetector
from selfinstruct.pipeline.scheduler import Job, Scheduler
from selfinstruct.pipeline.steering import Steering
from selfinstruct.pipeline.tickets import lag
from selfinstruct.recipes.base import Recipe, requests_to_come
from selfinstruct.records import CALIBRATION, SEED_TEXTS, Completion, Example, InstanceCandidate, Stage
from selfinstruct.requests.budget import Budget, Spending
from selfinstruct.requests.dispatch import Lost
from selfinstruct.requests.invocation import Sender, StopReason, open_router
from selfinstruct.store.attributes import attributes_of
from selfinstruct.store.notes import CUT_NOTE
from selfinstruct.store.reader import RunReader
from selfinstruct.store.state import RequestName, RunState
from selfinstruct.store.summary import Summary
from selfinstruct.store.writer import RunWriter

__all__ = ["Generation"]

FEWEST_DEMONSTRATIONS = 2
SHORTEST_TEXT = 16
"""Characters; an embedding model that does not take so many takes nothing."""
BACKLOG_A_SLOT = 4


class Generation:
    """One invocation of the loop over an open run. Create it inside the event loop; `run` it once.

    Attributes that a display may read at any time: scheduler, budget, router, failures and the counters
    `rejected` (instruction candidates), `rejected_instances`, `invalid_tasks` and `lost`, each a reason
    to a number, of the whole run.
    """

    def __init__(
        self,
        writer: RunWriter,
        state: RunState,
        before: Summary,
        models: Mapping[Stage, Model],
        recipe: Recipe,
        contamination: ContaminationIndex | None = None,
        custom: CustomFilters | None = None,
    ) -> None:
        config = state.config
        self.config: Config = config
        self._writer, self._recipe, self._contamination = writer, recipe, contamination
        self._custom = custom or CustomFilters()
        seeds = [seed.instruction for seed in state.seeds]
        self._detector = SaturationDetector(
            tickets=config.limits.saturation_tickets, share=config.limits.saturation_share
        )
        self.budget = Budget(config, Spending.of(state))
        self.router = open_router(models, writer, state, self.budget)
        self.sender = Sender(self.router)
        self.pilot_over = asyncio.Event()
        self.scheduler = Scheduler(
            wanted=config.limits.tasks,
            lag=partial(lag, first=config.feedback.lag, growth=config.feedback.growth, most=config.window),
            backlog=BACKLOG_A_SLOT * max(8, self.router.most),
            requests_a_task=requests_to_come(recipe),
            answers_a_task=recipe.usual[Stage.ANSWERS].requests if Stage.ANSWERS in recipe.usual else 0,
            requests_a_ticket=1 + config.asks(Stage.MEANING),
        )
        self._of_instances = config.recipe_for(Stage.INSTANCES)
        self._answering = (
            None if recipe.answers is None else Answering(recipe.answers, self._of_instances.instances_a_task)
        )
        # The pool with what came with each instruction: seeds, then the tasks of admitted tickets.
        self._examples = [*(seed.example for seed in state.seeds), *(task.example for task in state.tasks)]
        self._seeds = len(seeds)
        of_kinds = config.recipe_for(Stage.CLASSIFICATION)
        calibrates = of_kinds.name == "paper" and of_kinds.calibrate
        self._calibration = Calibration(state.seeds, config.seed) if calibrates else None
        self._uncut: dict[int, float] = {}  # tasks whose margin is known, but not yet the cut
        self._inputless: set[int] = set()  # of unknown kind, and said to need no input
        self._noted = set(state.notes)
        self._steering = Steering(config.attributes, config.steering)
        self._asked = dict(state.asked)  # of tickets that are not admitted yet
        self._admission = Admission(config, [*seeds, *state.instructions], contamination, self._custom)
        self._meanings = (
            None
            if config.filters.meaning is None
            else Meanings(
                config.filters.meaning, seeds, lambda each: self._admission.well_formed(each).accepted
            )
        )
        self._requests = RequestBuilder(
            config,
            recipe,
            self.scheduler,
            self._examples,
            self._seeds,
            self._answering,
            self._calibration,
            self._steering,
            self._meanings,
        )
        self._admitting = asyncio.Lock()
        self._tickets: dict[int, Completion | Lost] = {}
        self._settled: dict[int, str | None] = {}  # tasks that others before them keep from being judged
        self._first_unjudged = 0
        self.rejected = Counter(before.rejected)
        self.rejected_instances = Counter(before.rejected_instances)
        self.invalid_tasks = Counter(before.invalid_tasks)
        self.lost = Counter(before.lost)
        self._restore(state)

    @property
    def failures(self) -> Counter[str]:
        """Attempts of this invocation that failed, by error class."""
        return self.router.failures

    @property
    def nothing_read(self) -> Stage | None:
        """The stage whose first replies hold nothing that could be read, which stopped the run, if any."""
        if self._detector.no_instance_read:
            return Stage.INSTANCES
        return Stage.INSTRUCTIONS if self._detector.nothing_read else None

    @property
    def advice(self) -> str:
        """For a saturated run: why, and what would help."""
        stopped = "Stopped" if self.nothing_read else "Saturated"
        return f"{stopped}: {self._detector.advice(self.rejected)}"

    async def run(self) -> StopReason:
        """Go on until the data set is decided, or something stops it.

        Raises the `UserError` or `StorageError` that ended it; everything received is recorded then.
        """
        sender, scheduler = self.sender, self.scheduler
        await self._admit_answered()
        try:
            await self._send_all()
        finally:
            await self.router.aclose()
        failure = sender.failure
        if isinstance(failure, StorageError) or (isinstance(failure, UserError) and not scheduler.decided):
            raise failure
        assert sender.stopped is not None
        return "done" if scheduler.decided else sender.stopped

    async def _send_all(self) -> None:
        sender, scheduler = self.sender, self.scheduler
        async with asyncio.TaskGroup() as group:
            await sender.send(group, self._next_job)
            if sender.stopped is None:
                # Nothing is out and nothing may be sent: only a closed pool leaves that.
                assert scheduler.closed, "the scheduler has no next job, but the run is not decided"
                sender.stop("saturated")
            if scheduler.decided:
                # Replies still out are paid for, so they are worth a short wait, though not a long one:
                # the data set is complete without them.
                await sender.drain(1.0 + 2 * self.router.round_trip)

    # --------------------------------------------------------------------- sending

    def _next_job(self) -> Callable[[], Awaitable[None]] | None:
        if self.scheduler.decided:
            self.sender.stop("done")
            return None
        job = self.scheduler.next_job(self.budget.requests_left())
        return None if job is None else partial(self._carry_out, job)

    async def _carry_out(self, job: Job) -> None:
        if job.stage is Stage.MEANING:
            await self._embed(job)
        else:
            await self._receive(job, await self._complete(job))

    async def _complete(self, job: Job) -> Completion | Lost:
        """What comes back, with half the demonstrations each time that the prompt proves too long.

        The endpoint's own count decides, request by request, and nothing is remembered: a window learnt
        from one request would change others by the accident of which came first.
        """
        at_most = None
        while True:
            request = self._requests.build(job, at_most)
            if request.asked:
                self._asked[job.subject] = request.asked
            try:
                return await self.router.complete(request)
            except ContextLengthError as error:
                if job.stage is Stage.ANSWERS:  # its length is its own input's: others may well fit
                    await self._writer.lose(request, "prompt_too_long", str(error))
                    return Lost("prompt_too_long")
                at_most = request.prompt.demonstrations // 2
                if at_most < FEWEST_DEMONSTRATIONS:
                    raise

    async def _embed(self, job: Job) -> None:
        """The vectors of a ticket's candidates, or of seeds, before which none is admitted; of the beginnings
        of texts, half as long each time that one proves too long."""
        assert self._meanings is not None, "it asked"
        at_most, outcome = None, None
        while outcome is None:
            request = self._requests.build(job, at_most)
            try:
                outcome = await self.router.complete(request)
            except ContextLengthError as error:
                at_most = longest_text(request.prompt) // 2
                if at_most < SHORTEST_TEXT:
                    await self._writer.lose(request, "prompt_too_long", str(error))
                    outcome = Lost("prompt_too_long")
        if isinstance(outcome, Lost):
            self.lost[outcome.reason] += 1
        self._meanings.receive(request, outcome.text if isinstance(outcome, Completion) else None)
        if job.position == SEED_TEXTS and self._meanings.seeds_are_there:
            self._admission.add_vectors(self._meanings.seed_vectors())
        self.scheduler.embedded(job.subject, job.position)
        await self._admit_answered()

    # ------------------------------------------------------------------- receiving

    async def _receive(self, job: Job, outcome: Completion | Lost) -> None:
        if isinstance(outcome, Lost):
            self.lost[outcome.reason] += 1
        if job.stage is Stage.INSTRUCTIONS:
            self._answer_ticket(job.subject, outcome)
            await self._admit_answered()
        elif job.stage is Stage.CLASSIFICATION and job.position == CALIBRATION:
            self.scheduler.answer_about_seed()
            self._learn(job.subject, outcome)
        else:
            self._advance_task(job.stage, job.subject, job.position, outcome)

    def _answer_ticket(self, ticket: int, outcome: Completion | Lost) -> None:
        self._tickets[ticket] = outcome
        self.scheduler.answer_ticket(ticket)
        if self._meanings is not None and isinstance(outcome, Completion):
            candidates = self._recipe.parse_instructions(outcome)
            self.scheduler.embed(ticket, self._meanings.expect(ticket, candidates))

    async def _admit_answered(self) -> None:
        """Admit every ticket whose turn has come. Comparing to a large pool takes milliseconds, so it
        runs in a thread; the lock keeps the order.
        """
        async with self._admitting:
            while (ticket := self.scheduler.ticket_to_admit()) is not None:
                outcome = self._tickets.pop(ticket)
                candidates = [] if isinstance(outcome, Lost) else self._recipe.parse_instructions(outcome)
                vectors = {} if self._meanings is None else self._meanings.take(ticket)
                judged = await asyncio.to_thread(self._admission.judge, candidates, vectors)
                self._writer.admit(ticket, judged)
                accepted = [entry for entry in judged if entry.verdict.accepted]
                self._examples += [Example(each.text, each.input) for each in accepted]
                asked = self._asked.pop(ticket, ())
                self._steering.admit(
                    [entry.text for entry in accepted],
                    [attributes_of(asked, at) for at, entry in enumerate(judged) if entry.verdict.accepted],
                )
                numbers = self.scheduler.admit(entry.text for entry in accepted)
                for number, entry in zip(numbers, accepted, strict=True):
                    if entry.is_classification is not None:
                        self._classify(number, entry.is_classification, needs_input=entry.needs_input)
                    elif not entry.needs_input:
                        self._inputless.add(number)
                self.rejected.update(entry.verdict.reason for entry in judged if entry.verdict.reason)
                self._detector.ticket_admitted(len(judged), len(accepted), lost=isinstance(outcome, Lost))
                self.scheduler.closed = self._detector.instructions_exhausted
                self.sender.wake()

    def _advance_task(self, stage: Stage, task: int, position: int, outcome: Completion | Lost) -> None:
        if stage is Stage.ANSWERS:
            assert self._answering is not None, "the recipe asked"
            self.scheduler.answer(task, position)
            if self._answering.receive(task, position, outcome):
                self._judge_instances(task, self._answering.end(task))
        elif isinstance(outcome, Lost):
            self._writer.settle(task, [], "lost")
            self._settle(task, "lost")
        elif stage is Stage.CLASSIFICATION:
            told = None if self._calibration is None else margin(outcome.text)
            if told is None:
                self._decide_kind(task, self._recipe.parse_classification(outcome))
            else:
                self._uncut[task] = told
                self.scheduler.hold(task)
                self._cut()
        else:
            is_classification = bool(self.scheduler.is_classification[task])
            candidates = self._recipe.parse_instances(outcome, is_classification)
            given = self._given(task)
            if given and self._answering is not None and not is_classification:
                candidates.insert(0, InstanceCandidate(given, ""))
            self._use_instances(task, candidates)

    def _learn(self, seed: int, outcome: Completion | Lost) -> None:
        """What the model says of a seed, whose kind is known."""
        assert self._calibration is not None, "the calibration asked"
        if self._calibration.receive(seed, outcome):
            self._cut()

    def _cut(self) -> None:
        """Decide the kinds that wait for the cut, or ask for what it takes."""
        assert self._calibration is not None, "something was told"
        if missing := self._calibration.ask():
            self.scheduler.ask_about_seeds(missing)
        cut = self._calibration.cut
        if cut is None:
            return
        if CUT_NOTE not in self._noted:
            self._writer.note(CUT_NOTE, asdict(cut))
            self._noted.add(CUT_NOTE)
        for task in sorted(self._uncut):
            self._decide_kind(task, self._uncut.pop(task) > cut.at)

    def _decide_kind(self, task: int, is_classification: bool) -> None:
        self._writer.classify(task, is_classification)
        needs_input = task not in self._inputless
        self._inputless.discard(task)
        self._classify(task, is_classification, needs_input=needs_input)

    def _classify(self, task: int, is_classification: bool, *, needs_input: bool) -> None:
        """An instruction that needs no input is asked about as it stands, and so is one that came with its
        input, unless more are wanted."""
        self.scheduler.classify(task, is_classification)
        if self._answering is None or is_classification:
            return
        given = self._given(task)
        if not needs_input or (given and not self._of_instances.more_inputs):
            self._use_instances(task, [InstanceCandidate(given if needs_input else "", "")])

    def _given(self, task: int) -> str:
        """The input that came with its instruction; empty where none did."""
        return self._examples[self._seeds + task].input

    def _use_instances(self, task: int, candidates: list[InstanceCandidate]) -> None:
        """Ask about their inputs where they have no outputs yet, else judge them."""
        if self._answering is None:
            self._judge_instances(task, candidates)
            return
        is_classification = bool(self.scheduler.is_classification[task])
        positions = self._answering.begin(task, candidates, is_classification=is_classification)
        if positions:
            self.scheduler.ask(task, positions)
        else:
            self._judge_instances(task, self._answering.end(task))

    def _judge_instances(self, task: int, candidates: list[InstanceCandidate]) -> None:
        instruction = self.scheduler.instructions[task]
        is_classification = bool(self.scheduler.is_classification[task])
        judged = judge_instances(
            candidates,
            max_instances=self._of_instances.instances_a_task,
            ascii_colons=self.config.reference.ascii_colons,
            contamination=self._contamination,
            custom=self._custom,
            instruction=instruction,
            is_classification=is_classification,
        )
        self.rejected_instances.update(entry.verdict.reason for entry in judged if entry.verdict.reason)
        reason = judge_task(self._custom, task, instruction, is_classification, judged)
        self._writer.settle(task, judged, reason)
        self._settle(task, reason)

    def _settle(self, task: int, reason: str | None) -> None:
        if reason is not None:
            self.invalid_tasks[reason] += 1
        self._judge_task(task, reason)
        self._look_at_pilot()

    def _look_at_pilot(self) -> None:
        scheduler = self.scheduler
        if scheduler.admitted_tickets >= PILOT_TICKETS and scheduler.settled >= pilot_tasks(scheduler.wanted):
            self.pilot_over.set()

    def _judge_task(self, task: int, reason: str | None) -> None:
        self._settled[task] = reason
        for _ in self.scheduler.settle(task, reason is None):
            self._detector.task_settled(self._settled.pop(self._first_unjudged))
            self._first_unjudged += 1
            if self._detector.instances_exhausted and not self.scheduler.decided:
                self.sender.stop("saturated")

    # -------------------------------------------------------------------- resuming

    def _restore(self, state: RunState) -> None:
        """Replay what earlier invocations recorded; nothing of it is asked again."""
        if self._meanings is not None:
            embeddings = RunReader(self._writer.directory).embeddings()
            self._admission.add_vectors(self._meanings.restore(embeddings, _places(state)))
            for part in self._meanings.seed_parts():
                self.scheduler.embed(part, [SEED_TEXTS])
        first = 0
        for ticket, (candidates, admitted, lost) in enumerate(state.tickets):
            asked, tasks = self._asked.pop(ticket, ()), state.tasks[first : first + admitted]
            self._steering.admit(
                [task.example.instruction for task in tasks],
                [attributes_of(asked, task.position) for task in tasks],
            )
            self.scheduler.admit(state.instructions[first : first + admitted])
            self._detector.ticket_admitted(candidates, admitted, lost=lost)
            first += admitted
        self.scheduler.closed = self._detector.instructions_exhausted
        for number, task in enumerate(state.tasks):
            if task.valid is not None:
                self._judge_task(number, None if task.valid else task.reason or "no_valid_instance")
            elif task.is_classification is not None:
                self._classify(number, task.is_classification, needs_input=task.needs_input)
            elif not task.needs_input:
                self._inputless.add(number)
        recorded: dict[RequestName, Completion | Lost] = {**state.completions}
        recorded.update({key: Lost(reason) for key, reason in state.lost.items()})
        order = list(Stage)
        of_seeds = [name for name in recorded if name[0] is Stage.CLASSIFICATION and name[2] == CALIBRATION]
        for name in of_seeds if self._calibration is not None else ():  # first: tasks ask for what is missing
            self._learn(name[1], recorded[name])
        rest = sorted(recorded.keys() - of_seeds, key=lambda name: (order.index(name[0]), *name[1:]))
        for stage, subject, position in rest:
            outcome = recorded[stage, subject, position]
            if stage is Stage.INSTRUCTIONS:
                self._answer_ticket(subject, outcome)
            elif stage is not Stage.CLASSIFICATION or self.scheduler.is_classification[subject] is None:
                self._advance_task(stage, subject, position, outcome)


def _places(state: RunState) -> dict[int, list[int]]:
    """Of admitted tickets: where in the reply those candidates stood that became tasks."""
    found, first = {}, 0
    for ticket, (_, admitted, _lost) in enumerate(state.tickets):
        found[ticket] = [task.position for task in state.tasks[first : first + admitted]]
        first += admitted
    return found
