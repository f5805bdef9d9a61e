"""What a probe finds out of each kind of endpoint, over a real local HTTP server."""

import asyncio
import json
import threading
from typing import Any

import pytest
from answering import ACCESS_VARIABLES, answering, chat_reply, error
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import ConfigError, UnknownModelError
from selfinstruct.models import probe as probing
from selfinstruct.models.finding import ProbeResult
from selfinstruct.models.probe import probe, what_to_probe
from selfinstruct.models.providers import PROVIDERS

KEY = "sk-very-secret"


@pytest.fixture(autouse=True)
def only_our_key(monkeypatch):
    for variable in ACCESS_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def found_at(answer, *names):
    """The finding about an endpoint of the user's, and the requests that it took."""
    with answering(answer) as server:
        (found,) = asyncio.run(probe(what_to_probe(names or ["tiny"], base_url=server.base_url)))
    assert KEY not in json.dumps(found.to_json())
    return found, server.asked


def completions_reply():
    return {"choices": [{"text": " Yes", "finish_reason": "stop"}], "usage": {"prompt_tokens": 7}}


def listing(*names):
    return {"object": "list", "data": [{"id": name} for name in names]}


# What works


def test_an_endpoint_that_works_takes_one_small_request():
    found, asked = found_at(lambda asked: (200, chat_reply()))
    assert (found.outcome, found.spec, found.api, found.exit_code) == ("works", "tiny", "chat", 0)
    assert (found.prompt_tokens, found.completion_tokens, found.changes) == (9, 5, ())
    (only,) = asked
    assert only.path == "/v1/chat/completions"
    assert only.headers["Authorization"] == f"Bearer {KEY}"
    assert only.body["max_tokens"] == 16
    assert len(json.dumps(only.body["messages"])) < 200


def test_it_negotiates_as_a_run_does():
    """As GPT-5 does: temperature 1 alone, max_completion_tokens, no schema of this kind."""

    def strict(asked):
        if "max_tokens" in asked.body:
            said = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            return 400, error(said, param="max_tokens", code="unsupported_parameter")
        if asked.body.get("temperature", 1) != 1:
            said = "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1)"
            return 400, error(f"{said} value is supported.", param="temperature", code="unsupported_value")
        if "response_format" in asked.body:
            return 400, error("This response_format type is unavailable now")
        return 200, chat_reply()

    found, asked = found_at(strict)
    assert found.outcome == "works"
    assert any("temperature" in change for change in found.changes)
    assert any("no schema sent" in change for change in found.changes)
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("taken", "refused", "expected"),
    [
        ("/v1/chat/completions", "This is a chat model and not supported in v1/completions.", "chat"),
        ("/v1/completions", "This is not a chat model. Did you mean to use v1/completions?", "completions"),
    ],
)
def test_it_finds_the_call_that_is_taken(taken, refused, expected):
    def answer(asked):
        if asked.path != taken:
            return 404, error(refused, param="model")
        return 200, chat_reply() if expected == "chat" else completions_reply()

    found, asked = found_at(answer)
    assert (found.outcome, found.api) == ("works", expected)
    assert len(asked) == (1 if expected == "chat" else 2)


def test_a_model_known_as_a_base_model_is_asked_by_completions():
    found, asked = found_at(lambda asked: (200, completions_reply()), "Qwen3-8B-Base")
    assert (found.outcome, found.api, len(asked)) == ("works", "completions", 1)


def test_a_model_whose_thinking_takes_all_the_tokens_works():
    said = (
        "Could not finish the message because max_tokens or model output limit was reached. Please try again"
    )
    found, _ = found_at(lambda asked: (400, error(f"{said} with higher max_tokens.")))
    assert (found.outcome, found.completion_tokens) == ("works", 16)


def test_a_model_in_this_process():
    (found,) = asyncio.run(probe(what_to_probe(["scripted"])))
    assert (found.outcome, found.spec, found.base_url, found.message) == ("works", "scripted", "", "")
    assert found.to_json()["base_url"] is None


# What does not


@pytest.mark.parametrize(
    ("status", "body", "outcome", "code", "said"),
    [
        (401, error(f"Incorrect API key provided: {KEY}."), "key_refused", 2, "provided: [key]"),
        (403, error("Invalid API key"), "key_refused", 2, "answered 403: Invalid API key"),
        (
            403,
            error("Your organization must be verified to use the model `m`."),
            "access_denied", 2, "has to be verified",
        ),
        (402, error("Insufficient Balance"), "no_credit", 4, "402: Insufficient Balance"),
        (
            429,
            error("You exceeded your current quota", code="insufficient_quota"),
            "no_credit", 4, "The account's credit is used up.",
        ),
        (429, error("Rate limit reached for requests"), "rate_limited", 4, "Rate limit reached"),
        (503, error("The engine is overloaded"), "failed", 4, "503: The engine is overloaded"),
        (400, error("Flux capacitor misaligned"), "failed", 4, "400: Flux capacitor misaligned"),
        (200, "<!DOCTYPE html><title>Log in</title>", "failed", 4, "No OpenAI-compatible API here."),
        (404, "<html>nginx</html>", "not_this_api", 2, "Check the base URL"),
        (200, {"hello": "world"}, "failed", 4, "the reply has no choices"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(status, body, outcome, code, said):
    found, asked = found_at(lambda asked: (status, body))
    assert (found.outcome, found.exit_code, found.api) == (outcome, code, None)
    assert said in found.message
    assert "\n" not in found.message
    assert len(asked) <= 2, "nothing is tried again, but by the other call"


def test_an_unknown_model_is_compared_with_what_the_endpoint_lists():
    def answer(asked):
        if asked.path == "/v1/models":
            return 200, listing("llama-3.3-70b", "gpt-oss-20b", "gpt-oss-120b", "whisper")
        return 404, error(f"The model `{asked.body['model']}` does not exist", code="model_not_found")

    found, _ = found_at(answer, "gpt-os-20b")
    assert (found.outcome, found.exit_code) == ("unknown_model", 2)
    assert "The endpoint has no model 'gpt-os-20b'." in found.message
    assert "It lists gpt-oss-20b, gpt-oss-120b" in found.message


def test_an_unknown_model_where_nothing_is_listed():
    found, _ = found_at(lambda asked: (404, error("The model `tiny` does not exist", code="model_not_found")))
    assert found.outcome == "unknown_model"
    assert "/v1/models lists those that it has." in found.message


def test_a_dead_port():
    (found,) = asyncio.run(probe(what_to_probe(["tiny"], base_url="http://127.0.0.1:9/v1")))
    assert (found.outcome, found.exit_code) == ("no_answer", 4)
    assert "connection refused" in found.message


def test_an_endpoint_that_keeps_still_is_given_up_on_soon(monkeypatch):
    monkeypatch.setattr(probing, "SECONDS", 0.3)
    released = threading.Event()
    try:
        found, _ = found_at(lambda asked: (200, chat_reply() if released.wait(20) else ""))
    finally:
        released.set()
    assert (found.outcome, found.exit_code) == ("no_answer", 4)
    assert found.message.endswith("within 0.3 s. It may still be loading the model: try again.")


def test_an_endpoint_that_takes_nothing_is_given_up_on():
    fields = iter(["temperature", "seed", "response_format", "system", *["nonsense"] * 20])
    found, asked = found_at(
        lambda asked: (400, error("no", param=next(fields), code="unsupported_parameter"))
    )
    assert found.outcome == "failed"
    assert len(asked) <= 8


@given(
    status=st.integers(200, 599),
    body=st.one_of(
        st.text(max_size=40), st.recursive(st.none() | st.text(max_size=9), st.lists, max_leaves=5)
    ),
)
def test_any_answer_gives_a_finding(status, body, probed):
    probed.answer = (status, body)
    (found,) = asyncio.run(probe(what_to_probe(["tiny"], base_url=probed.server.base_url)))
    assert isinstance(found, ProbeResult)
    assert (found.outcome == "works") == (found.exit_code == 0) == (not found.message)


@pytest.fixture(scope="module")
def probed():
    class Probed:
        answer = (200, "")
        server: Any

    with answering(lambda asked: Probed.answer) as server:
        Probed.server = server
        yield Probed


# Whom it asks


def test_all_are_asked_at_once():
    meeting = threading.Barrier(3, timeout=20)

    def answer(asked):
        meeting.wait()  # passes only with three requests in flight
        return 200, chat_reply()

    with answering(answer) as server:
        found = asyncio.run(probe(what_to_probe(["a", "b", "c"], base_url=server.base_url)))
    assert [(each.spec, each.outcome) for each in found] == [(name, "works") for name in "abc"]


def test_without_names_it_asks_servers_here_and_providers_whose_key_is_found(monkeypatch):
    assert [(each.model.provider, each.model.name) for each in what_to_probe([])] == [
        ("ollama", ""), ("lmstudio", ""), ("llamacpp", ""), ("vllm", ""), ("openai", "gpt-6-luna"),
    ]  # fmt: skip
    monkeypatch.setenv("GOOGLE_API_KEY", "g-1")
    assert "gemini" in {each.model.provider for each in what_to_probe([])}


def test_names_of_providers_and_of_models():
    asked = [each.model for each in what_to_probe(["groq", "ollama", "openai/gpt-6-sol", "azure"])]
    assert [(model.provider, model.name) for model in asked] == [
        ("groq", PROVIDERS["groq"].example.removeprefix("groq/")),
        ("ollama", ""),
        ("openai", "gpt-6-sol"),
        ("azure", ""),
    ]
    with pytest.raises(UnknownModelError, match="no provider 'opnai'"):
        what_to_probe(["opnai/x"])
    with pytest.raises(ConfigError, match="Which model of gguf"):
        what_to_probe(["gguf"])


def test_a_key_that_is_missing_is_named():
    (found,) = asyncio.run(probe(what_to_probe(["groq"])))
    assert (found.outcome, found.exit_code) == ("not_set_up", 2)
    assert found.message.startswith("The environment variable GROQ_API_KEY is not set.")


def test_a_provider_whose_models_are_the_users_wants_a_name(monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "az-1")
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com")
    (found,) = asyncio.run(probe(what_to_probe(["azure"])))
    assert (found.outcome, found.message) == (
        "not_set_up",
        "Which model of azure? Name yours: azure/DEPLOYMENT",
    )


@pytest.mark.parametrize("names", [[], ["second"]])
def test_the_first_model_that_is_listed_stands_for_an_endpoint(names):
    def answer(asked):
        return (200, listing("first", "second")) if asked.method == "GET" else (200, chat_reply())

    with answering(answer) as server:
        (found,) = asyncio.run(probe(what_to_probe(names, base_url=server.base_url)))
    assert (found.outcome, found.spec) == ("works", names[0] if names else "first")
    assert found.models == (None if names else ("first", "second"))
    assert server.asked[-1].body["model"] == found.spec


def test_a_server_without_a_model_says_so():
    with answering(lambda asked: (200, listing())) as server:
        (found,) = asyncio.run(probe(what_to_probe([], base_url=server.base_url)))
    assert (found.outcome, found.spec) == ("not_set_up", server.base_url)
    assert "has no model. Load one there." in found.message


def test_another_variable_may_hold_the_key(monkeypatch):
    monkeypatch.setenv("MY_KEY", "mine")
    with answering(lambda asked: (200, chat_reply())) as server:
        configs = what_to_probe(["tiny"], base_url=server.base_url, api_key_env="MY_KEY")
        asyncio.run(probe(configs))
    assert server.asked[0].headers["Authorization"] == "Bearer mine"


def test_a_deployment_of_azures(monkeypatch):
    def azure(asked):
        right = asked.path == "/openai/deployments/mine/chat/completions?api-version=2024-10-21"
        return (200, chat_reply()) if right and asked.headers.get("api-key") == "az-1" else (404, error("no"))

    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "az-1")
    with answering(azure) as server:
        address = f"{server.address}/openai/deployments/mine/?api-version=2024-10-21"
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", address)
        (found,) = asyncio.run(probe(what_to_probe(["azure/mine"])))
    assert (found.outcome, found.spec) == ("works", "azure/mine")
    assert found.base_url == f"{server.address}/openai/deployments/mine?api-version=2024-10-21"
