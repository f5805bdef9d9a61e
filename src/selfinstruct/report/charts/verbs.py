"""The 20 commonest root verbs and their 4 commonest direct objects as a sunburst (Figure 3)."""

from __future__ import annotations

from typing import Any

from selfinstruct.report.charts.chart import PALETTE, Chart, label, layout
from selfinstruct.report.verb_objects import VerbObjects
from selfinstruct.text.messages import percent

__all__ = ["verb_chart"]

PAPER = (
    "In the paper both were found in half of the instructions, by a parser that reads questions too, and"
    " these pairs covered 14 %."
)


def verb_chart(verb_objects: VerbObjects) -> Chart:
    """As the paper draws it: a verb is as wide as its four objects together."""
    ids, labels, parents, values, colours, hover = [], [], [], [], [], []
    rows = []
    clicks: list[dict[str, str]] = []
    for number, verb in enumerate(verb_objects.commonest):
        colour = PALETTE[number % len(PALETTE)]
        shown = sum(count for _, count in verb.objects)
        ids.append(f"v{number}")
        labels.append(label(verb.verb))
        parents.append("")
        values.append(shown)
        colours.append(colour)
        hover.append(f"{label(verb.verb)}: {verb.count:,} instructions")
        clicks.append({"verdict": "kept", "verb": verb.verb})
        for place, (thing, count) in enumerate(verb.objects):
            ids.append(f"v{number}.{place}")
            labels.append(label(thing))
            parents.append(f"v{number}")
            values.append(count)
            colours.append(colour)
            hover.append(f"{label(verb.verb)} {label(thing)}: {count:,}")
            clicks.append({"verdict": "kept", "verb": verb.verb, "object": thing})
        things = ", ".join(f"{thing} {count:,}" for thing, count in verb.objects)
        rows.append((verb.verb, f"{verb.count:,}", percent(verb.count / verb_objects.with_both, 1), things))
    trace: dict[str, Any] = {
        "type": "sunburst",
        "ids": ids,
        "labels": labels,
        "parents": parents,
        "values": values,
        "branchvalues": "total",
        "sort": True,
        "marker": {"colors": colours, "line": {"color": "var(--card)", "width": 1.5}},
        "leaf": {"opacity": 0.88},
        "insidetextorientation": "radial",
        "insidetextfont": {"color": [f"{colour[:-1]}-ink)" for colour in colours]},
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    whole = verb_objects.instructions
    found = percent(verb_objects.with_both / whole) if whole else "–"
    covered = percent(verb_objects.covered / whole) if whole else "–"
    return Chart(
        id="verbs",
        title="Root verbs and their direct objects",
        note="The inner ring holds the 20 commonest verbs, the outer one the 4 commonest objects of each. "
        "Many "
        f"narrow segments mean variety. {PAPER}",
        alt=f"Verb and object were found in {found} of the instructions; the pairs shown cover {covered}.",
        views={
            "": {
                "data": [trace],
                "layout": layout(
                    margin={"l": 0, "r": 0, "t": 0, "b": 0}, uniformtext={"minsize": 9, "mode": "hide"}
                ),
            }
        },
        head=("verb", "instructions", "of those with both", "commonest objects"),
        rows=rows,
        height=560,
        clicks=[clicks],
    )
