"""The loss while it falls: a live line on a terminal, a line now and then elsewhere, on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from selfinstruct.requests.following import without_echo_of_controls
from selfinstruct.text.messages import duration

__all__ = ["LossDisplay", "TuningMoment"]

FIRST_LINE_SECONDS, LINE_SECONDS, REFRESH_SECONDS = 5.0, 30.0, 0.25
REMEMBERED = 0.9
"""How much of the loss that is shown is that of earlier updates."""


@dataclass(frozen=True, slots=True)
class TuningMoment:
    """step, steps: updates, done and in all. loss: of the last update; None before the first.
    tokens, seconds: of this invocation. share: of all the tokens there are to learn from, those that are
    done; share_before: of earlier invocations.
    """

    step: int
    steps: int
    epoch: float
    epochs: float
    loss: float | None
    held_out_loss: float | None
    tokens: int
    seconds: float
    share: float
    share_before: float

    def seconds_left(self) -> float | None:
        """None until there is something to go by."""
        done = self.share - self.share_before
        return self.seconds * (1 - self.share) / done if done > 0 and self.seconds > 1 else None


class LossDisplay:
    """console: None for silence."""

    def __init__(self, console: Console | None) -> None:
        self._console = console
        self._live: Live | None = None
        self._due = 0.0
        self._loss: float | None = None

    def say(self, message: str) -> None:
        """One line for the user."""
        if self._console is not None:
            self._console.print(Text(message), soft_wrap=True, highlight=False)

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Within the block `update` shows."""
        self._due = monotonic() + FIRST_LINE_SECONDS
        if self._console is None or not self._console.is_terminal:
            yield
            return
        with (
            without_echo_of_controls(),
            Live(console=self._console, auto_refresh=False, redirect_stdout=False, transient=True) as live,
        ):
            self._live, self._due = live, 0.0
            try:
                yield
            finally:
                self._live = None

    def update(self, now: TuningMoment) -> None:
        """Show it, if it is time to."""
        if now.loss is not None:
            before = now.loss if self._loss is None else self._loss
            self._loss = REMEMBERED * before + (1 - REMEMBERED) * now.loss
        if self._console is None or monotonic() < self._due:
            return
        if self._live is None:
            self._due = monotonic() + LINE_SECONDS
            self.say(self._line(now))
        else:
            self._due = monotonic() + REFRESH_SECONDS
            self._live.update(self._panel(now), refresh=True)

    def _panel(self, now: TuningMoment) -> RenderableType:
        head = Table.grid(padding=(0, 2))
        head.add_row(
            Text("tuning", style="bold"),
            ProgressBar(total=1.0, completed=now.share, width=32),
            Text(f"{duration(now.seconds)} gone", style="dim"),
        )
        return Group(head, Text(self._line(now)))

    def _line(self, now: TuningMoment) -> str:
        parts = [f"step {now.step:,}/{now.steps:,}", f"epoch {now.epoch:.2f} of {now.epochs:g}"]
        if self._loss is not None:
            parts.append(f"loss {self._loss:.3f}")
        if now.held_out_loss is not None:
            parts.append(f"held out {now.held_out_loss:.3f}")
        if now.tokens and now.seconds:
            parts.append(f"{now.tokens / now.seconds:,.0f} tokens/s")
        left = now.seconds_left()
        if left is not None and now.step < now.steps:
            parts.append(f"about {duration(left)} left")
        return " · ".join(parts)
