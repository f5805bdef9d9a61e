"""`selfinstruct rounds`: generate, tune and measure, round after round, while the model gets better."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from selfinstruct.cli.asking import EXIT_CODES
from selfinstruct.cli.options import (
    BUDGET,
    MODEL,
    Concurrency,
    ConfigFile,
    Json,
)
from selfinstruct.cli.output import print_json
from selfinstruct.cli.tuning_options import (
    LEARNING,
    BatchSize,
    Epochs,
    LearningRate,
    Lora,
    LoraRank,
    MaxLength,
)

__all__ = ["rounds"]

KEEPING, MEASURING = "What is kept", "How it is measured"
ENDINGS = {**EXIT_CODES, "no_gain": 0, "max_rounds": 0, "no_tasks": 5}


def rounds(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder of all rounds; created if it does not exist.")
    ],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="The starting model: pocket, gguf/FILE or hf/FOLDER-OR-NAME. Not needed to resume.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    items: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="What each round is measured on: a JSON Lines file (instruction, input, output), or the "
            "suite's file or folder.",
        ),
    ] = None,
    suite: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Any suite of [bold]evaluate[/bold] but humaneval, mbpp and lm-eval. "
            "[dim]\\[default: jsonl][/dim]",
        ),
    ] = None,
    tasks: Annotated[
        int | None,
        typer.Option("--tasks", "-n", min=1, help="Tasks per round. [dim]\\[default: 100][/dim]"),
    ] = None,
    max_rounds: Annotated[
        int | None,
        typer.Option(min=1, help="Maximum number of rounds. [dim]\\[default: 3][/dim]"),
    ] = None,
    seeds: Annotated[
        Path | None,
        typer.Option(help="Seed tasks of your own. [dim]\\[default: the bundled ones][/dim]"),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="Random seed of round 1 and of all tunings; round 2 generates with the next number, and so "
            "on. [dim]\\[default: 42][/dim]"
        ),
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
    signals: Annotated[
        str | None,
        typer.Option(
            metavar="all|certain|none|NAME,…",
            help="Drop instances that these signals flag. [dim]\\[default: all][/dim]",
            rich_help_panel=KEEPING,
        ),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="A model that scores every instance from 1 to 5, as in [bold]judge[/bold].",
            rich_help_panel=KEEPING,
        ),
    ] = None,
    judge_base_url: Annotated[
        str | None,
        typer.Option(
            help="The judge's OpenAI-compatible endpoint; --judge is then its own name for the model.",
            rich_help_panel=KEEPING,
        ),
    ] = None,
    min_score: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=1,
            max=5,
            help="Keep instances with this score or more. [dim]\\[default: 4, with --judge][/dim]",
            rich_help_panel=KEEPING,
        ),
    ] = None,
    tune_from: Annotated[
        Literal["start", "last"] | None,
        typer.Option(
            help="The model that each round tunes: the starting model, on all data so far, or the model of "
            "the round before. [dim]\\[default: start][/dim]",
            rich_help_panel=LEARNING,
        ),
    ] = None,
    include_seeds: Annotated[
        bool | None,
        typer.Option(
            help="Train on the seed tasks too. [dim]\\[default: yes][/dim]", rich_help_panel=LEARNING
        ),
    ] = None,
    lora: Lora = None,
    lora_rank: LoraRank = None,
    epochs: Epochs = None,
    learning_rate: LearningRate = None,
    batch_size: BatchSize = None,
    max_length: MaxLength = None,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help="Only the first N items. 0: all.", rich_help_panel=MEASURING),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Maximum tokens per answer. [dim]\\[default: the suite's own number][/dim]",
            rich_help_panel=MEASURING,
        ),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Layout of the items' prompts, as in [bold]evaluate[/bold].",
            rich_help_panel=MEASURING,
        ),
    ] = None,
    stop: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            help="Stop sequence of an answer; \\n is a line feed. Repeatable.",
            rich_help_panel=MEASURING,
        ),
    ] = None,
    max_requests: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Hard cap on requests of all rounds: tasks, verdicts and answers, retries included. "
            "0: no limit.",
            rich_help_panel=BUDGET,
        ),
    ] = None,
    max_total_tokens: Annotated[
        int | None,
        typer.Option(
            min=0, help="The same in prompt and completion tokens. 0: no limit.", rich_help_panel=BUDGET
        ),
    ] = None,
    concurrency: Concurrency = None,
) -> None:
    """Generate, tune and measure in rounds while it helps.

    In each round the latest model writes tasks, the best are kept, the starting model is tuned on the kept tasks of all rounds, and the result is measured. It ends when the gain over the round before is not certain (its 95 % interval includes zero), or at a limit. The same command again resumes it. Needs the extra `train`.

    Exit codes: 0 done, 2 invalid input or usage, 3 budget reached, 4 endpoint unavailable, 5 no task kept, 6 storage, 130 interrupted.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    import asyncio
    from dataclasses import replace

    from rich.console import Console

    from selfinstruct.cli.flags import in_flags
    from selfinstruct.cli.render_rounds import print_rounds
    from selfinstruct.studies.rounds.experiment import run_rounds
    from selfinstruct.studies.rounds.plan import plan_rounds

    plan = plan_rounds(
        out,
        values={
            "model": model,
            "suite": suite,
            "tasks": tasks,
            "max_rounds": max_rounds,
            "seed": seed,
            "signals": signals,
            "judge": judge,
            "judge_base_url": judge_base_url,
            "min_score": min_score,
            "tune_from": tune_from,
            "include_seeds": include_seeds,
            "limit": limit,
            "max_tokens": max_tokens,
            "template": template,
            "stop": tuple(each.replace("\\n", "\n") for each in stop) if stop else None,
            "max_requests": max_requests,
            "max_total_tokens": max_total_tokens,
            "concurrency": concurrency,
        },
        tuning={
            "lora": lora,
            "lora_rank": lora_rank,
            "epochs": epochs,
            "learning_rate": learning_rate,
            "batch_size": batch_size,
            "max_length": max_length,
        },
        seeds=seeds,
        items=items,
        config=config,
    )
    progress = Console(stderr=True)
    result = run_rounds(plan, console=progress, wait=asyncio.run)
    result = replace(result, advice=in_flags(result.advice))
    if json:
        print_json(result.to_json())
    else:
        print_rounds(result, Console())
    if result.advice:
        progress.print(result.advice, style="yellow", markup=False, soft_wrap=True)
    raise typer.Exit(ENDINGS[result.stopped])
