"""One request, from its intent to its completion: budget, retries, waiting, giving up.

Every attempt is recorded before it is sent and every completion before it is returned, so that after any
kill the budget still holds and nothing that was paid for is asked again.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic

from selfinstruct.config import EndpointConfig
from selfinstruct.errors import (
    ContentRefusedError,
    EndpointFailedError,
    EndpointMismatchError,
    EndpointRefusesError,
    ParameterRejectedError,
    RateLimitedError,
    RequestError,
    SelfInstructError,
    UnrecognizedError,
)
from selfinstruct.models.base import LENGTH_FIELDS, LoadingModel, Model, NegotiableModel
from selfinstruct.records import Completion, Request, Stage
from selfinstruct.requests.batches.queue import BatchListener, BatchQueue
from selfinstruct.requests.budget import Budget, Reservation
from selfinstruct.requests.pacing import Pacer, Patience, RateLimiter, WindingDownError, backoff_seconds
from selfinstruct.requests.waits import Stall, Waits
from selfinstruct.store.batches import OpenAttempt
from selfinstruct.store.notes import capabilities_note, changes_note
from selfinstruct.store.schema import NEGOTIATED, UNRECOGNIZED
from selfinstruct.store.writer import RunWriter

__all__ = ["BudgetReachedError", "Dispatcher", "Lost"]

ATTEMPTS_BEFORE_LOST = 8
REFUSALS_BEFORE_GIVING_UP = 10  # for content, when nothing was ever completed
UNRECOGNIZED_AT_FIRST = 5  # refusals in unknown words, when nothing else came of a stage
UNRECOGNIZED_SHARE, UNRECOGNIZED_OF = 0.1, 50  # more than so many of a stage's last requests
IN_A_ROW = 10  # refusals of a stage that took such requests before: then it is no accident
UNRECOGNIZED_HINT = (
    "If it names a setting, change that (model.extra_body adds fields to every request), then run the same"
    " command again or start a new run."
)
MOST_AHEAD = 32  # requests made ready before there is a slot for them


class BudgetReachedError(Exception):
    """Control flow: no further attempt fits the budget. Its text is `Budget.shortfall`; never leaves
    pipeline/."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A request that will never have a completion."""

    reason: str


class Dispatcher:
    """Sends the requests of one invocation to one model.

    Of each stage one request goes ahead until the first has succeeded: it finds out what the endpoint takes,
    and the provider's cache then holds the part of the prompt that the stage's requests share.
    settled: the stages in which an earlier invocation found out what the endpoint takes.
    batches: where requests go in batches, once their stage is settled; None where all go alone.
    """

    def __init__(
        self,
        model: Model,
        writer: RunWriter,
        budget: Budget,
        pacer: Pacer,
        endpoint: EndpointConfig,
        *,
        settled: Collection[Stage],
        clock: Callable[[], float] = monotonic,
        batches: BatchQueue | None = None,
    ) -> None:
        self._model, self._writer, self._budget, self.pacer = model, writer, budget, pacer
        # Looked at once: Python looks through all of a protocol's attributes each time.
        self._negotiable = model if isinstance(model, NegotiableModel) else None
        self._loading = model if isinstance(model, LoadingModel) else None
        self._rates = RateLimiter(endpoint.requests_per_minute, endpoint.tokens_per_minute, clock)
        self._patience = Patience(endpoint.patience_seconds, clock)
        self._waits = Waits(_own_rates(endpoint), clock)
        self._settled = set(settled)
        self._ahead = {stage: asyncio.Lock() for stage in Stage}
        self._clock = clock
        self._batches = batches
        self._waiting_for_budget = 0
        self._refusals = 0
        self._unrecognized = {stage: deque[bool](maxlen=UNRECOGNIZED_OF) for stage in Stage}
        self._late_rejections = Counter[Stage]()
        self._winding_down = asyncio.Event()
        self._under_way = 0
        self._waiting_for_slot = 0
        self._progressed = asyncio.Event()
        self.failures: Counter[str] = Counter()
        if Stage.INSTRUCTIONS in self._settled:
            self._share_what_instructions_taught()

    @property
    def in_flight(self) -> int:
        """Requests out at this moment."""
        return self._waits.out + (self._batches.waiting if self._batches is not None else 0)

    @property
    def most(self) -> int:
        """Requests that may ever be out."""
        if self._batches is not None and self._batches.submits:
            return max(self.pacer.most, self._batches.most)
        return self.pacer.most

    @property
    def limit(self) -> int:
        """Requests that may be out at present."""
        if self._batches is not None and self._batches.submits:
            return self.most
        return self.pacer.limit

    def listen(self, listener: BatchListener) -> None:
        """Tell of what concerns all batches."""
        if self._batches is not None:
            self._batches.listener = listener

    @property
    def waiting_for_batches(self) -> int:
        """Requests that wait for nothing else; 0 as long as there is something to send or to collect."""
        if self._batches is None or not self._batches.at_rest:
            return 0
        return self._batches.waiting + (self._waiting_for_budget if self._batches.waiting else 0)

    @property
    def batches_out(self) -> bool:
        """Whether some are with the provider."""
        return self._batches is not None and self._batches.out

    @property
    def has_batches_to_do(self) -> bool:
        """Whether some can be sent or collected at present."""
        return self._batches is not None and not self._batches.at_rest

    def abandon(self) -> None:
        """Stop at once, even a batch that is being sent."""
        if self._batches is not None:
            self._batches.abandon()

    async def aclose(self) -> None:
        """Returns once no batch is being sent."""
        if self._batches is not None:
            await self._batches.aclose()

    def stall(self) -> Stall | None:
        """What is waited for while no reply comes in; None while replies do."""
        loading = self._loading is not None and self._loading.is_loading
        stall = self._waits.stall(loading=loading)
        if self._batches is None or self._waits.out:
            return stall
        return self._batches.stall() or stall

    def wind_down(self) -> None:
        """Send nothing again; what is out may still come back."""
        self._winding_down.set()
        if self._batches is not None:
            self._batches.wind_down()
        self.pacer.resume()
        self._budget.freed.set()  # whoever waits for that need not wait any more

    async def room(self) -> int:
        """Wait until one more request is welcome, and say how many are.

        A few are always made ready ahead of the slots: their intents are on the disk already when a slot
        becomes free, so that no slot ever waits for a commit. No more are begun while as many as there
        are slots wait to be sent again: an endpoint in trouble is not asked for ever more. With a limited
        budget one is begun after the other, since each changes what is left of it for the next.
        """
        while (welcome := self._welcome()) <= 0:
            self._progressed.clear()
            await self._progressed.wait()
        return 1 if self._budget.is_limited else welcome

    def _welcome(self) -> int:
        """How many more requests; 0 or less for none."""
        if self._batches is not None and self._batches.submits and self._settled:
            return min(MOST_AHEAD - self._waiting_for_slot, self._batches.most - self._under_way)
        under_way = self._under_way - (self._batches.waiting if self._batches is not None else 0)
        if self._patience.last_success is None:  # a wrong key or a dead server is asked once, not fifty times
            return 1 - under_way
        ahead = max(1, min(MOST_AHEAD, self.pacer.limit // 4))
        return min(ahead - self._waiting_for_slot, 2 * self.pacer.most + ahead - under_way)

    async def complete(self, request: Request) -> Completion | Lost:
        """The completion, recorded; or `Lost`, recorded.

        Raises `BudgetReachedError`, `WindingDownError`, `EndpointUnavailableError`, or the `UserError`
        that no further attempt can fix.
        """
        self._under_way += 1
        try:
            return await self._complete(request)
        finally:
            self._under_way -= 1
            self._progressed.set()

    async def _complete(self, request: Request) -> Completion | Lost:
        failures = strikes = 0
        while True:
            sent = self._clock()
            outcome, in_batch = await self._in_turn(request)
            if isinstance(outcome, Completion):
                return outcome
            if outcome is None:
                continue
            failures += 1
            # Only an attempt during which others succeeded speaks against this request.
            calm = (self._patience.last_success or 0) > sent
            strikes += outcome.blames_request and calm
            if not outcome.retryable or strikes >= ATTEMPTS_BEFORE_LOST:
                return await self._lose(request, outcome)
            if not in_batch:  # batches have a patience of their own
                self._patience.check(outcome)
                if outcome.retry_after and not calm and not self._winding_down.is_set():
                    self.pacer.hold(outcome.retry_after)
            await self._wait(backoff_seconds(failures, outcome.retry_after, random.random(), calm=calm))

    async def _in_turn(self, request: Request) -> tuple[Completion | RequestError | None, bool]:
        """What an attempt comes to, and whether it went in a batch. It is made alone until the stage has had
        a success, then beside all others."""
        stage = request.stage
        if stage not in self._settled:
            async with self._ahead[stage]:
                if self._winding_down.is_set():
                    raise WindingDownError
                if stage not in self._settled:
                    return await self._attempt_somehow(request)
        return await self._attempt_somehow(request)

    async def _attempt_somehow(self, request: Request) -> tuple[Completion | RequestError | None, bool]:
        if self._batches is not None:
            held = self._batches.claim(request)
            if held is not None or self._goes_in_batch(request):
                return await self._attempt_in_batch(request, held), True
        return await self._attempt(request), False

    async def _attempt(self, request: Request) -> Completion | RequestError | None:
        """One intent, one slot, one request; the slot is free again before the completion is recorded. None:
        the endpoint does not take it so, and is to be asked otherwise at once."""
        self._waiting_for_slot += 1
        try:
            reservation = await self._reserve(request)
            attempt = await self._writer.intend(
                request,
                reserved_prompt_tokens=reservation.prompt_tokens,
                reserved_completion_tokens=reservation.completion_tokens,
            )
            await self.pacer.acquire()
        finally:
            self._waiting_for_slot -= 1
            self._progressed.set()
        try:
            booked = await self._keep_rate(reservation)
            if self._winding_down.is_set():
                self._budget.withdraw(reservation)
                self._writer.withdraw(attempt)
                raise WindingDownError
            result = await self._send(request, reservation, attempt)
        finally:
            self.pacer.release()
        if isinstance(result, Completion):
            self._rates.correct(result.prompt_tokens + result.completion_tokens - booked)
            return await self._writer.complete(attempt, request, result)
        return result

    def _goes_in_batch(self, request: Request) -> bool:
        return self._batches is not None and self._batches.submits and request.stage in self._settled

    async def _attempt_in_batch(
        self, request: Request, held: OpenAttempt | None
    ) -> Completion | RequestError:
        """One intent, or that of an earlier process; the result of its row in a batch, recorded."""
        assert self._batches is not None
        if held is not None:
            self._progressed.set()  # it waits for a batch, and holds up no other
            attempt = held.number
            reservation = self._budget.adopt(request, held.prompt_tokens, held.completion_tokens)
        else:
            self._waiting_for_slot += 1
            try:
                reservation = await self._reserve(request, in_batch=True)
                attempt = await self._writer.intend(
                    request,
                    reserved_prompt_tokens=reservation.prompt_tokens,
                    reserved_completion_tokens=reservation.completion_tokens,
                    in_batch=True,
                )
            finally:
                self._waiting_for_slot -= 1
                self._progressed.set()
        began = self._clock()
        try:
            completion = await self._batches.complete(request, attempt, reservation.prompt_tokens)
        except ParameterRejectedError as error:
            self._record_failure(reservation, attempt, error, began, in_batch=True)
            return self._late_rejection(request.stage, error)
        except RequestError as error:
            self._record_failure(reservation, attempt, error, began, in_batch=True)
            return error
        except SelfInstructError as error:
            self._record_failure(reservation, attempt, error, began, in_batch=True)
            raise
        self._succeeded(request, reservation, completion)
        return await self._writer.complete(attempt, request, completion)

    async def _keep_rate(self, reservation: Reservation) -> int:
        """Wait, in a slot, until the rates that the user gave allow one more; the tokens booked."""
        booked = reservation.estimate + self._budget.mean_completion_tokens
        wait = self._rates.book(booked)
        if wait:
            with self._waits.for_rate(wait), suppress(TimeoutError):
                await asyncio.wait_for(self._winding_down.wait(), wait)
        return booked

    async def _reserve(self, request: Request, *, in_batch: bool = False) -> Reservation:
        """Hold what the attempt may cost, once it fits: replies still out use less than they reserved."""
        while True:
            reservation = self._budget.reservation(self._as_sent(request), in_batch=in_batch)
            if self._budget.fits(reservation):
                self._budget.reserve(reservation)
                return reservation
            if not self._budget.waiting_may_help:
                raise BudgetReachedError(self._budget.shortfall(reservation))
            self._budget.freed.clear()
            self._waiting_for_budget += 1
            try:
                with self._waits.for_budget():
                    await self._budget.freed.wait()
            finally:
                self._waiting_for_budget -= 1
            if self._winding_down.is_set():
                raise WindingDownError

    async def _send(
        self, request: Request, reservation: Reservation, attempt: int
    ) -> Completion | RequestError | None:
        began = self._clock()
        try:
            with self._waits.for_reply(request.stage, ahead=request.stage not in self._settled):
                completion = await self._model.complete(request)
        except ParameterRejectedError as error:
            adapted = self._renegotiate(request, error)
            self._record_failure(reservation, attempt, error, began, NEGOTIATED if adapted else "")
            return None if adapted else self._late_rejection(request.stage, error)
        except RequestError as error:
            self._record_failure(reservation, attempt, error, began)
            self.pacer.observe(refused=isinstance(error, RateLimitedError), seconds=self._clock() - began)
            return error
        except SelfInstructError as error:
            self._record_failure(reservation, attempt, error, began)
            raise
        self.pacer.observe(refused=False, seconds=self._clock() - began)
        self._waits.succeeded(self._clock() - began)
        self._succeeded(request, reservation, completion)
        if request.stage not in self._settled:
            self._settle(request)
        return completion

    def _succeeded(self, request: Request, reservation: Reservation, completion: Completion) -> None:
        self._budget.settle(reservation, completion)
        self._patience.succeeded()
        self._unrecognized[request.stage].append(False)
        self._late_rejections[request.stage] = 0
        self._progressed.set()

    def _record_failure(
        self,
        reservation: Reservation,
        attempt: int,
        error: SelfInstructError,
        began: float,
        outcome: str = "",
        *,
        in_batch: bool = False,
    ) -> None:
        kind = outcome or type(error).__name__
        if kind != NEGOTIATED:
            self.failures[kind] += 1
            if not in_batch:  # it is not what is waited for
                self._waits.failed(error)
        self._budget.release(reservation)
        self._writer.fail(attempt, kind, str(error), self._clock() - began)

    # ------------------------------------------------------------- what the endpoint takes

    def _as_sent(self, request: Request) -> Request:
        """With the sampling that the endpoint takes, which a budget has to cover."""
        if self._negotiable is None:
            return request
        asked = request.prompt.sampling
        sampling = self._negotiable.capabilities(request.stage).sampling(asked)
        if sampling is asked:
            return request
        return replace(request, prompt=replace(request.prompt, sampling=sampling))

    def _renegotiate(self, request: Request, error: ParameterRejectedError) -> bool:
        """Ask otherwise, if that is still open to change in this stage."""
        stage = request.stage
        if stage in self._settled or self._negotiable is None:
            return False
        adapted = self._negotiable.capabilities(stage).after(error, request.prompt.sampling)
        if adapted is None:
            return False
        self._negotiable.adopt(stage, adapted)
        return True

    def _late_rejection(self, stage: Stage, error: ParameterRejectedError) -> RequestError:
        """A failed attempt like others, where the stage had successes with the same fields: a gateway may
        have passed it to a server that takes less. Raises the error where no such success came, or where ten
        in a row end so."""
        self._late_rejections[stage] += 1
        if stage not in self._settled:
            if error.parameter in LENGTH_FIELDS and not error.hint:
                hint = "It accepts neither name for the limit on a reply's length, which budgets need."
                raise ParameterRejectedError(error.message, error.parameter, hint)
            raise error
        if self._late_rejections[stage] >= IN_A_ROW:
            raise ParameterRejectedError(
                error.message,
                error.parameter,
                f"It accepted such requests before, and what a run sends cannot change once the stage "
                f"{stage} has"
                " had a reply: start a new run.",
            )
        return EndpointFailedError(error.message, error.hint)

    def _settle(self, request: Request) -> None:
        """What the stage's first success was sent with holds from now on."""
        stage = request.stage
        self._settled.add(stage)
        if self._negotiable is None:
            return
        capabilities = self._negotiable.capabilities(stage)
        self._writer.note(capabilities_note(stage), capabilities.to_json())
        self._writer.note(changes_note(stage), list(capabilities.changes(request.prompt.sampling)))
        if stage is Stage.INSTRUCTIONS:
            self._share_what_instructions_taught()

    def _share_what_instructions_taught(self) -> None:
        """Every other stage begins with it, and not with what another taught: which of them comes first is a
        matter of timing, on which data must not depend."""
        if self._negotiable is not None:
            learnt = self._negotiable.capabilities(Stage.INSTRUCTIONS)
            for other in set(Stage) - self._settled:
                self._negotiable.adopt(other, learnt.shared_with(self._negotiable.capabilities(other)))

    # --------------------------------------------------------------------------- giving up

    async def _lose(self, request: Request, error: RequestError) -> Lost:
        reason = "failed"
        if isinstance(error, ContentRefusedError):
            reason = "refused"
            self._refusals += 1
            if self._patience.last_success is None and self._refusals >= REFUSALS_BEFORE_GIVING_UP:
                raise EndpointMismatchError(
                    f"The endpoint refused all of the first {self._refusals} requests: {error.message}"
                )
        elif isinstance(error, UnrecognizedError):
            reason = UNRECOGNIZED
        await self._writer.lose(request, reason, str(error))
        if isinstance(error, UnrecognizedError):
            self._judge_unrecognized(request.stage, error)
        return Lost(reason)

    def _judge_unrecognized(self, stage: Stage, error: UnrecognizedError) -> None:
        """Raises `EndpointRefusesError` where too many of the stage's requests meet such words: then it is
        not what a single one asks for."""
        last = self._unrecognized[stage]
        last.append(True)
        first_all = len(last) == UNRECOGNIZED_AT_FIRST == sum(last)
        in_a_row = len(last) > IN_A_ROW and all(list(last)[-IN_A_ROW:])
        if (
            first_all
            or in_a_row
            or (len(last) == UNRECOGNIZED_OF and sum(last) > UNRECOGNIZED_SHARE * UNRECOGNIZED_OF)
        ):
            raise EndpointRefusesError(
                f"The endpoint refused {sum(last)} of the last {len(last)} requests of the stage {stage}, "
                f"for an unrecognized reason. {error.message}",
                error.hint or UNRECOGNIZED_HINT,
            )

    async def _wait(self, seconds: float) -> None:
        """Sleep without a slot; raises `WindingDownError` as soon as the run is stopping."""
        try:
            with self._waits.to_send_again(seconds):
                async with asyncio.timeout(seconds):
                    await self._winding_down.wait()
        except TimeoutError:
            return
        raise WindingDownError


def _own_rates(endpoint: EndpointConfig) -> str:
    """The rates that the user set, for people; empty where there are none."""
    names = ("requests_per_minute", "tokens_per_minute")
    rates = [(name, getattr(endpoint, name)) for name in names]
    return " and ".join(f"{name} = {rate:,}" for name, rate in rates if rate is not None)
