"""What charts of several runs share: each run keeps its colour, dash and symbol throughout the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from selfinstruct.report.charts.chart import PALETTE, Trace, label
from selfinstruct.report.figures import Figures
from selfinstruct.report.tables import decimal

__all__ = ["Runs", "curve", "look", "means"]

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "star")

Runs = Sequence[Figures]


def curve(at: int, figures: Figures, xs: Sequence[float], ys: Sequence[float], hover: str) -> Trace:
    """Of the run at place `at`; `hover` is what pointing at it shows."""
    return {
        "type": "scatter",
        "mode": "lines" if len(xs) > 40 else "lines+markers",
        "name": label(figures.run.name),
        "x": xs,
        "y": ys,
        "hovertemplate": hover + "<extra>" + label(figures.run.name) + "</extra>",
        **look(at),
    }


def look(at: int) -> dict[str, Any]:
    """Of the run at this place."""
    colour = PALETTE[at % len(PALETTE)]
    return {
        "line": {"color": colour, "width": 2.5, "dash": DASHES[at % len(DASHES)]},
        "marker": {"color": colour, "size": 7, "symbol": SYMBOLS[at % len(SYMBOLS)]},
    }


def means(runs: Runs, mean: Callable[[Figures], float | None], digits: int) -> str:
    """Of each run, in words."""
    return "; ".join(f"{figures.run.name}: {decimal(mean(figures), digits)} on average" for figures in runs)
