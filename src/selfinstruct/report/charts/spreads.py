"""Histograms: similarity to seeds and pool (Figure 4), lengths (Figure 5)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from selfinstruct.report.charts.chart import BLUE, ORANGE, RED, Chart, Trace, bar, layout
from selfinstruct.report.distribution import Histogram, Spread
from selfinstruct.report.lengths import PartLengths
from selfinstruct.report.similarity import Similarity
from selfinstruct.report.tables import decimal
from selfinstruct.text.messages import percent

__all__ = ["length_chart", "pool_chart", "seed_chart"]

ROUGE = "largest ROUGE-L"
TICKS = 8
WORDS = {"instructions": "words", "inputs": "input_words", "outputs": "output_words"}
"""What a click on a bar of lengths filters by."""


def seed_chart(similarity: Similarity) -> Chart:
    """Of each task's instruction with any seed."""
    mean = decimal(similarity.to_seeds_spread.mean, 2)
    shown = similarity.to_seeds
    return Chart(
        id="similarity-seeds",
        title="Similarity to the seeds",
        note="For each task the largest ROUGE-L of its instruction with any seed. Further left "
        "means more different from the seeds.",
        alt=f"On average {mean}.",
        views={
            "": {
                "data": [bar("tasks", _middles(shown), shown.counts, BLUE, hovertemplate=_hover("tasks"))],
                "layout": layout(ROUGE, "tasks", xaxis={"range": [0, 1]}, bargap=0.06),
            }
        },
        head=(ROUGE, "tasks", "share"),
        rows=_rows(shown),
    )


def pool_chart(similarity: Similarity) -> Chart:
    """Of each instruction with the pool as it was when it was judged."""
    admitted, similar = similarity.to_pool, similarity.similar
    limit = similarity.threshold
    whose = f" of {similarity.sampled:,} drawn at random" if similarity.sampled else ""
    return Chart(
        id="similarity-pool",
        title="Similarity to the pool",
        note=f"For each instruction{whose} the largest ROUGE-L with the seeds and all that was admitted "
        f"before it. Above {limit:g} it was rejected as similar (hatched).",
        alt=f"Of those admitted on average {decimal(similarity.to_pool_spread.mean, 2)}; "
        f"{similar.total:,}{whose} were rejected as similar.",
        views={
            "": {
                "data": [
                    bar(
                        "admitted",
                        _middles(admitted),
                        admitted.counts,
                        BLUE,
                        hovertemplate=_hover("admitted"),
                    ),
                    bar(
                        "similar",
                        _middles(similar),
                        similar.counts,
                        ORANGE,
                        pattern="/",
                        hovertemplate=_hover("rejected as similar"),
                    ),
                ],
                "layout": layout(
                    ROUGE,
                    "instructions",
                    barmode="stack",
                    bargap=0.06,
                    xaxis={"range": [0, 1]},
                    shapes=[_upright(limit)],
                ),
            }
        },
        clicks=[_ranges(admitted, "near", "admitted"), _ranges(similar, "near", "rejected:similar")],
        head=(ROUGE, "admitted", "rejected as similar"),
        rows=[
            (name, f"{ours:,}", f"{theirs:,}")
            for name, ours, theirs in zip(admitted.labels(), admitted.counts, similar.counts, strict=True)
        ],
    )


def length_chart(name: str, title: str, part: PartLengths, paper_mean: float | None) -> Chart:
    """Words of the data set's instructions, inputs or outputs, beside the seeds'."""
    ours, seeds = part.histogram, part.seed_histogram
    labels, places = ours.labels(), list(range(len(ours.counts)))
    every = math.ceil(len(places) / TICKS)
    ticks = {
        "tickvals": places[::every],
        "ticktext": [labels[place].partition("–")[0] for place in places[::every]],
        "showgrid": False,
    }
    traces: list[Trace] = [
        bar(
            "data set",
            places,
            _shares(ours),
            BLUE,
            customdata=labels,
            hovertemplate="%{customdata} words: %{y:.1%} of the data<extra></extra>",
        )
    ]
    if seeds.total:
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": "seeds",
                "x": places,
                "y": _shares(seeds),
                "line": {"color": RED, "width": 2, "dash": "dot"},
                "marker": {"color": RED, "size": 6, "symbol": "diamond"},
                "customdata": labels,
                "hovertemplate": "%{customdata} words: %{y:.1%} of the seeds<extra></extra>",
            }
        )
    return Chart(
        id=f"length-{name}",
        title=title,
        note=f"Mean {_words(part.words.mean)}, median {_words(part.words.median)} words; the seeds' mean is "
        f"{_words(part.seed_words.mean)}, the paper's data had {_words(paper_mean)}.",
        alt=_spread(part.words),
        views={
            "": {
                "data": traces,
                "layout": layout("words", "share", yaxis={"tickformat": ".0%"}, xaxis=ticks, bargap=0.06),
            }
        },
        clicks=[_ranges(ours, WORDS[name], "kept")],
        head=("words", "data set", "share", "seeds", "share"),
        rows=[
            (label, f"{a:,}", percent(b, 1), f"{c:,}", percent(d, 1))
            for label, a, b, c, d in zip(
                labels, ours.counts, _shares(ours), seeds.counts, _shares(seeds), strict=True
            )
        ],
        height=260,
    )


def _middles(shown: Histogram) -> list[float]:
    return [(low + high) / 2 for low, high in zip(shown.edges, shown.edges[1:], strict=False)]


def _ranges(shown: Histogram, what: str, verdict: str) -> list[dict[str, Any]]:
    """Of each bar, the values that it counts. Above the last, where the end is open, all."""
    ends: list[float | None] = [*shown.edges[1:]]
    if ends:
        ends[-1] = None  # it holds its upper edge too
    pairs = zip(shown.edges, ends, strict=False)
    return [{"verdict": verdict, what: [low, high]} for low, high in pairs]


def _shares(shown: Histogram) -> list[float]:
    return [count / max(shown.total, 1) for count in shown.counts]


def _rows(shown: Histogram) -> list[Sequence[str]]:
    return [
        (name, f"{count:,}", percent(part, 1))
        for name, count, part in zip(shown.labels(), shown.counts, _shares(shown), strict=True)
    ]


def _hover(what: str) -> str:
    return f"%{{x:.3f}} ± 0.025: %{{y:,}} {what}<extra></extra>"


def _upright(x: float) -> dict[str, object]:
    """The line that divides admitted from rejected."""
    line = {"color": "var(--ink)", "width": 1.5, "dash": "dash"}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _spread(words: Spread) -> str:
    if not words.count:
        return "There are none."
    return (
        f"Mean {_words(words.mean)}, median {_words(words.median)} words; 95 % have at most "
        f"{_words(words.p95)}, the longest {_words(words.largest)}."
    )


def _words(value: float | None) -> str:
    return decimal(value).removesuffix(".0")
