"""What a tuning came to, on a terminal."""

from __future__ import annotations

from shlex import quote

from rich.console import Console
from rich.table import Table
from rich.text import Text

from selfinstruct.cli.render import reasons
from selfinstruct.text.messages import duration
from selfinstruct.training.outcome import Result, TuningResult

__all__ = ["print_tuning"]


def print_tuning(outcome: TuningResult, console: Console) -> None:
    """Numbers, files, and how to use them."""
    if outcome.result is not None:
        _print_numbers(outcome.result, console)
    for name, path in outcome.files.items():
        console.print(Text.assemble((f"{name}: ", "bold"), str(path)), soft_wrap=True)
    if "model.gguf" in outcome.files:
        spec = f"gguf/{outcome.files['model.gguf']}"
        console.print(
            Text(f"next: selfinstruct generate NEW-RUN --model {quote(spec)}", style="dim"), soft_wrap=True
        )


def _print_numbers(result: Result, console: Console) -> None:
    data, losses = result.data, result.losses
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(justify="right")
    grid.add_column(style="dim", overflow="fold")
    unused = {"duplicates": data.duplicates, **data.left_out}
    left_out = reasons({reason: count for reason, count in unused.items() if count})
    of_all = f"trained on, of {data.examples:,}" + (f"; left out: {left_out}" if left_out else "")
    grid.add_row("examples", f"{data.learnt:,}", of_all)
    grid.add_row("held out", f"{data.held_out:,}", "for validation")
    grid.add_row("updates", f"{result.steps:,}", f"{result.tokens:,} tokens in {duration(result.seconds)}")
    grid.add_row("loss", f"{losses.last:.3f}", f"nats per token; {losses.first:.3f} at first")
    if losses.held_out_after is not None and losses.held_out_before is not None:
        grid.add_row("  held out", f"{losses.held_out_after:.3f}", f"before {losses.held_out_before:.3f}")
    console.print(grid)
