"""When to give an endpoint up: it never answered, or has not for too long, or asks to wait longer than that.

The run then stops and can be resumed; no request is lost to an endpoint in trouble.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from selfinstruct.errors import EndpointUnavailableError, RequestError

__all__ = ["Patience"]

CONNECTIONS_BEFORE_GIVING_UP = 4  # refused ones, when nothing has ever answered
AGAIN_HINT = "Run the same command again once it is."
RESUME_HINT = "Everything received is kept: run the same command again to resume."


class Patience:
    """last_success: by the clock; None before the first."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._started = clock()
        self.last_success: float | None = None

    def succeeded(self) -> None:
        """A request was completed."""
        self.last_success = self._clock()

    def check(self, error: RequestError, failures: int, kinds: Collection[str]) -> None:
        """After a request has failed so many times in a row. kinds: classes of all errors so far.

        Raises EndpointUnavailableError when it is enough.
        """
        if (
            self.last_success is None
            and failures >= CONNECTIONS_BEFORE_GIVING_UP
            and set(kinds) == {"ConnectionFailedError"}
        ):
            raise EndpointUnavailableError(error.message, f"{error.hint} {AGAIN_HINT}".strip())
        if error.retry_after is not None and error.retry_after > self._seconds:
            raise EndpointUnavailableError(
                f"The endpoint asks to wait {error.retry_after / 60:.0f} minutes: {error.message}",
                RESUME_HINT,
            )
        quiet = self._clock() - (self.last_success or self._started)
        if quiet > self._seconds:
            raise EndpointUnavailableError(
                f"No request succeeded for {quiet / 60:.0f} minutes; the last error: {error.message}",
                RESUME_HINT,
            )
