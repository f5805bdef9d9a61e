"""`selfinstruct seeds`: check your own file, list its tasks or the bundled ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.output import print_json
from selfinstruct.cli.verbs import VerbCommand, Verbs

__all__ = ["check", "list_tasks", "seeds"]

NOT_USABLE = 2

seeds = typer.Typer(cls=Verbs, no_args_is_help=True, help="Check seed tasks of your own, or list them.")


@seeds.command(cls=VerbCommand)
def check(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="JSON Lines, a JSON array, CSV or TSV with a header, or text with one instruction per line.",
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Report every problem of a seeds file with its line, near-duplicates and balance, and how to fix them.

    Fields or columns: instruction, and optionally id, name, is_classification, and input and output, or instances, a list of them.

    Exit codes: 0 usable, possibly with advice; 2 not usable.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    from rich.console import Console

    from selfinstruct.cli.render_check import progress_on
    from selfinstruct.cli.render_seeds import print_report
    from selfinstruct.config import FilterConfig, ReferenceConfig
    from selfinstruct.filters.heuristics import Heuristics
    from selfinstruct.seeds.check import check_seeds

    rules, reference = FilterConfig(), ReferenceConfig()
    with progress_on(Console(stderr=True), "Comparing seeds: {:,} done", after=1.0) as progress:
        report = check_seeds(file, Heuristics(rules, reference), progress)
    if json:
        print_json(report.to_json())
    else:
        print_report(report, Console())
    raise typer.Exit(0 if report.usable else NOT_USABLE)


@seeds.command("list", cls=VerbCommand)
def list_tasks(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A file of your own; the bundled tasks if not given."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> None:
    """List seed tasks: id, whether it is classification (C), instruction."""
    from dataclasses import asdict

    from rich.console import Console

    from selfinstruct.cli.render_seeds import print_tasks
    from selfinstruct.seeds.load import bundled_seeds, load_seeds

    tasks = bundled_seeds() if file is None else load_seeds(file)
    if json:
        print_json([asdict(task) for task in tasks])
    else:
        print_tasks(tasks, Console())
