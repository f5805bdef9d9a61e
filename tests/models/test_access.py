"""Addresses and keys of endpoints. That a missing one is named on opening a model is test_catalog.py's."""

import pytest
from answering import ACCESS_VARIABLES

import selfinstruct as si
from selfinstruct.config import Config, EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError
from selfinstruct.models.access import endpoint_access, endpoint_warning, find_endpoint, found_key
from selfinstruct.models.providers import PROVIDERS


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for variable in ACCESS_VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def found(*, model, **endpoint):
    provider, _, name = model.partition("/")
    return find_endpoint(ModelConfig(provider=provider, name=name), EndpointConfig(**endpoint))


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
    assert found_key(PROVIDERS["openai"]) is None
    assert found_key(PROVIDERS["ollama"]) is None
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    assert found_key(PROVIDERS["openai"]) == "OPENAI_API_KEY"


def test_the_first_of_a_providers_variables_holds_the_key(monkeypatch):
    monkeypatch.setenv("HUGGING_FACE_HUB_TOKEN", "hf-2")
    assert found(model="huggingface/m").api_key == "hf-2"
    assert found_key(PROVIDERS["huggingface"]) == "HUGGING_FACE_HUB_TOKEN"
    monkeypatch.setenv("HF_TOKEN", "hf-1")
    assert found(model="huggingface/m").api_key == "hf-1"
    monkeypatch.setenv("GOOGLE_API_KEY", "g-1")
    assert found(model="gemini/m").api_key == "g-1"
    assert found(model="gemini/m").key_hint.endswith("variable GEMINI_API_KEY (or GOOGLE_API_KEY).")


def test_a_variable_that_is_named_replaces_the_providers(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("MY_KEY", "sk-2")
    assert found(model="openai/m", api_key_env="MY_KEY").api_key == "sk-2"


KEYS = [
    "sk-proj-abcdef0123456789", "sk-x", "gsk_" + "aB3" * 12, "hf_" + "aB" * 17, "AIza" + "sY0" * 11, "0" * 32,
    "0123456789abcdef" * 2, "x" * 65, "Bearer sk", " MY_KEY",
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_a_key_in_place_of_a_variables_name_is_not_repeated(key, tmp_path):
    def begin():
        si.generate(tmp_path / "run", model="scripted", tasks=1, api_key_env=key)

    stages = {"answers": {"model": "scripted", "endpoint": {"api_key_env": key}}}
    for ask in (
        lambda: found(model="openai/m", api_key_env=key),
        begin,
        lambda: si.generate(tmp_path / "run", model="scripted", config={"stages": stages}),
    ):
        with pytest.raises(ConfigError, match="the name of an environment variable") as caught:
            ask()
        assert key.strip() not in str(caught.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["MY_KEY", "my_key_2", "_K", "OPENAI_API_KEY_OF_THE_SECOND_TEAM_2026"])
def test_a_variables_name_is_repeated(name):
    with pytest.raises(ConfigError, match=f"The environment variable {name} is not set"):
        found(model="openai/m", api_key_env=name)


def test_whatever_name_a_variable_has_it_is_read(monkeypatch):
    monkeypatch.setenv("team-key", "sk-1")
    assert found(model="openai/m", api_key_env="team-key").api_key == "sk-1"


# Addresses that are read from variables


@pytest.mark.parametrize(
    ("given", "chat"),
    [
        ("https://me.openai.azure.com", "https://me.openai.azure.com/openai/v1/chat/completions"),
        ("https://me.openai.azure.com/", "https://me.openai.azure.com/openai/v1/chat/completions"),
        ("https://me.openai.azure.com/openai/v1/", "https://me.openai.azure.com/openai/v1/chat/completions"),
        (
            "https://me.openai.azure.com?api-version=preview",
            "https://me.openai.azure.com/openai/v1/chat/completions?api-version=preview",
        ),
        (
            "https://me.openai.azure.com/openai/deployments/d/?api-version=2024-10-21",
            "https://me.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
        ),
    ],
)
def test_an_azure_resource_may_be_given_in_every_way(monkeypatch, given, chat):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "az-1")
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", given)
    by_variable, by_option = found(model="azure/d"), found(model="azure/d", base_url=given)
    assert by_variable.url("chat") == by_option.url("chat") == chat
    assert by_variable.key_headers() == {"api-key": "az-1"}


def test_bedrock_is_reached_in_its_region(monkeypatch):
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "b-1")
    with pytest.raises(
        ConfigError, match=r"variable AWS_REGION \(or AWS_DEFAULT_REGION\) is not set"
    ) as raised:
        found(model="bedrock/m")
    assert raised.value.hint == "The address of Amazon Bedrock is read from it; or give that as `base_url`."
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert found(model="bedrock/m").base_url == "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1"
    monkeypatch.setenv("AWS_REGION", "us-east-2")
    assert "us-east-2" in found(model="bedrock/m").base_url


def test_an_address_that_is_missing_is_named_before_the_key():
    with pytest.raises(ConfigError, match="AZURE_OPENAI_ENDPOINT is not set"):
        found(model="azure/d")


def test_other_libraries_get_the_whole_address_and_the_right_header(monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "az-1")
    config = Config(
        model=ModelConfig(provider="azure", name="d"),
        endpoint=EndpointConfig(base_url="https://me.openai.azure.com/x?api-version=1", headers={"A": "b"}),
    )
    url, headers = endpoint_access(config.model, config.endpoint)
    assert url == "https://me.openai.azure.com/x/completions?api-version=1"
    assert headers == {"api-key": "az-1", "A": "b"}
