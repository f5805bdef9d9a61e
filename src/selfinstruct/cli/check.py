"""`selfinstruct check`: the signals on any data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.options import Json
from selfinstruct.cli.output import print_json

__all__ = ["check"]


def check(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help="A run, a data file, or a folder in the Hub's layout.",
            show_default=False,
        ),
    ],
    signals: Annotated[
        str | None,
        typer.Option(
            metavar="WHICH",
            help="Signals to run: all, certain, none, or names. [dim]\\[default: all][/dim]",
        ),
    ] = None,
    skip: Annotated[str | None, typer.Option(metavar="A,B", help="Skip these signals.")] = None,
    language: Annotated[
        str, typer.Option(metavar="L", help="Flag texts that are not in this language, such as German.")
    ] = "",
    decontaminate: Annotated[
        list[Path] | None,
        typer.Option(metavar="F", help="Flag rows that share text with this evaluation set. Repeatable."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="F", help="Write the rows without findings to this file, unchanged."),
    ] = None,
    rest: Annotated[
        Path | None, typer.Option(metavar="F", help="Write the rows with findings to this file.")
    ] = None,
    json: Json = False,
) -> None:
    """Find rows of a data set that you should not train on.

    Refusals, placeholders, wrong counts, wrong sums and more. Offline and without a model: it looks at what the text shows, not at
    whether an answer is true. Reads JSON Lines, JSON, CSV, TSV and Parquet; tasks with instances, Alpaca, messages, ShareGPT, prompt and completion."""  # noqa: E501 - the help screen wraps paragraphs itself
    from rich.console import Console

    from selfinstruct.api.checking import check as check_data
    from selfinstruct.cli.render_check import print_checked, progress_on

    with progress_on(Console(stderr=True)) as progress:
        checked = check_data(
            data,
            signals=signals or (),
            skip=skip or (),
            language=language,
            decontaminate=decontaminate or (),
            out=out,
            rest=rest,
            progress=progress,
        )
    if json:
        print_json(checked.to_json())
    else:
        print_checked(checked, Console(highlight=False))
