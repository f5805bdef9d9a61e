"""The page of a bake-off: the ranking, every difference with its interval, and the runs side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.config import Config
from selfinstruct.ratings.scores import judged_figures
from selfinstruct.ratings.summary import ratings_of_run
from selfinstruct.report.charts.chart import BLUE, MUTED, ORANGE, Chart, label, layout
from selfinstruct.report.comparison import RunComparison, compare
from selfinstruct.report.comparison_page import comparison_page
from selfinstruct.report.page import Page, render_page
from selfinstruct.report.tables import amount, dollars
from selfinstruct.report.usage import describe_usage
from selfinstruct.store.reader import RunReader
from selfinstruct.store.record import RunRecord
from selfinstruct.studies.bakeoff.measures import MEASURES, Measure
from selfinstruct.studies.bakeoff.plan import EntryPlan
from selfinstruct.studies.bakeoff.ranking import Compared
from selfinstruct.studies.bakeoff.result import Bakeoff, EntryResult
from selfinstruct.text.messages import duration

__all__ = ["RankedCell", "RankedRow", "bakeoff_page", "interval", "ranked_rows"]

HERE = Path(__file__).parent / "html"
SECTIONS = {
    "summary": "Summary",
    "ranking": "Ranking",
    "estimates": "Intervals",
    "entries": "Entries",
}
STATES = {
    "done": "done",
    "failed": "failed",
    "budget": "budget reached",
    "unavailable": "endpoint unavailable",
}
BEST, ALIKE = "★", "≈"


@dataclass(frozen=True, slots=True)
class RankedCell:
    """A value with its interval, as text. mark: ★ for the best one, ≈ where it is not significantly worse
    than that."""

    value: str
    interval: str
    mark: str

    @property
    def meaning(self) -> str:
        """Of the mark, in words."""
        return {BEST: "best", ALIKE: "not significantly worse than the best"}.get(self.mark, "")


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A measure; a cell for each ranked entry, best entry first. told: how many differences are
    significant."""

    title: str
    direction: str
    cells: tuple[RankedCell, ...]
    told: str


def ranked_rows(result: Bakeoff) -> list[RankedRow]:
    """Of all measures that some entry has."""
    return [_row(result, MEASURES[name]) for name in result.measures]


def interval(measure: Measure, low: float | None, high: float | None) -> str:
    """`1,101–1,350`; a dash where there is none."""
    if low is None or high is None:
        return "–"
    first, last = measure.shown(low), measure.shown(high)
    unit = first.lstrip("-.,0123456789$")  # once is enough
    return f"{first.removesuffix(unit) if unit and last.endswith(unit) else first}–{last.removeprefix('$')}"


def bakeoff_page(
    result: Bakeoff,
    plans: Mapping[str, EntryPlan],
    readers: Mapping[str, RunReader],
    records: Mapping[str, RunRecord],
) -> str:
    """The whole file. plans: by entry. readers, records: of the entries that have tasks."""
    ranked = [each.entry for each in result.standings]
    several = comparison_page(_comparison(ranked, readers, records)) if ranked else None
    chart = _chart(result)
    charts = ({} if chart is None else {chart.id: chart}) | (dict(several.charts) if several else {})
    sections = {anchor: name for anchor, name in SECTIONS.items() if anchor != "estimates" or chart}
    if several is not None:
        skipped = ("summary", "numbers")
        sections |= {anchor: name for anchor, name in several.sections.items() if anchor not in skipped}
    first = next(iter(plans.values())).plan.config
    seeds = "bundled" if first.seeds.source == "bundled" else Path(first.seeds.source).name
    head, rows = _entries(result, records)
    values: dict[str, Any] = dict(several.values) if several else {}
    values |= {
        "title": result.directory.name,
        "names_of": {**values.get("names_of", {}), **SECTIONS},
        "seeds": f"{first.seeds.count:,} seeds ({seeds})",
        "budget": _budget(first),
        "verdict": result.verdict(),
        "problems": [{"name": each.name, "text": text} for each in result.entries for text in each.problems],
        "entries": result.entries,
        "columns": [each.entry for each in result.standings],
        "ranks": [each.shown for each in result.standings],
        "rows": ranked_rows(result),
        "pairs": [_pair(each) for each in result.compared],
        "deciding": [MEASURES[name].title for name in result.counting],
        "note": _note(result),
        "example": result.entries[0].run.relative_to(result.directory.parent),
        "entry_head": head,
        "entry_rows": rows,
        "several": several is not None,
    }
    title = f"{result.directory.name} – Self-Instruct bake-off"
    return render_page(Page("bakeoff.html", title, sections, charts, values, folder=HERE))


def _comparison(
    names: Iterable[str], readers: Mapping[str, RunReader], records: Mapping[str, RunRecord]
) -> RunComparison:
    """Of those that are compared: one with three tasks would leave three of each of the others."""
    kept = {name: readers[name] for name in names}
    return compare(
        {name: (records[name], each.is_being_written, ratings_of_run(each)) for name, each in kept.items()},
        {name: judged_figures(each) for name, each in kept.items()},
    )


def _row(result: Bakeoff, measure: Measure) -> RankedRow:
    best, alike = result.best(measure.name)
    cells = []
    for entry in (each.entry for each in result.standings):
        found = result.estimates[entry].get(measure.name)
        cells.append(
            RankedCell(
                measure.shown(None if found is None else found.value),
                interval(measure, found.low, found.high) if found else "",
                BEST if entry in best else ALIKE if entry in alike else "",
            )
        )
    direction = "more is better" if measure.more else "less is better"
    return RankedRow(measure.title, direction, tuple(cells), _told(result, measure))


def _told(result: Bakeoff, measure: Measure) -> str:
    """How many of the pairs differ."""
    pairs = [each for each in result.compared if each.measure == measure.name]
    unlike = sum(each.better is not None for each in pairs)
    if not pairs:
        return "nothing to compare"
    if len(pairs) == 1:
        return "yes" if unlike else "no"
    return f"{unlike} of {len(pairs)} pairs" if unlike else "none"


def _pair(each: Compared) -> tuple[str, ...]:
    measure, found = MEASURES[each.measure], each.difference
    return (
        measure.title,
        each.one,
        each.other,
        _signed(measure, found.value),
        _signed(measure, found.low) + " to " + _signed(measure, found.high),
        f"{each.better} is better" if each.better else "no",
    )


def _signed(measure: Measure, value: float | None) -> str:
    """Of a difference."""
    if value is None:
        return "–"
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + measure.shown(abs(value))


def _note(result: Bakeoff) -> str:
    return (
        "Yield and price count the requests that the data set needed: not those sent ahead, which the table"
        " Entries counts too, and not those that a run needs only once. Seconds are a share of the active"
        f" time. Variety is that of the first {result.size:,} tasks of each entry. The intervals are 95 %"
        " ones, from leaving out one instruction request at a time. Each holds for itself: of twenty"
        " comparisons of equal entries, one may well be significant."
    )


def _budget(config: Config) -> str:
    limits = config.limits
    parts = [f"{limits.tasks:,} tasks each"]
    if limits.max_requests is not None:
        parts.append(f"at most {limits.max_requests:,} requests")
    if limits.max_total_tokens is not None:
        parts.append(f"at most {limits.max_total_tokens:,} tokens")
    if limits.max_cost is not None:
        parts.append(f"at most {dollars(limits.max_cost)}")
    return ", ".join(parts)


def _entries(
    result: Bakeoff, records: Mapping[str, RunRecord]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    ranks = {each.entry: each.shown for each in result.standings}

    def cells(entry: EntryResult) -> Iterator[str]:
        yield from (entry.name, ranks.get(entry.name, "–"), entry.model, entry.recipe)
        yield from (STATES.get(entry.stopped, entry.stopped), amount(entry.tasks))
        if entry.name not in records:
            yield from ("–", "–", "–", "–")
            return
        record = records[entry.name]
        usage = describe_usage(record)
        yield amount(record.summary.attempts)
        yield amount(usage.prompt_tokens + usage.completion_tokens)
        yield from (dollars(usage.cost), duration(usage.working))

    head = ("entry", "rank", "model", "recipe", "state", "tasks", "requests", "tokens", "USD", "active time")
    return head, [tuple(cells(entry)) for entry in result.entries]


def _chart(result: Bakeoff) -> Chart | None:
    """Every value with its interval, a measure a view."""
    order = [each.entry for each in result.standings]
    if len(order) < 2 or not result.measures:
        return None
    measures = [MEASURES[name] for name in result.measures]
    return Chart(
        id="estimates",
        title="Values with their 95 % intervals",
        note="Star: the best value. Full dot: not significantly worse. Hollow dot: significantly worse.",
        alt=result.verdict(),
        views={each.title: _view(result, each, order) for each in measures},
        head=("measure", *order),
        rows=[
            (row.title, *(f"{cell.value} ({cell.interval})" for cell in row.cells))
            for row in ranked_rows(result)
        ],
        height=90 + 46 * len(order),
        choice="Show",
    )


def _view(result: Bakeoff, measure: Measure, order: list[str]) -> dict[str, Any]:
    best, alike = result.best(measure.name)
    there = [name for name in order if measure.name in result.estimates[name]]
    found = [result.estimates[name][measure.name] for name in there]
    colours = [BLUE if name in best else ORANGE if name in alike else MUTED for name in there]
    symbols = ["star" if name in best else "circle" if name in alike else "circle-open" for name in there]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "y": [label(name) for name in there],
        "x": [each.value for each in found],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [each.high - each.value if each.high is not None else 0 for each in found],
            "arrayminus": [each.value - each.low if each.low is not None else 0 for each in found],
            "color": MUTED,
            "thickness": 2,
            "width": 6,
        },
        "marker": {"color": colours, "symbol": symbols, "size": 13, "line": {"width": 2}},
        "text": [f"{measure.shown(each.value)} ({interval(measure, each.low, each.high)})" for each in found],
        "hovertemplate": "%{y}: %{text}<extra></extra>",
        "showlegend": False,
    }
    axis: dict[str, Any] = {"rangemode": "tozero"}
    if measure.name in ("yield", "flagged", "judge"):
        axis |= {"tickformat": ".0%"}
    return {
        "data": [trace],
        "layout": layout(
            measure.title,
            xaxis=axis,
            yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
        ),
    }
