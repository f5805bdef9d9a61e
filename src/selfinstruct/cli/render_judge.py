"""What judges said, on a terminal."""

from __future__ import annotations

from shlex import quote

from rich.console import Console
from rich.table import Table
from rich.text import Text

from selfinstruct.cli.render import phrased, reasons, request_rows
from selfinstruct.pipeline.judge_result import JudgeResult
from selfinstruct.ratings.questions import ALL_THREE, QUESTIONS
from selfinstruct.ratings.scores import JudgedOutputs, JudgeFigures
from selfinstruct.ratings.shares import Share
from selfinstruct.store.summary import in_and_out

__all__ = ["print_judge_figures", "print_judge_result"]


def print_judge_result(result: JudgeResult, console: Console) -> None:
    """Scores, the three questions, what it took, and the next command."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(justify="right")
    grid.add_column(style="dim", overflow="fold")
    grid.add_row("instances", f"{result.instances:,}", f"judged by {result.judge}")
    grid.add_row("  with a score", f"{result.judged:,}", "")
    if result.problems:
        grid.add_row("  without a score", f"{sum(result.problems.values()):,}", reasons(result.problems))
    if result.waiting:
        grid.add_row("  pending", f"{result.waiting:,}", "")
    if result.mean is not None:
        counts = ", ".join(f"{score}: {count:,}" for score, count in result.scores.items() if count)
        grid.add_row("mean score", f"{result.mean:.2f}", f"of 1 to 5; {counts}")
        grid.add_row("  4 or more", f"{result.passed / result.judged:.0%}", f"{result.passed:,} instances")
    for name, (yes, answered) in result.questions.items():
        if answered:
            grid.add_row(f"  {name}", f"{yes / answered:.0%}", QUESTIONS[name])
    for row in request_rows(result.batch.summary):
        grid.add_row(*row)
    if result.batch.asked_otherwise:
        grid.add_row("request changes", "", phrased(result.batch.asked_otherwise))
    summary = result.batch.summary
    tokens = in_and_out(summary)
    if result.batch.cost_usd is not None:
        tokens += f"; ${result.batch.cost_usd:,.4f}"
    grid.add_row("tokens", f"{summary.prompt_tokens + summary.completion_tokens:,}", tokens)
    console.print(grid)
    if result.judged:
        named = "" if result.outputs == "original" else f" --outputs {result.outputs}"
        command = f"selfinstruct export {quote(str(result.run))}{named} --min-score 4"
        console.print(Text(f"next: {command}", style="dim"), soft_wrap=True)


def print_judge_figures(figures: JudgeFigures, console: Console) -> None:
    """Table 2 by judge and by people side by side, their agreement, and calibration."""
    for outputs in figures.outputs:
        _print_outputs(outputs, console)


def _print_outputs(found: JudgedOutputs, console: Console) -> None:
    name = "" if found.outputs == "original" else f" with the outputs {found.outputs}"
    console.print(
        Text.assemble(("judged", "bold"), f"  {found.instances:,} instances{name}"), highlight=False
    )
    table = Table(box=None, padding=(0, 2), header_style="bold", pad_edge=False)
    table.add_column("")
    for each in found.tables:
        table.add_column(Text(each.name), justify="right")
    table.add_row("instances", *(f"{each.instances:,}" for each in found.tables))
    for question in (*QUESTIONS, ALL_THREE):
        asked = QUESTIONS.get(question, "All fields valid")
        table.add_row(asked, *(_percent(each.questions[question]) for each in found.tables))
    table.add_row("mean score", *("" if each.mean is None else f"{each.mean:.2f}" for each in found.tables))
    if any(each.problems for each in found.tables):
        table.add_row("no score", *(reasons(each.problems) for each in found.tables))
    console.print(table)
    for question, agreed in found.agreement.items():
        for pair in agreed.pairs:
            kappa = "undefined" if pair.kappa is None else f"{pair.kappa:.2f}"
            said = f"{pair.equal:.0%} equal of {pair.units:,}, κ {kappa}"
            console.print(Text(f"{question}: {' & '.join(pair.raters)}: {said}"), highlight=False)
    for held in found.calibration:
        if held.passed_wrong.items:
            console.print(
                Text(
                    f"{held.judge} gave 4 or more to {_percent(held.passed_wrong)} of"
                    f" {held.passed_wrong.items:,} instances that people called wrong"
                ),
                highlight=False,
            )


def _percent(share: Share) -> str:
    return "" if share.share is None else f"{share.share:.0%}"
