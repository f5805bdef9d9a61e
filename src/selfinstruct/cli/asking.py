"""What verbs that ask a model for a list of things have in common, before they ask and after.

Which options there are stands in `cli/options.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from selfinstruct.config import Config
    from selfinstruct.requests.invocation import StopReason

__all__ = ["EXIT_CODES", "asked_options", "finish", "warn_of_endpoints"]

EXIT_CODES = {
    "done": 0, "refused": 2, "budget": 3, "unavailable": 4, "saturated": 5, "waiting": 7, "interrupted": 130,
}  # fmt: skip


def asked_options(
    *,
    seed: int | None,
    base_url: str | None,
    api_key_env: str | None,
    context_window: int | None,
    api: str,
    max_requests: int | None,
    max_total_tokens: int | None,
    max_cost: float | None,
    price_in: float | None,
    price_out: float | None,
    price_cached: float | None,
    concurrency: int | None,
    timeout: float | None,
    batch: bool | None = None,
    wait: bool | None = None,
    engine: str | None = None,
    backend: str | None = None,
    replicas: int | None = None,
    gpus_per_replica: int | None = None,
) -> dict[str, Any]:
    """The options as the config names them; None where an option was not given."""
    return {
        "seed": seed,
        "endpoint.base_url": base_url,
        "endpoint.api_key_env": api_key_env,
        "model.context_window": context_window,
        "model.api": None if api == "auto" else api,
        "limits.max_requests": max_requests,
        "limits.max_total_tokens": max_total_tokens,
        "limits.max_cost": max_cost,
        "endpoint.price_in": price_in,
        "endpoint.price_out": price_out,
        "endpoint.price_cached": price_cached,
        "endpoint.concurrency": concurrency,
        "endpoint.timeout_seconds": timeout,
        "endpoint.batch.on": batch,
        "endpoint.batch.wait": wait,
        "engine.name": engine,
        "engine.backend": backend,
        "engine.replicas": replicas,
        "engine.gpus_per_replica": gpus_per_replica,
    }


def warn_of_endpoints(configs: Iterable[Config], progress: Console) -> None:
    """On standard error: a key that would go over plain http, for each of these models."""
    from selfinstruct.models.access import endpoint_warning

    for config in configs:
        if warning := endpoint_warning(config.endpoint, config.model.provider):
            progress.print(warning, style="yellow", soft_wrap=True)


def finish(stopped: StopReason, advice: str, progress: Console) -> NoReturn:
    """Print why the requests stopped, if there is something to say, and exit with the code for it."""
    from selfinstruct.cli.render import advice_of

    if advice:
        progress.print(advice_of(stopped, advice), style="yellow", markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_CODES[stopped])
