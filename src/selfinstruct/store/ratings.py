"""What people said about what models wrote: events, and what holds after them.

An event is that a rater rates an item, skips it, or undoes the last thing they did. Events are added and
never changed (`rating_log`). What holds is derived from them, so that undoing is an event like any other, two
tabs or raters cannot overwrite each other, and nothing that anybody said is lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from selfinstruct.store.encoding import clean_text, to_json

__all__ = ["Action", "Event", "Standing", "digest"]


class Action(StrEnum):
    """What a rater did."""

    RATE = "rate"
    SKIP = "skip"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Event:
    """One row.

    number: 1, 2, 3 … in the order in which they were written. time: seconds since 1970.
    item: what was shown. system: whose output to it (`original`, for a run's own); empty for skipping, which
        is of the whole item.
    digest: of the texts shown (`digest`); tells whether they have changed since. Empty likewise.
    answers: by question; empty unless it is a rating.
    edit: what the rater wrote, by field, only those that they changed; empty for no edit.
    undone: the number of the event that this one undoes, whose item, system and digest it has.
    """

    number: int
    time: float
    rater: str
    action: Action
    item: str
    system: str
    digest: str
    answers: Mapping[str, Any]
    edit: Mapping[str, str]
    undone: int | None


def digest(*texts: str) -> str:
    """16 hexadecimal digits that change when a text does."""
    return hashlib.sha256(to_json([clean_text(text) for text in texts]).encode()).hexdigest()[:16]


class Standing:
    """What holds after a number of events, and can be told of more."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.last = 0
        """The number of the latest event."""
        self._live: dict[int, Event] = {}  # ratings and skips that were not undone, by number
        self._ratings: dict[tuple[str, str, str], list[Event]] = {}
        self._skips: dict[tuple[str, str], int] = {}
        self._latest: dict[tuple[str, str], int] = {}
        self.add(events)

    def add(self, events: Iterable[Event]) -> None:
        """Those that follow, in order. What it was told before it leaves out."""
        for event in events:
            if event.number <= self.last:
                continue
            self.last = self._latest[event.rater, event.item] = event.number
            if event.action is Action.UNDO:
                self._take_back(event.undone or 0)
                continue
            self._live[event.number] = event
            if event.action is Action.RATE:
                self._ratings.setdefault(_key(event), []).append(event)
            else:
                skipped = (event.rater, event.item)
                self._skips[skipped] = self._skips.get(skipped, 0) + 1

    def rating(self, rater: str, item: str, system: str) -> Event | None:
        """The latest that was not undone."""
        held = self._ratings.get((rater, item, system))
        return held[-1] if held else None

    def is_skipped(self, rater: str, item: str) -> bool:
        """Whether it was left for later, rated or not."""
        return bool(self._skips.get((rater, item)))

    def latest(self, rater: str, item: str) -> int:
        """The number of the latest event of this rater's about the item, undoing included; 0 for none."""
        return self._latest.get((rater, item), 0)

    def can_undo(self, rater: str) -> bool:
        """Whether there is anything of this rater's to take back."""
        return any(event.rater == rater for event in reversed(self._live.values()))

    def ratings(self) -> Iterator[Event]:
        """One for each rater, item and system: the latest."""
        return (held[-1] for held in self._ratings.values() if held)

    def raters(self) -> tuple[str, ...]:
        """All whose ratings stand, by name."""
        return tuple(sorted({event.rater for event in self.ratings()}))

    def _take_back(self, number: int) -> None:
        event = self._live.pop(number, None)
        if event is None:
            return  # undone twice; the store lets none through
        if event.action is Action.RATE:
            self._ratings[_key(event)].remove(event)
        else:
            self._skips[event.rater, event.item] -= 1


def _key(event: Event) -> tuple[str, str, str]:
    return (event.rater, event.item, event.system)
