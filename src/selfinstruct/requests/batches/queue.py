"""The batches of a run, from requests that are ready to their results.

A `BatchQueue` stands where otherwise a model's `complete` is called, between an intent and its outcome, so
that budgets, retries and records are the dispatcher's, as for any request. What it adds is on the disk before
it is sent: which attempts a batch has, then its file, then its id. Whatever kills the process,

    gathered   the attempts are taken back, since nothing of them was sent (`store.batches`)
    uploaded   the batch is looked for at the provider, else they are taken back (`recover_batches`)
    created    they are open, and whoever asks for one of their requests again waits for its result

A batch's files stay with the provider, so that results that were read and not recorded are read again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Protocol
from uuid import uuid4

from selfinstruct.config import BatchConfig
from selfinstruct.errors import BatchRefusedError, EndpointUnavailableError, SelfInstructError
from selfinstruct.models.batching import Batches, BatchRow, RemoteBatch
from selfinstruct.records import Completion, Request
from selfinstruct.requests.batches.gathering import AT_ONCE, Gathering, WaitingRow, attempt_of
from selfinstruct.requests.batches.insisting import Insistence
from selfinstruct.requests.pacing import RESUME_HINT, WindingDownError
from selfinstruct.requests.waits import Stall
from selfinstruct.store.batches import OpenAttempt, StoredBatch
from selfinstruct.store.state import RequestName
from selfinstruct.store.writer import RunWriter
from selfinstruct.text.messages import duration

__all__ = ["BatchListener", "BatchQueue"]

SLOWER, MOST_PAUSES = 1.5, 15  # each pause between two looks over the one before; the longest over the first
BARREN_BEFORE_GIVING_UP = 3  # batches in a row without a single reply
CLOSING_SECONDS = 60.0  # for a batch that is being sent when the run stops
ONE_BY_ONE = "Send requests one by one: `batch=False`"
NO_RESULT = '{"error": {"message": "The batch ended without a result for this request."}}'


class BatchListener(Protocol):
    """Who is told what no single request is."""

    def batches_failed(self, error: SelfInstructError) -> None:
        """Nothing more can be sent or collected. Batches that are out stay out."""

    def batches_at_rest(self) -> None:
        """Everything that could be sent or collected at present has been. Told where nobody is to wait."""


@dataclass(slots=True)
class _Live:
    """A batch that is out.

    attempts: those whose result has not come. remote: None until it is created. looked: whether there can be
    no results that were not asked for. unprocessed: of `attempts`, those that it did not come to. replies:
    how many were good; failure: of those that were not, the last one's.
    """

    number: int
    key: str
    attempts: set[int]
    tokens: int
    created: float
    address: str
    pause: float
    next_look: float
    file: str = ""
    remote: RemoteBatch | None = None
    looked: bool = False
    unprocessed: set[int] = field(default_factory=set)
    replies: int = 0
    failure: str = ""


class BatchQueue:
    """The batches of one invocation and one model.

    stored: those that earlier invocations left. forget: told of an attempt of theirs that was never processed
    and that nobody has asked for. submits: whether new requests go in batches; otherwise only what is out is
    collected.
    """

    def __init__(
        self,
        remote: Batches,
        writer: RunWriter,
        settings: BatchConfig,
        stored: Sequence[StoredBatch],
        *,
        patience_seconds: float,
        forget: Callable[[OpenAttempt], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._remote, self._writer, self._settings, self._clock = remote, writer, settings, clock
        self._forget = forget
        self.submits = settings.on
        self.listener: BatchListener | None = None
        self._insistence = Insistence(patience_seconds)
        self._gathering = Gathering(remote, settings, clock)
        self._waiting: dict[int, WaitingRow] = {}  # for the result of a batch
        self._held: dict[
            RequestName, OpenAttempt
        ] = {}  # in batches of earlier invocations, not asked for yet
        self._arrived: dict[int, tuple[BatchRow, float]] = {}  # results of these
        self._live: dict[int, _Live] = {}
        for batch in stored:
            self._adopt(batch)
        self._barren = 0
        self._stirred = asyncio.Event()
        self._over = False
        self._task: asyncio.Task[None] | None = None

    def _adopt(self, batch: StoredBatch) -> None:
        self._held.update({(each.stage, each.subject, each.position): each for each in batch.attempts})
        attempts = {each.number for each in batch.attempts}
        self._live[batch.number] = _Live(
            number=batch.number,
            key=batch.key,
            attempts=attempts,
            tokens=batch.tokens,
            created=batch.created,
            address=batch.address,
            pause=self._settings.poll_seconds,
            next_look=self._clock(),
            file=batch.file,
            remote=RemoteBatch(batch.remote, "waiting", "", total=len(attempts)),
        )

    @property
    def most(self) -> int:
        """Requests that may be in batches at once."""
        return self._settings.requests

    @property
    def waiting(self) -> int:
        """Requests that wait for a result, or to be sent."""
        return len(self._waiting) + len(self._gathering)

    @property
    def out(self) -> bool:
        """Whether batches are with the provider, or on their way there."""
        return bool(self._live)

    @property
    def at_rest(self) -> bool:
        """Whether only the provider's time will bring anything."""
        looked = all(live.looked for live in self._live.values())
        return looked and self._gathering.is_quiet and not self._gathering.may_send(self._tokens_out())

    def claim(self, request: Request) -> OpenAttempt | None:
        """The attempt at this request that an earlier invocation put into a batch, if there is one.
        `complete` has to be called for it next."""
        return self._held.pop((request.stage, request.subject, request.position), None)

    async def complete(self, request: Request, attempt: int, tokens: int) -> Completion:
        """As `Model.complete`. tokens: of the prompt, about.

        Raises `WindingDownError` where the run stops first: the attempt is then in a batch that is out, or
        was taken back.
        """
        if attempt in self._arrived:
            row, seconds = self._arrived.pop(attempt)
            return self._remote.completion(row, request, seconds)
        is_out = any(attempt in live.attempts for live in self._live.values())
        if self._over:
            if not is_out:
                self._take_back(attempt)
            raise WindingDownError
        waiting = WaitingRow(attempt, request, tokens, asyncio.get_running_loop().create_future())
        if is_out:
            self._waiting[attempt] = waiting
        else:
            self._gathering.add(waiting)
        self._stirred.set()
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        try:
            row, seconds = await waiting.result
        except asyncio.CancelledError:
            self._waiting.pop(attempt, None)
            if self._gathering.drop(attempt) is not None:
                self._take_back(attempt)
            raise
        return self._remote.completion(row, request, seconds)

    def stall(self) -> Stall | None:
        """What is waited for; None where nothing is out."""
        out = [live for live in self._live.values() if live.remote is not None]
        trouble = self._insistence.trouble
        if trouble is not None:
            return Stall(
                kind=type(trouble).__name__,
                doing="checking the batches again",
                failure=trouble.message,
                tally=f"{_batches(len(out))} out",
                over="The batch API answers again.",
            )
        full = len(self._gathering) and self._clock() < self._gathering.not_before
        if not out:
            waiting = f"the provider's queue of batches is full: {len(self._gathering):,} requests wait"
            return Stall("batches", waiting) if full else None
        total = sum(live.remote.total or len(live.attempts) for live in out if live.remote)
        done = sum(live.remote.done + live.remote.failed for live in out if live.remote)
        lasted = duration(time.time() - min(live.created for live in out))
        doing = f"waiting for {_batches(len(out))} ({lasted}): {done:,} of {total:,} requests done"
        if full:
            doing += f"; the provider's queue is full, {len(self._gathering):,} more wait"
        return Stall("batches", doing)

    def wind_down(self) -> None:
        """Send no further batch, and give up waiting. One that is being sent is brought to its end."""
        if self._over:
            return
        self._over = self._insistence.over = True
        for row in self._gathering.rows():
            self._gathering.drop(row.attempt)
            self._take_back(row.attempt)
            _give_up(row)
        for row in self._waiting.values():
            _give_up(row)
        self._waiting.clear()
        self._stirred.set()

    def abandon(self) -> None:
        """Give up even on a batch that is being sent; the next invocation finds out what became of it."""
        self.wind_down()
        if self._task is not None:
            self._task.cancel()

    async def aclose(self) -> None:
        """Returns when nothing is being sent any more."""
        self.wind_down()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=CLOSING_SECONDS)
            self._task.cancel()
            await asyncio.wait([self._task])

    # -------------------------------------------------------------------- working

    async def _work(self) -> None:
        try:
            while not self._over:
                self._stirred.clear()
                now = self._clock()
                due = next((live for live in self._live.values() if live.next_look <= now), None)
                if self._gathering.is_due(self._tokens_out()):
                    await self._send()
                elif due is not None:
                    await self._look(due)
                else:
                    if self.at_rest and self.listener is not None and not self._settings.wait:
                        self.listener.batches_at_rest()
                    await self._rest()
        except WindingDownError:
            pass
        except SelfInstructError as error:
            self.wind_down()
            if self.listener is not None:
                self.listener.batches_failed(error)
        except Exception as error:  # a bug: whoever waits is told
            for row in [*self._waiting.values(), *self._gathering.rows()]:
                if not row.result.done():
                    row.result.set_exception(error)
            raise

    async def _rest(self) -> None:
        """Until something has changed, or something is due."""
        now, gather = self._clock(), self._settings.gather_seconds
        moments = [live.next_look for live in self._live.values()]
        if len(self._gathering):
            moments.append(max(self._gathering.last_change + gather, self._gathering.not_before))
        if not self._settings.wait:  # it is told again: what else is under way may have come to its end
            moments.append(max(self._gathering.last_change, now) + gather)
        least = gather / 10  # what is due, and cannot be sent before a batch has ended
        seconds = max(least, min(moments) - now) if moments else None
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), seconds)

    async def _send(self) -> None:
        """One batch: on the disk, uploaded, created; each step is on the disk before the next."""
        rows, lines, api = await self._gathering.take(self._tokens_out())
        if not rows:
            return
        self._waiting.update({row.attempt: row for row in rows})
        key, pause = uuid4().hex, self._settings.poll_seconds
        tokens = sum(row.tokens for row in rows)
        attempts = {row.attempt for row in rows}
        number = await self._writer.prepare_batch(key, self._remote.address, attempts, tokens)
        live = _Live(number, key, attempts, tokens, time.time(), self._remote.address, pause, float("inf"))
        self._live[number] = live
        upload = partial(self._remote.upload, f"selfinstruct-{key}.jsonl", b"".join(lines))
        live.file = file = await self._insistence.on(upload)
        await self._writer.batch_uploaded(number, file)
        tried = False

        async def created() -> RemoteBatch:
            nonlocal tried
            if tried and (found := await self._remote.find(file, key)) is not None:
                return found
            tried = True
            return await self._remote.create(file, api, window=self._settings.window, key=key)

        remote = await self._insistence.on(created)
        await self._note(live, remote)
        live.next_look, live.looked = self._clock() + pause, True
        self._gathering.touch()
        if not remote.id:
            del self._live[number]
            self._gathering.queue_was_full(tokens, "")  # it is of requests as well, and of other numbers
            self._gather_again(attempts)

    async def _note(self, live: _Live, remote: RemoteBatch) -> None:
        if live.remote != remote:
            message = f"{remote.code}: {remote.message}" if remote.code else remote.message
            await self._writer.batch_standing(
                live.number, remote.id, remote.status, remote.done, remote.failed, message
            )
        live.remote = remote

    async def _look(self, live: _Live) -> None:
        assert live.remote is not None, "it is looked at once it is created"
        identifier = live.remote.id
        remote = await self._insistence.on(partial(self._remote.look, identifier))
        if remote is None:
            if live.address != self._remote.address:
                raise BatchRefusedError(
                    f"{self._remote.address} does not know the batch {identifier}, which was sent to"
                    f" {live.address}.",
                    f"Collect its results there first: `base_url={live.address}`",
                )
            remote = RemoteBatch(identifier, "ended", "gone")
        live.looked = True
        if remote.state != "waiting" and not await self._insistence.on(
            partial(self._remote.owns, remote, live.key)
        ):
            remote = await self._other_than(live)
        await self._note(live, remote)
        if remote.state == "waiting":
            live.next_look = self._clock() + live.pause
            live.pause = min(live.pause * SLOWER, MOST_PAUSES * self._settings.poll_seconds)
            return
        try:
            await self._end(live, remote)
        finally:
            del self._live[live.number]
            self._gathering.touch()

    async def _other_than(self, live: _Live) -> RemoteBatch:
        """The batch that was meant, where the one that was found turned out to be somebody else's. If there
        is none, it was never created: none of its requests was asked."""
        found = await self._insistence.on(partial(self._remote.find, live.file, live.key))
        return RemoteBatch("", "ended", "not sent") if found is None else found

    def _tokens_out(self) -> int:
        return sum(live.tokens for live in self._live.values())

    # --------------------------------------------------------------------- ending

    async def _end(self, live: _Live, remote: RemoteBatch) -> None:
        if remote.queue_is_full:
            self._gathering.queue_was_full(live.tokens, remote.message)
            self._gather_again(live.attempts)
            return
        if remote.state == "failed":
            self._release(live.attempts)
            raise BatchRefusedError(
                f"{self._remote.address} rejected the batch {remote.id}: {remote.message or remote.code}",
                ONE_BY_ONE,
            )
        for file in remote.files:
            await self._insistence.on(partial(self._collect, live, file))
        self._gathering.was_answered()
        if remote.state == "cancelled":
            self._release(live.attempts)
            raise EndpointUnavailableError(f"The batch {remote.id} was cancelled.", RESUME_HINT)
        again = set(live.attempts) if remote.status == "expired" or not remote.id else live.unprocessed
        missing = sorted(live.attempts - again)
        self._gather_again(again)
        for attempt in missing:
            self._give(live, attempt, BatchRow("", 0, NO_RESULT))
        self._barren = 0 if live.replies else self._barren + 1
        if self._barren >= BARREN_BEFORE_GIVING_UP:
            said = (
                f"the last error: {live.failure[:200]}" if live.failure else f"the last one: {remote.status}"
            )
            raise EndpointUnavailableError(
                f"None of the last {self._barren} batches returned a reply; {said}", RESUME_HINT
            )

    async def _collect(self, live: _Live, file: str) -> None:
        """The rows of a file, each once, however often it has to be read."""
        given = 0
        async for row in self._remote.rows(file):
            attempt = attempt_of(row.custom_id)
            if attempt not in live.attempts:
                continue
            if row.unprocessed:
                live.unprocessed.add(attempt)
                continue
            self._give(live, attempt, row)
            given += 1
            if given % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _give(self, live: _Live, attempt: int, row: BatchRow) -> None:
        live.attempts.discard(attempt)
        if 200 <= row.status < 300:
            live.replies += 1
        else:
            live.failure = row.body
        result = row, max(0.0, time.time() - live.created)
        waiting = self._waiting.pop(attempt, None)
        if waiting is None:
            self._arrived[attempt] = result
        elif not waiting.result.done():
            waiting.result.set_result(result)

    def _gather_again(self, attempts: Iterable[int]) -> None:
        """Requests that their batch did not come to: the same attempts, for another batch."""
        rows = [row for attempt in sorted(attempts) if (row := self._waiting.pop(attempt, None))]
        self._writer.gather_again([row.attempt for row in rows])
        for row in rows:
            self._gathering.add(row)
        self._release(set(attempts) - {row.attempt for row in rows})

    def _release(self, attempts: Iterable[int]) -> None:
        """Attempts that cost nothing and that nobody waits for any more are taken back."""
        attempts = set(attempts)
        for name, held in [each for each in self._held.items() if each[1].number in attempts]:
            del self._held[name]
            self._forget(held)
        for attempt in attempts:
            self._take_back(attempt)
            if row := self._waiting.pop(attempt, None):
                _give_up(row)

    def _take_back(self, attempt: int) -> None:
        with suppress(SelfInstructError):  # the store failed, which whoever writes next is told
            self._writer.withdraw(attempt)


def _give_up(row: WaitingRow) -> None:
    if not row.result.done():
        row.result.set_exception(WindingDownError())


def _batches(number: int) -> str:
    return "1 batch" if number == 1 else f"{number:,} batches"
