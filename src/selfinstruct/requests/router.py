"""Which model does which stage: a request goes to the dispatcher of its stage's model.

As a rule one model does all, and there is one dispatcher.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from selfinstruct.records import Completion, Request, Stage
from selfinstruct.requests.batches.queue import BatchListener
from selfinstruct.requests.dispatch import Dispatcher, Lost
from selfinstruct.requests.waits import Stall

__all__ = ["Router"]


class Router:
    """Looks like a dispatcher to whoever sends requests."""

    def __init__(self, by_stage: Mapping[Stage, Dispatcher]) -> None:
        self._by_stage = by_stage
        self._all = list(dict.fromkeys(by_stage.values()))

    async def room(self) -> int:
        """Wait until each of them would welcome one more: which comes next is not known yet. How many they
        all would."""
        return min([await dispatcher.room() for dispatcher in self._all])

    async def complete(self, request: Request) -> Completion | Lost:
        """See `Dispatcher.complete`."""
        return await self._by_stage[request.stage].complete(request)

    def wind_down(self) -> None:
        """Send nothing again; what is out may still come back."""
        for dispatcher in self._all:
            dispatcher.wind_down()

    def stall(self) -> Stall | None:
        """That of the first dispatcher that is stalled, failing ones first; where there are several, with the
        stages that it is for."""
        found = []
        for dispatcher in self._all:
            stall = dispatcher.stall()
            if stall is not None:
                stages = ", ".join(stage for stage, each in self._by_stage.items() if each is dispatcher)
                named = stall if len(self._all) == 1 else stall.named(stages)
                found.append(named)
        return min(found, key=lambda each: not each.failure, default=None)

    def listen(self, listener: BatchListener) -> None:
        """See `Dispatcher`."""
        for dispatcher in self._all:
            dispatcher.listen(listener)

    @property
    def waiting_for_batches(self) -> int:
        """See `Dispatcher`; 0 while one of them has something to send or to collect."""
        if any(dispatcher.has_batches_to_do for dispatcher in self._all):
            return 0
        return sum(dispatcher.waiting_for_batches for dispatcher in self._all)

    @property
    def batches_out(self) -> bool:
        """See `Dispatcher`."""
        return any(dispatcher.batches_out for dispatcher in self._all)

    def abandon(self) -> None:
        """See `Dispatcher`."""
        for dispatcher in self._all:
            dispatcher.abandon()

    async def aclose(self) -> None:
        """See `Dispatcher`."""
        for dispatcher in self._all:
            await dispatcher.aclose()

    @property
    def failures(self) -> Counter[str]:
        """Attempts that failed, by error class."""
        return sum((dispatcher.failures for dispatcher in self._all), Counter())

    @property
    def in_flight(self) -> int:
        """Requests out at this moment."""
        return sum(dispatcher.in_flight for dispatcher in self._all)

    @property
    def limit(self) -> int:
        """Requests that may be out at present."""
        return sum(dispatcher.limit for dispatcher in self._all)

    @property
    def most(self) -> int:
        """Requests that may ever be out."""
        return sum(dispatcher.most for dispatcher in self._all)

    @property
    def round_trip(self) -> float:
        """Seconds from request to reply, of the slowest model; 0 before the first reply."""
        return max(dispatcher.pacer.round_trip for dispatcher in self._all)
