"""Progress of a batch for people: a bar on a terminal, a line now and then elsewhere, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from selfinstruct.requests.following import follow_in_lines, follow_live, stall_rows
from selfinstruct.requests.waits import Stall
from selfinstruct.text.messages import duration, failures_in_words, in_words

__all__ = ["BatchDisplay", "BatchSnapshot"]


@dataclass(frozen=True, slots=True)
class BatchSnapshot:
    """One moment of a batch, all its invocations together. over: prompts completed or lost; requests:
    completed ones; failures: attempts of this invocation that failed, by error class. stall: what is
    waited for; None while replies come in."""

    prompts: int
    over: int
    requests: int
    tokens: int
    cost: float | None
    in_flight: int
    concurrency: int
    lost: Mapping[str, int]
    failures: Mapping[str, int]
    stall: Stall | None


class BatchDisplay:
    """console: None for silence. what: the plural of what is made."""

    def __init__(self, console: Console | None, what: str = "replies") -> None:
        self._console = console
        self._what = what

    def of(self, what: str) -> BatchDisplay:
        """The same for another batch."""
        return BatchDisplay(self._console, what)

    def say(self, message: str) -> None:
        """One line for the user."""
        if self._console is not None:
            self._console.print(Text(message), soft_wrap=True)

    async def follow(self, look: Callable[[], BatchSnapshot]) -> None:
        """Show progress until cancelled."""
        began, before = monotonic(), look().over
        if self._console is None:
            return
        if self._console.is_terminal:
            await follow_live(self._console, lambda: self._panel(look(), monotonic() - began, before))
        else:
            await follow_in_lines(
                self.say,
                lambda: self._line(look(), monotonic() - began, before),
                lambda: look().stall,
                lambda: look().requests,
            )

    def _panel(self, now: BatchSnapshot, seconds: float, before: int) -> RenderableType:
        head = Table.grid(padding=(0, 2))
        head.add_column(no_wrap=True)
        head.add_column(max_width=32)
        head.add_column(no_wrap=True)
        head.add_row(
            Text(self._what, style="bold"),
            ProgressBar(total=max(1, now.prompts), completed=now.over),
            Text(f"{duration(seconds)} elapsed", style="dim"),
        )
        body = Table.grid(padding=(0, 2))
        body.add_column(style="dim")
        body.add_column()
        for name, text in stall_rows(now.stall):
            body.add_row(name, text)
        parts: list[RenderableType] = [Text(self._line(now, seconds, before))]
        if now.stall is not None:
            parts.append(body)
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
        if now.failures:
            parts.append(f"failed attempts: {in_words(failures_in_words(now.failures))}")
        if now.cost is not None:
            parts.append(f"${now.cost:,.4f}")
        if rate and now.over < now.prompts:
            parts.append(f"about {duration((now.prompts - now.over) / rate)} left")
        return " · ".join(parts)
