"""A reply that is no success, read as far as every kind of error needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import ErrorBody
from selfinstruct.models.http.retry_after import wait_seconds

__all__ = ["ErrorReply"]


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """headers: with lower-case names. said: who answered what, for the message. page: a web page."""

    status: int
    headers: Mapping[str, str]
    body: ErrorBody
    said: str
    endpoint: Endpoint
    page: bool = False

    @property
    def wait(self) -> float | None:
        """Seconds that it asks to wait."""
        return wait_seconds(self.headers, self.body, rate_limited=self.status == 429)
