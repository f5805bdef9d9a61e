"""How many valid tasks the work already under way will yield.

Decides when tickets stop going out, and which tasks are worth a request near the end. A wrong guess
costs a few requests or a little time, never a task: the data set does not depend on it.
"""

from __future__ import annotations

from collections import deque
from math import sqrt

__all__ = ["Projection"]

RECENT_TICKETS = 30
PRIOR_ADMITTED, PRIOR_TICKETS = 8, 2  # before anything is known: four admitted a ticket
PRIOR_VALID, PRIOR_TASKS = 9, 10  # and nine tasks in ten with a valid instance


class Projection:
    """Running estimates of the yield of tickets and of tasks."""

    def __init__(self) -> None:
        self._admitted: deque[int] = deque(maxlen=RECENT_TICKETS)
        self._valid = 0
        self._settled = 0

    def ticket_admitted(self, admitted: int) -> None:
        """One more ticket brought so many instructions into the pool."""
        self._admitted.append(admitted)

    def task_settled(self, valid: bool) -> None:
        """One more task turned out to have a valid instance, or none."""
        self._valid += valid
        self._settled += 1

    @property
    def admitted_per_ticket(self) -> float:
        """Instructions that a ticket brings, over the last ones."""
        return (sum(self._admitted) + PRIOR_ADMITTED) / (len(self._admitted) + PRIOR_TICKETS)

    @property
    def valid_share(self) -> float:
        """Of the admitted tasks, those with a valid instance."""
        return (self._valid + PRIOR_VALID) / (self._settled + PRIOR_TASKS)

    def cautious_yield(self, *, pending: float, tickets: int = 0) -> float:
        """Valid tasks to expect from `pending` unsettled tasks and `tickets` tickets still out, less
        one standard deviation: being a little short near the end costs three more round trips, being
        a little over costs a few requests.
        """
        share = self.valid_share
        from_tickets = tickets * self.admitted_per_ticket
        variance = pending * share * (1 - share) + from_tickets * share
        return (pending + from_tickets) * share - sqrt(variance)
