"""Whose signals are whose: they belong to the program, so that the library leaves them alone.

The command line is a program: it takes them. A script, a web server or a notebook keeps its own handlers.
Imports nothing, since the command line begins with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["signals_taken", "taking_signals"]

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
