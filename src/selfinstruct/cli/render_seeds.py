"""How seed tasks, and the report on a file of them, look on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from shlex import quote

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from selfinstruct.config import FilterConfig
from selfinstruct.records import SeedTask
from selfinstruct.seeds.balance import Advice, SeedStatistics
from selfinstruct.seeds.check import NearSeeds, SeedsReport
from selfinstruct.seeds.rows import SeedProblem

__all__ = ["print_report", "print_tasks"]

AT_MOST = 20  # near-duplicates, and lines that one advice is about; problems are all shown

NEAR = f"ROUGE-L F1 above {FilterConfig().max_similarity}"


def print_report(report: SeedsReport, console: Console) -> None:
    """Problems, near-duplicates, advice, numbers; last, whether `generate` can use the file."""
    _print_head(report, console)
    _print_problems(report.file.problems, console)
    _print_near(report.duplicates, console)
    _print_advice(report.advice, console)
    if report.file.tasks:
        _print_statistics(report.statistics, console)
    console.print()
    if report.usable:
        command = f"selfinstruct generate RUN --seeds {quote(str(report.file.path))}"
        console.print(Text.assemble(("Usable: ", "green"), command), soft_wrap=True)
    else:
        console.print(Text(f"Not usable until {_problems(len(report.file.problems))} fixed.", style="red"))


def print_tasks(tasks: Sequence[SeedTask], console: Console) -> None:
    """A table cut to the terminal's width; into a pipe, whole, with tabs between the columns."""
    rows = [
        (task.id, "C" if task.is_classification else "", " ".join(task.instruction.split())) for task in tasks
    ]
    if not console.is_terminal:
        console.file.writelines("\t".join(row) + "\n" for row in rows)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    widest = min(max(len(task.id) for task in tasks), console.width // 3)
    rest = max(console.width - widest - 7, 20)  # 7: the mark, and two spaces behind each column
    table.add_column("id", style="dim", no_wrap=True, width=widest)
    table.add_column("C", style="cyan")
    table.add_column("instruction", no_wrap=True, overflow="ellipsis", max_width=rest)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
    classification = sum(task.is_classification for task in tasks)
    console.print(Text(f"{len(tasks):,} seed tasks, {classification:,} of them classification", style="dim"))


def _problems(count: int) -> str:
    return "the problem is" if count == 1 else f"the {count:,} problems are"


def _print_head(report: SeedsReport, console: Console) -> None:
    file = report.file
    console.print(Text(str(file.path), style="bold"), soft_wrap=True)
    if file.format:
        seeds = "1 seed" if len(file.tasks) == 1 else f"{len(file.tasks):,} seeds"
        console.print(Text(f"{file.format}, {seeds} read"))
    for note in file.notes:
        console.print(Text(note, style="dim"))


def _print_problems(problems: Sequence[SeedProblem], console: Console) -> None:
    if problems:
        console.print(Text("\nProblems", style="bold red"))
    for hint, group in groupby(problems, key=lambda problem: problem.hint):
        _print_lines(((problem.line, str(problem)) for problem in group), console)
        _print_hint(hint, console)


def _print_near(duplicates: Sequence[NearSeeds], console: Console) -> None:
    if not duplicates:
        return
    console.print(Text("\nNear-duplicates", style="bold yellow"), Text(NEAR, style="dim"))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right")
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    for near in duplicates[:AT_MOST]:
        grid.add_row(f"  {near.score:.2f}", f"line {near.line:,}", _one_line(near.instruction))
        grid.add_row(
            "", Text(f"line {near.earlier_line:,}", style="dim"), _one_line(near.earlier_instruction)
        )
    console.print(grid)
    _print_more(len(duplicates), console)
    _print_hint("Reword one of each pair so that it asks for something else, or delete it.", console)


def _print_advice(advice: Sequence[Advice], console: Console) -> None:
    if advice:
        console.print(Text("\nAdvice", style="bold yellow"))
    in_order = sorted(advice, key=lambda each: (each.line > 0, each.kind))
    for hint, group in groupby(in_order, key=lambda each: each.hint):
        members = list(group)
        _print_lines(((each.line, each.message) for each in members[:AT_MOST]), console)
        _print_more(len(members), console)
        _print_hint(hint, console)


def _print_statistics(numbers: SeedStatistics, console: Console) -> None:
    console.print(Text("\nBalance", style="bold"))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column()
    words = ", ".join(f"{word} {count:,}" for word, count in numbers.commonest_first_words)
    grid.add_row("  classification", _share(numbers.classification, numbers.seeds))
    grid.add_row("  with an instance", _share(numbers.with_instances, numbers.seeds))
    grid.add_row("  with an input", _share(numbers.with_input, numbers.seeds))
    grid.add_row("  first words", Text(f"{numbers.first_words:,} different: {words}"))
    grid.add_row("  length", f"{numbers.shortest} to {numbers.longest} words, median {numbers.median}")
    console.print(grid, highlight=False)


def _print_lines(remarks: Iterable[tuple[int, str]], console: Console) -> None:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for line, remark in remarks:
        grid.add_row(Text(f"  line {line:,}" if line else "  file"), Text(remark))
    console.print(grid)


def _print_more(count: int, console: Console) -> None:
    if count > AT_MOST:
        console.print(Text(f"  … and {count - AT_MOST:,} more; --json has them all", style="dim"))


def _print_hint(hint: str, console: Console) -> None:
    if hint:
        console.print(Padding(Text(hint, style="dim"), (0, 0, 0, 4)))


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}, {part / whole:.0%}"


def _one_line(text: str) -> Text:
    return Text(" ".join(text.split()))
