"""Progress for people: a live panel on a terminal, a line now and then elsewhere, on standard error."""

from __future__ import annotations

from typing import Protocol, TextIO

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from selfinstruct.pipeline.progress import RunProgress, Snapshot
from selfinstruct.requests.following import follow_in_lines, follow_live, stall_rows
from selfinstruct.text.messages import duration, failures_in_words, in_words

__all__ = ["Display", "LineDisplay", "LiveDisplay", "SilentDisplay", "choose_display"]


class Display(Protocol):
    """Something that follows a generation until it is cancelled."""

    async def follow(self, progress: RunProgress) -> None:
        """Show progress until cancelled."""

    def say(self, message: str) -> None:
        """One line for the user, above or beside the progress."""


class SilentDisplay:
    """For callers that want none."""

    async def follow(self, progress: RunProgress) -> None:
        """Nothing to do."""

    def say(self, message: str) -> None:
        """Nothing to say."""


class LineDisplay:
    """For logs; see `follow_in_lines`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    async def follow(self, progress: RunProgress) -> None:
        """See `Display`."""
        await follow_in_lines(
            self.say, lambda: _line(progress.snapshot()), progress.stall, progress.completed
        )

    def say(self, message: str) -> None:
        """See `Display`."""
        print(message, file=self._stream, flush=True)


class LiveDisplay:
    """For a terminal; see `follow_live`."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def follow(self, progress: RunProgress) -> None:
        """See `Display`."""
        await follow_live(self._console, lambda: _panel(progress.snapshot()))

    def say(self, message: str) -> None:
        """See `Display`."""
        self._console.print(Text(message), soft_wrap=True)


def choose_display(console: Console) -> Display:
    """Live on a terminal, lines elsewhere."""
    return LiveDisplay(console) if console.is_terminal else LineDisplay(console.file)  # type: ignore[arg-type]


def _line(now: Snapshot) -> str:
    parts = [
        f"{now.tasks:,}/{now.wanted:,} tasks",
        f"{now.candidates:,} instructions parsed, {now.admitted:,} admitted",
        f"{now.requests:,} requests ({now.requests_per_second:.1f}/s)",
        f"{now.prompt_tokens + now.completion_tokens:,} tokens",
    ]
    if now.cost is not None:
        parts.append(f"${now.cost:.4f}")
    if now.failures:
        parts.append(f"failed attempts: {in_words(failures_in_words(now.failures))}")
    if now.lost:
        parts.append(f"{now.lost:,} requests lost")
    if now.seconds_left is not None and now.tasks < now.wanted:
        parts.append(f"about {duration(now.seconds_left)} left")
    return " · ".join(parts)


def _panel(now: Snapshot) -> RenderableType:
    times = f"{duration(now.seconds)} elapsed"
    if now.seconds_left is not None and now.tasks < now.wanted:
        times += f" · about {duration(now.seconds_left)} left"
    head = Table.grid(padding=(0, 2))
    head.add_column(no_wrap=True)
    head.add_column(max_width=32)
    head.add_column(no_wrap=True)
    head.add_column(no_wrap=True)
    head.add_row(
        Text("tasks       ", style="bold"),
        ProgressBar(total=now.wanted, completed=now.tasks),
        Text(f"{now.tasks:,} of {now.wanted:,}", style="bold"),
        Text(times, style="dim"),
    )
    body = Table.grid(padding=(0, 2))
    body.add_column(style="dim")
    body.add_column(overflow="fold")
    body.add_row("instructions", _funnel(now))
    body.add_row("instances", _instances(now))
    body.add_row("requests", _requests(now))
    body.add_row("tokens", _tokens(now))
    if now.failures:
        body.add_row("retried", Text(in_words(failures_in_words(now.failures)), style="yellow"))
    for name, text in stall_rows(now.stall):
        body.add_row(name, text)
    return Group(head, body)


def _funnel(now: Snapshot) -> Text:
    share = f" ({now.admitted / now.candidates:.0%})" if now.candidates else ""
    text = Text(f"{now.candidates:,} read → {now.admitted:,} admitted{share}")
    if now.rejected:
        text.append(f"   {in_words(now.rejected)}", style="dim")
    return text


def _instances(now: Snapshot) -> Text:
    text = Text(f"{now.pending:,} tasks in progress, {now.invalid_tasks:,} without a valid instance")
    if now.rejected_instances:
        text.append(f"   {in_words(now.rejected_instances)}", style="dim")
    return text


def _requests(now: Snapshot) -> Text:
    most = "" if now.limits.max_requests is None else f" of at most {now.limits.max_requests:,}"
    lost = f", {now.lost:,} lost" if now.lost else ""
    return Text(
        f"{now.requests:,} answered, {now.attempts:,}{most} sent{lost} · {now.requests_per_second:.1f}/s · "
        f"{now.in_flight} of {now.concurrency} in flight"
    )


def _tokens(now: Snapshot) -> Text:
    total = now.prompt_tokens + now.completion_tokens
    budget = "" if now.limits.max_total_tokens is None else f" of {now.limits.max_total_tokens:,}"
    text = f"{total:,}{budget} ({now.prompt_tokens:,} in, {now.completion_tokens:,} out)"
    if now.cost is not None:
        text += f" · ${now.cost:,.4f}" + (
            f" of ${now.limits.max_cost:,.2f}" if now.limits.max_cost is not None else ""
        )
    return Text(text)
