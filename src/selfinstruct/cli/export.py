"""`selfinstruct export`: a run in other formats."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = ["export"]


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of the run.")],
    format: Annotated[  # noqa: A002 - the option's name
        Literal["jsonl", "candidates", "requests"],
        typer.Option(
            "--format",
            "-f",
            help="jsonl: the data set. candidates: every instruction read, with its verdict and nearest "
            "neighbour. requests: every prompt and completion.",
        ),
    ] = "jsonl",
    out: Annotated[Path | None, typer.Option(help="A file; standard output if not given.")] = None,
) -> None:
    """Write a run's tasks, candidates or requests as JSON Lines. Works while the run goes on."""
    from selfinstruct.dataset.export import export as export_run
    from selfinstruct.store.reader import RunReader

    try:
        rows = export_run(RunReader.open(run), format, out)
    except BrokenPipeError:
        # Whoever reads the output has had enough (`| head`). Keep the interpreter from flushing into the
        # closed pipe once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None
    if out is not None:
        typer.echo(f"{rows:,} rows in {out}", err=True)
