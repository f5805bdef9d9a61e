"""One request, from its intent to its completion: budget, retries, waiting, giving up.

Every attempt is recorded before it is sent and every completion before it is returned, so that after any
kill the budget still holds and nothing that was paid for is asked again.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from selfinstruct.config import EndpointConfig
from selfinstruct.errors import (
    ContentRefusedError,
    EndpointMismatchError,
    ParameterRejectedError,
    RateLimitedError,
    RequestError,
    SelfInstructError,
)
from selfinstruct.models.base import Model, NegotiableModel
from selfinstruct.pipeline.budget import Budget, Reservation
from selfinstruct.pipeline.pacing import Pacer, backoff_seconds
from selfinstruct.pipeline.patience import Patience
from selfinstruct.pipeline.rates import RateLimiter
from selfinstruct.records import Completion, Request
from selfinstruct.store.writer import RunWriter

__all__ = ["BudgetReachedError", "Dispatcher", "Lost", "WindingDownError"]

ATTEMPTS_BEFORE_LOST = 8
REFUSALS_BEFORE_GIVING_UP = 10  # for content, when nothing was ever completed
MOST_AHEAD = 32  # requests made ready before there is a slot for them


class BudgetReachedError(Exception):
    """Control flow: no further attempt fits the budget. Never leaves pipeline/."""


class WindingDownError(Exception):
    """Control flow: the run is stopping, and this request was waiting to be sent again."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A request that will never have a completion."""

    reason: str


class Dispatcher:
    """Sends the requests of one invocation.

    Requests go one by one until the first has succeeded. negotiated: whether an earlier invocation already
    settled what the endpoint takes; where not, that first success settles it, and it is noted under `note`.
    """

    def __init__(
        self,
        model: Model,
        writer: RunWriter,
        budget: Budget,
        pacer: Pacer,
        endpoint: EndpointConfig,
        *,
        negotiated: bool,
        note: str = "capabilities",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._model, self._writer, self._budget, self.pacer = model, writer, budget, pacer
        self._rates = RateLimiter(endpoint.requests_per_minute, endpoint.tokens_per_minute, clock)
        self._patience = Patience(endpoint.patience_seconds, clock)
        self._negotiated = negotiated
        self._note = note
        self._clock = clock
        self._refusals = 0
        self._winding_down = asyncio.Event()
        self._reservation_freed = asyncio.Event()
        self._under_way = 0
        self._waiting_for_slot = 0
        self._progressed = asyncio.Event()
        self.failures: Counter[str] = Counter()

    def wind_down(self) -> None:
        """Send nothing again; what is out may still come back."""
        self._winding_down.set()
        self._reservation_freed.set()  # whoever waits for one need not wait any more

    async def room(self) -> None:
        """Wait until one more request is welcome.

        A few are always made ready ahead of the slots: their intents are on the disk already when a slot
        becomes free, so that no slot ever waits for a commit. No more are begun while as many as there
        are slots wait to be sent again: an endpoint in trouble is not asked for ever more.
        """
        while not self._has_room():
            self._progressed.clear()
            await self._progressed.wait()

    def _has_room(self) -> bool:
        if self._patience.last_success is None:  # a wrong key or a dead server is asked once, not fifty times
            return self._under_way == 0
        ahead = max(1, min(MOST_AHEAD, self.pacer.limit // 4))
        return self._waiting_for_slot < ahead and self._under_way < 2 * self.pacer.most + ahead

    async def complete(self, request: Request) -> Completion | Lost:
        """The completion, recorded; or `Lost`, recorded.

        Raises `BudgetReachedError`, `WindingDownError`, `EndpointUnavailableError`, or the `UserError`
        that no further attempt can mend.
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
            outcome = await self._attempt(request)
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
            self._patience.check(outcome, failures, self.failures)
            await self._wait(backoff_seconds(failures, outcome.retry_after, random.random(), calm=calm))

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

    async def _keep_rate(self, reservation: Reservation) -> int:
        """Wait, in a slot, until the rates that the user gave allow one more; the tokens booked."""
        booked = reservation.estimate + self._budget.mean_completion_tokens
        wait = self._rates.book(booked)
        if wait:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._winding_down.wait(), wait)
        return booked

    async def _reserve(self, request: Request) -> Reservation:
        """Hold what the attempt may cost, once it fits: replies still out use less than they reserved."""
        while True:
            reservation = self._budget.reservation(request)
            if self._budget.fits(reservation):
                self._budget.reserve(reservation)
                return reservation
            if not self._budget.waiting_may_help:
                raise BudgetReachedError
            self._reservation_freed.clear()
            await self._reservation_freed.wait()
            if self._winding_down.is_set():
                raise WindingDownError

    async def _send(
        self, request: Request, reservation: Reservation, attempt: int
    ) -> Completion | RequestError | None:
        began = self._clock()
        try:
            completion = await self._model.complete(request)
        except ParameterRejectedError as error:
            self._record_failure(reservation, attempt, error, began)
            if not self._renegotiate(error):
                raise
            return None
        except RequestError as error:
            self._record_failure(reservation, attempt, error, began)
            self.pacer.observe(refused=isinstance(error, RateLimitedError), seconds=self._clock() - began)
            return error
        except SelfInstructError as error:
            self._record_failure(reservation, attempt, error, began)
            raise
        self._budget.settle(reservation, completion)
        self._reservation_freed.set()
        self.pacer.observe(refused=False, seconds=self._clock() - began)
        self._patience.succeeded()
        self._progressed.set()
        if not self._negotiated:
            self._settle_negotiation()
        return completion

    def _record_failure(
        self, reservation: Reservation, attempt: int, error: SelfInstructError, began: float
    ) -> None:
        kind = type(error).__name__
        self.failures[kind] += 1
        self._budget.release(reservation)
        self._reservation_freed.set()
        self._writer.fail(attempt, kind, str(error), self._clock() - began)

    # ------------------------------------------------------------- what the endpoint takes

    def _renegotiate(self, error: ParameterRejectedError) -> bool:
        """Leave the rejected parameter out, if that is still open to change."""
        if self._negotiated or not isinstance(self._model, NegotiableModel):
            return False
        adapted = self._model.capabilities.without(error.parameter)
        if adapted is None:
            return False
        self._model.adopt(adapted)
        return True

    def _settle_negotiation(self) -> None:
        self._negotiated = True
        if isinstance(self._model, NegotiableModel):
            capabilities = self._model.capabilities
            self._writer.note(self._note, capabilities.to_json())

    # --------------------------------------------------------------------------- giving up

    async def _lose(self, request: Request, error: RequestError) -> Lost:
        if isinstance(error, ContentRefusedError):
            reason = "refused"
            self._refusals += 1
            if self._patience.last_success is None and self._refusals >= REFUSALS_BEFORE_GIVING_UP:
                raise EndpointMismatchError(
                    f"The endpoint refused each of the first {self._refusals} requests: {error.message}"
                )
        else:
            reason = "failed"
        await self._writer.lose(request, reason, str(error))
        return Lost(reason)

    async def _wait(self, seconds: float) -> None:
        """Sleep without a slot; raises `WindingDownError` as soon as the run is stopping."""
        try:
            async with asyncio.timeout(seconds):
                await self._winding_down.wait()
        except TimeoutError:
            return
        raise WindingDownError
