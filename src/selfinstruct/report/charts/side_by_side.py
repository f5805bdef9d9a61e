"""Runs side by side: what became of their instructions, and what tasks took."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from selfinstruct.report.charts.chart import BLUE, MUTED, ORANGE, Chart, bar, label, layout
from selfinstruct.report.charts.runs import Runs, curve
from selfinstruct.report.figures import Figures
from selfinstruct.text.messages import percent

__all__ = ["growths_chart", "yields_chart"]


def yields_chart(runs: Runs) -> Chart:
    """Of a hundred instructions read."""
    names = [label(figures.run.name) for figures in runs]
    parts: dict[str, list[int]] = {"tasks": [], "no task": [], "rejected": []}
    for figures in runs:
        funnel = figures.funnel
        parts["rejected"].append(sum(each.count for each in funnel.rejected))
        parts["no task"].append(funnel.dropped_count)
        parts["tasks"].append(funnel.candidates - parts["rejected"][-1] - parts["no task"][-1])
    read = [figures.funnel.candidates for figures in runs]
    shares = {
        name: [count / whole if whole else 0.0 for count, whole in zip(counts, read, strict=True)]
        for name, counts in parts.items()
    }
    looks = {"tasks": (BLUE, ""), "no task": (ORANGE, "/"), "rejected": (MUTED, "x")}
    return Chart(
        id="yields",
        title="What became of the parsed instructions",
        note="All instructions parsed from replies: those that are tasks (or wait to become "
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


def growths_chart(runs: Runs) -> Chart:
    """Tasks against requests and tokens."""
    axes: dict[str, tuple[str, Callable[[Figures], Sequence[float]]]] = {
        "requests": ("requests sent", lambda its: its.growth.requests),
        "tokens": ("tokens, in and out", lambda its: its.growth.tokens),
    }
    if all(figures.growth.cost is not None for figures in runs):
        axes["cost"] = ("USD", lambda its: its.growth.cost or ())
    return Chart(
        id="growths",
        title="Tasks for requests",
        note="A steeper line means cheaper tasks; where a line bends down, the pool is filling up.",
        alt="; ".join(
            f"{figures.run.name}: {(figures.growth.tasks or (0,))[-1]:,} tasks for "
            f"{(figures.growth.requests or (0,))[-1]:,} requests"
            for figures in runs
        ),
        views={
            name: {
                "data": [
                    curve(at, figures, xs(figures), figures.growth.tasks, "%{x:,}: %{y:,} tasks")
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
