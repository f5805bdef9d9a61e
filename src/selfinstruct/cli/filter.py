"""`selfinstruct filter`: what other filters would keep of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from selfinstruct.cli.options import Filters
from selfinstruct.cli.output import print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from selfinstruct.pipeline.description import RunDescription
    from selfinstruct.pipeline.rejudging import FilterComparison, Rejudged, VerdictAndNearest

__all__ = ["filter"]

MINUS = "−"


def filter(  # noqa: A001 - the verb's name
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of the run.")],
    drop_only: Annotated[
        bool,
        typer.Option(
            "--drop-only/--regenerate",
            help="--drop-only: leave out what the filters reject, keep all ids, add nothing. --regenerate: "
            "judge everything again; instructions that only now pass wait until generate asks for their "
            "instances, and ids change.",
        ),
    ] = True,
    novelty: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            help="Drop instructions with a ROUGE-L above this with a seed or an instruction kept before.",
        ),
    ] = None,
    meaning_threshold: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            help="Drop instructions whose recorded embedding has a cosine above this with one kept before; "
            "only runs with --meaning have them.",
        ),
    ] = None,
    min_words: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Drop instructions with fewer words.")
    ] = None,
    max_words: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Drop instructions with more words.")
    ] = None,
    keyword: Annotated[
        list[str] | None,
        typer.Option(
            metavar="W", help="Also drop instructions with this word or phrase, in any case. Repeatable."
        ),
    ] = None,
    drop_words: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The same for each line of a text file."),
    ] = None,
    words_in: Annotated[
        Literal["instruction", "input", "output", "any"],
        typer.Option(
            "--in",
            help="Where --keyword and --drop-words search. A match in an input or output drops that "
            "instance, and the task if it was its last.",
        ),
    ] = "instruction",
    signals: Annotated[
        str | None,
        typer.Option(
            metavar="WHICH",
            help="Drop instances that these signals flag, instead of the run's own signals: certain, "
            "all, none, or names "
            "separated by commas. "
            "[bold]selfinstruct check[/bold] runs the same signals.",
        ),
    ] = None,
    no_keywords: Annotated[
        bool,
        typer.Option(
            "--no-keywords", help="Start from an empty keyword list (keywords apply to instructions only)."
        ),
    ] = False,
    prefix: Annotated[
        list[str] | None,
        typer.Option(metavar="P", help="Also drop instructions that start with this text. Repeatable."),
    ] = None,
    decontaminate: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Drop instructions, inputs and outputs that share text with this evaluation set. "
            "Repeatable. Replaces the run's own sets.",
        ),
    ] = None,
    no_decontaminate: Annotated[
        bool,
        typer.Option(
            "--no-decontaminate", help="Keep instructions and instances that share text with evaluation sets."
        ),
    ] = False,
    min_score: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=1,
            max=5,
            help="Drop instances whose mean score over judges is lower, and those without a score.",
        ),
    ] = None,
    filters: Filters = None,
    no_filter: Annotated[bool, typer.Option("--no-filter", help="Leave out the run's own --filter.")] = False,
    config: Annotated[
        Path | None,
        typer.Option(metavar="F", help="A TOML file with the sections \\[filters] and \\[reference]."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="NEWRUN", help="Write the outcome as a new run."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Re-apply filters to the recorded candidates, offline.

    Filters that are not named are the run's own. By default tasks are only dropped: NEWRUN is complete at once, with the ids of RUN, and needs no model. RUN itself never changes.

    The outcome is not what generating with these filters would have given: prompts would have shown other instructions.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    from rich.console import Console

    from selfinstruct.pipeline.description import describe
    from selfinstruct.pipeline.dropping import DropWords, read_words
    from selfinstruct.pipeline.own_filters import given_filters
    from selfinstruct.pipeline.refilter import change_filters, refilter, write_refiltered
    from selfinstruct.store.reader import RunReader

    reader = RunReader.open(run)
    words = (*(keyword or ()), *(read_words(drop_words) if drop_words is not None else ()))
    words_of_instances = DropWords(words, words_in) if words and words_in != "instruction" else None
    if words_of_instances is not None and not drop_only:
        from selfinstruct.errors import ConfigError

        raise ConfigError(
            f"--in {words_in} cannot be combined with --regenerate: instances that generate asks for "
            "later would not "
            "be looked at.",
            f"Leave out --regenerate, or --in {words_in}.",
        )
    changed = change_filters(
        reader.config(),
        config_file=config,
        novelty=novelty,
        meaning_threshold=meaning_threshold,
        min_words=min_words,
        max_words=max_words,
        keywords=words if words_in in ("instruction", "any") else (),
        no_keywords=no_keywords,
        prefixes=prefix or (),
        decontaminate=decontaminate or (),
        no_decontaminate=no_decontaminate,
        signals=signals,
    )
    custom = given_filters(filters or ()) if filters or no_filter else None
    with Console(stderr=True).status("Re-applying filters"):
        if out is None:
            comparison = refilter(
                reader,
                changed,
                custom,
                drop_only=drop_only,
                words=words_of_instances,
                min_score=min_score,
            )
        else:
            comparison = write_refiltered(
                reader,
                changed,
                out,
                custom,
                drop_only=drop_only,
                words=words_of_instances,
                min_score=min_score,
            )
    written = None if out is None else describe(RunReader.open(out))
    if json:
        new_run = None if written is None else {"run": str(out), **written.to_json()}
        printed = {"run": str(run), **comparison.to_json(), "new_run": new_run}
        print_json(printed)
        return
    console = Console(highlight=False)
    _print_comparison(comparison, console)
    if out is not None and written is not None:
        _print_new_run(out, written, console)


def _print_comparison(comparison: FilterComparison, console: Console) -> None:
    from rich.text import Text

    for name, (before, after) in comparison.changed.items():
        console.print(Text.assemble((name, "bold"), "  ", _change(before, after)))
    if not comparison.changed:
        console.print(Text("No filter differs from the run's own.", style="dim"))
    console.print()
    _print_counts(comparison, console)
    _print_group("Newly dropped", comparison.newly_dropped(), _why_dropped, "yellow", console)
    _print_group("Newly kept", comparison.newly_kept(), _why_kept_now, "green", console)
    _print_group("Kept", comparison.kept(), _why_kept, "dim", console)


def _change(before: Any, after: Any) -> str:
    if not isinstance(before, list):
        return f"{before} → {after}"
    added = [f"+ {item}" for item in after if item not in before]
    removed = [f"{MINUS} {item}" for item in before if item not in after]
    return ", ".join(removed + added)


def _print_counts(comparison: FilterComparison, console: Console) -> None:
    """A row a reason, and how the accepted ones come together."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    for _ in range(3):
        grid.add_column(justify="right")
    grid.add_row("", "[dim]before[/dim]", "[dim]after[/dim]", "")
    for name, (before, after) in comparison.counts().items():
        grid.add_row(name, f"{before:,}", f"{after:,}", _difference(after - before))
    total = f"{len(comparison.candidates):,}"
    grid.add_row("instructions", total, total, "", end_section=True)
    for kind, counts in (("instances", comparison.instances), ("tasks", comparison.tasks)):
        for reason, (before, after) in counts.items():
            grid.add_row(f"{kind} {reason}", f"{before:,}", f"{after:,}", _difference(after - before))
    if comparison.data_set is not None:
        before, after = comparison.data_set
        grid.add_row("data set", f"{before:,}", f"{after:,}", _difference(after - before))
    console.print(grid)


def _difference(number: int) -> str:
    return "" if number == 0 else f"{'+' if number > 0 else MINUS}{abs(number):,}"


def _print_group(
    title: str,
    group: Sequence[Rejudged],
    why: Callable[[Rejudged], str],
    style: str,
    console: Console,
) -> None:
    from rich.text import Text

    from selfinstruct.pipeline.rejudging import draw_examples

    examples = draw_examples(group)
    drawn = f"  {len(examples)} of them, drawn at random" if len(group) > len(examples) else ""
    console.print()
    console.print(Text.assemble((f"{title}: {len(group):,}", "bold"), (drawn, "dim")))
    for each in examples:
        _print_line(f"  {each.id:<10} {each.instruction}", "", console)
        _print_line(f"  {'':<10} {why(each)}", style, console)


def _print_line(text: str, style: str, console: Console) -> None:
    from rich.text import Text

    console.print(Text(" ".join(text.splitlines()), style=style), no_wrap=True, overflow="ellipsis")


def _why_dropped(candidate: Rejudged) -> str:
    return _rejection(candidate.after)


def _why_kept_now(candidate: Rejudged) -> str:
    return f"was {_rejection(candidate.before)}"


def _why_kept(candidate: Rejudged) -> str:
    near = candidate.after.nearest
    return "" if near is None else f"nearest {near.score:.2f}, with {near.id}: {near.instruction}"


def _rejection(decision: VerdictAndNearest) -> str:
    verdict, near = decision.verdict, decision.nearest
    if near is not None:
        return f"{verdict.reason}: {near.score:.2f} with {near.id}: {near.instruction}"
    return f"{verdict.reason}: {verdict.detail}" if verdict.detail else str(verdict.reason)


def _print_new_run(out: Path, written: RunDescription, console: Console) -> None:
    """What it holds, and what is still to be asked."""
    from shlex import quote

    from rich.text import Text

    summary = written.summary
    console.print()
    console.print(Text.assemble(("run: ", "bold"), str(out)), soft_wrap=True)
    size = (
        f"{summary.tasks:,} of {written.config.limits.tasks:,} tasks"
        if written.missing
        else (f"{summary.tasks:,} tasks")
    )
    if written.missing and summary.pending:
        size += f", cut before the first of {summary.pending:,} tasks still without instances"
    console.print(Text.assemble(("data set: ", "bold"), size))
    if written.missing:
        console.print(Text(f"next: selfinstruct generate {quote(str(out))}", style="dim"), soft_wrap=True)
