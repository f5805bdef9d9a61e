"""Ctrl-C and SIGTERM: the first asks a run to finish what is in flight, the second stops it at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from selfinstruct.pipeline.signals import signals_taken

__all__ = ["interrupts"]

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts(first: Callable[[], None], second: Callable[[], None]) -> Iterator[None]:
    """Within the context call `first` at the first signal and `second` at every later one. Afterwards
    whatever handled them before handles them again.

    Does nothing where signals are not ours (`signals`), and outside the main thread, where none arrives.
    """
    if not signals_taken():
        yield
        return
    loop = asyncio.get_running_loop()
    handlers = iter([first])

    def handle() -> None:
        next(handlers, second)()

    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        for number in SIGNALS:
            loop.add_signal_handler(number, handle)
    except (ValueError, RuntimeError):
        yield
        return
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
