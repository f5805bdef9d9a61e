import asyncio
import hashlib
import re

import pytest
from tiny_gguf import write_tiny_gguf

from selfinstruct.config import Config, RecipeConfig
from selfinstruct.errors import ConfigError, EndpointMismatchError, RunMismatchError, UnknownModelError
from selfinstruct.models.base import OPTIONAL_FIELDS, Capabilities
from selfinstruct.models.catalog import (
    is_local,
    local_file,
    model_notice,
    open_model,
    parse_spec,
    suiting_recipe,
)
from selfinstruct.models.http import HttpModel
from selfinstruct.models.providers import PROVIDERS
from selfinstruct.records import Prompt, Request, Sampling, Stage

HOSTED = [row for row in PROVIDERS.values() if row.needs_key]
ON_THIS_MACHINE = [row for row in PROVIDERS.values() if row.place == "machine"]


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for row in PROVIDERS.values():
        if row.key_variable:
            monkeypatch.delenv(row.key_variable, raising=False)


def config(spec, recipe="chat", **endpoint):
    model = parse_spec(spec).model_dump() | endpoint.pop("model", {})
    return Config.model_validate({"model": model, "recipe": {"name": recipe}, "endpoint": endpoint})


# The table


def test_every_provider_the_issue_names():
    names = "openai openrouter together groq mistral deepseek gemini fireworks anthropic ollama vllm lmstudio"
    assert PROVIDERS.keys() >= {*names.split(), "llamacpp", "gguf", "scripted", "http"}


@pytest.mark.parametrize("row", PROVIDERS.values(), ids=lambda row: row.name)
def test_rows_are_whole(row):
    assert re.fullmatch(r"[a-z]+", row.name)
    assert row.example.startswith((row.name, "--base-url"))
    assert not row.base_url.endswith("/")
    assert row.base_url.startswith({"process": "", "machine": "http://localhost:", "network": "https://"}[row.place]
                                   if row.name != "http" else "")  # fmt: skip
    assert row.chat.api == "chat"
    assert row.capabilities("completions") == Capabilities()
    assert {*row.chat.unsupported, *row.renamed} <= OPTIONAL_FIELDS
    assert list(row.chat.unsupported) == sorted(row.chat.unsupported)
    assert row.key_variable or not row.needs_key


# Names


@pytest.mark.parametrize(
    ("spec", "provider", "name"),
    [
        ("openai/gpt-5-mini", "openai", "gpt-5-mini"),
        ("ollama/qwen2.5:7b", "ollama", "qwen2.5:7b"),
        ("openrouter/meta-llama/llama-3-8b", "openrouter", "meta-llama/llama-3-8b"),
        ("fireworks/accounts/fireworks/models/x", "fireworks", "accounts/fireworks/models/x"),
        ("http/tiny", "http", "tiny"),
    ],
)
def test_specs(spec, provider, name):
    parsed = parse_spec(spec, 4096)
    assert (parsed.provider, parsed.name, parsed.context_window, parsed.digest) == (provider, name, 4096, "")


def test_scripts_and_files_carry_their_digest(tmp_path):
    (tmp_path / "script.jsonl").write_text('{"contains": "", "reply": "Red"}\n')
    assert parse_spec("scripted").name == "demo"
    assert parse_spec("scripted").digest != parse_spec(f"scripted/{tmp_path}/script.jsonl").digest
    path = write_tiny_gguf(tmp_path / "model.gguf")
    parsed = parse_spec(f"gguf/{path}")
    assert (parsed.name, parsed.digest) == (str(path), hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize(
    ("spec", "message", "hint"),
    [
        (
            "nobody/knows",
            "Unknown model 'nobody/knows': no provider 'nobody'.",
            "A model is PROVIDER/NAME, of",
        ),
        ("opnai/gpt-5", "no provider 'opnai'", "Did you mean openai/gpt-5? A model is"),
        ("OpenRouter/a/b", "no provider 'OpenRouter'", "Did you mean openrouter/a/b?"),
        ("gpt-5", "Unknown model 'gpt-5': it names no provider.", "Only with --base-url"),
        ("", "Unknown model ''", "scripted, gguf, hf, ollama,"),
    ],
)
def test_unknown_providers(spec, message, hint):
    with pytest.raises(UnknownModelError) as raised:
        parse_spec(spec)
    assert message in raised.value.message
    assert hint in raised.value.hint


@pytest.mark.parametrize("spec", ["openai", "openai/", "http", "gguf"])
def test_a_provider_alone_is_no_model(spec):
    with pytest.raises(ConfigError, match=f"Which model of {spec.strip('/')}") as raised:
        parse_spec(spec)
    assert raised.value.hint.startswith("Name it, as in ")


def test_what_runs_in_this_process_needs_no_base_url():
    assert is_local("scripted")
    assert is_local("gguf/model.gguf")
    for spec in (None, "", "ollama/x", "openai/x", "http/x", "nobody/knows", "meta-llama/x"):
        assert not is_local(spec)


def test_a_file_that_has_changed_is_refused(tmp_path):
    script = tmp_path / "script.jsonl"
    script.write_text('{"contains": "", "reply": "one"}')
    config = Config(model=parse_spec(f"scripted/{script}"))
    open_model(config)
    script.write_text('{"contains": "", "reply": "two"}')
    with pytest.raises(RunMismatchError, match="not the one that the run was begun with"):
        open_model(config)
    another = Config(model=parse_spec("pocket").model_copy(update={"digest": "0" * 64}))
    with pytest.raises(RunMismatchError, match="The bundled model is not the one"):
        open_model(another)


def test_local_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert local_file("gguf/a/b.gguf") == tmp_path / "a/b.gguf"
    for spec in ("ollama/x", "scripted", "gguf/"):
        with pytest.raises(ConfigError, match="names no model file"):
            local_file(spec)


def test_the_recipe_that_suits(tmp_path):
    assert suiting_recipe(parse_spec("scripted")) == "paper"
    assert suiting_recipe(parse_spec(f"gguf/{write_tiny_gguf(tmp_path / 'base.gguf')}")) == "paper"
    assert suiting_recipe(parse_spec("ollama/x")) == suiting_recipe(parse_spec("anthropic/x")) == "chat"
    assert suiting_recipe(parse_spec("openai/x")) is suiting_recipe(parse_spec("vllm/x")) is None
    assert suiting_recipe(parse_spec("http/x")) is None


# Opening


@pytest.mark.parametrize("row", HOSTED, ids=lambda row: row.name)
def test_a_missing_key_is_named_before_anything_is_sent(row, monkeypatch):
    with pytest.raises(ConfigError, match=f"The environment variable {row.key_variable} is not set"):
        open_model(config(f"{row.name}/x"))
    monkeypatch.setenv(row.key_variable, "sk-1")
    assert open_model(config(f"{row.name}/x")).capabilities == row.chat


@pytest.mark.parametrize("row", ON_THIS_MACHINE, ids=lambda row: row.name)
def test_servers_on_this_machine_need_no_key(row):
    assert isinstance(open_model(config(f"{row.name}/x")), HttpModel)


def test_a_key_variable_that_is_named_must_be_set(monkeypatch):
    with pytest.raises(ConfigError, match="MY_KEY is not set"):
        open_model(config("vllm/x", api_key_env="MY_KEY"))
    monkeypatch.setenv("MY_KEY", " ")
    with pytest.raises(ConfigError, match="MY_KEY is not set"):
        open_model(config("openai/x", api_key_env="MY_KEY"))


def test_another_endpoint_needs_its_address():
    with pytest.raises(ConfigError, match="The endpoint's address is missing"):
        open_model(config("http/x"))


@pytest.mark.parametrize("name", ["anthropic", "gemini", "mistral", "deepseek", "groq", "ollama"])
def test_chat_only_providers_refuse_the_paper_recipe(name):
    with pytest.raises(EndpointMismatchError, match=r"chat requests only\. Use --recipe chat\."):
        open_model(config(f"{name}/x", recipe="paper"))


def test_an_unknown_provider_of_a_config_file():
    with pytest.raises(UnknownModelError, match="no provider 'opnai'"):
        open_model(Config.model_validate({"model": {"provider": "opnai", "name": "x"}}))


def test_quirks(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    assert open_model(config("openai/x")).capabilities.max_tokens_field == "max_completion_tokens"
    assert open_model(config("openai/x", recipe="paper")).capabilities == Capabilities()


def test_all_that_a_config_says_arrives(monkeypatch, endpoint, tmp_path):
    running = endpoint(key="sk-right", model="some/name", reject_parameters=["seed", "response_format"])
    monkeypatch.setenv("MISTRAL_API_KEY", "sk-wrong")
    monkeypatch.setenv("GATEWAY_KEY", "sk-right")
    served = open_model(
        config(
            "mistral/some/name",
            base_url=running.base_url,
            headers={"Authorization": "Bearer ${GATEWAY_KEY}"},
            model={"extra_body": {"safe_prompt": False}},
        )
    )

    async def ask():
        sampling = Sampling(0.7, 1.0, 0.0, 0.0, 64)
        try:
            return await served.complete(Request(Stage.INSTANCES, 0, Prompt("", "Task: x", sampling, 0), 1))
        finally:
            await served.aclose()

    assert asyncio.run(ask()).text


def test_a_variable_of_a_header_that_is_missing(monkeypatch):
    monkeypatch.delenv("GATEWAY_KEY", raising=False)
    with pytest.raises(ConfigError, match="The environment variable GATEWAY_KEY is not set"):
        open_model(config("vllm/x", headers={"X-Key": "${GATEWAY_KEY}"}))


# What is said


def test_a_first_look_is_called_one():
    assert model_notice(parse_spec("scripted"))
    assert model_notice(parse_spec("vllm/x")) is None


def test_a_file_without_a_chat_template_is_not_asked_by_chat():
    config = Config(recipe=RecipeConfig(name="chat"), model=parse_spec("pocket"))
    with pytest.raises(EndpointMismatchError, match=r"brings no chat template.* Use --recipe paper\."):
        open_model(config)
