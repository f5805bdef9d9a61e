"""Requests that wait to be put into a batch, and how many of them the next one may have."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from selfinstruct.config import BatchConfig
from selfinstruct.models.base import Api
from selfinstruct.models.batching import Batches, BatchRow
from selfinstruct.records import Request

__all__ = ["AT_ONCE", "Gathering", "WaitingRow", "attempt_of"]

AT_ONCE = 200  # rows, before others have their turn
MOST_PAUSES = 15  # times the first one
SLOWLY_BACK = 1.25  # after a full queue, with each batch that is answered

_LIMIT = re.compile(r"\blimit(?: of|:| is)? (\d[\d,]*)( ?[km]\b)?", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class WaitingRow:
    """A request that waits for its result: the row, and the seconds since its batch was sent. tokens: of its
    prompt, about."""

    attempt: int
    request: Request
    tokens: int
    result: asyncio.Future[tuple[BatchRow, float]]

    @property
    def custom_id(self) -> str:
        """Its name in a batch, for people too."""
        request = self.request
        return f"{request.stage}-{request.subject}-{request.position}-{self.attempt}"

    @property
    def characters(self) -> int:
        """Of the prompt."""
        return len(self.request.prompt.preamble) + len(self.request.prompt.body)


def attempt_of(custom_id: str) -> int:
    """The attempt that a row's name ends with; -1 for a name that is none of ours."""
    number = custom_id.rpartition("-")[2]
    return int(number) if number.isascii() and number.isdecimal() else -1


class Gathering:
    """In the order in which they came.

    How many tokens a provider lets wait is found out late, by a batch that fails: then batches become
    smaller, and the pauses longer, until one is answered.
    """

    def __init__(self, remote: Batches, settings: BatchConfig, clock: Callable[[], float]) -> None:
        self._remote, self._settings, self._clock = remote, settings, clock
        self._rows: dict[int, WaitingRow] = {}
        self._tokens = self._characters = 0
        self._lines = min(settings.lines, remote.terms.lines)
        self._bytes = min(settings.megabytes, remote.terms.megabytes) * 1e6
        self._most_tokens = float("inf")  # of one batch
        self._queue = self._told = float(settings.enqueued_tokens or "inf")
        self._refusals = 0
        self.last_change = clock()
        self.not_before = 0.0
        """When the next batch may be sent, since the provider's queue was full."""

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self) -> list[WaitingRow]:
        """All of them, now."""
        return list(self._rows.values())

    def add(self, row: WaitingRow) -> None:
        """One more."""
        self._rows[row.attempt] = row
        self._tokens += row.tokens
        self._characters += row.characters
        self.touch()

    def drop(self, attempt: int) -> WaitingRow | None:
        """One less; None where it does not wait here."""
        row = self._rows.pop(attempt, None)
        if row is not None:
            self._tokens -= row.tokens
            self._characters -= row.characters
        return row

    def touch(self) -> None:
        """Something has changed that may bring more."""
        self.last_change = self._clock()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has changed for as long as a batch waits for more."""
        return self._clock() - self.last_change >= self._settings.gather_seconds

    def is_due(self, tokens_out: int) -> bool:
        """Whether a batch should be sent now. tokens_out: in those that are out."""
        return self.may_send(tokens_out) and (self.is_quiet or self._is_full())

    def may_send(self, tokens_out: int) -> bool:
        """Whether there is something to send, and the provider's queue may have room for it."""
        if not self._rows or self._clock() < self.not_before:
            return False
        return not tokens_out or next(iter(self._rows.values())).tokens <= self._room(tokens_out)

    def _room(self, tokens_out: int) -> float:
        return min(self._most_tokens, self._queue - tokens_out)

    def _is_full(self) -> bool:
        return (
            len(self._rows) >= self._lines
            or self._characters >= self._bytes
            or self._tokens >= min(self._most_tokens, self._queue)
        )

    async def take(self, tokens_out: int) -> tuple[list[WaitingRow], list[bytes], Api]:
        """As many as fit into a batch, one at least, with their lines; and the call that they are all for."""
        taken: list[WaitingRow] = []
        lines: list[bytes] = []
        room, size = self._room(tokens_out), 0
        api = self._remote.api(self.rows()[0].request.stage)
        for row in self.rows():
            if row.attempt not in self._rows or self._remote.api(row.request.stage) != api:
                continue
            room -= row.tokens
            if taken and (len(taken) >= self._lines or room < 0):
                break
            line = self._remote.line(row.custom_id, row.request)
            size += len(line)
            if taken and size > self._bytes:
                break
            taken.append(row)
            lines.append(line)
            if len(taken) % AT_ONCE == 0:
                await asyncio.sleep(0)
        here = [place for place, row in enumerate(taken) if self.drop(row.attempt) is not None]
        return [taken[place] for place in here], [lines[place] for place in here], api

    def queue_was_full(self, tokens: int, message: str) -> None:
        """A batch of so many tokens was more than the provider lets wait: later, and less at once."""
        if told := _LIMIT.search(message):
            unit = {"k": 1_000, "m": 1_000_000}.get((told[2] or "").strip().lower(), 1)
            limit = float(int(told[1].replace(",", "")) * unit)
            # Full below the limit: others use it too, or our estimate of tokens is too low.
            self._queue = limit if limit < self._told else self._queue / 2
            self._told = min(self._told, limit)
        self._most_tokens = max(1.0, tokens / 2)
        pauses = min(MOST_PAUSES, 2**self._refusals)
        self._refusals += 1
        self.not_before = self._clock() + self._settings.poll_seconds * pauses

    def was_answered(self) -> None:
        """A batch has ended: there is room again."""
        self._refusals, self.not_before = 0, 0.0
        self._most_tokens *= SLOWLY_BACK
        self._queue = min(self._told, self._queue * SLOWLY_BACK)
        self.touch()
