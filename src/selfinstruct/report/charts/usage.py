"""How long replies took, and how many came at a time."""

from __future__ import annotations

from itertools import pairwise

from selfinstruct.report.charts.chart import BLUE, GREEN, ORANGE, Chart, bar, layout
from selfinstruct.report.tables import seconds
from selfinstruct.report.usage import Pace, RunUsage

__all__ = ["latency_chart", "pace_chart"]

LOOKS = ((BLUE, ""), (ORANGE, "/"), (GREEN, "."))


def latency_chart(usage: RunUsage) -> Chart:
    """By stage."""
    shown = [use for use in usage.stages if use.requests]
    labels = _labels(usage.stages[0].latency.edges)
    used = [place for place in range(len(labels)) if any(use.latency.counts[place] for use in shown)]
    span = slice(min(used, default=0), max(used, default=0) + 1)
    return Chart(
        id="latency",
        title="Latency",
        note="From sending a request to the last byte of its reply. A long tail to the right is a slow "
        "endpoint, "
        "or replies that run on.",
        alt=f"Median {seconds(usage.seconds.median)}, 95 % within {seconds(usage.seconds.p95)}.",
        views={
            "": {
                "data": [
                    bar(
                        use.stage,
                        labels[span],
                        use.latency.counts[span],
                        colour,
                        pattern=pattern,
                        hovertemplate="%{x} s: %{y:,} replies<extra>" + use.stage + "</extra>",
                    )
                    for use, (colour, pattern) in zip(shown, LOOKS, strict=False)
                ],
                "layout": layout("seconds", "replies", barmode="stack", xaxis={"type": "category"}),
            }
        },
        head=("seconds", *(use.stage for use in shown)),
        rows=[
            (labels[place], *(f"{use.latency.counts[place]:,}" for use in shown))
            for place in range(span.start, span.stop)
        ],
    )


def pace_chart(pace: Pace) -> Chart:
    """Replies a second, over the run's time."""
    unit, one = ("minutes", 60.0) if pace.seconds * len(pace.requests) > 180 else ("seconds", 1.0)
    times = [(number + 0.5) * pace.seconds / one for number in range(len(pace.requests))]
    rates = [count / pace.seconds for count in pace.requests]
    return Chart(
        id="pace",
        title="Replies per second",
        note="Over the time from the first reply to the last. Gaps are pauses: an interruption, or an "
        "endpoint that "
        "was away.",
        alt=f"Between {min(rates):.1f} and {max(rates):.1f}.",
        views={
            "": {
                "data": [
                    {
                        "type": "scatter",
                        "mode": "lines",
                        "x": times,
                        "y": rates,
                        "fill": "tozeroy",
                        "line": {"color": BLUE, "width": 2, "shape": "hvh"},
                        "hovertemplate": "%{x:.1f} " + unit + ": %{y:.1f} per second<extra></extra>",
                    }
                ],
                "layout": layout(unit, "replies per second", yaxis={"rangemode": "tozero"}),
            }
        },
        head=(unit, "replies", "per second"),
        rows=[
            (f"{time:.1f}", f"{count:,}", f"{rate:.2f}")
            for time, count, rate in zip(times, pace.requests, rates, strict=True)
        ],
    )


def _labels(edges: tuple[float, ...]) -> list[str]:
    return [f"{low:g}–{high:g}" for low, high in pairwise(edges[:-1])] + [f"{edges[-2]:g}+"]
