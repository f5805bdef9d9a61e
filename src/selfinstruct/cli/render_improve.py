"""What improving a run's outputs came to, on a terminal."""

from __future__ import annotations

from shlex import quote

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from selfinstruct.cli.render import phrased, reasons, request_rows
from selfinstruct.cli.samples import shortened
from selfinstruct.pipeline.improvement import Improvement, Rewrite
from selfinstruct.store.summary import in_and_out

__all__ = ["print_improvement"]


def print_improvement(outcome: Improvement, console: Console) -> None:
    """Examples, numbers, and how to export the outputs."""
    for example in outcome.examples:
        _print_example(example, console)
    if outcome.examples:
        console.print()
    _print_numbers(outcome, console)
    if outcome.improved:
        command = f"selfinstruct export {quote(str(outcome.run))} --outputs {outcome.name}"
        console.print(Text(f"next: {command}", style="dim"), soft_wrap=True)


def _print_numbers(outcome: Improvement, console: Console) -> None:
    summary, comparison = outcome.batch.summary, outcome.comparison
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(justify="right")
    grid.add_column(style="dim", overflow="fold")
    grid.add_row("outputs", f"{outcome.instances:,}", "of the data set")
    grid.add_row("  improved", f"{outcome.improved:,}", f"{outcome.changed:,} differ from the original")
    grid.add_row("  original kept", f"{sum(outcome.rejected.values()):,}", reasons(outcome.rejected))
    if outcome.waiting:
        grid.add_row("  pending", f"{outcome.waiting:,}", "")
    if outcome.judge:
        said = f"outputs of each instance; the best by {outcome.judge}"
        grid.add_row("samples", f"{outcome.samples:,}", said)
    if comparison is not None:
        before = f"words on average; {comparison.original_words:,.1f} before"
        grid.add_row("ROUGE-L", f"{comparison.rouge_l:.2f}", "F1 with the original outputs, on average")
        grid.add_row("length", f"{comparison.improved_words:,.1f}", before)
    for row in request_rows(summary):
        grid.add_row(*row)
    if outcome.batch.asked_otherwise:
        grid.add_row("request changes", "", phrased(outcome.batch.asked_otherwise))
    tokens = in_and_out(summary)
    if outcome.batch.cost_usd is not None:
        tokens += f"; ${outcome.batch.cost_usd:,.4f}"
    grid.add_row("tokens", f"{summary.prompt_tokens + summary.completion_tokens:,}", tokens)
    console.print(grid)


def _print_example(example: Rewrite, console: Console) -> None:
    console.print(Text(example.task.id, style="bold cyan"))
    lines = (
        ("", example.task.instruction, ""),
        ("input     ", example.instance.input, "dim"),
        ("original  ", example.instance.output, "yellow"),
        ("improved  ", example.output, "green"),
    )
    for label, text, style in lines:
        if text:
            console.print(Padding(Text(f"{label}{shortened(text)}", style=style), (0, 0, 0, 2)))
