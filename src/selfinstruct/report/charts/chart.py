"""A chart, and what all charts have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

__all__ = [
    "BLUE",
    "GREEN",
    "LINE",
    "MUTED",
    "ORANGE",
    "PALETTE",
    "RED",
    "SKY",
    "Chart",
    "bar",
    "label",
    "layout",
]

BLUE, SKY, ORANGE, RED, GREEN = (f"var(--chart-{number})" for number in range(1, 6))
PALETTE = (BLUE, ORANGE, GREEN, RED, SKY, "var(--chart-6)")
LINE, MUTED = "var(--line)", "var(--muted)"

Trace = dict[str, Any]
Layout = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """id: of its place in the page. title: what it shows; note: how to read it; alt: what one sees in it, for
    those who do not. views: what Plotly draws, `data` and `layout` by the name of the view; where there are
    several, the reader chooses. head, rows: the same numbers as text."""

    id: str
    title: str
    note: str
    alt: str
    views: Mapping[str, Mapping[str, Any]]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    height: int = 300
    choice: str = field(default="")
    """What the reader chooses by, where there are several views."""
    clicks: Sequence[Sequence[Mapping[str, Any] | None]] = ()
    """By trace and point, what a click filters the samples by: `verdict`, `kind`, `verb`, `object`, `text`;
    `near`, `words`, `input_words`, `output_words` as a pair, from and below (None for no end)."""


def label(text: str) -> str:
    """Plotly reads tags and entities in labels, links among them; a text of a model's must show as it is."""
    return escape(text, quote=False)


def bar(name: str, labels: Sequence[str | float], values: Sequence[float], colour: str, **more: Any) -> Trace:
    """Vertical bars, or with `orientation="h"` horizontal ones. pattern: a hatch, to be told apart by."""
    pattern = more.pop("pattern", "")
    marker: dict[str, Any] = {"color": colour, "line": {"width": 0}}
    if pattern:
        marker["pattern"] = {
            "shape": pattern,
            "fillmode": "overlay",
            "fgcolor": "var(--card)",
            "fgopacity": 0.85,
            "solidity": 0.3,
            "size": 7,
        }
    horizontal = more.get("orientation") == "h"
    places = {"y": labels, "x": values} if horizontal else {"x": labels, "y": values}
    return {"type": "bar", "name": name, "marker": marker, **places, **more}


def layout(x: str = "", y: str = "", **more: Any) -> Layout:
    """x, y: the axes' titles. More may hold settings of Plotly's, `xaxis` and `yaxis` among them."""
    axis = {
        "gridcolor": LINE,
        "zerolinecolor": LINE,
        "automargin": True,
        "fixedrange": True,
        "separatethousands": True,
        "tickfont": {"color": MUTED},
    }
    return {
        "margin": {"l": 12, "r": 12, "t": 12, "b": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "var(--ink)", "size": 13},
        "hoverlabel": {"bgcolor": "var(--card)", "bordercolor": LINE, "font": {"color": "var(--ink)"}},
        "legend": {
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "xanchor": "left",
            "traceorder": "normal",
        },
        "bargap": 0.12,
        "dragmode": False,
        **more,
        "xaxis": {**axis, "title": _title(x), **more.get("xaxis", {})},
        "yaxis": {**axis, "title": _title(y), **more.get("yaxis", {})},
    }


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 10, "font": {"size": 13, "color": MUTED}}
