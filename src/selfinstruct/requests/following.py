"""How something long is followed on standard error, whatever it is: redrawn on a terminal, elsewhere line by
line, so that a log says what happens and is never flooded.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from time import monotonic

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from selfinstruct.requests.waits import Stall

__all__ = [
    "Say",
    "Trouble",
    "follow_in_lines",
    "follow_live",
    "said_if_slow",
    "stall_rows",
    "without_echo_of_controls",
]

REFRESH_SECONDS = 0.25
LOOK_SECONDS = 0.5
FIRST_LINE_SECONDS, LINE_SECONDS = 5.0, 30.0
AGAIN_SECONDS = 60.0  # before the same kind of stall gets a line of its own once more
CALM_SECONDS = 2.0  # without a stall, before one is said to be over
SLOW_START_SECONDS = 5.0
SENTENCE_WIDTH = 200

Say = Callable[[str], None]
"""Prints one line for the user."""


async def follow_live(console: Console, panel: Callable[[], RenderableType]) -> None:
    """Redraw the panel four times a second until cancelled; it is gone at the end."""
    # transient: what is said at the end repeats these numbers, and says more.
    with (
        without_echo_of_controls(),
        Live(console=console, auto_refresh=False, redirect_stdout=False, transient=True) as live,
    ):
        while True:
            live.update(panel(), refresh=True)
            await asyncio.sleep(REFRESH_SECONDS)


async def follow_in_lines(
    say: Say,
    line: Callable[[], str],
    stall: Callable[[], Stall | None],
    completed: Callable[[], int],
) -> None:
    """A line after a few seconds, then every half minute, and one at the end; until cancelled.

    A stall is said at once when it begins or becomes one of another kind, with every line while it
    lasts, and once when it is over. completed: replies so far, without which nothing is over.
    """
    due, told, trouble = monotonic() + FIRST_LINE_SECONDS, False, Trouble(say)
    try:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now, stalled = monotonic(), stall()
            trouble.look(stalled, completed(), now)
            if now >= due:
                say(line() if stalled is None else f"{line()} · {stalled.sentence(SENTENCE_WIDTH)}")
                due, told = now + LINE_SECONDS, True
    finally:
        if stall() is None:
            trouble.end(completed())
        if told:  # the end of a run so short that nothing was said speaks for itself
            say(line())


def stall_rows(stalled: Stall | None) -> list[tuple[str, Text]]:
    """A name and a text each, for a table of a panel; none where there is no stall. Texts that do not
    fit are cut."""
    if stalled is None:
        return []
    doing = f"{stalled.doing} ({stalled.tally})" if stalled.tally else stalled.doing
    rows = [("stalled", doing), ("last error", stalled.failure)]
    return [
        (name, Text(text, style="yellow", no_wrap=True, overflow="ellipsis")) for name, text in rows if text
    ]


@contextmanager
def said_if_slow(say: Say, message: str) -> Iterator[None]:
    """Say so if what is done here takes more than a moment, even where it holds up the event loop."""
    timer = Timer(SLOW_START_SECONDS, say, (message,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Trouble:
    """What has been said of stalls."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._said: dict[str, float] = {}
        self._open: Stall | None = None
        self._seen, self._completed = 0.0, 0

    def look(self, stalled: Stall | None, completed: int, now: float) -> None:
        """At the present moment."""
        if stalled is None:
            if now - self._seen >= CALM_SECONDS:
                self.end(completed)
            return
        self._seen, self._completed = now, completed
        if now - self._said.get(stalled.kind, float("-inf")) >= AGAIN_SECONDS:
            self._said[stalled.kind] = now
            self._say(_sentence(stalled))
            self._open = stalled
        elif self._open is not None:
            self._open = stalled  # what it came to, for the end

    def end(self, completed: int) -> None:
        """It is over, if replies came."""
        if self._open is not None and completed > self._completed:
            if self._open.over:
                self._say(self._open.over)
            self._open = None


def _sentence(stalled: Stall) -> str:
    text = stalled.sentence(SENTENCE_WIDTH)
    return f"{text[0].upper()}{text[1:]}{'' if text.endswith(('…', '.')) else '.'}"


@contextmanager
def without_echo_of_controls() -> Iterator[None]:
    """Keep the terminal from printing `^C` into the panel, which would leave a stale line behind."""
    try:
        import termios
    except ImportError:  # Windows has none, and does not print it
        yield
        return
    try:
        before = termios.tcgetattr(sys.stdin)
    except (OSError, ValueError, termios.error):  # no terminal to type at
        yield
        return
    quiet = [*before[:3], before[3] & ~termios.ECHOCTL, *before[4:]]
    termios.tcsetattr(sys.stdin, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)
