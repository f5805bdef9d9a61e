"""`selfinstruct finetune --provider openai`: a job at an endpoint, followed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from selfinstruct.cli.asking import EXIT_CODES
from selfinstruct.cli.output import print_json
from selfinstruct.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from selfinstruct.training.openai.job import JobOutcome

__all__ = ["follow", "refuse_elsewhere"]


def follow(data: Path, out: Path, *, json: bool, **asked: Any) -> NoReturn:
    """asked: as `plan_job` takes it. Exits with the code that says how it ended."""
    import asyncio

    from rich.console import Console

    from selfinstruct.training.openai.job import follow_job
    from selfinstruct.training.openai.plan import plan_job

    plan = plan_job(data, out, **asked)
    progress = Console(stderr=True)

    def say(line: str) -> None:
        progress.print(line, markup=False, highlight=False, soft_wrap=True)

    if plan.warning:
        progress.print(plan.warning, style="yellow", soft_wrap=True)
    outcome = asyncio.run(follow_job(plan, say))
    if json:
        print_json(outcome.to_json())
    else:
        _print(outcome, Console())
    if outcome.advice:
        progress.print(outcome.advice, style="yellow", markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_CODES[outcome.stopped])


def refuse_elsewhere(given: Mapping[str, Any]) -> None:
    """Raises ConfigError for an option that only a job at an endpoint has a use for."""
    for name, value in given.items():
        if value is not None:
            raise ConfigError(
                f"--{name.replace('_', '-')} works only for hosted fine-tuning.",
                "Add --provider openai, or leave it out.",
            )


def _print(outcome: JobOutcome, console: Console) -> None:
    """What came of it, and how to use that."""
    from shlex import join

    from rich.text import Text

    from selfinstruct.cli.render import reasons

    record = outcome.record
    rows = [
        ("examples", f"{record.examples:,}; left out: {reasons(record.left_out)}"),
        ("job", f"{record.job_id}, {record.status}" if record.job_id else "not created yet"),
        ("tokens", "" if record.trained_tokens is None else f"{record.trained_tokens:,} trained on"),
        ("tuned model", record.tuned_model),
    ]
    for name, value in rows:
        if value:
            console.print(Text.assemble((f"{name}: ", "bold"), value), soft_wrap=True)
    if record.tuned_model:
        url = record.settings.base_url
        spec = (
            ["--base-url", url, "--model", record.tuned_model]
            if url
            else ["--model", f"openai/{record.tuned_model}"]
        )
        command = ["selfinstruct", "evaluate", *spec, "--suite", "SUITE", "--out", "DIR"]
        console.print(Text(f"next: {join(command)}", style="dim"), soft_wrap=True)
