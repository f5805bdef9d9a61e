"""Pacing: how many requests are out at once, and how long a refused one waits.

The limit falls only when more than a fifth of a round trip's replies were refusals, and then at most once
a round trip: halving at every single 429 would hold an endpoint that refuses one request in ten near four
in flight, however many it could serve. It never falls below an eighth of what was asked for: an endpoint
that refuses at random, whatever the load, would otherwise be asked one by one.

While an endpoint that answers nobody has said how long to wait, no slot is given at all: every request sent
then would be refused like the one that was told.

`Patience` decides when to give an endpoint up: it never answered, sends nothing that can be read, has not
answered for too long, or asks to wait longer than that. The run then stops and can be resumed; no request is
lost to an endpoint in trouble.

`RateLimiter` keeps to so many requests and tokens a minute, for accounts whose limits are known: spread
evenly rather than spent at once, with a few seconds' worth of leeway, since providers count over different
spans, and an even flow is below the limit over each of them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from selfinstruct.errors import (
    ConnectionFailedError,
    EndpointUnavailableError,
    MalformedReplyError,
    RequestError,
)
from selfinstruct.text.messages import duration

__all__ = ["Pacer", "Patience", "RateLimiter", "WindingDownError", "backoff_seconds"]

REFUSED_SHARE = 0.2
LOWEST_SHARE = 8  # of the slots asked for, one in so many always stays
FEWEST_JUDGED = 5  # replies in a round trip, before their refused share means anything
FIRST_WAIT, LONGEST_WAIT = 0.05, 60.0
LONGEST_CALM_WAIT = 1.0
FAILURES_BEFORE_GIVING_UP = 4  # of one kind that waiting seldom fixes, when nothing has ever succeeded
UNREADABLE_SECONDS = 60.0  # of nothing but unreadable replies, after a success
AGAIN_HINT = "Run the same command again once it is."
RESUME_HINT = "Everything received is kept: run the same command again to resume."
LEEWAY_SECONDS = 5.0


class WindingDownError(Exception):
    """Control flow: the run is stopping, and this request was waiting to be sent again, or for a batch."""


def backoff_seconds(failures: int, retry_after: float | None, jitter: float, *, calm: bool) -> float:
    """Seconds to wait before the next attempt after so many failures (1 or more).

    calm: the endpoint answers others meanwhile, so that this request met a passing fault; where it does
        not, waits grow to a minute.
    jitter: 0 to 1, spreads requests that failed together. What the endpoint asked for is a floor.
    """
    longest = LONGEST_CALM_WAIT if calm else LONGEST_WAIT
    wait = min(longest, FIRST_WAIT * 2.0 ** min(failures - 1, 20)) * (0.5 + 0.5 * jitter)
    return wait if retry_after is None else max(wait, retry_after * (1 + 0.1 * jitter))


class Pacer:
    """Slots for requests in flight: at most `limit`, which adapts between an eighth of `most` and `most`."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self.most = most
        self.limit = most
        self.in_flight = 0
        self.round_trip = 0.0
        """Seconds from request to reply, smoothed; 0 before the first."""
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._hold: asyncio.TimerHandle | None = None
        self._round_began = clock()
        self._answered = 0
        self._refused = 0

    async def acquire(self) -> None:
        """Wait for a slot, first come first served."""
        if self.in_flight < self.limit and not self._waiting and self._hold is None:
            self.in_flight += 1
            return
        slot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(slot)
        try:
            await slot
        except asyncio.CancelledError:
            if not slot.cancelled():
                self.release()  # it was handed over just before the cancellation
            raise

    def release(self) -> None:
        """Give a slot back."""
        self.in_flight -= 1
        self._hand_over()

    def hold(self, seconds: float) -> None:
        """Give no slot for so long, or for longer where that was asked for already."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if self._hold is None or self._hold.when() < until:
            if self._hold is not None:
                self._hold.cancel()
            self._hold = loop.call_at(until, self.resume)

    def resume(self) -> None:
        """Give slots again."""
        if self._hold is not None:
            self._hold.cancel()
            self._hold = None
        self._hand_over()

    def set_limit(self, limit: int) -> None:
        """Allow so many in flight; those already out stay."""
        self.limit = max(1, self.most // LOWEST_SHARE, min(limit, self.most))
        self._hand_over()

    def observe(self, *, refused: bool, seconds: float) -> None:
        """One reply, or refusal for load, after so many seconds."""
        self._answered += 1
        self._refused += refused
        if not refused:
            self.round_trip = seconds if not self.round_trip else 0.8 * self.round_trip + 0.2 * seconds
        now = self._clock()
        if self._answered < FEWEST_JUDGED or now - self._round_began < self.round_trip:
            return
        if self._refused > REFUSED_SHARE * self._answered:
            self.set_limit(self.limit // 2)
        elif self.limit < self.most:
            self.set_limit(self.limit + max(1, self.limit // 4))
        self._round_began, self._answered, self._refused = now, 0, 0

    def _hand_over(self) -> None:
        while self._hold is None and self._waiting and self.in_flight < self.limit:
            slot = self._waiting.popleft()
            if not slot.done():
                self.in_flight += 1
                slot.set_result(None)


class Patience:
    """last_success: by the clock; None before the first."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._started = clock()
        self._since_success: dict[type[RequestError], int] = {}
        self.last_success: float | None = None

    def succeeded(self) -> None:
        """A request was completed."""
        self.last_success = self._clock()
        self._since_success.clear()

    def check(self, error: RequestError) -> None:
        """After a request has failed. Raises EndpointUnavailableError when it is enough."""
        self._since_success[type(error)] = self._since_success.get(type(error), 0) + 1
        quiet = self._clock() - (self._started if self.last_success is None else self.last_success)
        if self._nothing_but(ConnectionFailedError) and self.last_success is None:
            raise EndpointUnavailableError(error.message, f"{error.hint} {AGAIN_HINT}".strip())
        if self._nothing_but(MalformedReplyError) and (
            self.last_success is None or quiet > min(UNREADABLE_SECONDS, self._seconds)
        ):
            raise EndpointUnavailableError(
                f"None of the last {self._since_success[type(error)]} replies could be read; the last one:"
                f" {error.message}",
                f"{error.hint} {RESUME_HINT}".strip(),
            )
        if error.retry_after is not None and error.retry_after > self._seconds:
            raise EndpointUnavailableError(
                f"The endpoint asks to wait {duration(error.retry_after)}: {error.message}", RESUME_HINT
            )
        if quiet > self._seconds:
            raise EndpointUnavailableError(
                f"No request succeeded for {duration(quiet)}; the last error: {error.message}", RESUME_HINT
            )

    def _nothing_but(self, kind: type[RequestError]) -> bool:
        """Of all failures since the last success, and enough of them."""
        failures = self._since_success
        return set(failures) == {kind} and failures[kind] >= FAILURES_BEFORE_GIVING_UP


class RateLimiter:
    """Says how long each request has to wait. None for a limit: there is none.

    What is asked for is booked at once, so that requests are served in the order in which they ask.
    """

    def __init__(
        self,
        requests_per_minute: int | None,
        tokens_per_minute: int | None,
        clock: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._requests = _Flow(requests_per_minute)
        self._tokens = _Flow(tokens_per_minute)

    def book(self, tokens: int) -> float:
        """Seconds until a request of about so many tokens, prompt and reply, may be sent."""
        now = self._clock()
        return max(self._requests.book(1, now), self._tokens.book(tokens, now))

    def correct(self, tokens: int) -> None:
        """A request used so many tokens more than were booked for it; fewer where negative."""
        self._tokens.correct(tokens)


class _Flow:
    """An even flow of units: the moment at which all that was booked will have passed."""

    def __init__(self, per_minute: int | None) -> None:
        self._seconds_a_unit = 60.0 / per_minute if per_minute else 0.0
        self._booked_until = float("-inf")

    def book(self, units: int, now: float) -> float:
        if not self._seconds_a_unit:
            return 0.0
        start = max(self._booked_until, now - LEEWAY_SECONDS)
        self._booked_until = start + units * self._seconds_a_unit
        return max(0.0, start - now)

    def correct(self, units: int) -> None:
        self._booked_until += units * self._seconds_a_unit
