"""`selfinstruct bakeoff`: several models, recipes or settings compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.asking import EXIT_CODES
from selfinstruct.cli.options import Json
from selfinstruct.cli.output import print_json

__all__ = ["bakeoff"]


def bakeoff(
    study: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A TOML file: settings that all entries share, and for each entry a table "
            "\\[entries.NAME] with its own model, recipe or other settings.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the runs and the page. [dim]\\[default: the file's out, or its name without "
            "the ending][/dim]",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Compare models, recipes or settings on one budget.

    Every entry generates tasks from the same seeds with the same budget. One HTML page then ranks them by yield, price, variety, signals and, if the file asks for it, a judge and a small student model, with 95 % intervals. Only significant differences count. The same command again resumes it. An entry that fails does not end the others.

    Exit codes, of the first entry that was stopped: 0 done, 2 invalid input or usage, 3 budget reached, 4 endpoint unavailable, 5 saturated, 6 storage, 7 waiting for batches, 130 interrupted.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    import asyncio

    from rich.console import Console

    from selfinstruct.cli.render_bakeoff import print_bakeoff
    from selfinstruct.studies.bakeoff.file import read_study
    from selfinstruct.studies.bakeoff.plan import plan_bakeoff
    from selfinstruct.studies.bakeoff.running import bake_off

    plan = plan_bakeoff(read_study(study, out))
    result = bake_off(plan, run=lambda work: asyncio.run(work()), progress=Console(stderr=True))
    if json:
        print_json(result.to_json())
    else:
        print_bakeoff(result, Console())
    ending = result.ending
    raise typer.Exit(ending.code or EXIT_CODES.get(ending.stopped, 0))
