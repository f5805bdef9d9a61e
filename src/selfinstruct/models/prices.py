"""What tokens cost, where the user has not said: the price list of `genai-prices` (extra `prices`)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from selfinstruct.models.providers import PROVIDERS

if TYPE_CHECKING:
    from genai_prices import Usage
    from genai_prices.types import PriceCalculation

__all__ = ["ListedPrices", "listed_prices"]

_NAMES: Mapping[str, str] = {
    "bedrock": "aws", "gemini": "google", "moonshot": "moonshotai", "xai": "x-ai", "zhipu": "zhipuai",
}  # fmt: skip
"""Providers that the list calls something else."""

_SAMPLE = 1000
"""Tokens that a price is asked for: as many as a prompt has here, since some prices rise with its length."""


@dataclass(frozen=True, slots=True)
class ListedPrices:
    """USD per 1M tokens, as `EndpointConfig` has them; those of cached ones are `price_in` where the list has
    no others. source: the list, its version, and the day."""

    price_in: float
    price_out: float
    price_cached: float
    price_cache_write: float
    source: str


def listed_prices(provider: str, model: str, base_url: str | None = None) -> ListedPrices | None:
    """None where the list is not installed or does not know the model. The list is a part of the package:
    nothing is fetched.

    provider: as in a SPEC; `http` for one that is known by its base_url alone.
    """
    try:
        from genai_prices import Usage
    except ImportError:
        return None
    usages = (
        Usage(input_tokens=_SAMPLE),
        Usage(output_tokens=_SAMPLE),
        Usage(input_tokens=_SAMPLE, cache_read_tokens=_SAMPLE),
        Usage(input_tokens=_SAMPLE, cache_write_tokens=_SAMPLE),
    )
    price_in, price_out, cached, written = (_price(usage, provider, model, base_url) for usage in usages)
    if price_in is None or price_out is None or cached is None or written is None:
        return None
    source = f"genai-prices {version('genai-prices')}, read on {datetime.now(UTC).date()}"
    return ListedPrices(price_in, price_out, cached, written, source)


def _price(usage: Usage, provider: str, model: str, base_url: str | None) -> float | None:
    """By the provider's name, else by its address."""
    from genai_prices import calc_price

    row = PROVIDERS.get(provider)
    address = base_url or (row.base_url if row is not None else "")
    with suppress(LookupError):
        return _per_million(calc_price(usage, model, provider_id=_NAMES.get(provider, provider)))
    with suppress(LookupError):
        return _per_million(calc_price(usage, model, provider_api_url=address)) if address else None
    return None


def _per_million(price: PriceCalculation) -> float:
    return float(price.total_price * (1_000_000 // _SAMPLE))
