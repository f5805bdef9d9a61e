"""Ctrl-C and SIGTERM while a tuning runs, in the process that the user started."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from selfinstruct.requests.signals import signals_taken

__all__ = ["stop_signals"]


@contextmanager
def stop_signals(first: Callable[[], None], *, again: bool) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM calls `first`, a second one stops at once; where signals are ours.

    again: whether there may be a second one. Launchers pass on what the terminal has sent already, and kill
    workers that take long."""
    if not signals_taken():
        yield
        return
    asked = False

    def handle(_number: int, _frame: object) -> None:
        nonlocal asked
        if asked and again:
            raise KeyboardInterrupt
        if not asked:
            asked = True
            first()

    numbers = (signal.SIGINT, signal.SIGTERM)
    try:
        before = [signal.signal(number, handle) for number in numbers]
    except ValueError:  # not the main thread, where no signal arrives
        yield
        return
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
