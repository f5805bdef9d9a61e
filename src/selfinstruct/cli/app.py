"""The table of verbs. Importing it must stay cheap: verbs import what they need when they run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from selfinstruct import __version__
from selfinstruct.cli.bakeoff import bakeoff
from selfinstruct.cli.check import check
from selfinstruct.cli.compare import compare
from selfinstruct.cli.evaluate import evaluate
from selfinstruct.cli.explain import explain
from selfinstruct.cli.export import export
from selfinstruct.cli.filter import filter as filter_run
from selfinstruct.cli.finetune import finetune
from selfinstruct.cli.generate import generate
from selfinstruct.cli.help import AllVerbs
from selfinstruct.cli.improve import improve
from selfinstruct.cli.judge import judge
from selfinstruct.cli.merge import merge
from selfinstruct.cli.models import models
from selfinstruct.cli.output import print_text
from selfinstruct.cli.report import report
from selfinstruct.cli.review import review
from selfinstruct.cli.rounds import rounds
from selfinstruct.cli.seeds import seeds
from selfinstruct.cli.serve import serve
from selfinstruct.cli.status import status
from selfinstruct.cli.verbs import VerbCommand

__all__ = ["app"]

app = typer.Typer(
    cls=AllVerbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)
PANELS: dict[str, tuple[Callable[..., Any], ...]] = {
    "Make": (generate, status, improve, merge),
    "Look": (report, review, explain, check, judge),
    "Take": (filter_run, export),
    "Learn": (finetune, evaluate, compare, rounds, bakeoff),
    "Tools": (models, serve),
}
"""Every verb, in the order of the work. A new verb is one more name here."""

for panel, verbs in PANELS.items():
    for verb in verbs:
        app.command(cls=VerbCommand, rich_help_panel=panel)(verb)
app.add_typer(seeds, name="seeds", rich_help_panel="Tools")


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
    """Bootstrap instruction-tuning data from a language model's own generations.

    Start with [bold]generate RUN[/bold], report and export.
    """
