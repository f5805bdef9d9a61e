"""Runs coroutines for synchronous callers: scripts, and notebooks, whose event loop is already running.

The loop always runs in a thread of its own: `asyncio.run` is refused within a running loop, and in the main
thread it takes SIGINT.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

__all__ = ["run_to_end"]

_Result = TypeVar("_Result")


def run_to_end(work: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
    """Run a coroutine to its end and return its result, or raise its error. It sees the caller's context
    variables.

    KeyboardInterrupt (Ctrl-C, a notebook's stop button) cancels it, and is raised once it has cleaned up; a
    second one is raised at once.
    """
    result: Future[_Result] = Future()
    cancel: list[Callable[[], object]] = []

    async def cancellable() -> _Result:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None, "a coroutine that runs is one of a task"
        cancel.append(lambda: loop.call_soon_threadsafe(task.cancel))
        return await work()

    def run() -> None:
        try:
            result.set_result(asyncio.run(cancellable()))
        except BaseException as error:  # noqa: BLE001 - handed on to the caller, whatever it is
            result.set_exception(error)

    context = contextvars.copy_context()
    # A daemon, so that a program which is told twice to stop does not wait for it.
    thread = threading.Thread(target=context.run, args=(run,), name="selfinstruct", daemon=True)
    thread.start()
    try:
        return result.result()
    except KeyboardInterrupt:
        for each in cancel:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                each()
        thread.join()
        raise
