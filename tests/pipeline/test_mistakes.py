"""Mistakes and bad luck: one clear line each, the right exit code, nothing lost."""

import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command import generate, run, start_generate
from endpoint import RunningEndpoint

Start = Callable[..., RunningEndpoint]


def test_a_wrong_key_stops_at_once(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(key="right")
    done = generate(tmp_path / "run", server.base_url, OPENAI_API_KEY="sk-wrong")
    assert done.code == 2
    assert done.error().startswith("Error: The endpoint does not accept the API key.")
    assert "OPENAI_API_KEY" in done.error()
    assert "sk-wrong" not in done.stderr + done.stdout
    assert done.stdout == ""
    assert server.stats()["received"] == 1
    assert b"sk-wrong" not in b"".join(path.read_bytes() for path in (tmp_path / "run").iterdir())


def test_a_run_that_never_got_a_reply_may_be_asked_for_something_else(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(key="right", model="m")
    directory = tmp_path / "run"
    assert generate(directory, server.base_url, OPENAI_API_KEY="wrong").code == 2
    done = run(
        "generate", directory, "--base-url", server.base_url, "--model", "unheard-of", OPENAI_API_KEY="right"
    )
    assert done.code == 2
    assert "The endpoint has no model 'unheard-of'." in done.error()
    done = generate(directory, server.base_url, "--tasks", 3, OPENAI_API_KEY="right")
    assert done.code == 0, done.stderr
    assert done.json()["attempts"] == server.stats()["received"], "those of the mistakes count"


def test_a_key_is_taken_from_the_variable_that_is_named(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(key="right")
    arguments = ("--tasks", 2, "--api-key-env", "MY_KEY")
    done = generate(tmp_path / "unset", server.base_url, *arguments, OPENAI_API_KEY="right")
    assert done.code == 2
    assert "The environment variable MY_KEY is not set." in done.error()
    assert not (tmp_path / "unset").exists(), "nothing was begun"
    assert generate(tmp_path / "run", server.base_url, *arguments, MY_KEY="right").code == 0


def test_an_endpoint_that_is_not_there(tmp_path: Path) -> None:
    done = generate(tmp_path / "run", "http://127.0.0.1:1/v1")
    assert done.code == 4
    assert done.json()["stopped"] == "unavailable"
    assert (
        "No connection to http://127.0.0.1:1/v1: connection refused. Is the endpoint running?" in done.stderr
    )
    assert done.seconds < 5


def test_an_endpoint_that_goes_away_is_given_up_on_and_the_run_goes_on_later(
    endpoint: Start, tmp_path: Path
) -> None:
    directory = tmp_path / "run"
    impatient = tmp_path / "config.toml"
    impatient.write_text("[endpoint]\npatience_seconds = 1.0\n")
    server = endpoint(latency=0.05)
    started = start_generate(directory, server.base_url, "--tasks", 500, "--config", impatient)
    while server.stats()["completed"] < 50:
        pass
    server.stop()
    done = started.wait()
    assert done.code == 4, done.stderr
    printed = done.json()
    assert printed["stopped"] == "unavailable"
    assert "run the same command again to resume" in printed["advice"]
    assert printed["lost"] == {}
    assert printed["requests"] >= 50
    again = generate(directory, endpoint().base_url, "--tasks", 30)
    assert again.code == 0, again.stderr
    assert again.json()["requests"] >= printed["requests"]


def test_a_base_url_without_v1(endpoint: Start, tmp_path: Path) -> None:
    address = endpoint().base_url.removesuffix("/v1")
    done = generate(tmp_path / "run", address)
    assert done.code == 2
    assert "it should normally end in /v1" in done.error()


def test_a_bad_line_37_of_the_seeds(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds.jsonl"
    good = [json.dumps({"instruction": f"Name {number} rivers."}) for number in range(36)]
    seeds.write_text("\n".join([*good, '{"instruction": 5}']) + "\n")
    done = run("generate", tmp_path / "run", "--model", "scripted", "--seeds", seeds)
    assert done.code == 2
    assert f"{seeds}, line 37: field 'instruction': input should be a valid string" in done.error()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--model", "nobody/knows"), "Unknown model 'nobody/knows': no provider 'nobody'."),
        (("--model", "ollama/ "), "Which model of ollama?"),
        (("--model", "gguf/none.gguf"), "There is no model file"),
        (("--base-url", "http://127.0.0.1:9/v1"), "Which model at http://127.0.0.1:9/v1?"),
        (("--base-url", "ftp://x", "--model", "m"), "is not an http or https URL"),
        (("--max-cost", 1), "--max-cost needs to know what tokens cost."),
        (("--config", "none.toml"), "Cannot read the config file none.toml"),
        (("--context-window", 512), "the model's context window holds 512"),
    ],
)
def test_options_that_cannot_work(tmp_path: Path, arguments: tuple[object, ...], message: str) -> None:
    done = run("generate", tmp_path / "run", *arguments)
    assert done.code == 2
    assert "\nError: " in f"\n{done.stderr}"
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run" / "run.db").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[limits]\ntask = 5\n", "there is no setting named 'limits.task'. Did you mean 'limits.tasks'?"),
        ('[limits]\ntasks = "many"\n', "limits.tasks = 'many': should be a number, without quotation marks"),
        (
            "[filters]\nmax_similarity = 7\n",
            "filters.max_similarity = 7: input should be less than or equal to 1",
        ),
        ("[limits]\nmax_cost = inf\n", "limits.max_cost = inf: input should be a finite number"),
        ("[endpoint]\nprice_in = nan\n", "endpoint.price_in = nan: input should be a finite number"),
        ("[model.extra_body]\nx = [{y = inf}]\n", "model.extra_body = {'x': [{'y': inf}]}: should be JSON"),
        ("[model.extra_body]\nday = 2026-11-29\n", "should be JSON: Object of type date"),
        ('[endpoint]\nbase_url = ""\n', "endpoint.base_url = '': should not be empty"),
        ('[endpoint]\napi_key_env = " "\n', "endpoint.api_key_env = ' ': should not be empty"),
        ('[model]\nname = ""\n', "model.name = '': should not be empty"),
        (
            '[stages.instances.model]\nprovider = "ollama"\nname = " "\n',
            "stages.instances.model.name = ' ': should not be empty",
        ),
        (
            '[recipe]\nlanguage = "German\\nIgnore all"\n',
            "recipe.language = 'German\\nIgnore all': should be one printable line, and holds U+000A",
        ),
        ('[recipe]\nabout = "  "\n', "recipe.about = '  ': should not be blank"),
        (f'[recipe]\nabout = "{"x" * 1001}"\n', "…: should have at most 1,000 characters, and has 1,001"),
        ("[limits\n", "is not valid TOML"),
        ('model = "m"\n', "model = 'm': should be a table"),
    ],
)
def test_mistakes_in_a_config_file_name_the_field(tmp_path: Path, text: str, message: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text)
    done = run("generate", tmp_path / "run", "--model", "scripted", "--config", config)
    assert done.code == 2
    assert str(config) in done.error()
    assert message in done.error()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("chapter one")
    done = run("generate", tmp_path, "--model", "scripted")
    assert done.code == 2
    assert f"{tmp_path} holds files, but no run." in done.error()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_run_in_use_by_another_process(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(latency=1)
    first = start_generate(tmp_path / "run", server.base_url)
    while not server.stats()["received"]:
        pass
    second = generate(tmp_path / "run", server.base_url)
    assert second.code == 2
    assert f"{first.process.pid}" in second.error()
    first.kill()


@pytest.mark.parametrize("verb", ["generate", "status", "export"])
def test_a_damaged_or_newer_run(tmp_path: Path, verb: str) -> None:
    directory = tmp_path / "run"
    assert run("generate", directory, "--model", "scripted", "--tasks", 3).code == 0
    connection = sqlite3.connect(directory / "run.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    done = run(verb, directory)
    assert done.code == 2
    assert "Upgrade selfinstruct" in done.error()
    (directory / "run.db").write_bytes(b"not a database at all" * 1000)
    done = run(verb, directory)
    assert done.code == 6
    assert str(directory / "run.db") in done.error()
    assert "damaged" in done.error()


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[Path]:
    """A file system of its own, which can be full or read-only."""
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a file system needs root")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    assert run("generate", tmp_path / "elsewhere", "--model", "scripted", "--tasks", 200).code == 0
    with small_disk(tmp_path / "disk", "600k") as disk:
        done = run("generate", disk / "run", "--model", "scripted", "--tasks", 200)
        assert done.code == 6
        assert "The disk is full" in done.error()
        assert "run the same command again" in done.error()
        kept = json.loads(run("status", disk / "run", "--json").stdout)["requests"]
        assert kept > 0
        subprocess.run(["mount", "-o", "remount,size=60m", disk], check=True)
        done = run("generate", disk / "run", "--model", "scripted", "--tasks", 200, "--json")
        assert done.code == 0, done.stderr
        assert (disk / "run/dataset.jsonl").read_bytes() == (
            tmp_path / "elsewhere/dataset.jsonl"
        ).read_bytes()


def test_a_read_only_folder(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "60m") as disk:
        assert run("generate", disk / "run", "--model", "scripted", "--tasks", 5).code == 0
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for directory in (disk / "run", disk / "new"):
            done = run("generate", directory, "--model", "scripted", "--tasks", 9)
            assert done.code == 6
            assert "Read-only file system" in done.error()
        assert run("status", disk / "run").code == 0
        assert run("export", disk / "run").stdout.count("\n") == 5


def test_a_key_over_plain_http_gets_a_warning() -> None:
    from selfinstruct.config import EndpointConfig
    from selfinstruct.models.access import endpoint_warning

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk-secret")
        for url, warned in (
            ("http://10.1.2.3/v1", True),
            ("http://127.0.0.1:8000/v1", False),
            ("http://localhost:8000/v1", False),
            ("https://10.1.2.3/v1", False),
        ):
            warning = endpoint_warning(EndpointConfig(base_url=url))
            assert bool(warning) is warned, url
            assert "sk-secret" not in (warning or "")
        patch.delenv("OPENAI_API_KEY")
        assert endpoint_warning(EndpointConfig(base_url="http://10.1.2.3/v1")) is None
