import json
from dataclasses import replace

import typer
from typer.testing import CliRunner

from selfinstruct.cli.models import models
from selfinstruct.models.providers import PROVIDERS

APP = typer.Typer()
APP.command()(models)


def run(*arguments, **environment):
    unset = {row.key_variable: None for row in PROVIDERS.values() if row.key_variable}
    done = CliRunner().invoke(APP, arguments, env=unset | {"COLUMNS": "80"} | environment)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_list_fits_a_terminal_and_names_every_provider():
    shown = run()
    assert max(map(len, shown.splitlines())) <= 80
    for row in PROVIDERS.values():
        assert row.example in shown
        assert row.base_url in shown


def test_keys_are_said_to_be_found_and_never_shown():
    for arguments in ((), ("--json",)):
        assert "sk-hush" not in run(*arguments, OPENAI_API_KEY="sk-hush")
    shown = run(OPENAI_API_KEY="sk-hush")
    assert "OPENAI_API_KEY found" in shown
    assert "MISTRAL_API_KEY not set" in shown
    assert "VLLM_API_KEY optional" in shown


def test_one_json_object():
    rows = {row["provider"]: row for row in json.loads(run("--json", GROQ_API_KEY="x"))["providers"]}
    assert rows.keys() == PROVIDERS.keys()
    assert rows["groq"] == {
        "provider": "groq",
        "title": "Groq",
        "example": "groq/llama-3.1-8b-instant",
        "place": "network",
        "api": "chat",
        "base_url": "https://api.groq.com/openai/v1",
        "key_variable": "GROQ_API_KEY",
        "key_needed": True,
        "key_found": True,
    }
    assert rows["ollama"]["key_variable"] is None
    assert rows["openai"]["key_found"] is False


def test_servers_are_asked_only_with_probe(monkeypatch, endpoint):
    running = endpoint(model="qwen2.5:7b")
    for row in [row for row in PROVIDERS.values() if row.place == "machine"]:
        url = running.base_url if row.name == "ollama" else "http://127.0.0.1:9/v1"
        monkeypatch.setitem(PROVIDERS, row.name, replace(row, base_url=url))
    assert "no answer" not in run()
    assert "models" not in json.loads(run("--json"))["providers"][0]
    shown = run("--probe")
    assert f"    Ollama, {running.base_url}\n      ollama/qwen2.5:7b\n" in shown
    assert shown.count("      no answer\n") == 3
    probed = {row["provider"]: row["models"] for row in json.loads(run("--probe", "--json"))["providers"]}
    assert (probed["ollama"], probed["vllm"], probed["openai"]) == (["qwen2.5:7b"], None, None)
