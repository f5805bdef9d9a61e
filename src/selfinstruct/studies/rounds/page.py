"""All rounds as one page, in the frame of the report's."""

from __future__ import annotations

import json
from collections.abc import Sequence

from selfinstruct.evaluation.metrics import metric_label
from selfinstruct.report.charts.chart import BLUE, MUTED, ORANGE, Chart, Trace, layout
from selfinstruct.report.page import Page
from selfinstruct.report.tables import amount, decimal, dollars
from selfinstruct.studies.rounds.figures import RoundFigures, Written
from selfinstruct.studies.rounds.settings import RoundsSettings, flat
from selfinstruct.studies.rounds.verdict import Ending, best_of, between, signed, verdict
from selfinstruct.text.messages import in_words, percent

__all__ = ["rounds_page"]

SECTIONS = {
    "summary": "Summary",
    "scores": "Scores",
    "tasks": "Tasks",
    "training": "Training data",
    "cost": "Cost and time",
    "config": "Settings",
}
HIDDEN = ("model_digest", "seeds_digest", "items_digest", "concurrency")


def rounds_page(
    name: str, settings: RoundsSettings, rounds: Sequence[RoundFigures], ending: Ending | None
) -> Page:
    """name: of the folder. rounds: at least the starting model's. ending: None while they go on."""
    charts = [_scores_chart(rounds)]
    later = [(each, each.written) for each in rounds if each.written is not None]
    if later:
        charts.append(_variety_chart(later))
    gained = best_of(rounds)
    return Page(
        content="rounds.html",
        title=f"{name} – Self-Instruct rounds",
        sections={
            anchor: text for anchor, text in SECTIONS.items() if later or anchor not in ("tasks", "training")
        },
        charts={chart.id: chart for chart in charts},
        values={
            "name": name,
            "names": SECTIONS,
            "level": "good" if gained else "warn" if len(rounds) > 1 else "",
            "verdict": verdict(rounds, ending),
            "facts": _facts(settings, rounds),
            "score_head": _score_head(rounds),
            "score_rows": _score_rows(rounds),
            "task_head": TASKS,
            "task_rows": [_task_row(each.number, written) for each, written in later],
            "dropped": [
                (_label(each.number), in_words(written.dropped)) for each, written in later if written.dropped
            ],
            "training_head": ("", "seed tasks", "tasks of all rounds", "examples", "tuned from"),
            "training_rows": [_training_row(each, settings) for each, _ in later],
            "include_seeds": settings.include_seeds,
            "tune_from": settings.tune_from,
            "cost_head": COST,
            "cost_rows": _cost_rows(rounds),
            "setting_rows": _settings(settings),
        },
    )


def _facts(settings: RoundsSettings, rounds: Sequence[RoundFigures]) -> list[str]:
    done = len(rounds) - 1
    return [
        f"{done} {'round' if done == 1 else 'rounds'} done, at most {settings.max_rounds}",
        f"starting model {settings.model}",
        f"{settings.tasks:,} tasks a round",
        f"measured on {rounds[0].items:,} items of {settings.suite}",
    ]


def _label(number: int) -> str:
    return f"round\N{NO-BREAK SPACE}{number}" if number else "start"


def _scores_chart(rounds: Sequence[RoundFigures]) -> Chart:
    metric = metric_label(next(iter(rounds[0].metrics)))
    scores = [each.main for each in rounds]
    trace: Trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": metric,
        "x": [_label(each.number) for each in rounds],
        "y": [score.mean for score in scores],
        "line": {"color": BLUE, "width": 2.5},
        "marker": {"color": BLUE, "size": 10},
        "cliponaxis": False,
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [score.high - score.mean for score in scores],
            "arrayminus": [score.mean - score.low for score in scores],
            "color": MUTED,
            "thickness": 2,
            "width": 7,
        },
        "customdata": [between(score) for score in scores],
        "hovertemplate": "%{x}: %{y:.1f} (%{customdata})<extra></extra>",
    }
    return Chart(
        id="round-scores",
        title=f"{metric[:1].upper()}{metric[1:]} per round",
        note=f"Of the answers to the same {rounds[0].items:,} items, in percent, with 95 % intervals."
        " Gains are paired item by item, so they are more certain than these intervals suggest.",
        alt="; ".join(f"{_label(each.number)}: {each.main.mean:.1f}" for each in rounds),
        views={
            "": {
                "data": [trace],
                "layout": layout(y=metric, yaxis={"rangemode": "tozero"}, xaxis={"type": "category"}),
            }
        },
        head=("", metric, "95 %"),
        rows=[(_label(each.number), f"{each.main.mean:.1f}", between(each.main)) for each in rounds],
    )


def _variety_chart(later: Sequence[tuple[RoundFigures, Written]]) -> Chart:
    names = [_label(each.number) for each, _ in later]

    def line(name: str, values: list[float | None], colour: str, dash: str, symbol: str) -> Trace:
        return {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": names,
            "y": values,
            "line": {"color": colour, "width": 2.5, "dash": dash},
            "marker": {"color": colour, "size": 9, "symbol": symbol},
            "cliponaxis": False,
            "hovertemplate": "%{x}: %{y:.0f} %<extra>" + name + "</extra>",
        }

    kept = [_hundred(written.share_kept) for _, written in later]
    classification = [_hundred(written.share_classification) for _, written in later]
    pairs = [_hundred(written.pairs / written.kept if written.kept else None) for _, written in later]
    return Chart(
        id="round-tasks",
        title="What each round's model wrote",
        note="The share of its tasks that were kept; and of these, the share of classification tasks, and the"
        " number of different verb-object pairs per 100.",
        alt="; ".join(
            f"{name}: {percent(written.share_kept)} kept"
            for name, (_, written) in zip(names, later, strict=True)
        ),
        views={
            "": {
                "data": [
                    line("kept", kept, BLUE, "solid", "circle"),
                    line("classification", classification, ORANGE, "dash", "diamond"),
                    line("verb-object pairs", pairs, MUTED, "dot", "square"),
                ],
                "layout": layout(y="percent", yaxis={"range": [0, 105]}, xaxis={"type": "category"}),
            }
        },
        head=("", "kept", "classification", "pairs per 100 tasks"),
        rows=[
            (name, *(amount(value) for value in values))
            for name, *values in zip(names, kept, classification, pairs, strict=True)
        ],
    )


def _hundred(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _score_head(rounds: Sequence[RoundFigures]) -> list[str]:
    metrics = [f"{metric_label(name)} (95 %)" for name in rounds[0].metrics]
    return ["", *metrics, "gain over the round before", "items better", "items worse", "gain over the start"]


def _score_rows(rounds: Sequence[RoundFigures]) -> list[Sequence[str]]:
    return [
        (
            _label(each.number),
            *map(str, each.metrics.values()),
            "–" if each.gain is None else signed(each.gain.points),
            "–" if each.gain is None else amount(each.gain.better),
            "–" if each.gain is None else amount(each.gain.worse),
            "–" if each.from_start is None else signed(each.from_start.points),
        )
        for each in rounds
    ]


TASKS = (
    "", "written by", "tasks", "kept", "share kept", "similar to earlier rounds", "classification",
    "verb-object pairs",
)  # fmt: skip


def _task_row(number: int, written: Written) -> Sequence[str]:
    return (
        _label(number),
        written.by,
        amount(written.tasks) + (" (saturated)" if written.saturated else ""),
        amount(written.kept),
        percent(written.share_kept),
        amount(written.similar),
        percent(written.share_classification),
        amount(written.pairs),
    )


def _training_row(figures: RoundFigures, settings: RoundsSettings) -> Sequence[str]:
    last = settings.tune_from == "last" and figures.number > 1
    return (
        _label(figures.number),
        amount(figures.seeds),
        amount(figures.training),
        amount(figures.examples),
        _label(figures.number - 1) if last else "the starting model",
    )


COST = ("", "requests", "tokens", "USD", "writing, min", "tuning, min", "measuring, min")


def _cost_rows(rounds: Sequence[RoundFigures]) -> list[Sequence[str]]:
    def row(name: str, those: Sequence[RoundFigures]) -> Sequence[str]:
        costs = [
            spent.cost_usd
            for each in those
            for spent in (each.writing, each.measuring)
            if spent.cost_usd is not None
        ]
        return (
            name,
            amount(sum(each.requests for each in those)),
            amount(sum(each.tokens for each in those)),
            dollars(sum(costs) if costs else None),
            _minutes(sum(each.writing.seconds for each in those)),
            _minutes(sum(each.tuning_seconds for each in those)),
            _minutes(sum(each.measuring.seconds for each in those)),
        )

    return [*(row(_label(each.number), [each]) for each in rounds), row("together", rounds)]


def _minutes(seconds: float) -> str:
    """A dash for none."""
    return decimal(seconds / 60) if seconds else "–"


def _settings(settings: RoundsSettings) -> list[Sequence[str]]:
    values = flat(settings.model_dump(mode="json", exclude_none=True, exclude=set(HIDDEN)))
    return [(name, json.dumps(value, ensure_ascii=False)) for name, value in values if value not in ("", [])]
