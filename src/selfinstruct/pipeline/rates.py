"""So many requests and tokens a minute at most, for accounts whose limits are known.

Spread evenly rather than spent at once, with a few seconds' worth of leeway: providers count over
different spans, and an even flow is below the limit over each of them.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["RateLimiter"]

LEEWAY_SECONDS = 5.0


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
