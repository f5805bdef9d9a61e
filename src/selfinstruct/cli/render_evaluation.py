"""What an evaluation came to, on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from selfinstruct.cli.render import phrased, reasons, request_rows
from selfinstruct.evaluation.compare import JudgedComparison
from selfinstruct.evaluation.comparison import Comparison
from selfinstruct.evaluation.evaluate import Evaluation
from selfinstruct.evaluation.harness.run import HarnessOutcome
from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.metrics import Score, metric_label, metric_names
from selfinstruct.evaluation.points import MOST, PointsJudgment
from selfinstruct.evaluation.scores import Scores
from selfinstruct.evaluation.settings import EvaluationPaths
from selfinstruct.evaluation.standing import EvaluationStanding
from selfinstruct.ratings.judges import JudgesAndPeople
from selfinstruct.store.summary import in_and_out

__all__ = ["print_comparison", "print_evaluation", "print_evaluation_standing", "print_harness"]

NORMAL = 1.96
"""Standard errors to each side of a mean that hold it in 95 of 100 cases."""
NAME_WIDTH = 30
"""Characters of a system's name in a line; longer ones go on in the next."""
GROUPS = 20
"""More than so many groups are left to scores.json."""


def print_evaluation(outcome: Evaluation, people: JudgesAndPeople | None, console: Console) -> None:
    """Means by category where there are some, the overall numbers, what judges said and how far people agree
    with them, and where the answers are."""
    scores, asked = outcome.scores, outcome.asked
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(justify="right")
    grid.add_column(style="dim", overflow="fold")
    waiting = f", {asked.waiting:,} pending" if asked is not None and asked.waiting else ""
    n = 0 if scores is None else scores.overall.n
    benchmark = outcome.plan.benchmark
    rows_left_out = 0 if benchmark is None else benchmark.left_out
    left_out = f"; {rows_left_out:,} rows of other splits left out" if rows_left_out else ""
    grid.add_row("answers", f"{n:,}", f"of suite {outcome.plan.settings.suite}{waiting}{left_out}")
    if scores is not None:
        if 1 < len(scores.categories) <= GROUPS:
            _print_groups("category", scores.categories, console)
        drawn = f"{len(scores.tasks):,} tasks" if scores.grouped else "items"
        for metric, interval in scores.metrics.items():
            over = f"over {drawn}" if metric == scores.main else ""
            grid.add_row(metric_label(metric), f"{interval.mean:.2f}", _bounds(interval, over))
        for name, interval in outcome.summary.items():
            grid.add_row(f"  {name}", f"{interval.mean:.2f}", _bounds(interval))
        answers = scores.answers
        if answers.verdicts:
            grid.add_row("  outcomes", "", reasons(answers.verdicts))
        lost = f"lost: {reasons(answers.lost)}" if answers.lost else ""
        grid.add_row("  empty", f"{answers.empty:,}", lost)
        grid.add_row("  cut", _count(answers.cut), "ended by the limit on their length")
        if answers.unscorable:
            grid.add_row(
                "  unscorable", f"{answers.unscorable:,}", "references without a-z and 0-9: ROUGE-L is 0"
            )
        grid.add_row("words", f"{answers.words:.1f}", f"an answer; {answers.reference_words:.1f} a reference")
    for overlap in outcome.overlap:
        mean = "" if overlap.mean is None else f"{overlap.mean:.2f}"
        hits = f"{overlap.similar:,} above 0.7; {len(overlap.shared):,} items share 13 words in a row"
        grid.add_row("overlap", mean, f"with {overlap.tasks:,} {overlap.name}: nearest ROUGE-L; {hits}")
    for judgment in outcome.judgments:
        if isinstance(judgment, PointsJudgment):
            _add_points(judgment, grid)
            continue
        levels = reasons(judgment.levels)
        if judgment.problems:
            levels += f"; no level: {reasons(judgment.problems)}"
        if judgment.acceptable is not None:
            levels += f"; A and B: {_bounds(judgment.acceptable)}"
        mean = "" if judgment.acceptable is None else f"{judgment.acceptable.mean:.2f}"
        grid.add_row("judge", mean, f"{judgment.judge}: {levels}")
    for four, two in people.pairs() if people is not None else ():
        rho = "" if four.spearman is None else f", Spearman {four.spearman:.2f}"
        kappas = f"κ on four levels{rho}; {_number(two.kappa)} on A and B against C and D"
        grid.add_row(
            "agreement", _number(four.kappa), f"{' and '.join(four.raters)}: {kappas}; {four.units:,} answers"
        )
    if asked is not None:
        summary = asked.batch.summary
        limit = f"{asked.call}, template {asked.layout}, at most {asked.max_tokens:,} tokens an answer"
        for row in request_rows(summary):
            grid.add_row(*row)
        grid.add_row("  asked by", "", limit)
        if asked.prompts_cut:
            grid.add_row("  shortened", f"{asked.prompts_cut:,}", "prompts, to fit the context window")
        if asked.batch.asked_otherwise:
            grid.add_row("  otherwise", "", phrased(asked.batch.asked_otherwise))
        tokens = in_and_out(summary)
        if asked.batch.cost_usd is not None:
            tokens += f"; ${asked.batch.cost_usd:,.4f}"
        grid.add_row("tokens", f"{summary.prompt_tokens + summary.completion_tokens:,}", tokens)
    if outcome.judging is not None:
        judged = outcome.judging.summary
        for name, number, text in request_rows(judged):
            grid.add_row(name and f"judge's {name}", number, text)
        tokens = in_and_out(judged)
        if outcome.judging.cost_usd is not None:
            tokens += f"; ${outcome.judging.cost_usd:,.4f}"
        grid.add_row("judge's tokens", f"{judged.prompt_tokens + judged.completion_tokens:,}", tokens)
    console.print(grid)
    if outcome.plan.directory is not None:
        path = EvaluationPaths(outcome.plan.directory).predictions
        console.print(Text.assemble(("predictions: ", "bold"), str(path)), soft_wrap=True)


def _add_points(judgment: PointsJudgment, grid: Table) -> None:
    ratio, points, reference = judgment.ratio, judgment.points, judgment.reference
    if ratio is None or points is None or reference is None:
        grid.add_row("judge", "", f"{judgment.judge}: no points yet")
    else:
        grid.add_row("judge", f"{ratio.mean:.2f}", f"{judgment.judge}: {judgment.label}; {_bounds(ratio)}")
        grid.add_row("  points", f"{points.mean:.2f}", f"of {MOST}; {_bounds(points)}")
        grid.add_row("  references", f"{reference.mean:.2f}", f"of {MOST}; {_bounds(reference)}")
    problems = f"no points: {reasons(judgment.problems)}" if judgment.problems else ""
    grid.add_row("  judged", f"{judgment.judged:,}", problems)


@dataclass(frozen=True, slots=True)
class _Column:
    """label: what to call it where it is left out. drop_first: where the table is too wide, the column with
    the highest number goes first; 0: it never goes. texts: a cell for each system."""

    title: str
    label: str
    drop_first: int
    texts: tuple[str, ...]


def _columns_of(scores: Sequence[Scores]) -> list[_Column]:
    found = []
    for place, metric in enumerate(scores[0].metrics):
        each, label = [own.metrics[metric] for own in scores], metric_label(metric)
        means = tuple(f"{interval.mean:.2f}" for interval in each)
        bounds = tuple(_between(interval) for interval in each)
        found.append(_Column(label, label, 0, means))
        found.append(_Column("95 %", f"95 % of {label}", 1 + place, bounds))
    answers, last = [own.answers for own in scores], len(found) + 1
    found.append(_Column("empty", "empty", last, tuple(f"{own.empty:,}" for own in answers)))
    found.append(_Column("cut", "cut", last + 1, tuple(_count(own.cut) for own in answers)))
    found.append(_Column("words", "words", last + 2, tuple(f"{own.words:.1f}" for own in answers)))
    return found


def _systems_table(outcome: Comparison, columns: Sequence[_Column]) -> Table:
    names = [system.name for system in outcome.systems]
    table = Table(box=None, pad_edge=False, header_style="bold")
    shown = min(NAME_WIDTH, max(map(len, (*names, "system"))))
    table.add_column("system", overflow="fold", min_width=shown, max_width=shown)
    for column in columns:
        table.add_column(column.title, justify="right", no_wrap=True)
    for place, name in enumerate(names):
        table.add_row(Text(name), *(column.texts[place] for column in columns))
    return table


def _width_of(table: Table, console: Console) -> int:
    return Measurement.get(console, console.options.update(max_width=10_000), table).maximum


def print_comparison(judged: JudgedComparison, console: Console) -> None:
    """A row a system, what it differs by from the first, and what a judge made of them."""
    outcome = judged.comparison
    columns = _columns_of(outcome.scores)
    left_out: list[str] = []
    while _width_of(_systems_table(outcome, columns), console) > console.width:
        least = max(columns, key=lambda column: column.drop_first)
        if not least.drop_first:
            break
        left_out.append(least.label)
        columns.remove(least)
    console.print(_systems_table(outcome, columns))
    if left_out:
        named = ", ".join(reversed(left_out))
        console.print(Text(f"left out, to fit {console.width} columns: {named}", style="dim"), soft_wrap=True)
    first = outcome.systems[0].name
    for judged_by in outcome.judged:
        means = (
            f"{system.name} {'–' if mean is None else f'{mean.mean:.2f}'}"
            for system, mean in zip(outcome.systems, judged_by.systems, strict=True)
        )
        console.print(Text(f"{judged_by.judge}, {judged_by.label}: {', '.join(means)}"), soft_wrap=True)
    for place, (system, difference) in enumerate(zip(outcome.systems[1:], outcome.differences, strict=True)):
        console.print()
        console.print(Text(f"{system.name} minus {first}", style="bold"))
        width = max(len(metric_label(metric)) for metric in difference.metrics)
        for metric, interval in difference.metrics.items():
            name = metric_label(metric)
            sure = "" if interval.low <= 0 <= interval.high else ", which excludes 0"
            bounds = f"95 % interval {_between(interval, sign=True)}"
            line = f"  {name:<{width + 1}} {interval.mean:+.2f}  {bounds}{sure}"
            console.print(Text(line), soft_wrap=True)
        for judged_by in outcome.judged:
            if (gap := judged_by.differences[place]) is not None:
                sure = "" if gap.low <= 0 <= gap.high else ", which excludes 0"
                bounds = f"95 % interval {_between(gap, sign=True)}{sure}"
                console.print(Text(f"  {judged_by.judge} {gap.mean:+.2f}  {bounds}"), soft_wrap=True)
        items = f"{difference.better:,} items better, {difference.equal:,} equal, {difference.worse:,} worse"
        main = next(iter(difference.metrics))
        console.print(Text(f"  by {metric_label(main):<{width - 2}} {items}", style="dim"), soft_wrap=True)
    for preference in judged.preferences:
        console.print()
        console.print(
            Text(f"{preference.other} against {preference.base}, by {preference.judge}", style="bold")
        )
        ties = f"{preference.tie:,} ties ({preference.equal:,} of equal answers)"
        console.print(Text(f"  {preference.win:,} won, {ties}, {preference.loss:,} lost"), soft_wrap=True)
        if preference.score is not None:
            points = f"{preference.score.mean:.2f} %, 95 % interval {_between(preference.score)}"
            console.print(Text(f"  wins and half of the ties: {points}"), soft_wrap=True)
        if preference.asked:
            same = f"{preference.consistent / preference.asked:.0%} of {preference.asked:,} verdicts"
            console.print(Text(f"  {same} stayed the same when the answers were swapped", style="dim"))
        if preference.problems:
            console.print(Text(f"  no verdict: {reasons(preference.problems)}", style="yellow"))
    scores = outcome.scores[0]
    drawn = f"{len(scores.tasks):,} tasks" if scores.grouped else "items"
    for told in outcome.asked_in_words:
        console.print(Text(f"\nAsked differently: {told}.", style="yellow"), soft_wrap=True)
    console.print(Text(f"\n{scores.overall.n:,} items; intervals drawn over {drawn}", style="dim"))


def print_evaluation_standing(standing: EvaluationStanding, console: Console) -> None:
    """The scores so far, and what was sent."""
    found, scores = standing.to_json(), standing.scores
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(justify="right")
    grid.add_column(style="dim", overflow="fold")
    waiting = f", {scores['waiting']:,} pending" if scores.get("waiting") else ""
    scored = "no scores yet; " if not scores else ""
    grid.add_row("answers", f"{scores.get('n', 0):,}", f"{scored}of suite {standing.suite}{waiting}")
    for metric, interval in standing.metrics.items():
        grid.add_row(metric_label(metric), f"{interval.mean:.2f}", _bounds(interval))
    grid.add_row("requests", f"{found['answered']:,}", f"answered, {found['attempts']:,} sent")
    grid.add_row("tokens", f"{found['tokens']:,}", "")
    console.print(grid)


def print_harness(outcome: HarnessOutcome, console: Console) -> None:
    """Every metric of every task and group; those that each item has, in percent, with intervals."""
    if outcome.results is None:
        return  # stopped: there is nothing to show, and why is said below
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("task", overflow="fold")
    for name in ("items", "metric", "value", "95 %"):
        table.add_column(name, justify="left" if name == "metric" else "right", no_wrap=name == "95 %")
    for task, metrics in outcome.results.items():
        for name, value in metrics.items():
            metric, comma, variant = name.partition(",")
            error = metrics.get(f"{metric}_stderr{comma}{variant}")
            if name != "n" and not metric.endswith("_stderr"):
                table.add_row(
                    task, f"{metrics.get('n', 0):,.0f}", name, *_percent(outcome, name, value, error)
                )
    console.print(table)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(justify="right")
    grid.add_column(style="dim", overflow="fold")
    if outcome.scores is not None:
        answers = outcome.scores.answers
        lost = f"lost: {reasons(outcome.answers_lost)}" if outcome.answers_lost else ""
        grid.add_row("  empty", f"{answers.empty:,}", lost)
        grid.add_row("  cut", _count(answers.cut), "ended by the limit on their length")
    elif outcome.answers_lost:
        grid.add_row("  lost", "", reasons(outcome.answers_lost))
    console.print(grid)
    console.print(Text.assemble(("answers: ", "bold"), str(outcome.directory / "answers")), soft_wrap=True)


def _percent(outcome: HarnessOutcome, name: str, value: float, error: float | None) -> tuple[str, str]:
    """A share in percent, with an interval of 1.96 standard errors; any other number as it stands."""
    if outcome.scores is None or name not in outcome.scores.metrics:
        return f"{value:.4f}", ""
    half = None if error is None else 100 * NORMAL * error
    low, high = (0.0, 0.0) if half is None else (max(0.0, 100 * value - half), min(100.0, 100 * value + half))
    return f"{100 * value:.2f}", "" if half is None else f"{low:.2f} to {high:.2f}"


def _between(interval: Interval, *, sign: bool = False) -> str:
    form = "+.2f" if sign else ".2f"
    return f"{interval.low:{form}} to {interval.high:{form}}"


def _count(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _bounds(interval: Interval, drawn: str = "") -> str:
    return f"95 % interval {_between(interval)}{f', drawn {drawn}' if drawn else ''}"


def _print_groups(what: str, groups: Mapping[str, Score], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(what)
    metrics = metric_names(groups.values())
    for name in ("answers", *(metric_label(metric) for metric in metrics)):
        table.add_column(name, justify="right")
    for name, score in groups.items():
        values = (f"{score.values[metric]:.2f}" if metric in score.values else "–" for metric in metrics)
        table.add_row(name, f"{score.n:,}", *values)
    console.print(table)
    console.print()
