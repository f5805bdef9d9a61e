"""`selfinstruct judge`: a model's verdicts on a run's instances."""

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

__all__ = ["judge"]


def judge(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of the run.")],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="PROVIDER/NAME as [bold]selfinstruct models[/bold] lists them; with --base-url, the "
            "endpoint's own name for it. Not needed to resume a judge by --name.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="Name of the judge. [dim]\\[default: the model's name][/dim]"),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Judge only N tasks, one instance of each: those that review draws with the same seed. "
            "[dim]\\[default: all instances][/dim]",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed of the sample.")] = 42,
    rubric: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your own rubric, as a text file; the reply format is added."),
    ] = None,
    outputs: Annotated[
        str,
        typer.Option(
            metavar="original|NAME",
            help="Use the outputs that improve wrote under this name.",
        ),
    ] = "original",
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
    """Have a model rate a run's instances from 1 to 5.

    It also says whether the task is valid, the input appropriate and the output correct. Verdicts are kept beside the run, one judge under each name; `export`, `finetune` and `filter` select by them with --min-score. Nothing is judged twice: the same command resumes, and also judges tasks that were added since.

    Exit codes: 0 done, 2 invalid input or usage, 3 budget reached, 4 endpoint unavailable, 6 storage, 7 waiting for batches, 130 interrupted.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    import asyncio

    from rich.console import Console

    from selfinstruct.cli.render_judge import print_judge_result
    from selfinstruct.pipeline.judging import judge as judge_run
    from selfinstruct.pipeline.judging import plan_judge_of_run
    from selfinstruct.requests.batch_display import BatchDisplay

    plan = plan_judge_of_run(
        run,
        model_spec=model,
        name=name,
        rubric=rubric,
        options=asked_options(
            seed=None,
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
    )
    progress = Console(stderr=True)
    warn_of_endpoints([plan.config], progress)
    if warning := plan.warning(outputs):
        progress.print(warning, style="yellow", markup=False, soft_wrap=True)
    display = BatchDisplay(progress, "verdicts")
    result = asyncio.run(judge_run(plan, sample=sample, seed=seed, outputs=outputs, display=display))
    if json:
        print_json(result.to_json())
    else:
        print_judge_result(result, Console())
    finish(result.batch.stopped, result.batch.advice, progress)
