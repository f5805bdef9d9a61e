"""Runs side by side: how their tasks look."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from selfinstruct.report.charts.chart import Chart, label, layout
from selfinstruct.report.charts.runs import Runs, curve, look, means
from selfinstruct.report.distribution import Histogram
from selfinstruct.report.figures import Figures
from selfinstruct.report.lengths import PartLengths
from selfinstruct.report.tables import decimal
from selfinstruct.text.formats import Format
from selfinstruct.text.messages import percent

__all__ = ["formats_chart", "lengths_chart", "similarity_chart"]

FORMATS = [str(each) for each in Format]


def similarity_chart(runs: Runs) -> Chart:
    """To the seeds of each run."""
    histograms = [figures.similarity.to_seeds for figures in runs]
    middles = [
        (low + high) / 2 for low, high in zip(histograms[0].edges, histograms[0].edges[1:], strict=False)
    ]
    return Chart(
        id="similarities",
        title="Similarity to the seeds",
        note="For each task the largest ROUGE-L of its instruction with any of its run's seeds. Further "
        "left means more different from the seeds.",
        alt=means(runs, lambda its: its.similarity.to_seeds_spread.mean, 2),
        views={
            "": {
                "data": [
                    curve(at, figures, middles, _shares(shown), "%{x:.2f}: %{y:.1%}")
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


def lengths_chart(name: str, title: str, runs: Runs, part_of: Callable[[Figures], PartLengths]) -> Chart:
    """As shares of what is no longer than that, since the bins of two runs may differ."""
    curves = []
    for figures in runs:
        shown = part_of(figures).histogram
        edges = shown.edges[1:-1]  # the last bin has no end
        curves.append(
            (edges, [part / max(shown.total, 1) for part in accumulate(shown.counts)][: len(edges)])
        )
    return Chart(
        id=f"lengths-{name}",
        title=title,
        note="Share of texts below a number of words. A line further right means longer texts.",
        alt=means(runs, lambda its: part_of(its).words.mean, 1),
        views={
            "": {
                "data": [
                    curve(at, figures, xs, ys, "%{y:.0%} below %{x} words")
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
                *(decimal(value) for value in (words.mean, words.median, words.p95)),
            )
            for figures, words in ((figures, part_of(figures).words) for figures in runs)
        ],
    )


def formats_chart(runs: Runs) -> Chart:
    """Shares of each format of output."""
    shares = [[item.share for item in figures.coverage.formats] for figures in runs]
    return Chart(
        id="formats-of-runs",
        title="Formats of output",
        note="Format of the outputs, detected by rules on the text.",
        alt="; ".join(
            f"{figures.run.name}: mostly {FORMATS[max(range(len(FORMATS)), key=those.__getitem__)]}"
            for figures, those in zip(runs, shares, strict=True)
        ),
        views={
            "": {
                "data": [
                    {
                        "type": "scatter",
                        "mode": "markers",
                        "name": label(figures.run.name),
                        "y": FORMATS,
                        "x": those,
                        "marker": {**look(at)["marker"], "size": 11},
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
        rows=[(name, *(percent(those[at], 1) for those in shares)) for at, name in enumerate(FORMATS)],
        height=380,
    )


def _shares(shown: Histogram) -> list[float]:
    return [count / max(shown.total, 1) for count in shown.counts]
