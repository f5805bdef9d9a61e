"""`selfinstruct status`: a run in numbers, finished or not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["status"]


def status(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of the run.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show a run's yield, rejections, tokens and cost. Works while the run goes on."""
    import json as jsonlib

    from rich.console import Console

    from selfinstruct.cli.render import print_config, print_standing, print_summary
    from selfinstruct.pipeline.run import describe
    from selfinstruct.store.reader import RunReader

    description = describe(RunReader.open(run))
    if json:
        typer.echo(jsonlib.dumps(description.to_json(), ensure_ascii=False))
        return
    console = Console()
    print_config(description.config, console)
    print_summary(description, console)
    print_standing(description, console)
