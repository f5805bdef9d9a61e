"""The table of verbs. Importing it must stay cheap: verbs import what they need when they run."""

from __future__ import annotations

from typing import Annotated

import typer

from selfinstruct import __version__
from selfinstruct.cli.check import check
from selfinstruct.cli.compare import compare
from selfinstruct.cli.evaluate import evaluate
from selfinstruct.cli.explain import explain
from selfinstruct.cli.export import export
from selfinstruct.cli.filter import filter as filter_run
from selfinstruct.cli.finetune import finetune
from selfinstruct.cli.generate import generate
from selfinstruct.cli.improve import improve
from selfinstruct.cli.judge import judge
from selfinstruct.cli.merge import merge
from selfinstruct.cli.models import models
from selfinstruct.cli.output import print_text
from selfinstruct.cli.report import report
from selfinstruct.cli.review import review
from selfinstruct.cli.seeds import seeds
from selfinstruct.cli.serve import serve
from selfinstruct.cli.status import status
from selfinstruct.cli.verbs import VerbCommand, Verbs

__all__ = ["app"]

app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)
VERBS = (
    generate, status, explain, check, filter_run, improve, judge, merge, export, report, review, finetune,
    evaluate, compare, models, serve,
)  # fmt: skip
for verb in VERBS:
    app.command(cls=VerbCommand)(verb)
app.add_typer(seeds, name="seeds")


def _print_version(asked: bool) -> None:
    if asked:
        print_text(__version__)
        raise typer.Exit


@app.callback()
def _selfinstruct(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Bootstrap an instruction-tuning data set from a language model's own generations.

    A run is one directory: [bold]selfinstruct generate RUN[/bold] starts or resumes it.
    """
