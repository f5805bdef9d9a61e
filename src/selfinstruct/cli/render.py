"""How a run's numbers look on a terminal, and which commands come next."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from selfinstruct.cli.flags import in_flags
from selfinstruct.cli.output import printable
from selfinstruct.cli.samples import print_samples
from selfinstruct.config import Config
from selfinstruct.models.access import is_hosted
from selfinstruct.models.base import GREEDY_SAMPLED
from selfinstruct.pipeline.description import GenerateResult, RunDescription, run_state
from selfinstruct.records import Stage
from selfinstruct.report.quality import Quality
from selfinstruct.store.schema import UNRECOGNIZED
from selfinstruct.store.summary import Summary, in_and_out
from selfinstruct.text.messages import dollars, duration, failures_in_words

if TYPE_CHECKING:
    from selfinstruct.requests.invocation import StopReason

__all__ = [
    "advice_of",
    "phrased",
    "print_config",
    "print_outcome",
    "print_quality",
    "print_standing",
    "print_summary",
    "reasons",
    "request_rows",
]


QUALITY_STYLES = {"good": "green", "warn": "yellow", "bad": "bold red", "unmeasured": ""}


def print_outcome(path: Path, outcome: GenerateResult, quality: Quality, console: Console) -> None:
    """What a `generate` came to. path: the run's, as the user gave it."""
    run = outcome.description
    print_config(run.config, console)
    if run.summary.requests or run.summary.lost:
        print_summary(run, console)
        console.print()
    if run.summary.tasks:
        print_samples(outcome.dataset, console)
        console.print()
    _print_failure(run, console, besides=outcome.advice)
    if outcome.advice and outcome.stopped != "refused":  # which is an error, on standard error
        console.print(Text(outcome.advice, style="yellow"), soft_wrap=True)
    state = run_state(run.summary.tasks, run.config.limits.tasks, running=False)
    console.print(Text(f"{state}."), highlight=False)
    if run.summary.tasks:
        print_quality(quality, console)
        _print_path(console, "data set", str(outcome.dataset))
    _print_path(console, "run", str(outcome.run))
    _print_next(path, run, _first_task(outcome), console)


def advice_of(stopped: StopReason, advice: str) -> str:
    """Why it stopped, as a line on standard error: an endpoint that refuses is an error as any other."""
    told = in_flags(advice)
    return f"Error: {told}" if stopped == "refused" else told


def print_summary(run: RunDescription, console: Console) -> None:
    """The funnel, from requests to tasks, what it cost, what was lost and what was asked otherwise."""
    summary, wanted = run.summary, run.config.limits.tasks
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(style="dim", overflow="fold")
    for row in request_rows(summary):
        grid.add_row(*row)
    grid.add_row("instructions", f"{summary.candidates:,}", f"parsed from {summary.tickets:,} replies")
    grid.add_row("  rejected", f"{sum(summary.rejected.values()):,}", reasons(summary.rejected))
    grid.add_row("  admitted", f"{summary.admitted:,}", _share(summary.admitted, summary.candidates))
    if summary.untested:
        lost = Text("not compared by meaning: embedding requests were lost", style="yellow")
        grid.add_row("  untested", f"{summary.untested:,}", lost)
    grid.add_row("tasks dropped", f"{sum(summary.invalid_tasks.values()):,}", reasons(summary.invalid_tasks))
    rejected = sum(summary.rejected_instances.values())
    grid.add_row("instances rejected", f"{rejected:,}", reasons(summary.rejected_instances))
    if summary.spare:
        name, hint = (
            ("tasks in progress", "") if run.missing else ("spare tasks", "raise --tasks to use them")
        )
        grid.add_row(name, f"{summary.spare:,}", hint)
    grid.add_row("tokens", f"{summary.prompt_tokens + summary.completion_tokens:,}", in_and_out(summary))
    for cost in _cost(run):
        grid.add_row("cost", *cost)
    grid.add_row(
        "data set", f"{summary.tasks:,}", f"of {wanted:,} tasks, with {summary.instances:,} instances"
    )
    for stage, said in _asked_otherwise(run.asked_otherwise):
        grid.add_row("request changes", "", Text(f"{stage}: ").append_text(said))
    console.print(grid)


def request_rows(summary: Summary) -> Iterator[tuple[str, str, Text]]:
    """Of a table: what was sent and answered, in batches too, what was lost and why."""
    yield "requests", f"{summary.requests:,}", Text(_sent(summary))
    yield from _batch_rows(summary)
    if summary.lost:
        lost = f"{sum(summary.lost.values()):,}"
        yield "requests lost", lost, Text(reasons(summary.lost), style="yellow")
    if summary.last_unrecognized is not None:
        yield "", "", Text(f"{UNRECOGNIZED}, the last one: {summary.last_unrecognized}", style="yellow")


def _batch_rows(summary: Summary) -> Iterator[tuple[str, str, Text]]:
    """The batches that were sent, and each that is out, as it stood when it was last looked at."""
    if not summary.batches:
        return
    requests = sum(batch.requests for batch in summary.batches)
    yield "batches", f"{len(summary.batches):,}", Text(f"of {requests:,} requests")
    for batch in summary.batches:
        if batch.open:
            ago = duration(max(0.0, time.time() - batch.checked))
            standing = f"{batch.status}, {batch.done + batch.failed:,} of {batch.requests:,} done {ago} ago"
            name = batch.id or "not created yet"
            told = f"; {batch.message}" if batch.message else ""
            yield "  running", f"{batch.open:,}", Text(f"{name}: {standing}{told}")


def phrased(changes: Sequence[str]) -> Text:
    """What was asked otherwise. That greedy decoding became sampling stands out: replies are drawn by
    chance."""
    sampled = any(GREEDY_SAMPLED in change for change in changes)
    return Text("; ".join(changes), style="yellow" if sampled else "")


def print_config(config: Config, console: Console) -> None:
    """The few settings that tell runs apart."""
    where = f" at {config.endpoint.base_url}" if config.endpoint.base_url else ""
    console.print(
        f"[bold]model[/bold] {escape(config.model.provider)}/{escape(config.model.name)}{escape(where)}  "
        f"[bold]recipe[/bold] {escape(config.recipe_title)}  [bold]seeds[/bold] {config.seeds.count:,} "
        f"({escape(config.seeds.source)})  [bold]seed[/bold] {config.seed}{escape(_meaning(config))}",
        soft_wrap=True,
        highlight=False,
    )


def _meaning(config: Config) -> str:
    meaning = config.filters.meaning
    if meaning is None:
        return ""
    return f"  meaning {meaning.model.provider}/{meaning.model.name}, above {meaning.threshold:g}"


def print_quality(quality: Quality, console: Console) -> None:
    """What is known of whether the rows are any good, and every reason to doubt it."""
    style = QUALITY_STYLES[quality.level]
    console.print(Text(printable(quality.verdict), style=style), soft_wrap=True, highlight=False)
    told = [each for each in quality.findings if each.level != "info" and each.text not in quality.verdict]
    for finding in told:
        console.print(Text(f"  {finding.text}", style="yellow"), soft_wrap=True, highlight=False)


def print_standing(
    path: Path, run: RunDescription, quality: Quality, first_task: str | None, console: Console
) -> None:
    """Whether it is being written, how fast it was, what is missing, its quality, and the next commands.

    path: the run's, as the user gave it. first_task: the id of the data set's first; None where it is empty.
    """
    wanted = run.config.limits.tasks
    rate = f", {_rate(run.requests_per_second)} requests/s on average" if run.requests_per_second else ""
    missing = f"{run.missing:,} of {wanted:,} tasks missing" if run.missing else ""
    standing = "running" if run.running else "" if run.missing else "complete"
    parts = ", ".join(part for part in (standing, missing) if part)
    console.print(Text(f"\n{parts}{rate}"), highlight=False)
    if run.summary.tasks:
        print_quality(quality, console)
    _print_failure(run, console)
    if run.missing and run.forecast is not None:
        console.print(Text(run.forecast.sentence()), highlight=False, soft_wrap=True)
    if not run.running:
        _print_next(path, run, first_task, console)


def reasons(counts: Mapping[str, int]) -> str:
    """`similar 12, too_short 3`, the commonest first."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _print_path(console: Console, name: str, path: str) -> None:
    # soft_wrap: a path that is cut or wrapped cannot be copied.
    console.print(Text.assemble((f"{name}: ", "bold"), path), soft_wrap=True)


def _print_failure(run: RunDescription, console: Console, besides: str = "") -> None:
    """Where tasks are missing and the last request failed: with what, unless `besides` says it already."""
    failure = run.summary.last_failure
    if run.missing and failure is not None and failure not in besides:
        console.print(Text(f"The last request failed: {failure}", style="yellow"), soft_wrap=True)


def _first_task(outcome: GenerateResult) -> str | None:
    if not outcome.description.summary.tasks:
        return None
    with outcome.dataset.open(encoding="utf-8") as file:
        return str(json.loads(file.readline())["id"])


def _print_next(path: Path, run: RunDescription, first_task: str | None, console: Console) -> None:
    """Commands to copy: resume it where tasks are missing, then what to do with the data."""
    name = quote(str(path))
    commands = [f"generate {name}"] if run.missing else []
    if first_task is not None:
        exported = quote(f"{path.name or 'run'}-chat.jsonl")
        commands += [f"report {name}", f"export {name} --format chat --out {exported}"]
        commands.append(f"explain {name} {first_task}")
    for number, command in enumerate(commands):
        label = "next: " if number == 0 else "      "
        console.print(Text(f"{label}selfinstruct {command}", style="dim"), soft_wrap=True)


def _asked_otherwise(changes: Mapping[Stage, tuple[str, ...]]) -> Iterator[tuple[str, Text]]:
    """Stages, those that are alike together, and what was asked otherwise there."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for stage, phrases in changes.items():
        alike.setdefault(phrases, []).append(stage)
    for phrases, stages in alike.items():
        yield ", ".join(stages), phrased(phrases)


def _cost(run: RunDescription) -> Iterator[tuple[str, str]]:
    """One row, or none where nothing is paid for."""
    if run.cost_usd is not None:
        tasks = run.summary.tasks
        said = [f"{dollars(run.cost_usd / tasks)} per task"] if tasks else []
        if run.summary.batched:
            settings = (run.config.for_stage(stage).endpoint.batch for stage in run.summary.batched)
            factors = {1.0 if each.price_factor is None else each.price_factor for each in settings}
            shares = " to ".join(f"{factor:.0%}" for factor in sorted(factors))
            said.append(f"in batches at {shares} of the price")
        yield dollars(run.cost_usd), ", ".join(said)
    elif any(is_hosted(own.model, own.endpoint) for own in map(run.config.for_stage, Stage)):
        yield "–", "prices unknown; give --price-in and --price-out"


def _rate(requests_per_second: float) -> str:
    return f"{requests_per_second:,.0f}" if requests_per_second >= 10 else f"{requests_per_second:.1f}"


def _sent(summary: Summary) -> str:
    parts = [f"answered, {summary.attempts:,} sent"]
    if summary.negotiated:
        parts.append(f"{summary.negotiated:,} to find out which parameters the endpoint accepts")
    if summary.errors:
        parts.append(f"failed attempts: {reasons(failures_in_words(summary.errors))}")
    return "; ".join(parts)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else ""
