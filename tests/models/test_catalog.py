import asyncio
import hashlib
import re

import pytest
from answering import ACCESS_VARIABLES, answering, chat_reply, error
from tiny_gguf import write_tiny_gguf

from selfinstruct.config import Config
from selfinstruct.errors import (
    AuthenticationError,
    ConfigError,
    EndpointMismatchError,
    RunMismatchError,
    UnknownModelError,
)
from selfinstruct.models.base import OPTIONAL_FIELDS, Capabilities
from selfinstruct.models.catalog import (
    is_local,
    local_file,
    model_notice,
    open_model,
    parse_spec,
    suiting_api,
)
from selfinstruct.models.http.model import HttpModel
from selfinstruct.models.providers import PROVIDERS, model_at
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.records import Prompt, Request, Sampling, Stage

HOSTED = [row for row in PROVIDERS.values() if row.needs_key]
ON_THIS_MACHINE = [row for row in PROVIDERS.values() if row.place == "machine"]


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for variable in ACCESS_VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def config(spec, api="chat", **endpoint):
    model = parse_spec(spec).model_dump() | {"api": api} | endpoint.pop("model", {})
    return Config.model_validate({"model": model, "endpoint": endpoint})


def opened(config):
    return open_model(config.model, config.endpoint)


def ask(served):
    """The text of its reply to some request."""

    async def sent():
        sampling = Sampling(0.7, 1.0, 0.0, 0.0, 64)
        try:
            return await served.complete(Request(Stage.INSTANCES, 0, Prompt("", "Task: x", sampling, 0), 1))
        finally:
            await served.aclose()

    return asyncio.run(sent()).text


# The table


def test_every_provider_the_issues_name():
    names = """openai openrouter together groq mistral deepseek gemini fireworks anthropic ollama vllm
        lmstudio azure xai cerebras deepinfra nebius moonshot dashscope zhipu nvidia huggingface bedrock"""
    assert PROVIDERS.keys() >= {*names.split(), "llamacpp", "gguf", "hf", "scripted", "http"}


@pytest.mark.parametrize("row", PROVIDERS.values(), ids=lambda row: row.name)
def test_rows_are_whole(row):
    assert re.fullmatch(r"[a-z]+", row.name)
    assert row.example.startswith((f"{row.name}/", row.name if row.place == "process" else "--base-url"))
    assert not row.base_url.endswith("/")
    begins = {"process": "", "machine": "http://localhost:", "network": ("https://", "{")}[row.place]
    assert row.base_url.startswith(begins) or row.name == "http"
    assert row.root.startswith("/") or not row.root
    assert row.chat.api == "chat"
    assert row.capabilities("completions") == Capabilities()
    assert {*row.chat.unsupported, *row.renamed} <= OPTIONAL_FIELDS
    assert list(row.chat.unsupported) == sorted(row.chat.unsupported)
    assert row.keys or not row.needs_key
    assert all(re.fullmatch(r"[A-Z_]+", variable) for variable in row.keys)
    re.compile(row.hosts)


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
        ("nobody/knows", "Unknown model 'nobody/knows': no provider 'nobody'.", "The providers are pocket,"),
        ("opnai/gpt-5", "no provider 'opnai'", "Did you mean openai/gpt-5? A model is"),
        ("OpenRouter/a/b", "no provider 'OpenRouter'", "Did you mean openrouter/a/b?"),
        ("", "Unknown model ''", "scripted, gguf, hf, ollama,"),
        ("tiny", "Unknown model 'tiny': it names no provider.", "Only with `base_url`"),
        ("gpt-5", "Unknown model 'gpt-5': it names no provider.", "Did you mean openai/gpt-5? A model is"),
        ("claude-opus-5", "it names no provider", "Did you mean anthropic/claude-opus-5?"),
        ("qwen3-32b", "it names no provider", "Did you mean dashscope/qwen3-32b?"),
        (
            "github/openai/gpt-5",
            "'github/openai/gpt-5': GitHub Models ended on 30 July 2026.",
            "The providers",
        ),
        ("perplexity/sonar", "Perplexity ended chat completions on 27 September 2026; its", "The providers"),
    ],
)
def test_unknown_providers(spec, message, hint):
    with pytest.raises(UnknownModelError) as raised:
        parse_spec(spec)
    assert message in raised.value.message
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    ("elsewhere", "here"),
    [
        ("azure_ai", "azure"), ("azure-openai", "azure"), ("google", "gemini"), ("vertex_ai", "gemini"),
        ("qwen", "dashscope"), ("kimi", "moonshot"), ("moonshotai", "moonshot"), ("together_ai", "together"),
        ("togetherai", "together"), ("fireworks_ai", "fireworks"), ("fireworks-ai", "fireworks"),
        ("grok", "xai"), ("x-ai", "xai"), ("z-ai", "zai"), ("zhipuai", "zhipu"), ("nvidia_nim", "nvidia"),
        ("amazon-bedrock", "bedrock"), ("mistralai", "mistral"), ("hosted_vllm", "vllm"),
        ("lm_studio", "lmstudio"), ("llama.cpp", "llamacpp"), ("ollama_chat", "ollama"),
        ("claude", "anthropic"), ("HuggingFace", "huggingface"), ("deep_infra", "deepinfra"),
        ("transformers", "hf"),
    ],
)  # fmt: skip
def test_what_other_tools_call_a_provider_is_understood(elsewhere, here):
    with pytest.raises(UnknownModelError) as raised:
        parse_spec(f"{elsewhere}/some/model")
    assert raised.value.hint.startswith(f"Did you mean {here}/some/model? ")


@pytest.mark.parametrize("name", ["xai", "hf", "huggingface"])
def test_what_they_call_as_we_do_is_taken(name):
    assert PROVIDERS[name].name == name


@pytest.mark.parametrize(
    ("base_url", "spec", "expected"),
    [
        ("https://me.openai.azure.com/openai/v1", "gpt", ("azure", "gpt")),
        ("https://me.openai.azure.com/openai/deployments/d?api-version=1", "azure/d", ("azure", "d")),
        ("https://me.services.ai.azure.com", "azure/d", ("azure", "d")),
        ("https://bedrock-mantle.us-east-1.api.aws/v1", "openai.gpt-6-sol", ("bedrock", "openai.gpt-6-sol")),
        ("https://w1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1", "q", ("dashscope", "q")),
        ("https://dashscope-us.aliyuncs.com/compatible-mode/v1", "dashscope/q", ("dashscope", "q")),
        ("https://api.moonshot.cn/v1", "kimi-k3", ("moonshot", "kimi-k3")),
        # what only resembles them, and what has a name of the endpoint's own
        ("https://ec2-1-2-3-4.compute.amazonaws.com/v1", "m", ("http", "m")),
        ("https://openai.azure.com.example.org/v1", "m", ("http", "m")),
        ("https://proxy.example.org/v1", "azure/d", ("http", "azure/d")),
        ("http://localhost:8000/v1", "openai/gpt-oss-20b", ("http", "openai/gpt-oss-20b")),
        ("http://[::1/v1", "m", ("http", "m")),
    ],
)  # fmt: skip
def test_whose_endpoint_an_address_is(base_url, spec, expected, tmp_path):
    assert model_at(base_url, spec) == expected
    plan = resolve(tmp_path / "run", options={"endpoint.base_url": base_url}, model_spec=spec)
    assert (plan.config.model.provider, plan.config.model.name) == expected
    assert plan.config.endpoint.base_url == base_url


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
    opened(config)
    script.write_text('{"contains": "", "reply": "two"}')
    with pytest.raises(RunMismatchError, match="not the one that the run was started with"):
        opened(config)
    another = Config(model=parse_spec("pocket").model_copy(update={"digest": "0" * 64}))
    with pytest.raises(RunMismatchError, match="The bundled model is not the one"):
        opened(another)


def test_local_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert local_file("gguf/a/b.gguf") == tmp_path / "a/b.gguf"
    for spec in ("ollama/x", "scripted", "gguf/"):
        with pytest.raises(ConfigError, match="names no model file"):
            local_file(spec)


def test_the_call_that_suits(tmp_path):
    assert suiting_api(parse_spec("scripted")) == "completions"
    assert suiting_api(parse_spec(f"gguf/{write_tiny_gguf(tmp_path / 'base.gguf')}")) == "completions"
    assert suiting_api(parse_spec("ollama/x")) == suiting_api(parse_spec("anthropic/x")) == "chat"
    assert suiting_api(parse_spec("openai/x")) is suiting_api(parse_spec("vllm/x")) is None
    assert suiting_api(parse_spec("http/x")) is None
    assert suiting_api(parse_spec("openai/davinci-002")) == "completions"
    assert suiting_api(parse_spec("vllm/Qwen/Qwen3-8B-Base")) == "completions"


# Opening


@pytest.mark.parametrize("row", HOSTED, ids=lambda row: row.name)
def test_a_missing_key_is_named_before_anything_is_sent(row, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with pytest.raises(ConfigError, match=f"The environment variable {row.keys[0]} .*is not set"):
        opened(config(f"{row.name}/x"))
    for variable in row.keys:
        monkeypatch.setenv(variable, "sk-1")
        found = opened(config(f"{row.name}/x"))
        assert isinstance(found, HttpModel)
        assert found.capabilities(Stage.INSTANCES) == row.chat
        monkeypatch.delenv(variable)


@pytest.mark.parametrize("row", ON_THIS_MACHINE, ids=lambda row: row.name)
def test_servers_on_this_machine_need_no_key(row):
    assert isinstance(opened(config(f"{row.name}/x")), HttpModel)


def test_a_key_variable_that_is_named_must_be_set(monkeypatch):
    with pytest.raises(ConfigError, match="MY_KEY is not set"):
        opened(config("vllm/x", api_key_env="MY_KEY"))
    monkeypatch.setenv("MY_KEY", " ")
    with pytest.raises(ConfigError, match="MY_KEY is not set"):
        opened(config("openai/x", api_key_env="MY_KEY"))


def test_another_endpoint_needs_its_address():
    with pytest.raises(ConfigError, match="The endpoint's address is missing"):
        opened(config("http/x"))


@pytest.mark.parametrize("name", ["anthropic", "gemini", "mistral", "deepseek", "groq", "ollama", "xai"])
def test_chat_only_providers_are_not_asked_by_completions(name):
    with pytest.raises(EndpointMismatchError, match=r"supports chat requests only\.") as raised:
        opened(config(f"{name}/x", api="completions"))
    assert raised.value.wants == "chat"


def test_an_unknown_provider_of_a_config_file():
    with pytest.raises(UnknownModelError, match="no provider 'opnai'"):
        opened(Config.model_validate({"model": {"provider": "opnai", "name": "x"}}))


def test_quirks(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    by_chat, by_completions = (
        opened(config("openai/x")),
        opened(config("openai/x", api="completions")),
    )
    assert isinstance(by_chat, HttpModel)
    assert isinstance(by_completions, HttpModel)
    assert by_chat.capabilities(Stage.INSTANCES).max_tokens_field == "max_completion_tokens"
    assert by_completions.capabilities(Stage.INSTANCES) == Capabilities()


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("qwen3-8b", {"enable_thinking": False}),
        ("qwen3-235b-a22b", {"enable_thinking": False}),
        ("qwen3-235b-a22b-instruct-2507", {}),  # never thinks
        ("qwen3-235b-a22b-thinking-2507", {}),  # always does
        ("qwen-flash", {}),
    ],
)
def test_open_qwen_models_that_may_think_are_told_not_to(model, fields):
    assert PROVIDERS["dashscope"].fields_for(model) == fields
    assert PROVIDERS["vllm"].fields_for(model) == {}


@pytest.mark.parametrize(("chosen", "sent"), [({}, False), ({"enable_thinking": True}, True)])
def test_what_a_provider_wants_gives_way_to_what_the_user_says(monkeypatch, chosen, sent):
    monkeypatch.setenv("DASHSCOPE_API_KEY", "d-1")
    with answering(lambda asked: (200, chat_reply())) as server:
        settings = config("dashscope/qwen3-8b", base_url=server.base_url, model={"extra_body": chosen})
        assert ask(opened(settings)) == chat_reply()["choices"][0]["message"]["content"]
    assert server.asked[0].body["enable_thinking"] is sent


def test_a_deployment_of_azures_is_asked_at_its_own_address_with_its_own_header(monkeypatch):
    """The path of the deployment, the version of the API in the query, the key in `api-key`."""

    def azure(asked):
        right = asked.path == "/openai/deployments/mine/chat/completions?api-version=2024-10-21"
        if asked.headers.get("api-key") != "az-secret" or "Authorization" in asked.headers:
            return 401, error("Access denied due to invalid subscription key: az-secret.", code="401")
        return (200, chat_reply("Red")) if right else (404, error("Resource not found", code="404"))

    with answering(azure) as server:
        address = f"{server.address}/openai/deployments/mine?api-version=2024-10-21"
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", address)
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "az-secret")
        assert ask(opened(config("azure/mine"))) == "Red"
        assert ask(opened(config("azure/mine", base_url=address))) == "Red"
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "az-wrong")
        with pytest.raises(AuthenticationError) as raised:
            ask(opened(config("azure/mine")))
    assert "variable AZURE_OPENAI_API_KEY (or AZURE_API_KEY)." in str(raised.value)
    assert "az-wrong" not in str(raised.value)


def test_all_that_a_config_says_arrives(monkeypatch, endpoint, tmp_path):
    running = endpoint(key="sk-right", model="some/name", reject_parameters=["seed", "response_format"])
    monkeypatch.setenv("MISTRAL_API_KEY", "sk-wrong")
    monkeypatch.setenv("GATEWAY_KEY", "sk-right")
    served = opened(
        config(
            "mistral/some/name",
            base_url=running.base_url,
            headers={"Authorization": "Bearer ${GATEWAY_KEY}"},
            model={"extra_body": {"safe_prompt": False}},
        )
    )
    assert ask(served)


def test_a_variable_of_a_header_that_is_missing(monkeypatch):
    monkeypatch.delenv("GATEWAY_KEY", raising=False)
    with pytest.raises(ConfigError, match="The environment variable GATEWAY_KEY is not set"):
        opened(config("vllm/x", headers={"X-Key": "${GATEWAY_KEY}"}))


# What is said


def test_a_first_look_is_called_one():
    assert model_notice(parse_spec("scripted"))
    assert model_notice(parse_spec("vllm/x")) is None


def test_a_file_without_a_chat_template_is_not_asked_by_chat():
    asked_by_chat = Config(model=parse_spec("pocket").model_copy(update={"api": "chat"}))
    with pytest.raises(EndpointMismatchError, match=r"has no chat template") as raised:
        opened(asked_by_chat)
    assert raised.value.wants == "completions"
