"""Calls about batches, repeated until they are answered; and what became of batches whose process died."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import monotonic
from typing import TypeVar

from selfinstruct.errors import RequestError
from selfinstruct.models.base import Model
from selfinstruct.models.batching import BatchingModel
from selfinstruct.records import Stage
from selfinstruct.requests.pacing import Patience, WindingDownError, backoff_seconds
from selfinstruct.store.writer import RunWriter

__all__ = ["Insistence", "recover_batches"]

_T = TypeVar("_T")


class Insistence:
    """patience_seconds: without an answer to one call, before the endpoint is given up.

    trouble: why the call that is under way was not answered the last time; None where it was.
    """

    def __init__(self, patience_seconds: float) -> None:
        self.trouble: RequestError | None = None
        self.over = False
        """The run stops: a call that was not answered is not repeated."""
        self._patience_seconds = patience_seconds
        self._reached = False

    async def on(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """What it returns. Raises EndpointUnavailableError, at once where the endpoint was never there,
        `WindingDownError`, and the `UserError`s of the call."""
        patience, failures = Patience(self._patience_seconds, monotonic), 0
        if self._reached:
            patience.succeeded()
        while True:
            try:
                result = await call()
            except RequestError as error:
                self.trouble = error
                patience.check(error)
                failures += 1
                if self.over:
                    raise WindingDownError from None
                await asyncio.sleep(backoff_seconds(failures, error.retry_after, random.random(), calm=False))
            else:
                self.trouble, self._reached = None, True
                return result


async def recover_batches(models: Mapping[Stage, Model], writer: RunWriter, patience_seconds: float) -> None:
    """Find out what became of batches that a process which died was about to create: those that are with the
    provider count as sent, the others are taken back. Before anything else is asked.

    Raises what `Insistence.on` does.
    """
    insistence = Insistence(patience_seconds)
    for stored in writer.batches():
        if stored.remote:
            continue
        model = models[stored.attempts[0].stage]
        found = None
        if stored.file and isinstance(model, BatchingModel):
            found = await insistence.on(partial(model.batches.find, stored.file, stored.key))
        if found is None:
            await writer.dissolve_batch(stored.number, [each.number for each in stored.attempts])
        else:
            standing = found.status, found.done, found.failed, found.message
            await writer.batch_standing(stored.number, found.id, *standing)
