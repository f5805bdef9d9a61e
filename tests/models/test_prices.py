from importlib.metadata import version

import pytest

from selfinstruct.models.prices import listed_prices

pytest.importorskip("genai_prices")


def test_a_known_model_has_its_prices() -> None:
    prices = listed_prices("openai", "gpt-4o-mini")

    assert prices is not None
    assert 0 < prices.price_in < prices.price_out < 100, "USD per 1M tokens, replies dearer than prompts"
    assert 0 < prices.price_cached < prices.price_in
    assert prices.price_cache_write == prices.price_in, "as it is where the list has no other"
    assert prices.source.startswith(f"genai-prices {version('genai-prices')}, read on 20")


def test_writing_to_the_cache_may_be_dearer() -> None:
    prices = listed_prices("anthropic", "claude-haiku-4-5")

    assert prices is not None
    assert prices.price_cached < prices.price_in < prices.price_cache_write


def test_prices_are_those_of_short_prompts() -> None:
    from genai_prices import Usage, calc_price

    prices = listed_prices("gemini", "gemini-2.5-pro")
    long = calc_price(Usage(input_tokens=1_000_000), "gemini-2.5-pro", provider_id="google").total_price

    assert prices is not None
    assert prices.price_in < float(long), "above 200,000 tokens a prompt costs more a token"


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("gemini", "gemini-2.5-flash"), ("xai", "grok-4.7"), ("moonshot", "kimi-k3"),
        ("zai", "glm-5.3-flash"), ("zhipu", "glm-5.3-flash"), ("bedrock", "openai.gpt-oss-20b-1:0"),
        ("azure", "gpt-5-mini"), ("cerebras", "gpt-oss-120b"), ("deepseek", "deepseek-flash"),
        ("openai", "gpt-6-luna"), ("anthropic", "claude-haiku-5-5"), ("groq", "openai/gpt-oss-20b"),
        ("mistral", "mistral-small-latest"), ("together", "openai/gpt-oss-120b"),
        ("openrouter", "openai/gpt-oss-20b"),
        ("fireworks", "accounts/fireworks/models/gpt-oss-20b"),
    ],
)  # fmt: skip
def test_a_provider_goes_by_its_own_name_there(provider: str, model: str) -> None:
    assert listed_prices(provider, model) is not None


def test_an_endpoint_without_a_name_is_known_by_its_address() -> None:
    by_address = listed_prices("http", "gpt-4o-mini", "https://api.openai.com/v1")

    assert by_address is not None
    assert by_address == listed_prices("openai", "gpt-4o-mini")


@pytest.mark.parametrize(
    ("provider", "model", "base_url"),
    [
        ("openai", "no-such-model", None),
        ("http", "m", None),
        ("vllm", "m", None),
        ("http", "gpt-4o-mini", "http://localhost:8000/v1"),
    ],
)
def test_what_is_not_listed_has_none(provider: str, model: str, base_url: str | None) -> None:
    assert listed_prices(provider, model, base_url) is None
