"""`selfinstruct status`: a run in numbers, finished or not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.output import print_json

__all__ = ["status"]


def status(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of the run, or of an evaluation.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show a run's yield, rejections, tokens, cost and quality.

    Also its ratings; of an evaluation, its scores so far. Works while the run is active.
    """
    from rich.console import Console

    from selfinstruct.cli.render import print_config, print_standing, print_summary
    from selfinstruct.evaluation.standing import evaluation_standing
    from selfinstruct.pipeline.description import describe
    from selfinstruct.ratings.scores import judged_figures
    from selfinstruct.ratings.summary import ratings_of_run
    from selfinstruct.report.signals import FEWEST, quality_of_run
    from selfinstruct.store.reader import RunReader

    if (evaluated := evaluation_standing(run)) is not None:
        if json:
            print_json(evaluated.to_json())
        else:
            from selfinstruct.cli.render_evaluation import print_evaluation_standing

            print_evaluation_standing(evaluated, Console())
        return
    reader = RunReader.open(run)
    description, ratings, quality = describe(reader), ratings_of_run(reader), quality_of_run(reader, FEWEST)
    judged = judged_figures(reader)
    if json:
        said = {
            "quality": quality.to_json(),
            "ratings": None if ratings is None else ratings.to_json(),
            "judges": None if judged is None else judged.to_json(),
        }
        print_json(description.to_json() | said)
        return
    console = Console()
    print_config(description.config, console)
    print_summary(description, console)
    first_task = next((task.id for task in reader.tasks(most=1)), None)
    print_standing(run, description, quality, first_task, console)
    if ratings is not None:
        from selfinstruct.cli.render_review import print_ratings

        console.print()
        print_ratings(ratings, console)
    if judged is not None:
        from selfinstruct.cli.render_judge import print_judge_figures

        console.print()
        print_judge_figures(judged, console)
