"""Runs side by side. Each keeps its colour, dash and symbol throughout the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from selfinstruct.pages.templates import percent
from selfinstruct.report.charts.chart import BLUE, MUTED, ORANGE, PALETTE, Chart, Trace, bar, label, layout
from selfinstruct.report.distribution import Histogram
from selfinstruct.report.figures import Figures
from selfinstruct.report.shapes import SHAPES

__all__ = ["comparison_charts"]

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "star")

Runs = Sequence[Figures]


def comparison_charts(runs: Runs) -> dict[str, Chart]:
    """By their ids."""
    charts = [_yields(runs), _growth(runs)]
    if any(figures.run.tasks for figures in runs):
        charts += [
            _likeness(runs),
            _forms(runs),
            _lengths(
                "instructions",
                "Words of an instruction",
                runs,
                lambda its: its.lengths.instructions.histogram,
            ),
            _lengths("outputs", "Words of an output", runs, lambda its: its.lengths.outputs.histogram),
        ]
    return {chart.id: chart for chart in charts}


def _yields(runs: Runs) -> Chart:
    """Of a hundred instructions read."""
    names = [label(figures.run.name) for figures in runs]
    parts: dict[str, list[int]] = {"tasks": [], "no task": [], "rejected": []}
    for figures in runs:
        funnel = figures.funnel
        parts["rejected"].append(sum(each.count for each in funnel.rejected))
        parts["no task"].append(sum(each.count for each in funnel.dropped))
        parts["tasks"].append(funnel.candidates - parts["rejected"][-1] - parts["no task"][-1])
    read = [figures.funnel.candidates for figures in runs]
    shares = {
        name: [count / whole if whole else 0.0 for count, whole in zip(counts, read, strict=True)]
        for name, counts in parts.items()
    }
    looks = {"tasks": (BLUE, ""), "no task": (ORANGE, "/"), "rejected": (MUTED, "x")}
    return Chart(
        id="yields",
        title="What became of the instructions that were read",
        note="Of all instructions that were read out of replies: those that are tasks (or wait to become "
        "one), those "
        "admitted that got no valid instance, and those rejected.",
        alt="; ".join(
            f"{figures.run.name}: {percent(part)} tasks"
            for figures, part in zip(runs, shares["tasks"], strict=True)
        ),
        views={
            "": {
                "data": [
                    bar(
                        name,
                        names,
                        shares[name],
                        colour,
                        pattern=pattern,
                        orientation="h",
                        hovertemplate="%{y}: %{x:.1%} " + name + "<extra></extra>",
                    )
                    for name, (colour, pattern) in looks.items()
                ],
                "layout": layout(
                    barmode="stack",
                    xaxis={"tickformat": ".0%", "range": [0, 1]},
                    yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
                ),
            }
        },
        head=("run", "read", *parts),
        rows=[
            (
                figures.run.name,
                f"{figures.funnel.candidates:,}",
                *(f"{counts[at]:,} ({percent(shares[name][at], 1)})" for name, counts in parts.items()),
            )
            for at, figures in enumerate(runs)
        ],
        height=110 + 44 * len(runs),
    )


def _growth(runs: Runs) -> Chart:
    """Tasks against requests and tokens."""
    axes: dict[str, tuple[str, Callable[[Figures], Sequence[float]]]] = {
        "requests": ("requests sent", lambda its: its.growth.requests),
        "tokens": ("tokens, in and out", lambda its: its.growth.tokens),
    }
    if all(figures.growth.cost is not None for figures in runs):
        axes["cost"] = ("US dollars", lambda its: its.growth.cost or ())
    return Chart(
        id="growths",
        title="Tasks for requests",
        note="The steeper, the cheaper; where a line bends down, its pool is filling up.",
        alt="; ".join(
            f"{figures.run.name}: {(figures.growth.tasks or (0,))[-1]:,} tasks for "
            f"{(figures.growth.requests or (0,))[-1]:,} requests"
            for figures in runs
        ),
        views={
            name: {
                "data": [
                    _line(at, figures, xs(figures), figures.growth.tasks, "%{x:,}: %{y:,} tasks")
                    for at, figures in enumerate(runs)
                ],
                "layout": layout(title, "tasks"),
            }
            for name, (title, xs) in axes.items()
        },
        head=("run", "requests", "tokens", "tasks"),
        rows=[
            (
                figures.run.name,
                *(
                    f"{(values or (0,))[-1]:,}"
                    for values in (figures.growth.requests, figures.growth.tokens, figures.growth.tasks)
                ),
            )
            for figures in runs
        ],
        choice="Against",
    )


def _likeness(runs: Runs) -> Chart:
    """To the seeds of each run."""
    histograms = [figures.likeness.to_seeds for figures in runs]
    middles = [
        (low + high) / 2 for low, high in zip(histograms[0].edges, histograms[0].edges[1:], strict=False)
    ]
    return Chart(
        id="likenesses",
        title="Likeness to the seeds",
        note="For each task the largest ROUGE-L of its instruction with any of its run's seeds. Further "
        "left is "
        "further from the seeds.",
        alt=_means(runs, lambda its: its.likeness.to_seeds_spread.mean, 2),
        views={
            "": {
                "data": [
                    _line(at, figures, middles, _shares(shown), "%{x:.2f}: %{y:.1%}")
                    for at, (figures, shown) in enumerate(zip(runs, histograms, strict=True))
                ],
                "layout": layout(
                    "largest ROUGE-L", "share of tasks", yaxis={"tickformat": ".0%"}, xaxis={"range": [0, 1]}
                ),
            }
        },
        head=("largest ROUGE-L", *(figures.run.name for figures in runs)),
        rows=[
            (name, *(percent(_shares(shown)[at], 1) for shown in histograms))
            for at, name in enumerate(histograms[0].labels())
        ],
    )


def _lengths(name: str, title: str, runs: Runs, histogram_of: Callable[[Figures], Histogram]) -> Chart:
    """As shares of what is no longer than that, since the bins of two runs may differ."""
    curves = []
    for figures in runs:
        shown = histogram_of(figures)
        edges = shown.edges[1:-1]  # the last bin has no end
        curves.append(
            (edges, [part / max(shown.total, 1) for part in accumulate(shown.counts)][: len(edges)])
        )
    return Chart(
        id=f"lengths-{name}",
        title=title,
        note="The share that is shorter than so many words. A line further right is longer texts.",
        alt=_means(
            runs,
            lambda its: (
                (its.lengths.instructions if name == "instructions" else its.lengths.outputs).words.mean
            ),
            1,
        ),
        views={
            "": {
                "data": [
                    _line(at, figures, xs, ys, "%{y:.0%} below %{x} words")
                    for at, (figures, (xs, ys)) in enumerate(zip(runs, curves, strict=True))
                ],
                "layout": layout(
                    "words",
                    "share below",
                    yaxis={"tickformat": ".0%", "range": [0, 1.02]},
                    xaxis={"rangemode": "tozero"},
                ),
            }
        },
        head=("run", "mean", "median", "95 % at most"),
        rows=[
            (
                figures.run.name,
                *(
                    "–" if value is None else f"{value:.1f}"
                    for value in (words.mean, words.median, words.p95)
                ),
            )
            for figures in runs
            for words in [
                (figures.lengths.instructions if name == "instructions" else figures.lengths.outputs).words
            ]
        ],
    )


def _forms(runs: Runs) -> Chart:
    """Shares of each form of output."""
    shares = [[item.share for item in figures.coverage.forms] for figures in runs]
    return Chart(
        id="forms-of-runs",
        title="Forms of output",
        note="What form the outputs have, told by rules on their text.",
        alt="; ".join(
            f"{figures.run.name}: mostly {SHAPES[max(range(len(SHAPES)), key=those.__getitem__)]}"
            for figures, those in zip(runs, shares, strict=True)
        ),
        views={
            "": {
                "data": [
                    {
                        "type": "scatter",
                        "mode": "markers",
                        "name": label(figures.run.name),
                        "y": SHAPES,
                        "x": those,
                        "marker": {**_look(at)["marker"], "size": 11},
                        "cliponaxis": False,
                        "hovertemplate": "%{y}: %{x:.1%}<extra>" + label(figures.run.name) + "</extra>",
                    }
                    for at, (figures, those) in enumerate(zip(runs, shares, strict=True))
                ],
                "layout": layout(
                    "share of outputs",
                    xaxis={"tickformat": ".0%", "rangemode": "tozero"},
                    yaxis={"autorange": "reversed", "type": "category", "dtick": 1, "ticklabelstandoff": 8},
                ),
            }
        },
        head=("", *(figures.run.name for figures in runs)),
        rows=[(name, *(percent(those[at], 1) for those in shares)) for at, name in enumerate(SHAPES)],
        height=380,
    )


def _line(at: int, figures: Figures, xs: Sequence[float], ys: Sequence[float], hover: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines" if len(xs) > 40 else "lines+markers",
        "name": label(figures.run.name),
        "x": xs,
        "y": ys,
        "hovertemplate": hover + "<extra>" + label(figures.run.name) + "</extra>",
        **_look(at),
    }


def _look(at: int) -> dict[str, Any]:
    """Of the run at this place."""
    colour = PALETTE[at % len(PALETTE)]
    return {
        "line": {"color": colour, "width": 2.5, "dash": DASHES[at % len(DASHES)]},
        "marker": {"color": colour, "size": 7, "symbol": SYMBOLS[at % len(SYMBOLS)]},
    }


def _shares(shown: Histogram) -> list[float]:
    return [count / max(shown.total, 1) for count in shown.counts]


def _means(runs: Runs, mean: Callable[[Figures], float | None], digits: int) -> str:
    return "; ".join(
        f"{figures.run.name}: {'–' if (value := mean(figures)) is None else f'{value:.{digits}f}'} on average"
        for figures in runs
    )
