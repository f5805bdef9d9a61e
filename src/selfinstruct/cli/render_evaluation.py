"""What an evaluation came to, on a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from selfinstruct.cli.render import reasons
from selfinstruct.evaluation.evaluate import Evaluation
from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.metrics import Score
from selfinstruct.evaluation.settings import EvaluationPaths

__all__ = ["print_evaluation"]

GROUPS = 20
"""More than so many groups are left to scores.json."""


def print_evaluation(outcome: Evaluation, console: Console) -> None:
    """Means by category where there are some, the overall numbers, and where the answers are."""
    scores, asked = outcome.scores, outcome.asked
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(justify="right")
    grid.add_column(style="dim", overflow="fold")
    waiting = f", {asked.waiting:,} not asked yet" if asked is not None and asked.waiting else ""
    n = 0 if scores is None else scores.overall.n
    grid.add_row("answers", f"{n:,}", f"to {outcome.plan.settings.suite}{waiting}")
    if scores is not None:
        if 1 < len(scores.categories) <= GROUPS:
            _print_groups("category", scores.categories, console)
        drawn = f"{len(scores.tasks):,} tasks" if scores.grouped else "items"
        grid.add_row("ROUGE-L", f"{scores.rouge_l.mean:.2f}", _bounds(scores.rouge_l, f"over {drawn}"))
        grid.add_row("exact match", f"{scores.exact_match.mean:.2f}", _bounds(scores.exact_match))
        answers = scores.answers
        lost = f"lost: {reasons(answers.lost)}" if answers.lost else ""
        grid.add_row("  empty", f"{answers.empty:,}", lost)
        grid.add_row("  cut", f"{answers.cut:,}", "ended by the limit on their length")
        grid.add_row("words", f"{answers.words:.1f}", f"an answer; {answers.reference_words:.1f} a reference")
    for overlap in outcome.overlap:
        mean = "" if overlap.mean is None else f"{overlap.mean:.2f}"
        hits = f"{overlap.similar:,} above 0.7; {len(overlap.shared):,} items share 13 words in a row"
        grid.add_row("overlap", mean, f"with {overlap.tasks:,} {overlap.name}: nearest ROUGE-L; {hits}")
    if asked is not None:
        summary = asked.batch.summary
        limit = f"{asked.call}, template {asked.layout}, at most {asked.max_tokens:,} tokens an answer"
        grid.add_row("requests", f"{summary.requests:,}", limit)
        tokens = f"{summary.prompt_tokens:,} in, {summary.completion_tokens:,} out"
        if asked.batch.cost_usd is not None:
            tokens += f"; ${asked.batch.cost_usd:,.4f}"
        grid.add_row("tokens", f"{summary.prompt_tokens + summary.completion_tokens:,}", tokens)
    console.print(grid)
    if outcome.plan.directory is not None:
        path = EvaluationPaths(outcome.plan.directory).predictions
        console.print(Text.assemble(("predictions: ", "bold"), str(path)), soft_wrap=True)


def _bounds(interval: Interval, drawn: str = "") -> str:
    return f"95 % interval {interval.low:.2f} to {interval.high:.2f}{f', drawn {drawn}' if drawn else ''}"


def _print_groups(what: str, groups: Mapping[str, Score], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(what)
    for name in ("answers", "ROUGE-L", "exact match"):
        table.add_column(name, justify="right")
    for name, score in groups.items():
        table.add_row(name, f"{score.n:,}", f"{score.rouge_l:.2f}", f"{score.exact_match:.2f}")
    console.print(table)
    console.print()
