"""The options of `evaluate` that no other verb has: what is measured, and how a model is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.options import MODEL

__all__ = [
    "EvaluatedModel",
    "Examples",
    "Folder",
    "Items",
    "Judge",
    "Limit",
    "MaxTokens",
    "PerTask",
    "Predictions",
    "Ratings",
    "RunCode",
    "Samples",
    "SandboxKind",
    "Seed",
    "Stops",
    "Suite",
    "Temperature",
    "TemplateName",
    "TunedOn",
]

ASKING = "How the model is asked"
CODE = "Programs"

EvaluatedModel = Annotated[
    str | None,
    typer.Option(
        metavar="SPEC",
        help="The model to ask, PROVIDER/NAME as [bold]selfinstruct models[/bold] lists them; with "
        "--base-url, the endpoint's own name for it.",
        rich_help_panel=MODEL,
    ),
]

Predictions = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Score these answers instead of asking a model: instruction, response, target.",
    ),
]

Suite = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="superni, user-oriented, jsonl, humaneval, mbpp, gsm8k, math, mmlu, wtq, dolly, infinitebench; "
        "or lm-eval:TASK,… for its tasks.",
    ),
]

Items = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="The suite's file or folder: for superni a checkout of natural-instructions, or a list of its "
        "tasks; for lm-eval your own tasks. Without it, a benchmark on the Hugging Face Hub is fetched.",
    ),
]

Folder = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder for requests, predictions and scores; the same folder resumes."),
]

Judge = Annotated[
    str | None,
    typer.Option(
        metavar="SPEC",
        help="A model that rates every answer on the paper's four levels; with dolly from 1 to 10.",
    ),
]

Ratings = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder with people's ratings of these answers, to measure how well judges agree with them. "
        "[dim]\\[default: --out][/dim]",
    ),
]

TunedOn = Annotated[
    Path | None,
    typer.Option(
        metavar="RUN",
        help="The run the model was tuned on, to measure its overlap with the items. [dim]\\[default: the "
        "bundled seeds][/dim]",
    ),
]

Seed = Annotated[
    int | None,
    typer.Option(help="Random seed of the intervals; also sent with requests. [dim]\\[default: 42][/dim]"),
]

TemplateName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="spaced, compact, task, bare, plain, paper or tk-instruct. [dim]\\[default: tk-instruct for "
        "superni, otherwise plain for chat and spaced for completions][/dim]",
        rich_help_panel=ASKING,
    ),
]

MaxTokens = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Maximum tokens per answer. [dim]\\[default: the benchmark's own number; otherwise 1024][/dim]",
        rich_help_panel=ASKING,
    ),
]

Stops = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TEXT",
        help="Stop sequence; \\n is a line feed. Repeatable. [dim]\\[default: none, as in the paper][/dim]",
        rich_help_panel=ASKING,
    ),
]

Examples = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Solved examples in the prompt. [dim]\\[default: the suite's own number; superni: 0][/dim]",
        rich_help_panel=ASKING,
    ),
]

PerTask = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="superni, mmlu: maximum items per task or subject. [dim]\\[default: 100; mmlu: all][/dim]",
        rich_help_panel=ASKING,
    ),
]

Limit = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Only the first N items (problems; lm-eval: of each task). Can be raised later. 0: all.",
        rich_help_panel=ASKING,
    ),
]

Samples = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="humaneval, mbpp, dolly: answers per item. [dim]\\[default: 1; dolly: 5][/dim]",
        rich_help_panel=ASKING,
    ),
]

Temperature = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=2.0,
        help="Of these answers. [dim]\\[default: 0 for one, 0.8 for several; dolly: 1][/dim]",
        rich_help_panel=ASKING,
    ),
]

RunCode = Annotated[
    bool,
    typer.Option("--run-code", help="Run the programs that the model writes.", rich_help_panel=CODE),
]

SandboxKind = Annotated[
    str | None,
    typer.Option(
        "--sandbox",
        metavar="KIND",
        help="Where programs run: namespaces, docker, docker:IMAGE, or process (limits only). "
        "[dim]\\[default: namespaces][/dim]",
        rich_help_panel=CODE,
    ),
]
