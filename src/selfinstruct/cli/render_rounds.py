"""What rounds came to, on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from selfinstruct.evaluation.metrics import metric_label
from selfinstruct.studies.rounds.experiment import RoundsResult
from selfinstruct.studies.rounds.figures import RoundFigures
from selfinstruct.studies.rounds.verdict import signed
from selfinstruct.text.messages import percent

__all__ = ["print_rounds"]


def print_rounds(result: RoundsResult, console: Console) -> None:
    """A line a round, why it ended, and where everything is."""
    if result.rounds:
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        metric = metric_label(next(iter(result.rounds[0].metrics)))
        heads = (metric, "gain (95 %)", "tasks", "kept", "classif.", "pairs", "tokens")
        table.add_column("round", style="bold", justify="right", no_wrap=True)
        for head in heads:
            table.add_column(head, justify="right", no_wrap=True)
        for each in result.rounds:
            table.add_row(*_row(each))
        console.print(table)
    console.print(Text(result.verdict), soft_wrap=True, highlight=False)
    named = {"best": result.best_model, "page": None if result.page is None else str(result.page)}
    for name, value in named.items():
        if value:
            console.print(Text.assemble((f"{name}: ", "bold"), value), soft_wrap=True, highlight=False)


def _row(figures: RoundFigures) -> tuple[str, ...]:
    score = (str(figures.number), f"{figures.main.mean:.1f}")
    if figures.written is None or figures.gain is None:
        return (*score, *[""] * 5, f"{figures.tokens:,}")
    written = figures.written
    return (
        *score,
        signed(figures.gain.points),
        f"{written.tasks:,}",
        percent(written.share_kept),
        percent(written.share_classification),
        f"{written.pairs:,}",
        f"{figures.tokens:,}",
    )
