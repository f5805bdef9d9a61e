"""Progress of a batch for people: a bar on a terminal, a line now and then elsewhere, on standard error."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from selfinstruct.pipeline.display import without_echo_of_controls
from selfinstruct.pipeline.wording import duration, in_words

__all__ = ["BatchDisplay", "BatchSnapshot"]

REFRESH_SECONDS, LINE_SECONDS = 0.25, 30.0


@dataclass(frozen=True, slots=True)
class BatchSnapshot:
    """One moment of a batch, all its invocations together. over: prompts completed or lost; requests:
    completed ones; failures: attempts of this invocation that failed, by error class."""

    prompts: int
    over: int
    requests: int
    tokens: int
    cost: float | None
    in_flight: int
    concurrency: int
    lost: Mapping[str, int]
    failures: Mapping[str, int]


class BatchDisplay:
    """console: None for silence. what: the plural of what is made."""

    def __init__(self, console: Console | None, what: str = "replies") -> None:
        self._console = console
        self._what = what

    def say(self, message: str) -> None:
        """One line for the user."""
        if self._console is not None:
            self._console.print(Text(message), soft_wrap=True)

    async def follow(self, look: Callable[[], BatchSnapshot]) -> None:
        """Show progress until cancelled."""
        began, before = monotonic(), look().over
        if self._console is None:
            return
        if not self._console.is_terminal:
            while True:
                await asyncio.sleep(LINE_SECONDS)
                self.say(self._line(look(), monotonic() - began, before))
        with (
            without_echo_of_controls(),
            Live(console=self._console, auto_refresh=False, redirect_stdout=False, transient=True) as live,
        ):
            while True:
                live.update(self._panel(look(), monotonic() - began, before), refresh=True)
                await asyncio.sleep(REFRESH_SECONDS)

    def _panel(self, now: BatchSnapshot, seconds: float, before: int) -> RenderableType:
        head = Table.grid(padding=(0, 2))
        head.add_row(
            Text(self._what, style="bold"),
            ProgressBar(total=max(1, now.prompts), completed=now.over, width=32),
            Text(f"{duration(seconds)} gone", style="dim"),
        )
        parts = [Text(self._line(now, seconds, before))]
        if now.failures:
            parts.append(Text(f"retried: {in_words(now.failures)}", style="yellow"))
        return Group(head, *parts)

    def _line(self, now: BatchSnapshot, seconds: float, before: int) -> str:
        rate = (now.over - before) / seconds if seconds else 0.0
        parts = [
            f"{now.over:,}/{now.prompts:,} {self._what}",
            f"{rate:.1f}/s",
            f"{now.in_flight} of {now.concurrency} in flight",
            f"{now.tokens:,} tokens",
        ]
        if now.lost:
            parts.append(f"lost: {in_words(now.lost)}")
        if now.cost is not None:
            parts.append(f"${now.cost:,.4f}")
        if rate and now.over < now.prompts:
            parts.append(f"about {duration((now.prompts - now.over) / rate)} left")
        return " · ".join(parts)
