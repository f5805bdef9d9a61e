"""How the findings of `check` look on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from selfinstruct.cli.output import printable
from selfinstruct.dataset.check import CONTAMINATED, UNREADABLE, Checked, Finding
from selfinstruct.dataset.near_meanings import NearMeanings

__all__ = ["print_checked", "progress_on"]

FIRST_SECONDS, EVERY_SECONDS = 2.0, 5.0


@contextmanager
def progress_on(
    console: Console, doing: str = "Reading {:,} rows", after: float = FIRST_SECONDS
) -> Iterator[Callable[[int], None]]:
    """What tells how many rows were read: in place on a terminal, a line now and then elsewhere; nothing
    within the first seconds.

    doing: in words, with a place for the number. after: seconds.
    """
    began = said = monotonic()
    shown = False

    def tell(rows: int) -> None:
        nonlocal said, shown
        now = monotonic()
        live = console.is_terminal
        if now - began < after or (now - said < (0.2 if live else EVERY_SECONDS) and shown):
            return
        said, shown = now, True
        text = f"{doing.format(rows)}, {rows / (now - began):,.0f} a second"
        console.print(Text(f"\r{text}" if live else text), end="" if live else "\n", soft_wrap=True)

    try:
        yield tell
    finally:
        if shown and console.is_terminal:
            console.print("\r" + " " * 60 + "\r", end="")


def print_checked(checked: Checked, console: Console) -> None:
    """The signals with counts, shares and an example each; then what the data set is made of."""
    console.print(Text(checked.path, style="bold"), soft_wrap=True)
    examples = f", {checked.examples:,} examples" if checked.examples != checked.rows else ""
    console.print(Text(f"{checked.format}, {checked.rows:,} rows{examples}"))
    console.print()
    _print_findings(checked, console)
    _print_facts(checked, console)
    for path, what, count in (
        (checked.clean, "without findings", checked.written[0]),
        (checked.rest, "with findings", checked.written[1]),
    ):
        if path:
            console.print(Text(f"{count:,} rows {what}: {path}"), soft_wrap=True)


def _print_findings(checked: Checked, console: Console) -> None:
    if not checked.signals:
        console.print(Text("No signal was looked for.", style="dim"))
        console.print()
        return
    flagged = f"{checked.flagged:,} of {checked.rows:,} rows flagged, {_share(checked.flagged, checked.rows)}"
    console.print(Text(flagged, style="bold yellow" if checked.flagged else "bold green"))
    first: dict[str, Finding] = {}
    for finding in checked.findings:
        first.setdefault(finding.signal, finding)
    found = sorted(((count, name) for name, count in checked.signals.items() if count), reverse=True)
    if found:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
        table.add_column("signal", no_wrap=True)
        table.add_column("rows", justify="right", no_wrap=True)
        table.add_column("share", justify="right", no_wrap=True)
        table.add_column("first", justify="right", no_wrap=True)
        table.add_column("what", no_wrap=True)
        widest = max(len(name) for _, name in found)
        rest = max(console.width - widest - 2 - 3 * 8, 24)
        for count, name in found:
            one = first[name]
            what = " ".join(printable(one.detail).split()) or _start(checked, name)
            table.add_row(
                name, f"{count:,}", _share(count, checked.rows), f"{one.row:,}", Text(_fitted(what, rest))
            )
        console.print(table)
    nothing = [name for name, count in checked.signals.items() if not count]
    if nothing:
        console.print(Text(f"Nothing found by {', '.join(nothing)}.", style="dim"))
    console.print()


def _fitted(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"


def _start(checked: Checked, signal: str) -> str:
    row = checked.shown.get(signal)
    return "" if row is None else " ".join(printable(row.instruction).split())


def _print_facts(checked: Checked, console: Console) -> None:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    exact = sum(each.exact for each in checked.repeats)
    near = len(checked.repeats) - exact
    first = (
        f"; the first is row {checked.repeats[0].row:,}, as {checked.repeats[0].earlier:,}"
        if checked.repeats
        else ""
    )
    grid.add_row("duplicates", f"{exact:,} exact, {near:,} near{first}")
    if checked.meaning is not None:
        for line in _by_meaning(checked.meaning):
            grid.add_row(*line)
    for name, of in checked.lengths.items():
        if of.texts:
            empty = checked.examples - of.texts
            grid.add_row(
                name,
                f"median {of.median:,} words, 95 % up to {of.high:,}, longest {of.longest:,}"
                + (f"; {empty:,} empty" if empty else ""),
            )
    if checked.classification is not None:
        part, whole = checked.classification
        grid.add_row("classification", f"{part:,} of {whole:,}, {_share(part, whole)}")
    grid.add_row("languages", _counted(checked.languages, checked.examples, 5))
    if checked.verbs:
        grid.add_row(
            "verbs", ", ".join(f"{verb} {count:,}" for verb, count in list(checked.verbs.items())[:8])
        )
    if CONTAMINATED in checked.signals:
        count = checked.signals[CONTAMINATED]
        grid.add_row("evaluation", f"{count:,} rows share text with the given evaluation sets")
    if checked.signals.get(UNREADABLE):
        grid.add_row("unreadable", f"{checked.signals[UNREADABLE]:,} rows; the other signals skip them")
    console.print(grid)


def _by_meaning(found: NearMeanings) -> Iterator[tuple[str, str]]:
    first = ""
    if found.rows:
        near = found.rows[0]
        first = f"; the first is row {near.row:,}, as {near.earlier:,} ({near.similarity:.3f})"
    rows = "1 row" if len(found.rows) == 1 else f"{len(found.rows):,} rows"
    yield "same meaning", f"{rows} with a cosine above {found.threshold:g} with an earlier row{first}"
    if found.lost:
        yield "", f"{found.lost:,} rows were not compared: their embeddings were lost"
    if found.nearest:
        half, most, nearly_all, largest = found.nearest
        yield (
            "nearest row",
            f"cosine: median {half:.2f}, 90 % up to {most:.2f}, 99 % up to {nearly_all:.2f}, largest "
            f"{largest:.2f}"
            + (f"; of {found.sampled:,} rows drawn" if found.sampled < found.compared else ""),
        )


def _counted(counts: Mapping[str, int], whole: int, most: int) -> str:
    named = [f"{name} {_share(count, whole)}" for name, count in list(counts.items())[:most]]
    more = len(counts) - most
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def _share(part: int, whole: int) -> str:
    """Never 0 % of something, nor 100 % of not all."""
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:.1f} %" if 0 < percent < 10 or 99 < percent < 100 else f"{percent:.0f} %"
