"""`selfinstruct check`: the signals on any data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.options import ApiKeyEnv, BaseUrl, Cosine, Embeddings, Json
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
    meaning: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="Embedding model, such as ollama/nomic-embed-text or gguf/FILE: count rows that repeat an "
            "earlier one in other words.",
        ),
    ] = None,
    meaning_threshold: Cosine = 0.9,
    embeddings: Embeddings = None,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
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

    Refusals, placeholders, wrong counts, wrong sums and more. Offline and without a model, unless --meaning names one: it looks at what the text shows, not at
    whether an answer is true. Reads JSON Lines, JSON, CSV, TSV and Parquet; tasks with instances, Alpaca, messages, ShareGPT, prompt and completion."""  # noqa: E501 - the help screen wraps paragraphs itself
    from rich.console import Console

    from selfinstruct.api.checking import check as check_data
    from selfinstruct.cli.render_check import print_checked, progress_on
    from selfinstruct.requests.batch_display import BatchDisplay

    with progress_on(Console(stderr=True)) as progress:
        checked = check_data(
            data,
            signals=signals or (),
            skip=skip or (),
            language=language,
            decontaminate=decontaminate or (),
            meaning=meaning,
            meaning_threshold=meaning_threshold,
            embeddings=embeddings,
            base_url=base_url,
            api_key_env=api_key_env,
            out=out,
            rest=rest,
            progress=progress,
            display=BatchDisplay(Console(stderr=True), "embedding requests"),
        )
    if json:
        print_json(checked.to_json())
    else:
        print_checked(checked, Console(highlight=False))
