"""`selfinstruct compare`: two or more evaluations of the same items, paired."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.asking import asked_options, finish, warn_of_endpoints
from selfinstruct.cli.options import (
    Api,
    ApiKeyEnv,
    BaseUrl,
    Concurrency,
    ConfigFile,
    ContextWindow,
    Json,
    MaxCost,
    MaxRequests,
    MaxTotalTokens,
    PriceCached,
    PriceIn,
    PriceOut,
    Timeout,
)
from selfinstruct.cli.output import print_json

__all__ = ["compare"]


def compare(
    systems: Annotated[
        list[Path],
        typer.Argument(
            metavar="BASE OTHER…",
            help="Folders that [bold]selfinstruct evaluate[/bold] wrote, or files of predictions. Each is "
            "compared with the first.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the comparison and the judge's verdicts.")
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(metavar="SPEC", help="A model that says which of two answers is better. Needs --out."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Random seed of the intervals; also sent to the judge. [dim]\\[default: 42][/dim]"),
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
) -> None:
    """Compare two or more evaluations of the same items.

    Differences are paired and have 95 % intervals. With --judge, a model also says which of two answers is better, in both orders. The same command again resumes it.

    Exit codes: 0 done, 2 invalid input or usage, 3 budget reached, 4 endpoint unavailable, 6 storage, 130 interrupted.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    import asyncio

    from rich.console import Console

    from selfinstruct.cli.render_evaluation import print_comparison
    from selfinstruct.evaluation.compare import compare_systems, plan_comparison
    from selfinstruct.requests.batch_display import BatchDisplay

    options = asked_options(
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
    )
    progress = Console(stderr=True)
    plan = plan_comparison(
        systems, seed=seed, directory=out, judge_spec=judge, options=options, config_file=config
    )
    warn_of_endpoints([each.config for each in plan.judges[:1]], progress)
    outcome = asyncio.run(compare_systems(plan, BatchDisplay(progress, "verdicts")))
    if json:
        print_json(outcome.to_json())
    else:
        print_comparison(outcome, Console())
    if outcome.judging is not None:
        finish(outcome.judging.stopped, outcome.judging.advice, progress)
