"""A bake-off for people: the order, the values of as many entries side by side as the terminal has room
for."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from selfinstruct.cli.output import printable
from selfinstruct.studies.bakeoff.page import RankedRow, ranked_rows
from selfinstruct.studies.bakeoff.result import Bakeoff

__all__ = ["print_bakeoff"]

MARGIN = 2


def print_bakeoff(result: Bakeoff, console: Console) -> None:
    """The values, best entry first; then what stopped which, and where the page is."""
    rows = ranked_rows(result)
    if rows:
        for first, last in _parts(result, rows, console.width):
            console.print(_table(result, rows, first, last))
        console.print("★ best  ≈ not significantly worse  (95 % intervals)", style="dim")
    if result.interrupted:
        console.print(result.ending.advice, style="yellow", soft_wrap=True)
        return
    for each in result.entries:
        for text in each.problems:
            line = Text(f"{each.name}: ", style="bold").append(printable(text), style="not bold yellow")
            console.print(line, soft_wrap=True)
    console.print(result.verdict(), markup=False, soft_wrap=True)
    console.print(f"page: {result.page}", markup=False, highlight=False, soft_wrap=True)


def _parts(result: Bakeoff, rows: list[RankedRow], width: int) -> list[tuple[int, int]]:
    """From which entry to before which one each table goes."""
    left = max(len(row.title) for row in rows) + MARGIN
    widths = [
        MARGIN + max(len(standing.entry), *(len(row.cells[place].interval) for row in rows), 8)
        for place, standing in enumerate(result.standings)
    ]
    parts, first, used = [], 0, left
    for place, wanted in enumerate(widths):
        if place > first and used + wanted > width:
            parts.append((first, place))
            first, used = place, left
        used += wanted
    return [*parts, (first, len(widths))]


def _table(result: Bakeoff, rows: list[RankedRow], first: int, last: int) -> Table:
    table = Table(box=None, padding=(0, MARGIN, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    for standing in result.standings[first:last]:
        table.add_column(Text(standing.entry), justify="right", overflow="fold")
    ranks = (Text(standing.shown, style="bold") for standing in result.standings[first:last])
    table.add_row(Text("rank", style="bold"), *ranks)
    for row in rows:
        cells = row.cells[first:last]
        marks = (
            Text(f"{cell.mark} {cell.value}".strip(), style="bold" if cell.mark == "★" else "")
            for cell in cells
        )
        table.add_row(Text(row.title), *marks)
        table.add_row("", *(Text(cell.interval, style="dim") for cell in cells))
    return table
