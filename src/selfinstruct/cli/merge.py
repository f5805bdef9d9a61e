"""`selfinstruct merge`: one data set of several runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.options import ApiKeyEnv, BaseUrl, Cosine, Embeddings, Json
from selfinstruct.cli.output import print_json

__all__ = ["merge"]


def merge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN …", help="Directories of two or more runs.")],
    out: Annotated[Path, typer.Option(metavar="D", help="New folder for the merged data set.")],
    max_similarity: Annotated[
        float,
        typer.Option(
            "--novelty",
            metavar="X",
            min=0,
            max=1,
            help="Drop tasks whose ROUGE-L with a task already merged is above this.",
        ),
    ] = 0.7,
    meaning: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="Embedding model, such as ollama/nomic-embed-text or gguf/FILE: also drop tasks that repeat "
            "a merged one in other words.",
        ),
    ] = None,
    meaning_threshold: Cosine = 0.9,
    embeddings: Embeddings = None,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    json: Json = False,
) -> None:
    """Merge runs into one data set, without near-duplicates.

    Of two near-duplicates, the one from the run named first is kept. Ids show which run a task comes from. dataset.jsonl holds the tasks; dropped.jsonl holds what was dropped, with the reason and the task it resembles.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    from rich.console import Console
    from rich.table import Table

    from selfinstruct.api.merging import merge as merge_runs
    from selfinstruct.requests.batch_display import BatchDisplay

    merged = merge_runs(
        runs,
        out,
        max_similarity=max_similarity,
        meaning=meaning,
        meaning_threshold=meaning_threshold,
        embeddings=embeddings,
        base_url=base_url,
        api_key_env=api_key_env,
        display=BatchDisplay(Console(stderr=True), "embedding requests"),
    )
    if json:
        print_json(merged.to_json())
        return
    console = Console(highlight=False)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    for _ in range(3):
        grid.add_column(justify="right")
    grid.add_row("", "[dim]tasks[/dim]", "[dim]kept[/dim]", "[dim]dropped[/dim]")
    for run in merged.runs:
        grid.add_row(run.name, f"{run.tasks:,}", f"{run.kept:,}", f"{run.dropped:,}")
    tasks, dropped = sum(run.tasks for run in merged.runs), sum(run.dropped for run in merged.runs)
    grid.add_row("together", f"{tasks:,}", f"{merged.tasks:,}", f"{dropped:,}")
    console.print(grid)
    console.print(f"data set: {merged.dataset}", markup=False, soft_wrap=True)
    console.print(f"dropped: {merged.dropped}", markup=False, soft_wrap=True)
