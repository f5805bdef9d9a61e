import pytest

from selfinstruct.models.prices import listed_prices

pytest.importorskip("genai_prices")


def test_a_known_model_has_its_prices() -> None:
    prices = listed_prices("openai", "gpt-4o-mini")

    assert prices is not None
    assert 0 < prices[0] < prices[1] < 100, "dollars a million tokens, replies dearer than prompts"


def test_a_provider_goes_by_its_own_name_there() -> None:
    assert listed_prices("gemini", "gemini-2.5-flash") is not None


@pytest.mark.parametrize(("provider", "model"), [("openai", "no-such-model"), ("http", "m"), ("vllm", "m")])
def test_what_is_not_listed_has_none(provider: str, model: str) -> None:
    assert listed_prices(provider, model) is None
