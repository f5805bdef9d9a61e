"""`selfinstruct improve`: a run's outputs rewritten by another model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.asking import asked_options, finish, warn_of_endpoints
from selfinstruct.cli.options import (
    MODEL,
    Api,
    ApiKeyEnv,
    BaseUrl,
    Batch,
    Concurrency,
    ConfigFile,
    ContextWindow,
    Engine,
    EngineBackend,
    GpusPerReplica,
    Json,
    MaxCost,
    MaxRequests,
    MaxTotalTokens,
    PriceCached,
    PriceIn,
    PriceOut,
    Replicas,
    Timeout,
    Wait,
)
from selfinstruct.cli.output import print_json

__all__ = ["improve"]


def improve(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of the run.")],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="PROVIDER/NAME as [bold]selfinstruct models[/bold] lists them; with --base-url, the "
            "endpoint's own name for it. Not needed to resume a --name.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="Name of this set of outputs. [dim]\\[default: the model's name][/dim]"),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100,
            help="Write N outputs per instance; keep the best of them and the original. "
            "[dim]\\[default: 1][/dim]",
        ),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC|NAME",
            help="The model that scores outputs, or a judge of this run by its name. "
            "[dim]\\[default: the signals of check][/dim]",
        ),
    ] = None,
    judge_base_url: Annotated[
        str | None, typer.Option(help="The judge's endpoint. [dim]\\[default: by SPEC][/dim]")
    ] = None,
    judge_api_key_env: Annotated[
        str | None,
        typer.Option(
            metavar="VARIABLE", help="Environment variable that holds the key of the judge's endpoint."
        ),
    ] = None,
    tasks: Annotated[
        int | None,
        typer.Option("--tasks", "-n", min=1, help="Only the first N tasks."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Random seed, also sent with requests. [dim]\\[default: 42][/dim]"),
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    context_window: ContextWindow = None,
    api: Api = "auto",
    max_requests: MaxRequests = None,
    max_total_tokens: MaxTotalTokens = None,
    max_cost: MaxCost = None,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    price_cached: PriceCached = None,
    concurrency: Concurrency = None,
    timeout: Timeout = None,
    batch: Batch = None,
    wait: Wait = None,
    engine: Engine = None,
    backend: EngineBackend = None,
    replicas: Replicas = None,
    gpus_per_replica: GpusPerReplica = None,
) -> None:
    """Rewrite a run's outputs with another model.

    Usually a stronger one. The originals stay; `export --outputs` chooses which to write. An output that is empty, cut, refused or just repeats the input is not used. The same command again resumes it, and also rewrites tasks that were added since.

    Exit codes: 0 done, 2 invalid input or usage, 3 budget reached, 4 endpoint unavailable, 6 storage, 7 waiting for batches, 130 interrupted.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    import asyncio

    from rich.console import Console

    from selfinstruct.cli.render_improve import print_improvement
    from selfinstruct.pipeline.improve import improve as improve_run
    from selfinstruct.pipeline.improve import plan_improvement
    from selfinstruct.requests.batch_display import BatchDisplay

    plan = plan_improvement(
        run,
        model_spec=model,
        name=name,
        options=asked_options(
            seed=seed,
            base_url=base_url,
            api_key_env=api_key_env,
            context_window=context_window,
            api=api,
            max_requests=max_requests,
            max_total_tokens=max_total_tokens,
            max_cost=max_cost,
            price_in=price_in,
            price_out=price_out,
            price_cached=price_cached,
            concurrency=concurrency,
            timeout=timeout,
            batch=batch,
            wait=wait,
            engine=engine,
            backend=backend,
            replicas=replicas,
            gpus_per_replica=gpus_per_replica,
        ),
        config_file=config,
        samples=samples,
        judge=judge,
        judge_options={"endpoint.base_url": judge_base_url, "endpoint.api_key_env": judge_api_key_env},
    )
    progress = Console(stderr=True)
    warn_of_endpoints([plan.config, *(() if plan.judge is None else (plan.judge.config,))], progress)
    if plan.judge_warning:
        progress.print(plan.judge_warning, style="yellow", markup=False, soft_wrap=True)
    outcome = asyncio.run(improve_run(plan, tasks=tasks, display=BatchDisplay(progress, "outputs")))
    if json:
        print_json(outcome.to_json())
    else:
        print_improvement(outcome, Console())
    finish(outcome.stopped, outcome.advice, progress)
