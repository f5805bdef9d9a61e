"""The data beside the seeds: formats of outputs, commonest verbs, commonest topics."""

from __future__ import annotations

from collections.abc import Sequence

from selfinstruct.report.charts.chart import BLUE, RED, Chart, bar, label, layout
from selfinstruct.report.coverage import Coverage, CoverageItem
from selfinstruct.report.shortening import shortened
from selfinstruct.text.messages import percent

__all__ = ["format_chart", "topic_chart", "verb_share_chart"]

LETTERS = 32
"""Of a name on the axis: a word of thousands of letters would leave no room for its bar."""


def format_chart(coverage: Coverage) -> Chart:
    """All formats, from short to structured."""
    return _beside_seeds(
        "formats",
        "Formats of output",
        "Format of the outputs, detected by rules on the text. A format that the seeds have and the "
        "data has not is one that a model trained on it will not learn.",
        coverage.formats,
        "outputs",
    )


def verb_share_chart(coverage: Coverage) -> Chart:
    """The commonest."""
    return _beside_seeds(
        "verb-shares",
        "Commonest root verbs",
        f"There are {coverage.verbs.distinct:,} different ones.",
        coverage.verbs.commonest,
        "instructions",
        filters_by="verb",
    )


def topic_chart(coverage: Coverage) -> Chart:
    """The commonest."""
    return _beside_seeds(
        "topics",
        "Commonest topics",
        "Words that say what an instruction is about, counted once for each. There are "
        f"{coverage.topics.distinct:,} different ones.",
        coverage.topics.commonest,
        "instructions",
        filters_by="text",
    )


def _beside_seeds(
    name: str, title: str, note: str, items: Sequence[CoverageItem], what: str, filters_by: str = ""
) -> Chart:
    """filters_by: what a click on a bar filters the samples by; empty for nothing."""
    labels = [label(shortened(item.name, LETTERS)) for item in items]
    hover = "%{y}: %{x:.1%}<extra>"
    return Chart(
        id=name,
        title=title,
        note=note,
        alt="; ".join(f"{shortened(item.name, LETTERS)} {percent(item.share)}" for item in items[:5])
        or "There are none.",
        views={
            "": {
                "data": [
                    bar(
                        "data set",
                        labels,
                        [item.share for item in items],
                        BLUE,
                        orientation="h",
                        hovertemplate=f"{hover}data set</extra>",
                    ),
                    {
                        "type": "scatter",
                        "mode": "markers",
                        "name": "seeds",
                        "y": labels,
                        "x": [item.seed_share for item in items],
                        "marker": {"color": RED, "symbol": "diamond", "size": 9},
                        "cliponaxis": False,
                        "hovertemplate": f"{hover}seeds</extra>",
                    },
                ],
                "layout": layout(
                    f"share of {what}",
                    xaxis={"tickformat": ".0%", "rangemode": "tozero"},
                    yaxis={
                        "autorange": "reversed",
                        "type": "category",
                        "showgrid": False,
                        "dtick": 1,
                        "ticklabelstandoff": 8,
                    },
                ),
            }
        },
        head=("", what, "share", "seeds", "share"),
        rows=[
            (
                shortened(item.name),
                f"{item.count:,}",
                percent(item.share, 1),
                f"{item.seed_count:,}",
                percent(item.seed_share, 1),
            )
            for item in items
        ],
        height=90 + 24 * max(len(items), 3),
        clicks=[[{"verdict": "kept", filters_by: item.name} for item in items]] if filters_by else (),
    )
