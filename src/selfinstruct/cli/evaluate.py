"""`selfinstruct evaluate`: a model, or predictions that are there, measured on tasks with known answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selfinstruct.cli.generate import EXIT_CODES
from selfinstruct.cli.options import (
    MODEL,
    RECIPES,
    ApiKeyEnv,
    BaseUrl,
    Call,
    Concurrency,
    ConfigFile,
    ContextWindow,
    Json,
    MaxCost,
    MaxRequests,
    MaxTotalTokens,
    PriceIn,
    PriceOut,
    Timeout,
)

if TYPE_CHECKING:
    from rich.console import Console

    from selfinstruct.config import Config
    from selfinstruct.pipeline.batch import BatchOutcome

__all__ = ["evaluate"]

ASKING = "How the model is asked"


def evaluate(
    systems: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="SYSTEM",
            help="With --compare: folders of evaluations, or files of predictions.",
            show_default=False,
        ),
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Put evaluations of the same items side by side.")
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="The model to ask, PROVIDER/NAME as [bold]selfinstruct models[/bold] lists them; with "
            "--base-url, the endpoint's own name for it.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Score these answers instead of asking a model: instruction, response, target.",
        ),
    ] = None,
    suite: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="superni, user-oriented or jsonl."),
    ] = None,
    tasks: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="The suite's file; for superni a checkout of natural-instructions, or a list of its tasks.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder for requests, predictions and scores; goes on with what it has."
        ),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="A model that puts every answer on the paper's four levels, or says which of two is better.",
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            help="What the model was tuned on: how much of the items is in its seeds and tasks. "
            "[dim]\\[default: the bundled seeds][/dim]",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of the intervals, and sent with requests. [dim]\\[default: 42][/dim]")
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
    template: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="spaced, compact, task, bare, plain, paper or tk-instruct. [dim]\\[default: tk-instruct for "
            "superni, otherwise plain in a chat and spaced for completions][/dim]",
            rich_help_panel=ASKING,
        ),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(min=1, help="Of an answer. [dim]\\[default: 1024][/dim]", rich_help_panel=ASKING),
    ] = None,
    stop: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            help="End answers here too; \\n is a line feed. May be given more than once. [dim]\\[default: "
            "nothing, as in the paper][/dim]",
            rich_help_panel=ASKING,
        ),
    ] = None,
    examples: Annotated[
        int | None,
        typer.Option(
            min=0, help="superni: solved examples to show. [dim]\\[default: 0][/dim]", rich_help_panel=ASKING
        ),
    ] = None,
    per_task: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="superni: instances of each task, at most. [dim]\\[default: 100][/dim]",
            rich_help_panel=ASKING,
        ),
    ] = None,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    context_window: ContextWindow = None,
    call: Call = "auto",
    max_requests: MaxRequests = None,
    max_total_tokens: MaxTotalTokens = None,
    max_cost: MaxCost = None,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    concurrency: Concurrency = None,
    timeout: Timeout = None,
) -> None:
    """Measure a model on tasks with known answers, or score answers that are there.

    ROUGE-L and exact match as Tk-Instruct's evaluation has them, in percent, with 95 % intervals. The same command again goes on after any interruption.

    Exit codes: 0 done, 2 a mistake to mend, 3 budget reached, 4 endpoint unavailable, 6 storage, 130 interrupted.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    import asyncio
    import json as jsonlib

    from rich.console import Console

    from selfinstruct.cli.render_evaluation import print_comparison, print_evaluation
    from selfinstruct.errors import ConfigError
    from selfinstruct.evaluation.compare import compare_systems, plan_comparison
    from selfinstruct.evaluation.evaluate import evaluate as evaluate_plan
    from selfinstruct.evaluation.plan import plan_evaluation
    from selfinstruct.pipeline.batch_display import BatchDisplay

    options = {
        "seed": seed,
        "endpoint.base_url": base_url,
        "endpoint.api_key_env": api_key_env,
        "model.context_window": context_window,
        "recipe.name": RECIPES[call],
        "limits.max_requests": max_requests,
        "limits.max_total_tokens": max_total_tokens,
        "limits.max_cost": max_cost,
        "endpoint.price_in": price_in,
        "endpoint.price_out": price_out,
        "endpoint.concurrency": concurrency,
        "endpoint.timeout_seconds": timeout,
    }
    progress = Console(stderr=True)
    if compare:
        pairs = plan_comparison(
            systems or (), seed=seed, directory=out, judge_spec=judge, options=options, config_file=config
        )
        _warn([each.config for each in pairs.judges[:1]], progress)
        compared = asyncio.run(compare_systems(pairs, BatchDisplay(progress, "verdicts")))
        if json:
            typer.echo(jsonlib.dumps(compared.to_json(), ensure_ascii=False))
        else:
            print_comparison(compared, Console())
        _finish(compared.judging, progress)
    if systems:
        raise ConfigError("Folders and files side by side are for --compare.", "Add --compare.")
    plan = plan_evaluation(
        out,
        settings={
            "suite": suite,
            "per_task": per_task,
            "examples": examples,
            "template": template,
            "max_tokens": max_tokens,
            "stop": tuple(each.replace("\\n", "\n") for each in stop) if stop else None,
            "seed": seed,
        },
        tasks=tasks,
        predictions=predictions,
        run=run,
        model_spec=model,
        judge_spec=judge,
        options=options,
        config_file=config,
    )
    _warn([each.config for each in (plan.batch, plan.judge) if each is not None], progress)
    outcome = asyncio.run(evaluate_plan(plan, BatchDisplay(progress, "answers")))
    if json:
        typer.echo(jsonlib.dumps(outcome.to_json(), ensure_ascii=False))
    else:
        print_evaluation(outcome, Console())
    _finish(outcome.last_batch, progress)


def _warn(configs: Sequence[Config], progress: Console) -> None:
    from selfinstruct.models.catalog import endpoint_warning

    for config in configs:
        if warning := endpoint_warning(config.endpoint, config.model.provider):
            progress.print(warning, style="yellow", soft_wrap=True)


def _finish(batch: BatchOutcome | None, progress: Console) -> None:
    """Why it stopped, and the exit code."""
    if batch is None:
        raise typer.Exit
    if batch.advice:
        progress.print(batch.advice, style="yellow", markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_CODES[batch.stopped])
