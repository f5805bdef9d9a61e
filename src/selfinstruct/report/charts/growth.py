"""What further requests brought: tasks, acceptance and novelty, against requests, tokens or money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from selfinstruct.report.charts.chart import BLUE, GREEN, ORANGE, Chart, Trace, layout
from selfinstruct.report.growth import Growth
from selfinstruct.text.messages import percent

__all__ = ["acceptance_chart", "task_chart"]

CHOICE = "Against"
TABLE_ROWS = 20


def task_chart(growth: Growth) -> Chart:
    """Tasks so far."""
    views = {
        name: {
            "data": [_line("tasks", xs, growth.tasks, BLUE, "solid", hover + "%{y:,} tasks<extra></extra>")],
            "layout": layout(title, "tasks", **more),
        }
        for name, title, xs, hover, more in _axes(growth)
    }
    total = growth.tasks[-1] if growth.tasks else 0
    return Chart(
        id="growth-tasks",
        title="Tasks for requests",
        note="Tasks with a valid instance, as the run went on. A straight line means a steady price; "
        "where it "
        "bends "
        "down, each further task costs more.",
        alt=f"{total:,} tasks at the end." + _price(growth),
        views=views,
        head=("instruction request", "requests", "tokens", *(("cost, $",) if growth.cost else ()), "tasks"),
        rows=[
            (
                f"{growth.tickets[place]:,}",
                f"{growth.requests[place]:,}",
                f"{growth.tokens[place]:,}",
                *((f"{growth.cost[place]:,.4f}",) if growth.cost else ()),
                f"{growth.tasks[place]:,}",
            )
            for place in _few(len(growth.tickets))
        ],
        choice=CHOICE,
    )


def acceptance_chart(growth: Growth) -> Chart:
    """Still new? Both shares over the last tickets."""
    saturation = growth.saturation
    ends_early = bool(growth.novelty) and growth.novelty[-1] is None and any(growth.novelty)
    views = {}
    for name, title, xs, hover, more in _axes(growth):
        limit = [saturation.limit] * 2
        ends = [xs[0], xs[-1]] if xs else []
        views[name] = {
            "data": [
                _line(
                    "admitted", xs, growth.admitted, BLUE, "solid", hover + "%{y:.0%} admitted<extra></extra>"
                ),
                _line(
                    "novelty", xs, growth.novelty, GREEN, "dash", hover + "novelty %{y:.2f}<extra></extra>"
                ),
                _line("saturated below", ends, limit[: len(ends)], ORANGE, "dot", "%{y:.0%}<extra></extra>"),
            ],
            "layout": layout(title, "", yaxis={"range": [0, 1.02], "tickformat": ".0%"}, **more),
        }
    return Chart(
        id="growth-acceptance",
        title="Acceptance and novelty",
        note=f"Of the instructions in the last {saturation.window} replies: the share admitted, and how "
        "new they "
        "were on average (1 − the largest ROUGE-L with the pool). Where both fall, the model repeats itself."
        + (" In the large pool of later replies novelty is not recorded." if ends_early else ""),
        alt=f"At the end {percent(saturation.share)} were admitted, at first "
        f"{percent(saturation.first_share)}.",
        views=views,
        head=("instruction request", "requests", "admitted", "novelty"),
        rows=[
            (
                f"{growth.tickets[place]:,}",
                f"{growth.requests[place]:,}",
                percent(growth.admitted[place], 1),
                "–" if (new := growth.novelty[place]) is None else f"{new:.2f}",
            )
            for place in _few(len(growth.tickets))
        ],
        choice=CHOICE,
    )


def _axes(growth: Growth) -> list[tuple[str, str, Sequence[float], str, dict[str, Any]]]:
    """Name, title, values, the beginning of what hovering shows, settings."""
    axes: list[tuple[str, str, Sequence[float], str, dict[str, Any]]] = [
        ("requests", "requests sent", growth.requests, "%{x:,} requests: ", {}),
        ("tokens", "tokens, in and out", growth.tokens, "%{x:,} tokens: ", {}),
    ]
    if growth.cost is not None:
        dollars = {"xaxis": {"tickprefix": "$"}}
        axes.append(("cost", "USD", growth.cost, "%{x:$.4f}: ", dollars))
    return axes


def _line(
    name: str, xs: Sequence[float], ys: Sequence[float | None], colour: str, dash: str, hover: str
) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines" if len(xs) > 1 else "markers",
        "name": name,
        "x": xs,
        "y": ys,
        "line": {"color": colour, "width": 2.5, "dash": dash},
        "marker": {"color": colour},
        "hovertemplate": hover,
    }


def _price(growth: Growth) -> str:
    if growth.first is None or growth.last is None:
        return ""
    return (
        f" A task took {growth.first.requests:.1f} requests in the first quarter, "
        f"{growth.last.requests:.1f} in "
        "the last."
    )


def _few(length: int) -> list[int]:
    """Enough places for a table."""
    if length <= TABLE_ROWS:
        return list(range(length))
    return [round(number * (length - 1) / (TABLE_ROWS - 1)) for number in range(TABLE_ROWS)]
