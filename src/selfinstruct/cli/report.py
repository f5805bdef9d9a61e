"""`selfinstruct report`: a run, or several, as a page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selfinstruct.cli.options import Json
from selfinstruct.cli.output import print_json, print_text

if TYPE_CHECKING:
    from selfinstruct.report.assessment import Assessment

__all__ = ["report"]

COMPARISON = Path("report.html")


def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN …", help="One run, or several to compare.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Output file. [dim]\\[default: report.html, in the run or, for several runs, in the "
            "current folder][/dim]",
        ),
    ] = None,
    evaluation: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Include this evaluation, a folder of `evaluate --out`. Repeatable; give the base model's "
            "first.",
        ),
    ] = None,
    live: Annotated[
        bool,
        typer.Option("--live", help="Serve the page on this machine and follow the run, until Ctrl-C."),
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port for --live. [dim]\\[default: 8765, or a free one][/dim]"),
    ] = None,
    json: Json = False,
) -> None:
    """Show a run, or several side by side, as one HTML page.

    Yield, cost and content in one self-contained file. Works while the run is active.
    """
    if evaluation and (live or len(runs) > 1):
        from selfinstruct.errors import ConfigError

        raise ConfigError(
            "--evaluation works only for the report of one run.",
            "Name one run, without --live, or leave it out.",
        )
    if live:
        _serve(runs, out=out, port=port, json=json)
    elif port is not None:
        from selfinstruct.errors import ConfigError

        raise ConfigError("--port needs --live.", "Add --live, or leave --port out.")
    elif len(runs) == 1:
        _one(runs[0], out, evaluation or [], json=json)
    else:
        _several(runs, out or COMPARISON, json=json)


def _one(run: Path, out: Path | None, evaluations: list[Path], *, json: bool) -> None:
    from selfinstruct.ratings.scores import judged_figures, read_all_scores
    from selfinstruct.ratings.summary import ratings_of_run
    from selfinstruct.report.evaluated import read_evaluations
    from selfinstruct.report.figures import compute, read_for_report
    from selfinstruct.report.messages import sample_sentence
    from selfinstruct.report.page import render_page, run_page
    from selfinstruct.report.writing import write_report
    from selfinstruct.store.reader import RunReader

    reader = RunReader.open(run)
    judged = judged_figures(reader)
    figures = compute(
        read_for_report(reader),
        run.resolve().name,
        running=reader.is_being_written,
        ratings=ratings_of_run(reader),
        judges=judged,
        scores=read_all_scores(run),
        evaluated=read_evaluations(evaluations),
    )
    written = write_report(out or run / "report.html", render_page(run_page(figures)))
    if json:
        signals = figures.assessment.quality.to_json()["signals"]
        print_json({"report": str(written), "signals": signals, **figures.to_json()})
    else:
        _print_assessment(figures.assessment)
        if sentence := sample_sentence(figures.run.sample):
            print_text(sentence)
        print_text(f"report: {written}")


def _several(runs: list[Path], out: Path, *, json: bool) -> None:
    from selfinstruct.ratings.scores import judged_figures
    from selfinstruct.ratings.summary import ratings_of_run
    from selfinstruct.report.comparison import compare
    from selfinstruct.report.comparison_page import comparison_page
    from selfinstruct.report.figures import read_for_report
    from selfinstruct.report.page import render_page
    from selfinstruct.report.writing import write_report
    from selfinstruct.store.reader import RunReader

    readers = [RunReader.open(run) for run in runs]
    records = {
        name: (read_for_report(reader), reader.is_being_written, ratings_of_run(reader))
        for name, reader in zip(_names(runs), readers, strict=True)
    }
    judges = {name: judged_figures(reader) for name, reader in zip(records, readers, strict=True)}
    comparison = compare(records, judges)
    page = comparison_page(comparison)
    written = write_report(out, render_page(page))
    if json:
        print_json({"report": str(written), **comparison.to_json()})
    else:
        print_text(page.values["verdict"])
        print_text(f"report: {written}")


def _names(runs: list[Path]) -> list[str]:
    """Of the directories or, where two have the same, the paths as given. Raises ConfigError for a run that
    is given twice."""
    from selfinstruct.errors import ConfigError

    resolved = [run.resolve() for run in runs]
    if len(set(resolved)) < len(resolved):
        raise ConfigError("The same run is given twice.", "Name two different ones.")
    names = [path.name for path in resolved]
    return names if len(set(names)) == len(names) else [str(run) for run in runs]


def _serve(runs: list[Path], *, out: Path | None, port: int | None, json: bool) -> None:
    from selfinstruct.errors import ConfigError
    from selfinstruct.pages.server import Address, serve
    from selfinstruct.report.live import follow

    if len(runs) > 1:
        raise ConfigError("--live works with only one run.", "Name one.")
    if out is not None or json:
        raise ConfigError("--live does not write a file.", "Leave out --live, or --out and --json.")

    def announce(address: Address) -> None:
        print_text(f"{runs[0]} at {address.url}")
        print_text("Ctrl-C ends it.", err=True)

    serve(follow(runs[0]), port=port, announce=announce, inline_styles=True)


def _print_assessment(assessment: Assessment) -> None:
    print_text(assessment.progress.verdict)
    if assessment.quality.verdict in assessment.verdict:
        print_text(assessment.quality.verdict)
    for finding in assessment.further:
        print_text(f"  {finding.name}: {finding.text}")
