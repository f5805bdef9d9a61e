"""`selfinstruct status`: a run in numbers, finished or not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.output import print_json

__all__ = ["status"]


def status(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of the run.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show a run's yield, rejections, tokens, cost and quality. Works while the run goes on."""
    from rich.console import Console

    from selfinstruct.cli.render import print_config, print_standing, print_summary
    from selfinstruct.cli.render_review import print_ratings
    from selfinstruct.pipeline.run import describe
    from selfinstruct.ratings.summary import ratings_of_run
    from selfinstruct.report.signals import quality_of_run
    from selfinstruct.store.reader import RunReader

    reader = RunReader.open(run)
    description, ratings, quality = describe(reader), ratings_of_run(reader), quality_of_run(reader)
    if json:
        said = {"quality": quality.to_json(), "ratings": None if ratings is None else ratings.to_json()}
        shown = description.to_json() | said
        print_json(shown)
        return
    console = Console()
    print_config(description.config, console)
    print_summary(description, console)
    first_task = next((task.id for task in reader.tasks()), None)
    print_standing(run, description, quality, first_task, console)
    if ratings is not None:
        console.print()
        print_ratings(ratings, console)
