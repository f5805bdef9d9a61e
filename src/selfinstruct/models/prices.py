"""What tokens cost, where the user has not said: the price list of `genai-prices` (extra `prices`)."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["listed_prices"]

_NAMES: Mapping[str, str] = {
    "bedrock": "aws", "gemini": "google", "moonshot": "moonshotai", "xai": "x-ai", "zhipu": "zhipuai",
}  # fmt: skip
"""Providers that the list calls something else."""


def listed_prices(provider: str, model: str) -> tuple[float, float] | None:
    """US dollars a million tokens, of prompts and of replies; None where the list is not installed or does
    not know the model. The list is a part of the package: nothing is fetched."""
    try:
        from genai_prices import Usage, calc_price
    except ImportError:
        return None
    million = 1_000_000
    prices = []
    for usage in (Usage(input_tokens=million), Usage(output_tokens=million)):
        try:
            price = calc_price(usage, model_ref=model, provider_id=_NAMES.get(provider, provider))
        except LookupError:
            return None
        prices.append(float(price.total_price))
    return prices[0], prices[1]
