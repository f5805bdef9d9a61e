"""Ctrl-C and SIGTERM: the first asks a run to finish what is in flight, the second stops it at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["interrupts"]


@contextmanager
def interrupts(first: Callable[[], None], second: Callable[[], None]) -> Iterator[None]:
    """Within the context call `first` at the first signal and `second` at every later one.

    Outside the main thread, where no signal arrives, this does nothing.
    """
    loop = asyncio.get_running_loop()
    handlers = iter([first])

    def handle() -> None:
        next(handlers, second)()

    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, handle)
    except (ValueError, RuntimeError):
        yield
        return
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
