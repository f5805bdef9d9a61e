import pytest

from selfinstruct.models.prices import listed_prices

pytest.importorskip("genai_prices")


def test_a_known_model_has_its_prices() -> None:
    prices = listed_prices("openai", "gpt-4o-mini")

    assert prices is not None
    assert 0 < prices[0] < prices[1] < 100, "dollars a million tokens, replies dearer than prompts"


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


@pytest.mark.parametrize(("provider", "model"), [("openai", "no-such-model"), ("http", "m"), ("vllm", "m")])
def test_what_is_not_listed_has_none(provider: str, model: str) -> None:
    assert listed_prices(provider, model) is None
