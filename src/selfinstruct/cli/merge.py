"""`selfinstruct merge`: one data set of several runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.options import Json
from selfinstruct.cli.output import print_json

__all__ = ["merge"]


def merge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN …", help="Directories of two runs or more.")],
    out: Annotated[Path, typer.Option(metavar="D", help="A new folder for the merged data set.")],
    max_similarity: Annotated[
        float,
        typer.Option(
            "--novelty",
            metavar="X",
            min=0,
            max=1,
            help="Drop a task that has a ROUGE-L above this with one merged already.",
        ),
    ] = 0.7,
    json: Json = False,
) -> None:
    """Merge several runs into one data set, without near-duplicates.

    Of two tasks that are alike the one of the run named first stays. Ids say which run a task is from. dataset.jsonl holds the tasks, dropped.jsonl what was dropped, with its reason and the task that it is like.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    from rich.console import Console
    from rich.table import Table

    from selfinstruct.dataset.merging import merge_runs

    merged = merge_runs(runs, out, max_similarity=max_similarity)
    if json:
        print_json(merged.to_json())
        return
    console = Console(highlight=False)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    for _ in range(3):
        grid.add_column(justify="right")
    grid.add_row("", "[dim]tasks[/dim]", "[dim]kept[/dim]", "[dim]similar[/dim]")
    for run in merged.runs:
        grid.add_row(run.name, f"{run.tasks:,}", f"{run.kept:,}", f"{run.dropped:,}")
    tasks, dropped = sum(run.tasks for run in merged.runs), sum(run.dropped for run in merged.runs)
    grid.add_row("together", f"{tasks:,}", f"{merged.tasks:,}", f"{dropped:,}")
    console.print(grid)
    console.print(f"data set: {merged.dataset}", markup=False, soft_wrap=True)
    console.print(f"dropped: {merged.dropped}", markup=False, soft_wrap=True)
