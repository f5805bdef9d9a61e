"""How a run's numbers, and one instruction's lineage, look on a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from selfinstruct.cli.samples import print_samples
from selfinstruct.config import Config
from selfinstruct.pipeline.run import Description, Outcome
from selfinstruct.records import JudgedInstance, Verdict
from selfinstruct.store.lineage import Exchange, Lineage
from selfinstruct.store.summary import Summary

__all__ = ["print_config", "print_lineage", "print_outcome", "print_standing", "print_summary", "reasons"]

QUOTED_CHARACTERS = 1200  # of a prompt's end or a completion; the whole is in `export --format requests`


def print_outcome(outcome: Outcome, console: Console) -> None:
    """What a `generate` came to."""
    if outcome.description.summary.requests:
        print_summary(outcome.description, console)
        console.print()
    if outcome.description.summary.tasks:
        print_samples(outcome.dataset, console)
        console.print()
    _print_failure(outcome.description, console, besides=outcome.advice)
    if outcome.advice:
        console.print(Text(outcome.advice, style="yellow"), soft_wrap=True)
    if outcome.description.summary.tasks:
        _print_path(console, "data set", str(outcome.dataset))
    _print_path(console, "run", str(outcome.run))
    if outcome.description.summary.tasks:
        with outcome.dataset.open(encoding="utf-8") as file:
            first = json.loads(file.readline())["id"]
        console.print(
            Text(f"next: selfinstruct explain {quote(str(outcome.run))} {first}", style="dim"), soft_wrap=True
        )


def print_summary(run: Description, console: Console) -> None:
    """The funnel, from requests to tasks."""
    summary, wanted, cost = run.summary, run.config.limits.tasks, run.cost_usd
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(justify="right")
    grid.add_column(style="dim", overflow="fold")
    grid.add_row("requests", f"{summary.requests:,}", _sent(summary))
    grid.add_row("instructions read", f"{summary.candidates:,}", f"out of {summary.tickets:,} replies")
    grid.add_row("  rejected", f"{sum(summary.rejected.values()):,}", reasons(summary.rejected))
    grid.add_row("  admitted", f"{summary.admitted:,}", _share(summary.admitted, summary.candidates))
    grid.add_row("tasks dropped", f"{sum(summary.invalid_tasks.values()):,}", reasons(summary.invalid_tasks))
    rejected = sum(summary.rejected_instances.values())
    grid.add_row("instances rejected", f"{rejected:,}", reasons(summary.rejected_instances))
    if summary.pending:
        name = "tasks under way" if run.missing else "tasks left over"
        grid.add_row(name, f"{summary.pending:,}", "" if run.missing else "for a larger --tasks")
    grid.add_row("tokens", f"{summary.prompt_tokens + summary.completion_tokens:,}", _tokens(summary, cost))
    grid.add_row(
        "data set", f"{summary.tasks:,}", f"of {wanted:,} tasks, with {summary.instances:,} instances"
    )
    console.print(grid)


def print_config(config: Config, console: Console) -> None:
    """The few settings that tell runs apart."""
    where = f" at {config.endpoint.base_url}" if config.endpoint.base_url else ""
    console.print(
        f"[bold]model[/bold] {escape(config.model.provider)}/{escape(config.model.name)}{escape(where)}  "
        f"[bold]recipe[/bold] {config.recipe.name}  [bold]seeds[/bold] {config.seeds.count:,} "
        f"({escape(config.seeds.source)})  [bold]seed[/bold] {config.seed}",
        soft_wrap=True,
        highlight=False,
    )


def print_standing(path: Path, run: Description, console: Console) -> None:
    """Whether it is being written, how fast it was, what is missing, and the command that goes on.

    path: the run's, as the user gave it.
    """
    rate = "" if run.requests_per_second is None else f", {run.requests_per_second:,.1f} requests/s so far"
    standing = "running" if run.running else "at rest"
    missing = f"{run.missing:,} tasks are missing" if run.missing else "complete"
    console.print(Text(f"\n{standing}{rate}: {missing}."), highlight=False)
    _print_failure(run, console)
    if run.missing and run.forecast is not None:
        console.print(Text(run.forecast.sentence()), highlight=False)
    if run.missing and not run.running:
        console.print(
            Text(f"To go on: selfinstruct generate {quote(str(path))}", style="dim"), soft_wrap=True
        )


def print_lineage(lineage: Lineage, console: Console) -> None:
    """All that is kept about one instruction, from the prompt that bore it to its instances."""
    console.print(Text(lineage.id, style="bold"), Text(_verdict(lineage), style=_colour(lineage)))
    console.print(Padding(Text(lineage.instruction), (0, 0, 1, 2)))
    _print_origin(lineage, console)
    if lineage.neighbours:
        console.print(Text("Nearest in the pool", style="bold"), Text("ROUGE-L F1", style="dim"))
        for near in lineage.neighbours:
            console.print(Text(f"  {near.score:.2f}  {near.id:<14} {near.instruction}"), no_wrap=True)
        console.print(Text(f"  {lineage.mean_similarity:.2f}  mean over the whole pool", style="dim"))
        console.print()
    for exchange in lineage.requests:
        _print_exchange(exchange, console)
    for number, instance in enumerate(lineage.instances, start=1):
        _print_instance(number, instance, console)


def reasons(counts: Mapping[str, int]) -> str:
    """`similar 12, too_short 3`, the commonest first."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _print_path(console: Console, name: str, path: str) -> None:
    # soft_wrap: a path that is cut or wrapped cannot be copied.
    console.print(Text.assemble((f"{name}: ", "bold"), path), soft_wrap=True)


def _print_failure(run: Description, console: Console, besides: str = "") -> None:
    """Where tasks are missing and the last request failed: with what, unless `besides` says it already."""
    failure = run.summary.last_failure
    if run.missing and failure is not None and failure not in besides:
        console.print(Text(f"The last request failed: {failure}", style="yellow"), soft_wrap=True)


def _sent(summary: Summary) -> str:
    parts = [f"{summary.attempts:,} sent"]
    if summary.lost:
        parts.append(f"lost: {reasons(summary.lost)}")
    if summary.errors:
        parts.append(f"failed attempts: {reasons(summary.errors)}")
    return "; ".join(parts)


def _tokens(summary: Summary, cost: float | None) -> str:
    text = f"{summary.prompt_tokens:,} in, {summary.completion_tokens:,} out"
    if summary.estimated:
        text += ", estimated: the endpoint does not count them"
    return text + ("" if cost is None else f"; ${cost:,.4f}")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else ""


def _verdict(lineage: Lineage) -> str:
    verdict = lineage.verdict
    if not verdict.accepted:
        return _rejection(verdict)
    if lineage.ticket is None:
        return "seed task"
    if lineage.valid is None:
        return "admitted; its instances are still to come"
    return (
        "admitted, valid" if lineage.valid else f"admitted, but not in the data set: {lineage.invalid_reason}"
    )


def _rejection(verdict: Verdict) -> str:
    return f"rejected: {verdict.reason}" + (f" ({verdict.detail})" if verdict.detail else "")


def _colour(lineage: Lineage) -> str:
    return "green" if lineage.verdict.accepted and lineage.valid is not False else "yellow"


def _print_origin(lineage: Lineage, console: Console) -> None:
    if lineage.is_classification is not None:
        kind = "classification" if lineage.is_classification else "not classification"
        console.print(Text(f"Kind: {kind}"))
    if lineage.ticket is not None:
        console.print(Text(f"From ticket {lineage.ticket}, place {lineage.position} of its reply, shown:"))
        for entry in lineage.demonstrations:
            console.print(Text(f"  {entry.id:<14} {entry.instruction}", style="dim"), no_wrap=True)
    if lineage.shown:
        console.print(
            Text(
                f"Itself shown in {lineage.shown:,} prompts, whose replies added {lineage.offspring:,} tasks."
            )
        )
    console.print()


def _print_exchange(exchange: Exchange, console: Console) -> None:
    tries = "" if exchange.attempts == 1 else f", {exchange.attempts} attempts"
    console.print(
        Text(f"{exchange.stage.capitalize()} request", style="bold"),
        Text(f"{exchange.prompt_tokens:,} tokens in, {exchange.completion_tokens:,} out{tries}", style="dim"),
    )
    console.print(Padding(Text(_ending(exchange.prompt), style="dim"), (0, 0, 0, 2)))
    if exchange.completion is None:
        console.print(Text(f"  lost: {exchange.lost}", style="red"))
    else:
        console.print(Padding(Text(_beginning(exchange.completion), style="cyan"), (0, 0, 1, 2)))


def _print_instance(number: int, instance: JudgedInstance, console: Console) -> None:
    verdict = instance.verdict
    status = "kept" if verdict.accepted else _rejection(verdict)
    style = "green" if verdict.accepted else "yellow"
    console.print(Text(f"Instance {number}", style="bold"), Text(status, style=style))
    console.print(Padding(Text(f"Input: {instance.input}\nOutput: {instance.output}"), (0, 0, 1, 2)))


def _ending(text: str) -> str:
    """Prompts differ in their end; the sheet before it is the same for every task."""
    return text if len(text) <= QUOTED_CHARACTERS // 3 else f"… {text[-QUOTED_CHARACTERS // 3 :]}"


def _beginning(text: str) -> str:
    return text if len(text) <= QUOTED_CHARACTERS else f"{text[:QUOTED_CHARACTERS]} …"
