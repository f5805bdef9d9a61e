"""Addresses and keys of endpoints. That a missing one is named on opening a model is test_catalog.py's."""

from dataclasses import replace

import pytest

from selfinstruct.config import EndpointConfig
from selfinstruct.models.access import endpoint_warning, find_served_models, has_key
from selfinstruct.models.providers import PROVIDERS


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for row in PROVIDERS.values():
        if row.key_variable:
            monkeypatch.delenv(row.key_variable, raising=False)


def test_keys_over_plain_http(monkeypatch):
    far = EndpointConfig(base_url="http://10.1.2.3/v1", headers={"X-Key": "${GATEWAY_KEY}"})
    near = EndpointConfig()
    monkeypatch.delenv("GATEWAY_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    assert endpoint_warning(far, "vllm") is None  # that key is not sent there
    assert "OPENAI_API_KEY" in (endpoint_warning(far) or "")
    monkeypatch.setenv("VLLM_API_KEY", "sk-1")
    monkeypatch.setenv("GATEWAY_KEY", "gw-1")
    assert "the key in VLLM_API_KEY, GATEWAY_KEY is sent" in (endpoint_warning(far, "vllm") or "")
    assert endpoint_warning(near, "vllm") is None


def test_keys_are_found_without_being_shown(monkeypatch):
    assert not has_key(PROVIDERS["openai"])
    assert not has_key(PROVIDERS["ollama"])
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    assert has_key(PROVIDERS["openai"])


def test_servers_are_asked_for_their_models(endpoint):
    running = endpoint(model="qwen")
    rows = [
        replace(PROVIDERS["ollama"], base_url=running.base_url),
        replace(PROVIDERS["vllm"], base_url="http://127.0.0.1:9/v1"),
    ]
    assert find_served_models(rows) == {"ollama": ("qwen",), "vllm": None}
