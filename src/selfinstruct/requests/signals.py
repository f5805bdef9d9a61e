"""Ctrl-C and SIGTERM: the first asks a run to finish what is in flight, the second stops it at once.

Signals belong to the program, so the library leaves them alone unless told to take them. The command line
takes them; a script, a web server or a notebook keeps its own handlers. Imports nothing heavy, since the
command line begins with it.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["interrupts", "signals_taken", "taking_signals"]

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_taken: ContextVar[bool] = ContextVar("selfinstruct_signals_taken", default=False)


@contextmanager
def taking_signals() -> Iterator[None]:
    """Within the context, also in event loops that begin in it, SIGINT and SIGTERM are ours to handle."""
    token = _taken.set(True)
    try:
        yield
    finally:
        _taken.reset(token)


def signals_taken() -> bool:
    """Whether the caller is within `taking_signals`."""
    return _taken.get()


@contextmanager
def interrupts(first: Callable[[], None], second: Callable[[], None]) -> Iterator[None]:
    """Within the context call `first` at the first signal and `second` at every later one. Afterwards
    whatever handled them before handles them again.

    Does nothing outside `taking_signals`, and outside the main thread, where none arrives.
    """
    if not signals_taken():
        yield
        return
    import asyncio

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
