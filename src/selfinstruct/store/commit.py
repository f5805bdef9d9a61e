"""Group commit: many operations a transaction, one thread, one connection.

A commit costs a disk's sync, 0.3 ms and up, whatever it holds. So the thread takes all that waits,
applies it in one transaction, in the order it came, and wakes whoever waits for it at once.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from selfinstruct.store.encoding import clean_text
from selfinstruct.store.failures import from_sqlite

__all__ = ["GroupCommit", "Statement"]

Statement = tuple[str, tuple[Any, ...]]
"""SQL and its parameters."""

_Operation = tuple[tuple[Statement, ...], asyncio.Future[None] | None]

GATHER_SECONDS = 0.002
"""No transaction begins sooner after the one before. An operation that comes alone never waits; under
load this is what makes groups, and it halves the time that a request costs here."""


class GroupCommit:
    """Owns the connection from construction to `close`.

    After a failure nothing more is applied: every waiting and every later call raises it.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.transactions = 0
        self._connection = connection
        self._path = path
        self._queue: SimpleQueue[_Operation | None] = SimpleQueue()
        self._failure: Exception | None = None
        self._told = False  # whether anybody has heard of the failure
        self._closed = False
        # A daemon: an interpreter that ends without `close` does not hang, and loses only what nobody
        # was told is committed.
        self._thread = threading.Thread(target=self._run, name="selfinstruct-writer", daemon=True)
        self._thread.start()

    def enqueue(self, *statements: Statement) -> None:
        """One operation: applied as a whole, some time after all before it."""
        self._check()
        self._queue.put((statements, None))

    async def commit(self, *statements: Statement) -> None:
        """One operation; on the disk, with all before it, when this returns."""
        self._check()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put((statements, future))
        await future

    def close(self) -> None:
        """Apply what waits, and close the connection. Raises a failure that nobody has been told of."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        if not self._told:
            self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            self._told = True
            raise self._failure

    def _check(self) -> None:
        self._raise_failure()
        if self._closed:
            raise RuntimeError("the writer of this run is closed")

    def _run(self) -> None:
        ended = 0.0
        closing = False
        while not closing:
            waiting = [self._queue.get()]
            if (early := ended + GATHER_SECONDS - time.monotonic()) > 0:
                time.sleep(early)
            waiting += [self._queue.get_nowait() for _ in range(self._queue.qsize())]
            operations = [operation for operation in waiting if operation is not None]
            closing = len(operations) < len(waiting)
            if self._failure is None:
                self._apply(operations)
            self._wake([future for _, future in operations if future is not None])
            ended = time.monotonic()
        self._connection.close()

    def _apply(self, operations: list[_Operation]) -> None:
        execute = self._connection.execute
        try:
            execute("BEGIN IMMEDIATE")
            for statements, _ in operations:
                for sql, parameters in statements:
                    try:
                        execute(sql, parameters)
                    except UnicodeEncodeError:  # so rare that looking for it first would cost more
                        execute(sql, tuple(_cleaned(value) for value in parameters))
            execute("COMMIT")
            self.transactions += 1
        except Exception as error:  # noqa: BLE001  # whatever it is, those who wait must hear of it
            self._failure = from_sqlite(error, self._path) if isinstance(error, sqlite3.Error) else error
            if self._failure is not error:
                self._failure.__cause__ = error
            with suppress(sqlite3.Error):
                self._connection.rollback()

    def _wake(self, futures: list[asyncio.Future[None]]) -> None:
        if futures:
            with suppress(RuntimeError):  # the loop is closed, so that nobody waits any more
                futures[0].get_loop().call_soon_threadsafe(self._resolve, futures, self._failure)

    def _resolve(self, futures: list[asyncio.Future[None]], failure: Exception | None) -> None:
        for future in futures:
            if future.done():  # whoever waited was cancelled meanwhile
                continue
            if failure is None:
                future.set_result(None)
            else:
                self._told = True
                future.set_exception(failure)


def _cleaned(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value
