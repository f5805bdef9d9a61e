"""`selfinstruct review`: people judge a run's data, or the predictions of systems, on a local page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selfinstruct.cli.options import Host, Json, Port
from selfinstruct.cli.output import print_json, print_text

if TYPE_CHECKING:
    from selfinstruct.review.items import Material

__all__ = ["review"]


def review(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN|PREDICTIONS…",
            help="A run, or predictions of one or more systems: files or folders of evaluations.",
        ),
    ],
    sample: Annotated[
        int, typer.Option(min=1, help="Number of items to rate, sampled at random; one instance per task.")
    ] = 200,
    everything: Annotated[bool, typer.Option("--all", help="Rate all instances of all tasks.")] = False,
    seed: Annotated[int, typer.Option(help="Random seed of the sample and of the blind order.")] = 42,
    rater: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the rater; if not given, the page asks.")
    ] = None,
    outputs: Annotated[
        str,
        typer.Option(
            metavar="original|NAME", help="For a run: rate the outputs that improve wrote under this name."
        ),
    ] = "original",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="For predictions: folder for the ratings. [dim]\\[default: next to the predictions][/dim]",
        ),
    ] = None,
    host: Host = "127.0.0.1",
    port: Port = None,
    results: Annotated[
        bool, typer.Option("--results", help="Print the results of all ratings without starting the page.")
    ] = False,
    json: Json = False,
) -> None:
    """Rate a run's tasks or a model's answers in your browser.

    Generated data: the paper's three questions, and accept, edit or reject, which `export` applies.
    Predictions: four levels, blind and in random order. Each rating is saved before the next item is shown.
    Ctrl-C ends it.
    """
    from selfinstruct.errors import ConfigError
    from selfinstruct.pages.server import Address, serve, warning
    from selfinstruct.review.forms import parse_name
    from selfinstruct.review.session import Session
    from selfinstruct.review.web import application
    from selfinstruct.store.failures import storage_errors
    from selfinstruct.store.rating_log import RatingLog, ratings_path

    name = None if rater is None else parse_name(rater)
    if rater is not None and name is None:
        raise ConfigError(
            f"{rater!r} is not a valid name of a rater.", "Use at most 60 characters, without slashes."
        )
    if json and not results:
        raise ConfigError("--json prints results and needs --results.", "Add --results.")
    material = _material(paths, outputs, out, None if everything or results else sample, seed)
    if results:
        _print_results(material, as_json=json)
        return
    print_text(_summary(material), err=True)
    if text := warning(host):
        print_text(text, err=True)

    def announce(address: Address) -> None:
        print_text(f"ratings: {ratings_path(material.directory)}", err=True)
        print_text("Open this address in your browser. Ctrl-C ends the review; ratings are saved.", err=True)
        print_text(address.url)

    with storage_errors(material.directory):
        material.directory.mkdir(parents=True, exist_ok=True)
    log = RatingLog.open(material.directory)
    try:
        serve(application(Session(material, log), name), host, port, announce=announce)
    finally:
        log.close()


def _print_results(material: Material, *, as_json: bool) -> None:

    from rich.console import Console

    from selfinstruct.cli.render_review import print_ratings
    from selfinstruct.ratings.summary import ratings_of_run, ratings_summary
    from selfinstruct.store.reader import RunReader

    ratings = (
        ratings_summary(material.directory, material.digests())
        if material.compares
        else ratings_of_run(RunReader(material.directory))
    )
    if as_json:
        shown = {"ratings": None if ratings is None else ratings.to_json()}
        print_json(shown)
    elif ratings is None:
        print_text("There are no ratings yet.")
    else:
        print_ratings(ratings, Console())


def _material(paths: list[Path], outputs: str, out: Path | None, sample: int | None, seed: int) -> Material:
    """A run's data where the one path is a run, predictions otherwise. Raises ConfigError for options that
    have no use there."""
    from selfinstruct.errors import ConfigError
    from selfinstruct.review.items import items_of_run
    from selfinstruct.review.predictions import PREDICTIONS, items_of_predictions
    from selfinstruct.store.directory import RunPaths
    from selfinstruct.store.reader import RunReader

    first = paths[0]
    if len(paths) == 1 and (RunPaths(first).database.exists() and not (first / PREDICTIONS).exists()):
        if out is not None:
            raise ConfigError("--out is for predictions; a run keeps its own ratings.", "Leave it out.")
        return items_of_run(RunReader.open(first), outputs=outputs, sample=sample, seed=seed)
    if outputs != "original":
        raise ConfigError("--outputs is for a run; predictions have none.", "Leave it out.")
    material, partial = items_of_predictions(paths, out, sample=sample, seed=seed)
    if partial:
        print_text(
            f"{partial:,} items are not in every file; they are shown with the answers that exist.", err=True
        )
    return material


def _summary(material: Material) -> str:
    shown, total = len(material.items), material.total
    part = f"all {total:,}" if shown == total else f"{shown:,} of {total:,}"
    return f"{material.name}: {part} {material.unit} (seed {material.seed})"
