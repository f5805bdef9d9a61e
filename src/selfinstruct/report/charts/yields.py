"""From instructions read to tasks in the data set, as a staircase."""

from __future__ import annotations

from selfinstruct.report.charts.chart import BLUE, ORANGE, Chart, bar, label, layout
from selfinstruct.report.funnel import Funnel
from selfinstruct.text.messages import percent

__all__ = ["yield_chart"]


def yield_chart(funnel: Funnel) -> Chart:
    """Each loss begins where the one before left off."""
    left = funnel.candidates
    rows: list[tuple[str, int, int, bool]] = [("instructions parsed", 0, left, True)]
    verdicts = [""]  # of each row, what the samples are filtered by
    for each in funnel.rejected:
        left -= each.count
        rows.append((each.reason, left, each.count, False))
        verdicts.append(f"rejected:{each.reason}")
    rows.append(("admitted", 0, funnel.admitted, True))
    verdicts.append("")
    left = funnel.admitted
    losses = [(each.reason, each.count, f"dropped:{each.reason}") for each in funnel.dropped]
    losses += [("in progress", funnel.pending, "pending"), ("spare", funnel.left_over, "spare")]
    for name, count, verdict in losses:
        if count:
            left -= count
            rows.append((name, left, count, False))
            verdicts.append(verdict)
    rows.append(("tasks in the data set", 0, funnel.tasks, True))
    verdicts.append("kept")
    # Places, with the names as ticks: Plotly joins bars of equal labels, and both kinds may have a reason.
    places = list(range(len(rows)))
    traces, clicks = [], []
    for name, kept, colour, pattern in (("left", True, BLUE, ""), ("lost", False, ORANGE, "/")):
        chosen = [place for place in places if rows[place][3] is kept]
        clicks.append([{"verdict": verdicts[place]} for place in chosen])
        traces.append(
            bar(
                name,
                chosen,
                [rows[place][2] for place in chosen],
                colour,
                orientation="h",
                width=0.78,
                base=[rows[place][1] for place in chosen],
                text=[f"{rows[place][2]:,}" for place in chosen],
                textposition="outside",
                cliponaxis=False,
                hovertemplate="%{customdata}: %{text}<extra></extra>",
                customdata=[label(rows[place][0]) for place in chosen],
                pattern=pattern,
            )
        )
    ticks = {
        "tickvals": places,
        "ticktext": [label(name) for name, *_ in rows],
        "autorange": "reversed",
        "showgrid": False,
    }
    whole = funnel.candidates
    return Chart(
        id="yield",
        title="What became of the parsed instructions",
        note="From top to bottom: a hatched bar is what one reason removed, a solid bar is what remained.",
        alt=f"{funnel.candidates:,} instructions parsed, {funnel.admitted:,} admitted, {funnel.tasks:,} "
        f"tasks.",
        views={
            "": {
                "data": traces,
                "layout": layout(
                    "instructions",
                    barmode="overlay",
                    yaxis=ticks,
                    xaxis={"range": [0, max(whole, 1) * 1.02]},
                    margin={"l": 12, "r": 56, "t": 12, "b": 12},
                ),
            }
        },
        head=("", "instructions", "of all parsed"),
        rows=[
            (name if kept else f"− {name}", f"{count:,}", percent(count / whole if whole else None, 1))
            for name, _, count, kept in rows
        ],
        height=90 + 30 * len(rows),
        clicks=clicks,
    )
