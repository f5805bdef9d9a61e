"""Scores of evaluations with their intervals, a row a model."""

from __future__ import annotations

from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.metrics import metric_label
from selfinstruct.report.charts.chart import BLUE, Chart, Trace, label, layout
from selfinstruct.report.evaluated import Evaluated, EvaluatedSystem

__all__ = ["evaluated_chart"]


def evaluated_chart(number: int, evaluated: Evaluated) -> Chart:
    """number: of the set of items, which makes the chart's id."""
    systems = evaluated.systems
    metric = metric_label(next(iter(systems[0].metrics)))
    heads = [name for each in systems[0].metrics for name in (metric_label(each), "95 %")]
    drawn = f"{evaluated.tasks:,} tasks" if evaluated.tasks else "items"
    return Chart(
        id=f"evaluated-{number}",
        title=evaluated.suite,
        note=f"{metric[:1].upper()}{metric[1:]} of the answers to {evaluated.items:,} items, in percent. "
        f"Lines are 95 % intervals, over {drawn} resampled.",
        alt="; ".join(f"{system.name}: {system.main.mean:.1f}" for system in systems),
        views={
            "": {
                "data": [_trace(metric, systems)],
                "layout": layout(
                    metric,
                    xaxis={"rangemode": "tozero"},
                    yaxis={
                        "tickvals": list(range(len(systems))),
                        "ticktext": [label(system.name) for system in systems],
                        "range": [len(systems) - 0.5, -0.5],
                        "showgrid": False,
                        "zeroline": False,
                    },
                ),
            }
        },
        head=("", *heads, "gain", "95 %", *(name for judge in systems[0].judged for name in (judge, "95 %"))),
        rows=[_row(system) for system in systems],
        height=120 + 36 * len(systems),
    )


def _trace(metric: str, systems: tuple[EvaluatedSystem, ...]) -> Trace:
    scores = [system.main for system in systems]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": metric,
        "x": [score.mean for score in scores],
        "y": list(range(len(systems))),
        "marker": {"color": BLUE, "size": 11},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [score.high - score.mean for score in scores],
            "arrayminus": [score.mean - score.low for score in scores],
            "color": BLUE,
            "thickness": 2,
            "width": 7,
        },
        "customdata": [[label(system.name), _between(system.main)] for system in systems],
        "hovertemplate": "%{customdata[0]}: %{x:.1f} (%{customdata[1]})<extra></extra>",
    }


def _row(system: EvaluatedSystem) -> tuple[str, ...]:
    gain = ("–", "–") if system.gain is None else (f"{system.gain.mean:+.1f}", _between(system.gain, "+"))
    return (
        system.name,
        *(text for each in system.metrics.values() for text in (f"{each.mean:.1f}", _between(each))),
        *gain,
        *(text for each in system.judged.values() for text in _judged(each)),
    )


def _judged(interval: Interval | None) -> tuple[str, str]:
    return ("–", "–") if interval is None else (f"{interval.mean:.1f}", _between(interval))


def _between(interval: Interval, sign: str = "") -> str:
    return f"{interval.low:{sign}.1f} to {interval.high:{sign}.1f}"
