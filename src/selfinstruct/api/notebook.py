"""HTML view of a run for notebooks: the funnel, and a few tasks.

It uses the notebook's own colors, so it is readable in dark and light mode; every text is escaped.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from html import escape

from selfinstruct.api.status import RunStatus
from selfinstruct.records import Task

__all__ = ["SAMPLES", "chosen_places", "run_as_html"]

SAMPLES = 3
SHOWN_CHARACTERS = 300
RULE = "border-top: 1px solid rgba(128, 128, 128, 0.4)"
CELL = "text-align: left; vertical-align: top; padding: 0.2em 1em 0.2em 0; white-space: pre-wrap"
FAINT = "opacity: 0.7"


def chosen_places(tasks: int) -> list[int]:
    """Places of the tasks to show, in their order: always the same ones of a data set."""
    return sorted(random.Random(tasks).sample(range(tasks), min(SAMPLES, tasks)))


def run_as_html(name: str, status: RunStatus, samples: Sequence[Task], note: str = "") -> str:
    """name: of the run. note: why it stopped short; empty where it did not."""
    rows = [
        ("requests", status.requests, _counts("lost", status.lost)),
        ("instructions parsed", status.candidates, ""),
        ("rejected", sum(status.rejected.values()), _reasons(status.rejected)),
        ("admitted", status.admitted, _reasons(status.dropped_tasks, "not in the data set: ")),
        ("tasks", status.tasks, f"of {status.wanted:,}, with {status.instances:,} instances"),
        ("tokens", status.prompt_tokens + status.completion_tokens, _cost(status.cost_usd)),
    ]
    funnel = "".join(
        f'<tr><th style="{CELL}">{title}</th><td style="{CELL}; text-align: right">{count:,}</td>'
        f'<td style="{CELL}; {FAINT}">{escape(rest)}</td></tr>'
        for title, count, rest in rows
    )
    made_by = escape(f"{status.model}, recipe {status.recipe}")
    head = f"<b>{escape(name)}</b> <span style='{FAINT}'>{made_by}</span>"
    told = f'<p style="margin: 0.5em 0">{escape(note)}</p>' if note else ""
    return (
        # The classes keep MathJax from reading what stands between two dollar signs.
        '<div class="tex2jax_ignore mathjax_ignore" style="color: inherit; background: transparent">'
        f"{head}{told}"
        f'<table style="border-collapse: collapse; margin: 0.5em 0">{funnel}</table>{_samples(samples)}</div>'
    )


def _samples(tasks: Sequence[Task]) -> str:
    if not tasks:
        return ""
    rows = "".join(
        f'<tr style="{RULE}"><td style="{CELL}; {FAINT}">{escape(task.id)}</td>'
        f'<td style="{CELL}">{_shown(task.instruction)}</td>'
        f'<td style="{CELL}">{_shown(task.instances[0].input)}</td>'
        f'<td style="{CELL}">{_shown(task.instances[0].output)}</td></tr>'
        for task in tasks
    )
    titles = "".join(f'<th style="{CELL}">{title}</th>' for title in ("", "instruction", "input", "output"))
    return f'<table style="border-collapse: collapse"><tr>{titles}</tr>{rows}</table>'


def _shown(text: str) -> str:
    return escape(text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…")


def _reasons(counts: Mapping[str, int], before: str = "") -> str:
    return before + ", ".join(f"{reason} {count:,}" for reason, count in counts.items()) if counts else ""


def _counts(what: str, counts: Mapping[str, int]) -> str:
    return _reasons(counts, f"{what}: ")


def _cost(cost: float | None) -> str:
    return "" if cost is None else f"${cost:,.4f}"
