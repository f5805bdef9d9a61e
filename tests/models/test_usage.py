import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.models.http.usage import Usage, read_usage


def read(**usage: object) -> Usage:
    return read_usage({"usage": usage})


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param({"prompt_tokens": 9, "completion_tokens": 4}, Usage(9, 4), id="plain"),
        pytest.param({"prompt_tokens": "9", "completion_tokens": 4.0}, Usage(9, 4), id="texts and floats"),
        pytest.param(
            {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050,
             "prompt_tokens_details": {"cached_tokens": 900, "cache_write_tokens": 60},
             "completion_tokens_details": {"reasoning_tokens": 30}},
            Usage(1000, 50, 900, 60, 30), id="OpenAI",
        ),
        pytest.param(
            {"prompt_tokens": 1000, "completion_tokens": 5, "prompt_tokens_details": None}, Usage(1000, 5),
            id="vLLM without details",
        ),
        pytest.param(
            {"prompt_tokens": 1000, "completion_tokens": 5, "prompt_cache_hit_tokens": 900,
             "prompt_cache_miss_tokens": 100}, Usage(1000, 5, 900), id="DeepSeek",
        ),
        pytest.param(
            {"input_tokens": 100, "output_tokens": 5, "cache_read_input_tokens": 700,
             "cache_creation_input_tokens": 200}, Usage(1000, 5, 700, 200), id="Anthropic: outside",
        ),
        pytest.param(
            {"prompt_tokens": 1000, "completion_tokens": 5, "total_tokens": 1005,
             "cache_read_input_tokens": 700, "cache_creation_input_tokens": 200},
            Usage(1000, 5, 700, 200), id="a gateway that has added them",
        ),
        pytest.param(
            {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 1005,
             "cache_read_input_tokens": 700, "cache_creation_input_tokens": 200},
            Usage(1000, 5, 700, 200), id="a gateway that has not",
        ),
        pytest.param(
            {"prompt_tokens": 100, "completion_tokens": 5, "cache_read_input_tokens": 700},
            Usage(800, 5, 700), id="more than the prompt cannot be a part of it",
        ),
        pytest.param(
            {"promptTokenCount": 1000, "candidatesTokenCount": 5, "thoughtsTokenCount": 200,
             "cachedContentTokenCount": 900, "totalTokenCount": 1205}, Usage(1000, 205, 900, 0, 200),
            id="Gemini",
        ),
        pytest.param(
            {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 215}, Usage(10, 205, 0, 0, 200),
            id="hidden thinking",
        ),
        pytest.param(
            {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 215,
             "completion_tokens_details": {"reasoning_tokens": 200}}, Usage(10, 205, 0, 0, 200), id="xAI",
        ),
        pytest.param(
            {"prompt_tokens": 10, "completion_tokens": 5, "reasoning_tokens": 200}, Usage(10, 205, 0, 0, 200),
            id="more than the reply cannot be a part of it",
        ),
        pytest.param(
            {"prompt_tokens": 10, "completion_tokens": 5, "cached_tokens": 8}, Usage(10, 5, 8), id="Moonshot"
        ),
        pytest.param(
            {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 12}},
            Usage(10, 5, 10), id="never more cached than sent",
        ),
        pytest.param({"prompt_tokens": 9}, Usage(9, None), id="one missing"),
        pytest.param({"prompt_tokens": -1, "completion_tokens": True}, Usage(), id="no counts"),
        pytest.param({"prompt_tokens": "many", "completion_tokens": None}, Usage(), id="no numbers"),
    ],
)  # fmt: skip
def test_every_providers_counts(usage: dict[str, object], expected: Usage) -> None:
    assert read_usage({"usage": usage}) == expected


def test_wherever_they_stand() -> None:
    counts = {"prompt_tokens": 9, "completion_tokens": 4}
    assert read_usage({"x_groq": {"id": "a", "usage": counts}}) == Usage(9, 4)
    assert read_usage({"choices": [{"usage": counts}]}) == Usage(9, 4)
    assert read_usage({"usage": {"billed_units": {}, "tokens": {"input_tokens": 9, "output_tokens": 4}}}) == (
        Usage(9, 4)
    )
    bedrock = {"inputTokenCount": 100, "outputTokenCount": 4, "cacheReadInputTokenCount": 900}
    assert read_usage({"amazon-bedrock-invocationMetrics": bedrock}) == Usage(1000, 4, 900)
    assert read_usage({"timings": {"prompt_n": 10, "cache_n": 90, "predicted_n": 4}}) == Usage(100, 4, 90)
    assert read_usage({"usage": "none", "choices": "none"}) == Usage()


numbers = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.integers(0, 999).map(str)
    | st.text(max_size=3)
)
names = st.sampled_from(
    ["prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens", "cached_tokens",
     "cache_read_input_tokens", "cache_creation_input_tokens", "prompt_cache_hit_tokens", "reasoning_tokens",
     "thoughtsTokenCount", "totalTokenCount", "tokens"]
)  # fmt: skip
details = st.dictionaries(
    st.sampled_from(["cached_tokens", "cache_write_tokens", "reasoning_tokens"]), numbers
)
usages = st.dictionaries(names, numbers | details, max_size=8) | st.fixed_dictionaries(
    {"prompt_tokens": numbers, "prompt_tokens_details": details, "completion_tokens": numbers},
    optional={"completion_tokens_details": details, "total_tokens": numbers},
)


@given(usages)
def test_whatever_is_counted_adds_up(usage: dict[str, object]) -> None:
    found = read_usage(json.loads(json.dumps({"usage": usage})))
    assert 0 <= found.cached_tokens + found.cache_write_tokens <= (found.prompt_tokens or 0)
    if found.completion_tokens is not None:
        assert 0 <= found.reasoning_tokens <= found.completion_tokens
    assert max(found.prompt_tokens or 0, found.completion_tokens or 0) < 2**62, "SQLite can hold it"
