import json
from dataclasses import replace

import pytest
import typer
from answering import ACCESS_VARIABLES, answering, chat_reply, error
from command import run as run_command
from typer.testing import CliRunner

from selfinstruct.cli.models import models
from selfinstruct.errors import ConfigError, UnknownModelError
from selfinstruct.models.providers import PROVIDERS

APP = typer.Typer()
APP.command()(models)


def invoke(*arguments, **environment):
    unset = dict.fromkeys(ACCESS_VARIABLES)
    return CliRunner().invoke(APP, arguments, env=unset | {"COLUMNS": "80"} | environment)


def run(*arguments, **environment):
    done = invoke(*arguments, **environment)
    assert done.exit_code == 0, done.output
    return done.stdout


# The table


def test_the_list_fits_a_terminal_and_names_every_provider():
    shown = run()
    assert len(shown.splitlines()) < 24
    assert max(map(len, shown.splitlines())) <= 80
    for row in PROVIDERS.values():
        assert row.name in shown if row.needs_key else row.example in shown
        assert not row.needs_key or row.keys[0] in shown


def test_every_line_fits_whichever_keys_are_found():
    keys = {row.keys[0]: "x" for row in PROVIDERS.values() if row.keys}
    shown = run(**keys)
    assert max(map(len, shown.splitlines())) <= 80
    assert "key not set" not in shown
    for row in PROVIDERS.values():
        assert row.example in shown


def test_keys_are_said_to_be_found_and_never_shown():
    for arguments in ((), ("--json",), ("openai",)):
        assert "sk-hush" not in run(*arguments, OPENAI_API_KEY="sk-hush")
    shown = run(OPENAI_API_KEY="sk-hush", HUGGING_FACE_HUB_TOKEN="hf-hush")
    found, missing = shown.split("Over the network, key not set")
    assert "  openai/gpt-6-luna" in found
    assert "  OPENAI_API_KEY\n" in found
    assert "  HUGGING_FACE_HUB_TOKEN\n" in found
    assert "MISTRAL_API_KEY" in missing
    assert "OPENAI_API_KEY" not in missing.replace("AZURE_OPENAI_API_KEY", "")


def test_one_json_object():
    rows = {row["provider"]: row for row in json.loads(run("--json", GROQ_API_KEY="x"))["providers"]}
    assert rows.keys() == PROVIDERS.keys()
    assert rows["groq"] == {
        "provider": "groq",
        "title": "Groq",
        "example": "groq/openai/gpt-oss-20b",
        "place": "network",
        "api": "chat",
        "base_url": "https://api.groq.com/openai/v1",
        "key_variables": ["GROQ_API_KEY"],
        "key_needed": True,
        "key_found": "GROQ_API_KEY",
    }
    assert rows["ollama"]["key_variables"] == []
    assert rows["openai"]["key_found"] is None


def test_more_on_one():
    shown = run("huggingface/some/model", "vllm", "huggingface")
    assert shown.count("huggingface: Hugging Face Inference Providers") == 1
    assert "key      HF_TOKEN or HUGGING_FACE_HUB_TOKEN: not set, needed" in shown
    assert "calls    chat only" in shown
    assert "key      VLLM_API_KEY: not set, optional" in shown
    assert [row["provider"] for row in json.loads(run("vllm", "--json"))["providers"]] == ["vllm"]
    with pytest.raises(UnknownModelError, match="Did you mean moonshot"):
        raise invoke("kimi").exception


def test_options_of_a_probe_without_one():
    with pytest.raises(ConfigError, match=r"are for a probe\. Add --probe"):
        raise invoke("--base-url", "http://127.0.0.1:9/v1").exception


# The probe


@pytest.fixture
def no_servers_here(monkeypatch):
    for row in [row for row in PROVIDERS.values() if row.place == "machine"]:
        monkeypatch.setitem(PROVIDERS, row.name, replace(row, base_url="http://127.0.0.1:9/v1"))


@pytest.mark.usefixtures("no_servers_here")
def test_what_was_not_named_may_fail(monkeypatch):
    with answering(lambda asked: (401, error("Incorrect API key provided: sk-hush."))) as server:
        monkeypatch.setitem(PROVIDERS, "groq", replace(PROVIDERS["groq"], base_url=server.base_url))
        shown = run("--probe", GROQ_API_KEY="sk-hush")
        named = invoke("--probe", "groq", GROQ_API_KEY="sk-hush")
    assert shown.count("does not answer: No connection to http://127.0.0.1:9/v1") == 4
    assert "groq/openai/gpt-oss-20b  key refused: The endpoint does not accept the API key." in shown
    assert "sk-hush" not in shown + named.output
    assert named.exit_code == 2


@pytest.mark.usefixtures("no_servers_here")
def test_a_server_here_is_asked_for_its_first_model(monkeypatch):
    def answer(asked):
        names = [{"id": f"qwen:{number}b"} for number in range(12)]
        return (200, {"data": names}) if asked.method == "GET" else (200, chat_reply())

    with answering(answer) as server:
        monkeypatch.setitem(PROVIDERS, "ollama", replace(PROVIDERS["ollama"], base_url=server.base_url))
        shown = run("--probe", "ollama")
        (found,) = json.loads(run("--probe", "ollama", "--json"))["probes"]
    first, second = shown.splitlines()
    assert first.startswith("ollama/qwen:0b  works by chat, ")
    assert first.endswith(" s, 14 tokens")
    assert second.strip().startswith("it also has qwen:1b, qwen:2b")
    assert second.endswith("and 3 more")
    assert (found["outcome"], found["spec"], found["api"]) == ("works", "ollama/qwen:0b", "chat")
    assert len(found["models"]) == 12


def test_an_endpoint_by_its_address(endpoint):
    running = endpoint(api="chat", model="m", reject_parameters=["seed", "temperature"])
    done = run_command("models", "--probe", "m", "other", "--base-url", running.base_url)
    works, unknown = done.stdout.splitlines()
    assert done.code == 2
    assert works.startswith("m      works by chat, ")
    assert "temperature 0 not sent" in works
    assert "no seed sent" in works
    assert unknown.startswith("other  model unknown: The endpoint has no model 'other'.")
    assert unknown.endswith("It lists m.")


def test_an_address_where_nothing_is():
    done = run_command("models", "--probe", "--base-url", "http://127.0.0.1:9/v1", "--json")
    (found,) = done.json()["probes"]
    assert (done.code, found["outcome"], found["spec"]) == (4, "no_answer", "http://127.0.0.1:9/v1")


def test_help_says_what_a_probe_costs_and_how_it_exits():
    shown = " ".join(run("--help").split())
    assert "A probe costs a few tokens" in shown
    assert "Exit code: 0, or the code that a run would end with if a model" in shown
