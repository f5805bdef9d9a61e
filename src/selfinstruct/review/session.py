"""A review under way: whose turn is which item, what was said, what is still open.

Knows nothing of pages. What it says is derived from the log, and events of other processes are seen as well
as its own; so it may be killed at any moment, and another begun in its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from selfinstruct.ratings.scores import JudgeFigures, judged_figures
from selfinstruct.ratings.summary import RatingsSummary, ratings_of_run, summarize
from selfinstruct.review.items import Material, Response, ReviewItem
from selfinstruct.store.rating_log import RatingLog
from selfinstruct.store.ratings import Event, Standing
from selfinstruct.store.reader import RunReader

__all__ = ["ReviewProgress", "Session"]

Written = TypeVar("Written")

OPEN, SKIPPED, DONE = range(3)
"""What an item is to a rater."""


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """Of one rater. done: items of which everything is rated; skipped: others that were left for later."""

    done: int
    skipped: int
    total: int


class Session:
    """`refresh` first, then ask; the answers are as of the last refresh. Items are numbered from 0."""

    def __init__(self, material: Material, log: RatingLog) -> None:
        self.material = material
        self._log = log
        self._standing = Standing()
        self._current = material.digests()
        self._number = {item.id: number for number, item in enumerate(material.items)}
        self._states: dict[str, bytearray] = {}  # by rater: a state for each item

    async def refresh(self) -> None:
        """Take in what was written since, by whomever."""
        events = await asyncio.to_thread(self._log.events, self._standing.last)
        self._standing.add(events)
        for event in events:
            if (number := self._number.get(event.item)) is not None:
                self._of(event.rater)[number] = self._state(event.rater, self.material.items[number])

    async def rate(
        self,
        rater: str,
        item: ReviewItem,
        response: Response,
        answers: Mapping[str, Any],
        *,
        edit: Mapping[str, str] | None = None,
        once: str | None = None,
    ) -> bool:
        """Whether it is new; False for a form that was there before. On the disk when this returns."""
        return await self._write(
            lambda: self._log.rate(
                rater, item.id, response.system, response.digest, answers, edit=edit, once=once
            )
        )

    async def skip(self, rater: str, item: ReviewItem, *, once: str | None = None) -> bool:
        """Leave what of the item is not rated for later."""
        return await self._write(lambda: self._log.skip(rater, item.id, once=once))

    async def undo(self, rater: str, *, once: str | None = None) -> tuple[bool, int | None]:
        """Whether there was a rating or a skip to take back, and the number of its item; None where it is
        none of these items."""
        undone = await self._write(lambda: self._log.undo(rater, once=once))
        return (False, None) if undone is None else (True, self._number.get(undone[0]))

    async def _write(self, write: Callable[[], Written]) -> Written:
        result = await asyncio.to_thread(write)
        await self.refresh()
        return result

    def rating(self, rater: str, item: ReviewItem, response: Response) -> Event | None:
        """What holds; None also where it was said of a text that has changed since."""
        rating = self._standing.rating(rater, item.id, response.system)
        return rating if rating is not None and rating.digest == response.digest else None

    def latest(self, rater: str, item: ReviewItem) -> int:
        """The number of the latest event about the item, undone or not; 0 for none. Two tabs that know
        different numbers do not know of each other."""
        return self._standing.latest(rater, item.id)

    def can_undo(self, rater: str) -> bool:
        """Whether there is anything to take back."""
        return self._standing.can_undo(rater)

    def progress(self, rater: str) -> ReviewProgress:
        """Of all items."""
        states = self._of(rater)
        return ReviewProgress(states.count(DONE), states.count(SKIPPED), len(states))

    def next_open(self, rater: str, after: int = -1) -> int | None:
        """The next item that is neither done nor skipped, from `after` on and then from the beginning; then
        the next skipped one; None where all are done."""
        states = self._of(rater)
        for state in (OPEN, SKIPPED):
            for start in (after + 1, 0):
                if (found := states.find(state, start)) >= 0:
                    return found
        return None

    def raters(self) -> tuple[str, ...]:
        """All who have rated here, by name."""
        return self._standing.raters()

    async def summary(self) -> RatingsSummary | None:
        """Of all ratings; those of texts that have changed are counted apart, where the text is at hand: of
        a run always, whatever the sample."""
        if not self.material.compares:
            return await asyncio.to_thread(ratings_of_run, RunReader(self.material.directory))
        ratings = list(self._standing.ratings())
        return await asyncio.to_thread(summarize, ratings, self._current)

    async def judged(self) -> JudgeFigures | None:
        """What models said of a run's instances, beside people; None for predictions, and where none was
        asked."""
        if self.material.compares:
            return None
        return await asyncio.to_thread(judged_figures, RunReader(self.material.directory))

    def _of(self, rater: str) -> bytearray:
        return self._states.setdefault(rater, bytearray(len(self.material.items)))

    def _state(self, rater: str, item: ReviewItem) -> int:
        if all(self.rating(rater, item, response) for response in item.responses):
            return DONE
        return SKIPPED if self._standing.is_skipped(rater, item.id) else OPEN
