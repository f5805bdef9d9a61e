"""When to give an endpoint up: it never answered, sends nothing that can be read, has not answered for too
long, or asks to wait longer than that.

The run then stops and can be resumed; no request is lost to an endpoint in trouble.
"""

from __future__ import annotations

from collections.abc import Callable

from selfinstruct.errors import (
    ConnectionFailedError,
    EndpointUnavailableError,
    MalformedReplyError,
    RequestError,
)
from selfinstruct.pipeline.wording import duration

__all__ = ["Patience"]

FAILURES_BEFORE_GIVING_UP = 4  # of one kind that waiting seldom fixes, when nothing has ever succeeded
UNREADABLE_SECONDS = 60.0  # of nothing but unreadable replies, after a success
AGAIN_HINT = "Run the same command again once it is."
RESUME_HINT = "Everything received is kept: run the same command again to resume."


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
