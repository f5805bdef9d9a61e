"""How ratings look on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from selfinstruct.ratings.agreement import Agreement
from selfinstruct.ratings.questions import LEVELS, QUESTIONS
from selfinstruct.ratings.shares import Share
from selfinstruct.ratings.summary import DataSummary, RatingsSummary, SystemSummary

__all__ = ["print_ratings"]


def print_ratings(summary: RatingsSummary, console: Console) -> None:
    """Table 2 of the paper for data, Figure 6 in numbers for systems, agreement where two people rated."""
    by = ", ".join(f"{name} {count:,}" for name, count in summary.raters.items())
    outdated = f"; {summary.outdated:,} of texts that have changed since" if summary.outdated else ""
    console.print(Text.assemble(("ratings", "bold"), f"  {by}{outdated}"), highlight=False)
    for data in summary.data:
        _print_data(data, console)
    if summary.systems:
        _print_systems(summary.systems, console)
        _print_agreement({"four levels": summary.levels, "A, B / C, D": summary.acceptable}, console)


def _print_data(data: DataSummary, console: Console) -> None:
    decisions = ", ".join(f"{kind} {count:,}" for kind, count in data.decisions.items())
    name = "" if data.outputs == "original" else f" with the outputs {data.outputs}"
    console.print(Text(f"instances reviewed{name}: {data.items:,} ({decisions})"), highlight=False)
    grid = _grid()
    for question in data.questions:
        grid.add_row(QUESTIONS.get(question.name, "All fields valid"), *_share(question.share))
    console.print(grid)
    by_question = {question.name: question.agreement for question in data.questions}
    _print_agreement({"decision": data.agreement, **by_question}, console)


def _print_systems(systems: tuple[SystemSummary, ...], console: Console) -> None:
    table = Table(box=None, padding=(0, 2), header_style="bold", pad_edge=False)
    table.add_column("system")
    for level in LEVELS:
        table.add_column(level.name, justify="right")
    for name in ("A + B", "95 %", "items"):
        table.add_column(name, justify="right")
    for system in systems:
        levels = (f"{share:.0%}" for share in system.levels.values())
        table.add_row(Text(system.system), *levels, *_share(system.acceptable), f"{system.items:,}")
    console.print(table)


def _print_agreement(found: dict[str, Agreement | None], console: Console) -> None:
    """Nothing where no item has two raters."""
    if not any(found.values()):
        return
    table = Table(box=None, padding=(0, 2), header_style="bold", pad_edge=False)
    table.add_column("agreement")
    table.add_column("raters")
    for name in ("items", "equal", "kappa", "rho", "alpha", "ordinal alpha"):
        table.add_column(name, justify="right")
    for name, agreement in found.items():
        if agreement is None:
            continue
        for pair in agreement.pairs:
            table.add_row(
                name,
                Text(" & ".join(pair.raters)),
                f"{pair.units:,}",
                f"{pair.equal:.0%}",
                _coefficient(pair.kappa),
                _coefficient(pair.spearman),
            )
        all_of_them = (_coefficient(agreement.alpha), _coefficient(agreement.alpha_ordinal))
        table.add_row(name, "all", f"{agreement.units:,}", "", "", "", *all_of_them)
    console.print(table)


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(justify="right")
    grid.add_column(style="dim")
    return grid


def _share(share: Share) -> tuple[str, str]:
    """The share, and its interval."""
    return ("–" if share.share is None else f"{share.share:.0%}", f"{share.low:.0%} to {share.high:.0%}")


def _coefficient(value: float | None) -> str:
    return "–" if value is None else f"{round(value, 2) + 0.0:.2f}"  # not -0.00
