"""Requests in batches: what a provider says of one, and what is asked of a model that can be sent some.

Sending a batch takes two calls, an upload and a creation. Either may have had its effect though no answer
came, so that a batch carries a key of ours by which it is found again (`Batches.find`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from selfinstruct.models.base import Api, Model
from selfinstruct.records import Completion, Request, Stage

__all__ = ["QUEUE_IS_FULL", "BatchRow", "BatchTerms", "Batches", "BatchingModel", "RemoteBatch"]

QUEUE_IS_FULL = "token_limit_exceeded"
"""OpenAI's code for it."""


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """What a provider's documentation says of its batches.

    price_factor: the price of a request in a batch, as a share of that of any other; 1 where it depends on
        the model. lines, megabytes: of one batch, at most.
    kind: whose calls it has. purpose, upload: what its files are for, and the path that they are sent to.
    """

    price_factor: float = 1.0
    lines: int = 50_000
    megabytes: float = 200.0
    kind: Literal["openai", "mistral", "anthropic", "gemini"] = "openai"
    purpose: str = "batch"
    upload: str = "/files"


@dataclass(frozen=True, slots=True)
class RemoteBatch:
    """A batch as its provider has it at one moment.

    state: `waiting` for the provider; `ended`, with all results that there will be; `failed` as a whole, so
        that no request of it was answered; `cancelled` by somebody, perhaps with results.
    status: the provider's own word for it. total, done, failed: its requests, those answered, and those that
        failed; 0 while it has not counted.
    files: those with results, answers first. code, message: why it failed; empty else.
    input_file, key: what it was created from, and the key that came with it; empty where that is not told.
    """

    id: str
    state: Literal["waiting", "ended", "failed", "cancelled"]
    status: str
    total: int = 0
    done: int = 0
    failed: int = 0
    files: tuple[str, ...] = ()
    code: str = ""
    message: str = ""
    input_file: str = ""
    key: str = ""

    @property
    def queue_is_full(self) -> bool:
        """Whether it failed since more tokens wait in batches than the account may have waiting."""
        return self.state == "failed" and (
            self.code == QUEUE_IS_FULL or "enqueued token" in self.message.lower()
        )


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What became of one request. custom_id: ours. status: of its reply, as in HTTP; 0 where there is none.
    body: the reply's. unprocessed: the batch ended before it was asked, so that it cost nothing."""

    custom_id: str
    status: int
    body: str
    unprocessed: bool = False


class Batches(Protocol):
    """The batches of one endpoint.

    Each call is one attempt. It raises a `RequestError` where another may succeed, `BatchRefusedError` where
    the endpoint takes no batches, or not this one, and the other `UserError`s of a model.
    """

    @property
    def terms(self) -> BatchTerms:
        """As documented; the defaults where nothing is known."""

    @property
    def address(self) -> str:
        """Where they are sent: a batch is known there alone."""

    def api(self, stage: Stage) -> Api:
        """The call that a stage's requests are for. One batch has requests of one call."""

    def line(self, custom_id: str, request: Request) -> bytes:
        """A line of a batch's file, its end included: the body that the request has when it goes alone."""

    async def upload(self, name: str, lines: bytes) -> str:
        """The file's id."""

    async def create(self, file: str, api: Api, *, window: str, key: str) -> RemoteBatch:
        """A batch of an uploaded file; without an id where it was not created, since the queue is full."""

    async def find(self, file: str, key: str) -> RemoteBatch | None:
        """The latest batch with this key, or of this file, where the endpoint does not keep keys; where it
        tells neither, one that may be, until `owns` can tell."""

    async def owns(self, remote: RemoteBatch, key: str) -> bool:
        """Whether an ended batch is the one with this key."""

    async def look(self, batch: str) -> RemoteBatch | None:
        """The batch as it stands; None where the endpoint knows none of this id."""

    def rows(self, file: str) -> AsyncIterator[BatchRow]:
        """Those of a file with results, in no order."""

    def completion(self, row: BatchRow, request: Request, seconds: float) -> Completion:
        """What the row holds. Raises what `Model.complete` does."""

    async def aclose(self) -> None:
        """Release connections. May be called twice."""


@runtime_checkable
class BatchingModel(Model, Protocol):
    """A model whose requests may go in batches."""

    @property
    def batches(self) -> Batches:
        """Always the same."""
