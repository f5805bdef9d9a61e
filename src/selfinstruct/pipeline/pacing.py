"""Pacing: how many requests are out at once, and how long a refused one waits.

The limit falls only when more than a fifth of a round trip's replies were refusals, and then at most once
a round trip: halving at every single 429 would hold an endpoint that refuses one request in ten near four
in flight, however many it could serve. It never falls below an eighth of what was asked for: an endpoint
that refuses at random, whatever the load, would otherwise be asked one by one.

While an endpoint that answers nobody has said how long to wait, no slot is given at all: every request sent
then would be refused like the one that was told.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

__all__ = ["Pacer", "backoff_seconds"]

REFUSED_SHARE = 0.2
LOWEST_SHARE = 8  # of the slots asked for, one in so many always stays
FEWEST_JUDGED = 5  # replies in a round trip, before their refused share means anything
FIRST_WAIT, LONGEST_WAIT = 0.05, 60.0
LONGEST_CALM_WAIT = 1.0


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
