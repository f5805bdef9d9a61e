"""Arguments shared by all functions that query a model: its endpoint, and the budgets."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, Literal, TypedDict

from selfinstruct.api.given import filled, given_config
from selfinstruct.errors import ConfigError
from selfinstruct.models.base import Api
from selfinstruct.pipeline.settings import ARGUMENTS
from selfinstruct.requests.batch_display import BatchDisplay

__all__ = ["AskOptions", "asked_settings", "display", "spec"]


class AskOptions(TypedDict, total=False):
    """Arguments with the meaning that they have in `generate`."""

    seed: int | None
    max_cost: float | None
    max_requests: int | None
    max_total_tokens: int | None
    base_url: str | None
    api: Literal["auto"] | Api
    api_key_env: str | None
    concurrency: int | None
    timeout: float | None
    batch: bool | None
    wait: bool | None
    engine: Literal["local", "ray"] | None
    backend: Literal["vllm"] | None
    replicas: int | None
    gpus_per_replica: int | None
    context_window: int | None
    price_in: float | None
    price_out: float | None
    price_cached: float | None
    config: str | PathLike[str] | Mapping[str, Any] | None
    progress: bool


def asked_settings(options: AskOptions) -> dict[str, Any]:
    """`options` and `config_file` of the rooms below."""
    given: dict[str, Any] = {**options}
    if given.get("api") == "auto":
        del given["api"]
    return {
        "options": {field: given.get(name) for field, name in ARGUMENTS.items()},
        "config_file": given_config(given.get("config")),
    }


def display(options: AskOptions, what: str) -> BatchDisplay:
    """Silent unless `progress` is asked for. what: the plural of what is made."""
    if not options.get("progress"):
        return BatchDisplay(None)
    from rich.console import Console

    return BatchDisplay(Console(stderr=True), what)


def spec(model: object, argument: str) -> str | None:
    """A model by name. Raises ConfigError for an object: only `generate` takes one; and for
    an empty name."""
    if model is None or isinstance(model, str):
        return model if model is None else str(filled(model, argument))
    raise ConfigError(
        f"`{argument}` is an object.", "Name a model here, as PROVIDER/NAME; only `generate` takes objects."
    )
