"""What a run's models cost: as the user says, else as listed where nothing was completed yet."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from selfinstruct.config import Config, EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError
from selfinstruct.models.access import is_hosted
from selfinstruct.models.catalog import batch_price_factor
from selfinstruct.models.prices import listed_prices

__all__ = ["PRICES", "forget_listed_prices", "price", "price_embeddings", "prices_of", "require_both_prices"]

CACHE_PRICES = {"price_cached", "price_cache_write"}
PRICES = ("price_in", "price_out", "price_cached", "price_cache_write")
GIVEN = "given"
"""The source of prices that the user gave."""


def forget_listed_prices(values: dict[str, Any]) -> None:
    """Before anything was completed, the model may still be another one."""
    for section in _priced_sections(values):
        if section["endpoint"]["price_source"] not in ("", GIVEN):
            section["endpoint"].update(dict.fromkeys(PRICES), price_source="")


def _priced_sections(values: dict[str, Any]) -> list[dict[str, Any]]:
    """What has a model and an endpoint of its own: the run, stages, and the comparison by meaning."""
    meaning = values["filters"].get("meaning")
    return [values, *filter(None, values["stages"].values()), *([meaning] if meaning else [])]


def price(section: dict[str, Any], given: Set[str]) -> None:
    """Listed prices where the user gave none; where they gave one of the two, the other. Once something was
    completed they are kept, so that a newer list changes nothing.

    given: those of `PRICES` that the user gave now. With them, those of cached tokens that the
        list has do not hold.
    """
    endpoint, model = section["endpoint"], section["model"]
    batch = endpoint.setdefault("batch", {})
    if batch.get("on") and batch.get("price_factor") is None:
        batch["price_factor"] = batch_price_factor(str(model["provider"]))
    listed = None
    if endpoint.get("price_in") is None or endpoint.get("price_out") is None:
        listed = listed_prices(str(model["provider"]), str(model["name"]), endpoint.get("base_url"))
    if given & {"price_in", "price_out"}:
        if endpoint.get("price_source", "") not in ("", GIVEN):
            endpoint.update(dict.fromkeys(CACHE_PRICES - given))
        endpoint["price_source"] = GIVEN
        for name in ("price_in", "price_out"):
            if endpoint.get(name) is None and listed is not None:
                endpoint[name] = getattr(listed, name)
    elif endpoint.get("price_in") is None and endpoint.get("price_out") is None and listed is not None:
        cached = {name: getattr(listed, name) for name in CACHE_PRICES if endpoint.get(name) is None}
        endpoint.update(price_in=listed.price_in, price_out=listed.price_out, **cached)
        endpoint["price_source"] = listed.source


def price_embeddings(values: dict[str, Any], asked: Mapping[str, Any]) -> None:
    """As any other model's, but nothing is written, and what is not reached over a network costs nothing."""
    meaning = values["filters"].get("meaning")
    if meaning is None:
        return
    asked_meaning = asked.get("filters", {}).get("meaning")
    given = prices_of(asked_meaning.get("endpoint")) if isinstance(asked_meaning, dict) else set()
    endpoint = meaning["endpoint"]
    price(meaning, given)
    hosted = is_hosted(ModelConfig.model_validate(meaning["model"]), EndpointConfig.model_validate(endpoint))
    if endpoint.get("price_in") is None and not hosted:
        endpoint["price_in"] = 0.0
    if endpoint.get("price_in") is not None and endpoint.get("price_out") is None:
        endpoint["price_out"] = 0.0


def prices_of(endpoint: Any) -> set[str]:
    """Those that a table of a config file gives."""
    return {name for name in PRICES if isinstance(endpoint, dict) and endpoint.get(name) is not None}


def require_both_prices(config: Config, given: Mapping[str, Set[str]]) -> None:
    """Raises ConfigError for a price without the others that a cost takes: it would do nothing.

    given: those of `PRICES` that the user gave now, by stage; that of the run is empty.
    """
    for stage, prices in given.items():
        own = getattr(config.stages, stage) if stage else config
        missing = [name for name in ("price_in", "price_out") if getattr(own.endpoint, name) is None]
        if prices and missing:
            where = f"stages.{stage}: " if stage else ""
            raise ConfigError(
                f"{where}`{min(prices, key=PRICES.index)}` is given without `{missing[0]}`, so no cost can be"
                " computed.",
                "Give both `price_in` and `price_out`, in USD per 1M tokens.",
            )
