"""The page of several runs side by side."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from selfinstruct.ratings.questions import ALL_THREE
from selfinstruct.report.charts.chart import Chart
from selfinstruct.report.charts.side_by_side import growths_chart, yields_chart
from selfinstruct.report.charts.varieties import formats_chart, lengths_chart, similarity_chart
from selfinstruct.report.comparison import Diversity, RunComparison
from selfinstruct.report.figures import Figures
from selfinstruct.report.page import Page
from selfinstruct.report.quality import QUALITY_NAMES
from selfinstruct.report.shortening import shortened
from selfinstruct.report.tables import amount, decimal, dollars
from selfinstruct.store.improved import ORIGINAL
from selfinstruct.text.messages import duration, percent

__all__ = ["ComparisonRow", "comparison_page"]

SECTIONS = {
    "summary": "Summary",
    "numbers": "In numbers",
    "yield": "Yield and price",
    "variety": "Variety",
    "lengths": "Lengths",
    "overlap": "Overlap",
    "samples": "Samples",
    "config": "Settings",
}
SETTING_LETTERS = 40


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """Of the table in numbers: a cell a run, or a heading. best: the places of the best cells; none where
    nothing is better or worse, or all are alike."""

    name: str = ""
    cells: Sequence[str] = ()
    best: Sequence[int] = field(default=())
    heading: str = ""


def comparison_page(comparison: RunComparison) -> Page:
    """Of two runs or more."""
    runs = comparison.runs
    names = [figures.run.name for figures in runs]
    charts = _charts(runs)
    absent = set() if "similarities" in charts else {"variety", "lengths", "overlap"}
    return Page(
        content="comparison.html",
        title=f"{', '.join(names)} – Self-Instruct report",
        sections={anchor: name for anchor, name in SECTIONS.items() if anchor not in absent},
        charts=charts,
        values={
            "names": names,
            "names_of": SECTIONS,
            "runs": runs,
            "sample": max(each.tasks for each in comparison.diversity),
            "verdict": _verdict(comparison),
            "rows": list(_rows(comparison)),
            "overlap_head": ["", *names],
            "overlap_rows": _overlaps(comparison),
            "differences": _differences(runs),
        },
    )


ENOUGH = 20
"""Tasks of each below which none is called the most varied."""


def _charts(runs: Sequence[Figures]) -> dict[str, Chart]:
    """By their ids; of tasks only where there are any."""
    charts = [yields_chart(runs), growths_chart(runs)]
    if any(figures.run.tasks for figures in runs):
        charts += [
            similarity_chart(runs),
            formats_chart(runs),
            lengths_chart(
                "instructions", "Words per instruction", runs, lambda its: its.lengths.instructions
            ),
            lengths_chart("outputs", "Words per output", runs, lambda its: its.lengths.outputs),
        ]
    return {chart.id: chart for chart in charts}


def _rows(comparison: RunComparison) -> Iterator[ComparisonRow]:
    runs = comparison.runs

    def row(
        name: str,
        value: Callable[[Figures], float | None],
        shown: Callable[[float | None], str],
        best: Callable[[Sequence[float]], float] | None = None,
    ) -> ComparisonRow:
        return _row(name, [value(figures) for figures in runs], shown, best)

    def varied(
        name: str,
        value: Callable[[Diversity], float | None],
        shown: Callable[[float | None], str],
        best: Callable[[Sequence[float]], float],
    ) -> ComparisonRow:
        return _row(name, [value(each) for each in comparison.diversity], shown, best)

    yield ComparisonRow("model", [", ".join(dict.fromkeys(figures.run.models.values())) for figures in runs])
    yield ComparisonRow("recipe", [figures.run.recipe for figures in runs])
    yield ComparisonRow("seeds", [f"{figures.run.seeds:,} ({figures.run.seeds_source})" for figures in runs])
    yield ComparisonRow(heading="Yield")
    yield row("tasks", lambda its: its.run.tasks, amount)
    yield row("instances", lambda its: its.funnel.instances, amount)
    yield row("instructions admitted", _admitted, percent, max)
    yield row("admitted that became tasks", _valid, percent, max)
    yield ComparisonRow(heading="Price")
    yield row("requests per task", lambda its: its.usage.requests_a_task, decimal, min)
    yield row("tokens per task", lambda its: its.usage.tokens_a_task, amount, min)
    yield row("USD per task", lambda its: its.usage.cost_a_task, dollars, min)
    yield row(
        "median seconds per reply", lambda its: its.usage.seconds.median, lambda value: decimal(value, 2)
    )
    yield ComparisonRow("active time", [duration(figures.usage.working) for figures in runs])
    yield ComparisonRow(heading="Variety")
    yield varied("different root verbs", lambda its: its.verbs, amount, max)
    yield varied("different verb-object pairs", lambda its: its.pairs, amount, max)
    yield varied("different word pairs", lambda its: its.bigrams, percent, max)
    yield varied(
        "similarity to the nearest other task", lambda its: its.nearest, lambda value: decimal(value, 2), min
    )
    yield row(
        "similarity to the seeds",
        lambda its: its.similarity.to_seeds_spread.mean,
        lambda value: decimal(value, 2),
    )
    yield ComparisonRow(heading="Quality")
    yield ComparisonRow("quality", [QUALITY_NAMES[figures.assessment.quality.level] for figures in runs])
    yield ComparisonRow(
        "measured by",
        ["; ".join(figures.assessment.quality.measured_by) or "nobody" for figures in runs],
    )
    if any(figures.ratings for figures in runs):
        yield row("yes to all three questions", _judged_right, percent)
    yield ComparisonRow(heading="Form")
    yield row("classification tasks", _classification, percent)
    yield row("instances with an empty input", _empty, percent)
    yield row("words per instruction, mean", lambda its: its.statistics.instruction_words, decimal)
    yield row("words per input, mean", lambda its: its.statistics.input_words, decimal)
    yield row("words per output, mean", lambda its: its.statistics.output_words, decimal)


def _row(
    name: str,
    values: Sequence[float | None],
    shown: Callable[[float | None], str],
    best: Callable[[Sequence[float]], float] | None,
) -> ComparisonRow:
    """What looks the same to the reader is equally good."""
    cells = [shown(value) for value in values]
    known = [value for value in values if value is not None]
    if best is None or len(known) < 2 or len(set(cells)) == 1:
        return ComparisonRow(name, cells)
    top = shown(best(known))
    return ComparisonRow(name, cells, [place for place, cell in enumerate(cells) if cell == top])


def _verdict(comparison: RunComparison) -> str:
    """Who is best at what."""
    runs = comparison.runs
    parts = []
    cheap = {figures.run.name: figures.usage.cost_a_task for figures in runs}
    unit = dollars
    if any(value is None for value in cheap.values()):
        cheap = {figures.run.name: figures.usage.tokens_a_task for figures in runs}

        def unit(value: float | None) -> str:
            return f"{amount(value)} tokens"

    if best := _best(cheap, min, unit):
        parts.append(f"Cheapest: {best[0]}, at {best[1]} a task.")
    kept = {figures.run.name: _admitted(figures) for figures in runs}
    if best := _best(kept, max, percent):
        parts.append(f"Largest share admitted: {best[0]}, {best[1]}.")
    varied = {
        figures.run.name: each.nearest if each.tasks >= ENOUGH else None
        for figures, each in zip(runs, comparison.diversity, strict=True)
    }
    if best := _best(varied, min, lambda value: decimal(value, 2)):
        parts.append(
            f"Most varied: {best[0]}, whose tasks have a ROUGE-L of {best[1]} with the nearest other on "
            "average."
        )
    if not parts and not all(figures.run.tasks for figures in runs):
        return "There is nothing to compare yet."
    return " ".join(parts) or "No run stands out by price, admitted share or variety."


def _best(
    values: dict[str, float | None],
    choose: Callable[[Iterable[float]], float],
    shown: Callable[[float | None], str],
) -> tuple[str, str] | None:
    """Who has the best value, all of them where several look the same, and the value. None where not all have
    one, or none is better than another."""
    known = {name: value for name, value in values.items() if value is not None}
    cells = {shown(value) for value in known.values()}
    if len(known) < len(values) or len(cells) == 1:
        return None
    top = shown(choose(known.values()))
    return " and ".join(name for name, value in known.items() if shown(value) == top), top


def _overlaps(comparison: RunComparison) -> list[Sequence[str]]:
    names = [figures.run.name for figures in comparison.runs]
    cells = {
        (each.of, each.among): f"{percent(each.alike)} ({each.equal:,} equal)" for each in comparison.overlaps
    }
    return [(of, *(cells.get((of, among), "–") for among in names)) for of in names]


def _differences(runs: Sequence[Figures]) -> list[Sequence[str]]:
    """Settings that are not the same in all runs. Of attributes, which may have hundreds of values, the
    source and the digest say enough."""
    settings = [
        {
            name: value
            for name, value in _flat(tomllib.loads(figures.run.config))
            if not name.startswith("attributes.names.")
        }
        for figures in runs
    ]
    names = sorted(set().union(*settings))
    return [
        (name, *(shortened(str(each.get(name, "–")), SETTING_LETTERS) for each in settings))
        for name in names
        if len({repr(each.get(name)) for each in settings}) > 1
    ]


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _admitted(figures: Figures) -> float | None:
    funnel = figures.funnel
    return funnel.admitted / funnel.candidates if funnel.candidates else None


def _valid(figures: Figures) -> float | None:
    funnel = figures.funnel
    settled = funnel.valid + funnel.dropped_count
    return funnel.valid / settled if settled else None


def _judged_right(figures: Figures) -> float | None:
    """Of the run's own outputs."""
    for data in figures.ratings.data if figures.ratings else ():
        if data.outputs == ORIGINAL:
            return next(each.share.share for each in data.questions if each.name == ALL_THREE)
    return None


def _classification(figures: Figures) -> float | None:
    its = figures.statistics
    return its.classification / its.instructions if its.instructions else None


def _empty(figures: Figures) -> float | None:
    its = figures.statistics
    return its.empty_inputs / its.instances if its.instances else None
