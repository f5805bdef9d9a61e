"""What a run waits for while no reply comes in. The dispatcher notes it as it happens; a display asks at any
moment, and is told nothing as long as replies keep coming.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from math import ceil
from typing import Generic, TypeVar

from selfinstruct.errors import SelfInstructError
from selfinstruct.records import Stage
from selfinstruct.text.messages import duration, shortened

__all__ = ["Stall", "Waits"]

QUIET_SECONDS = 1.0  # without a success, before failures are a stall and not a few among many
SLOW_SECONDS, SLOWEST_SECONDS = 5.0, 60.0  # without a reply, before that is worth a word
ROUND_TRIPS = 3.0  # likewise, between the two: of the time that replies usually take

_ANSWERED = re.compile(r"^\S+ answered (?=\d{3}: )")
"""The endpoint's address, which the user knows, before the status of its reply."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Stall:
    """Why no reply comes in, at one moment.

    kind: one word for it; a display that prints lines says at once when it changes.
    doing: what is waited for, and for how long. failure: the message of the last failure since the last
    success, and tally: how many there were; both empty where nothing failed.
    over: what came of it, for when it has passed; empty where that goes without saying.
    """

    kind: str
    doing: str
    failure: str = ""
    tally: str = ""
    over: str = ""

    def named(self, stages: str) -> Stall:
        """The same, saying which stages it is for."""
        return replace(self, kind=f"{self.kind} {stages}", doing=f"{stages}: {self.doing}")

    def sentence(self, width: int) -> str:
        """All of it in one line of about so many characters; the failure's message is what is cut."""
        if not self.failure:
            return shortened(self.doing, width)
        before, after = f"{self.doing} after ", f" ({self.tally})"
        return before + shortened(self.failure, max(20, width - len(before) - len(after))) + after


class Waits:
    """What the requests of one dispatcher wait for, each for as long as the context of its method is open.

    rates: the user's own limits, such as `requests_per_minute = 10`, for people.
    """

    def __init__(self, rates: str, clock: Callable[[], float]) -> None:
        self._rates, self._clock = rates, clock
        self._success: float | None = None
        self._usual = 0.0
        self._failure: SelfInstructError | None = None
        self._failures = 0
        self._failing_since = 0.0
        self._replies: dict[object, tuple[float, Stage, bool]] = {}
        self._pauses: dict[object, float] = {}
        self._turns: dict[object, float] = {}
        self._reservations: dict[object, float] = {}

    @property
    def out(self) -> int:
        """Requests sent whose reply has not come."""
        return len(self._replies)

    def for_reply(self, stage: Stage, *, ahead: bool) -> AbstractContextManager[None]:
        """ahead: nothing of this stage was completed yet, so that its other requests wait for this one."""
        return _Held(self._replies, (self._clock(), stage, ahead))

    def to_send_again(self, seconds: float) -> AbstractContextManager[None]:
        """After a failure."""
        return _Held(self._pauses, self._clock() + seconds)

    def for_rate(self, seconds: float) -> AbstractContextManager[None]:
        """To keep to the user's own limits."""
        return _Held(self._turns, self._clock() + seconds)

    def for_budget(self) -> AbstractContextManager[None]:
        """Until replies that are out use less than was reserved for them."""
        return _Held(self._reservations, self._clock())

    def succeeded(self, seconds: float) -> None:
        """A reply came in, after so many seconds."""
        self._usual = 0.8 * self._usual + 0.2 * seconds if self._usual else seconds
        self._success = self._clock()
        self._failure, self._failures = None, 0

    def failed(self, error: SelfInstructError) -> None:
        """An attempt failed."""
        if self._failure is None:
            self._failing_since = self._clock()
        self._failure = error
        self._failures += 1

    def stall(self, *, loading: bool = False) -> Stall | None:
        """None while replies come in, or are about to. loading: the model is not ready yet."""
        now = self._clock()
        quiet = float("inf") if self._success is None else now - self._success
        slow = min(SLOWEST_SECONDS, max(SLOW_SECONDS, ROUND_TRIPS * self._usual))
        if self._failure is not None and quiet >= (slow if self._replies else QUIET_SECONDS):
            return self._failing(self._failure, now)
        if self._replies:
            oldest, stage, ahead = next(iter(self._replies.values()))
            seconds = min(quiet, now - oldest)
            if loading and seconds >= QUIET_SECONDS:
                done = f"The model is loaded, after {duration(seconds)}."
                return Stall("loading", f"loading the model ({duration(seconds)})", over=done)
            return self._slow(seconds, stage, ahead=ahead) if seconds >= slow else None
        next_turn = min(self._turns.values(), default=now) - now
        if next_turn >= QUIET_SECONDS and quiet >= QUIET_SECONDS:
            return Stall("rate", f"next request in {_whole(next_turn)}, to keep to {self._rates}")
        return None

    def _failing(self, failure: SelfInstructError, now: float) -> Stall:
        pause = min(self._pauses.values(), default=now) - now
        doing = "asking again"
        if self._replies:
            oldest, _, _ = next(iter(self._replies.values()))
            doing += f" for {duration(now - oldest)}" if now - oldest >= SLOW_SECONDS else ""
        elif pause >= QUIET_SECONDS:
            doing = f"waiting {_whole(pause)}"
        failures = "1 failure" if self._failures == 1 else f"{self._failures:,} failures"
        lasted = duration(now - self._failing_since)
        return Stall(
            kind=type(failure).__name__,
            doing=doing,
            failure=_within(failure.message) or type(failure).__name__,
            tally=f"no success yet, {failures}" if self._success is None else f"{failures} in {lasted}",
            over=f"Replies are arriving again, after {failures} in {lasted}.",
        )

    def _slow(self, seconds: float, stage: Stage, *, ahead: bool) -> Stall:
        lasted, over = duration(seconds), f"Replies are arriving again, after {duration(seconds)}."
        if self._success is None:
            doing = f"waiting for the first reply ({lasted})"
            return Stall("first_reply", doing, over=f"The first reply came after {lasted}.")
        if ahead:
            doing = f"waiting for the first reply of the stage {stage} ({lasted}); others follow it"
            return Stall("first_of_stage", doing, over=over)
        if self._reservations:
            doing = f"waiting for replies ({lasted}); the rest of the budget is reserved for them"
            return Stall("budget", doing, over=over)
        count = f"{len(self._replies):,} requests out" if len(self._replies) > 1 else "1 request out"
        return Stall("slow", f"no reply for {lasted}, {count}", over=over)


class _Held(AbstractContextManager[None], Generic[_T]):
    """Keeps a value among those while the context is open. They keep their order: the oldest is first."""

    def __init__(self, those: dict[object, _T], value: _T) -> None:
        self._those, self._value = those, value

    def __enter__(self) -> None:
        self._those[self] = self._value

    def __exit__(self, *_: object) -> None:
        del self._those[self]


def _within(message: str) -> str:
    """A failure's message in one line, to stand within a sentence."""
    short = _ANSWERED.sub("", " ".join(message.split())).rstrip(".")
    return short[:1].lower() + short[1:] if short[1:2].islower() else short


def _whole(seconds: float) -> str:
    """Never `0 s` for what is still to be waited."""
    return duration(ceil(seconds))
