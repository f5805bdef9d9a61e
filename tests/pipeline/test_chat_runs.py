"""Whole runs against endpoints of every kind: those that take less than others, which recipe suits them, what
they are sent, and how fast. Behind them the scripted model, or llama.cpp with random weights, which writes
noise: of that only requests and replies can be compared."""

import json
import sqlite3
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from command import Finished, Started, run, start
from endpoint import RunningEndpoint, max_tokens, read_request
from tiny_gguf import CHAT_TEMPLATE, CHAT_TEMPLATE_WITHOUT_SYSTEM, write_tiny_gguf

from selfinstruct.models.llamacpp.server import serve
from selfinstruct.models.scripted.model import ScriptedModel
from selfinstruct.store.reader import RequestRow, RunReader

Start = Callable[..., RunningEndpoint]


def generate(directory: Path, base_url: str, *arguments: object, **environment: str) -> Finished:
    """With whichever recipe suits, unless the arguments name one."""
    return run(*asked(directory, base_url), *arguments, **environment)


def asked(directory: Path, base_url: str) -> tuple[object, ...]:
    return ("generate", directory, "--base-url", base_url, "--model", "m", "--json")


def completed(directory: Path) -> int:
    """Requests, while the run is written too."""
    if not (directory / "run.db").exists():
        return 0
    connection = sqlite3.connect(directory / "run.db")
    try:
        query = "SELECT count(*) FROM attempts WHERE outcome = 'completed'"
        return int(connection.execute(query).fetchone()[0])
    except sqlite3.OperationalError:  # its tables are not there yet
        return 0
    finally:
        connection.close()


def kill_at(started: Started, directory: Path, requests: int) -> None:
    """SIGKILL as soon as so many are completed, and at a moment when others are not."""
    while completed(directory) < requests:
        assert started.process.poll() is None, started.wait().stderr
        time.sleep(0.005)
    assert started.process.poll() is None, "the kill came while there was work"
    started.kill()


def recipe_of(directory: Path) -> str:
    config = tomllib.loads((directory / "config.toml").read_text(encoding="utf-8"))
    return str(config["recipe"]["name"])


def data_set(directory: Path) -> bytes:
    return (directory / "dataset.jsonl").read_bytes()


# What an endpoint does not take


def attempts_to_learn(names: list[str], recipe: str) -> int:
    """Each is learnt once, but a schema once in each of the two stages of the chat recipe that have one."""
    return len(names) + ("response_format" in names and recipe == "chat")


@pytest.mark.parametrize(
    ("recipe", "rejected"),
    [
        ("chat", "response_format"),
        ("chat", "presence_penalty,frequency_penalty"),
        ("chat", "response_format,seed,system"),
        ("paper", "seed,presence_penalty,top_p"),
    ],
)
def test_what_an_endpoint_does_not_take_is_left_out(
    endpoint: Start, tmp_path: Path, recipe: str, rejected: str
) -> None:
    """And the data set is the same with one request at a time, and with many after a kill."""
    takes = {"api": {"chat": "chat", "paper": "completions"}[recipe], "reject_parameters": rejected}
    server, slow = endpoint(**takes), endpoint(**takes, latency=0.1)
    config = tmp_path / "config.toml"
    config.write_text("[sampling.chat_instructions]\npresence_penalty = 0.5\nfrequency_penalty = 0.5\n")
    arguments: tuple[object, ...] = ("--recipe", recipe, "--config", config, "--tasks", 20)
    alone, killed = tmp_path / "alone", tmp_path / "killed"

    done = generate(alone, server.base_url, *arguments, "--concurrency", 1)
    assert done.code == 0, done.stderr
    printed, stats, names = done.json(), server.stats(), rejected.split(",")
    assert printed["tasks"] == 20
    assert printed["requests"] == stats["completed"]
    assert printed["attempts"] == stats["received"]
    assert printed["errors"] == {}, "finding out is no failure"
    assert printed["negotiated"] == attempts_to_learn(names, recipe)
    notes = RunReader.open(alone).notes()
    assert notes["capabilities.instances"]["unsupported"] == sorted(names)

    arguments = (*arguments, "--concurrency", 32)
    kill_at(start(*asked(killed, slow.base_url), *arguments), killed, requests=5)
    done = generate(killed, server.base_url, *arguments)
    assert done.code == 0, done.stderr
    # Remembered, but for what the kill may have cut short in a stage that had no success yet.
    assert done.json()["negotiated"] - attempts_to_learn(names, recipe) in (0, 1)
    assert data_set(killed) == data_set(alone) != b""


@pytest.mark.parametrize("arguments", [("--recipe", "chat"), (), ("--recipe", "paper")])
def test_a_model_that_reasons(endpoint: Start, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """It takes temperature 1 alone, which the first stage of the chat recipe does not find out, and 16 tokens
    at least, which only a stage finds out that asks for fewer."""
    server, directory = endpoint(api="chat", like="gpt-5"), tmp_path / "run"
    done = generate(directory, server.base_url, *arguments, "--tasks", 20)
    assert done.code == 0, done.stderr
    printed = done.json()
    assert (printed["tasks"], printed["errors"], printed["lost"]) == (20, {}, {})
    refused = server.stats()["received"] - server.stats()["completed"]
    assert printed["negotiated"] == refused <= 6 + ("paper" in arguments), "one more to find the call"
    notes = RunReader.open(directory).notes()
    greedy = "temperature 0 not sent: greedy decoding was requested, but the endpoint samples"
    assert greedy in notes["changes.instances" if "paper" in arguments else "changes.answers"]
    if "paper" in arguments:
        assert "max_tokens 16 instead of 3" in notes["changes.classification"]


@pytest.mark.parametrize(
    ("takes", "arguments", "message"),
    [
        ({"api": "completions"}, ("--recipe", "chat"), "Change the request: use --recipe paper"),
        (
            {"api": "chat"},
            ("--recipe", "paper", "--api", "completions"),
            "Change the request: use --recipe chat",
        ),
        ({"model": "another"}, (), "The endpoint has no model 'm'."),
        ({"model": "another"}, ("--recipe", "chat"), "The endpoint has no model 'm'."),
        ({"model": "another", "api": "chat"}, (), "The endpoint has no model 'm'."),
    ],
)
def test_what_is_lacking_is_said_in_one_line(
    endpoint: Start, tmp_path: Path, takes: dict[str, str], arguments: tuple[str, ...], message: str
) -> None:
    server = endpoint(**takes)
    done = generate(tmp_path / "run", server.base_url, *arguments)
    assert done.code == 2
    assert message in done.error()
    assert done.stdout == ""
    assert server.stats()["received"] <= 2, "one for each call"


def test_a_404_that_says_nothing_may_mean_the_url_or_the_call(endpoint: Start, tmp_path: Path) -> None:
    base_url = endpoint().base_url.replace("/v1", "/v2")
    done = generate(tmp_path / "run", base_url, "--recipe", "chat")
    assert done.code == 2
    assert f"Check the base URL, {base_url}" in done.error()
    assert "If it is right, the endpoint may take completions only: --recipe paper" in done.error()
    either = run("generate", tmp_path / "either", "--base-url", base_url, "--model", "m")
    assert "Check the base URL" in either.error()
    assert "--recipe" not in either.error(), "both were tried"


# Which recipe suits


def test_a_chat_only_endpoint_gets_the_chat_recipe_and_keeps_it(endpoint: Start, tmp_path: Path) -> None:
    server, directory = endpoint(api="chat"), tmp_path / "run"
    done = generate(directory, server.base_url, "--tasks", 5)
    assert done.code == 0, done.stderr
    assert recipe_of(directory) == "chat"
    assert (done.json()["errors"], done.json()["negotiated"]) == ({}, 0), "chat is asked first"
    assert done.json()["attempts"] == server.stats()["received"]
    named = generate(tmp_path / "named", server.base_url, "--tasks", 5, "--recipe", "chat")
    assert named.json()["errors"] == {}
    assert data_set(directory) == data_set(tmp_path / "named")

    done = generate(directory, server.base_url, "--tasks", 12)
    assert done.code == 0, done.stderr
    assert done.json()["tasks"] == 12
    assert "404" not in server.stats()["by_outcome"]
    done = generate(directory, server.base_url, "--recipe", "paper")
    assert done.code == 2
    assert 'recipe.name is "chat", not "paper"' in done.error()


def test_an_endpoint_that_continues_texts_gets_the_papers_recipe(endpoint: Start, tmp_path: Path) -> None:
    server, directory = endpoint(api="completions"), tmp_path / "run"
    done = generate(directory, server.base_url, "--tasks", 3)
    assert done.code == 0, done.stderr
    assert recipe_of(directory) == "paper"
    assert (done.json()["errors"], done.json()["negotiated"]) == ({}, 1), "finding out is no failure"
    assert done.json()["attempts"] == server.stats()["completed"] + 1


def test_an_endpoint_that_takes_both_is_asked_by_chat(endpoint: Start, tmp_path: Path) -> None:
    server, directory = endpoint(), tmp_path / "run"
    done = generate(directory, server.base_url, "--tasks", 3)
    assert done.code == 0, done.stderr
    assert recipe_of(directory) == "chat"
    base = run("generate", tmp_path / "base", "--base-url", server.base_url, "--model", "davinci-002")
    assert base.code == 0, base.stderr
    assert recipe_of(tmp_path / "base") == "paper", "known as a base model"


def test_the_papers_prompts_go_by_chat_where_nothing_else_is_taken(endpoint: Start, tmp_path: Path) -> None:
    server, directory = endpoint(api="chat"), tmp_path / "run"
    done = generate(directory, server.base_url, "--recipe", "paper", "--tasks", 5)
    assert done.code == 0, done.stderr
    assert recipe_of(directory) == "paper"
    assert done.json()["negotiated"] == 1
    again = generate(directory, server.base_url, "--recipe", "paper", "--tasks", 8)
    assert (again.code, again.json()["negotiated"]) == (0, 1), "and is asked so ever after"


# llama.cpp

CHEAP = """
[sampling]
instructions.max_tokens = 60
classification.max_tokens = 2
input_first.max_tokens = 40
output_first.max_tokens = 40
chat_instructions.max_tokens = 100
chat_instances.max_tokens = 60
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two that bring a chat template, one of which knows no system role, and one that brings none. Their
    context holds the paper's few-shot prompts, of which their tokenizer makes 3,500 tokens."""
    directory = tmp_path_factory.mktemp("models")
    templates = {"base": "", "chat": CHAT_TEMPLATE, "no-system": CHAT_TEMPLATE_WITHOUT_SYSTEM}
    return {
        name: write_tiny_gguf(directory / f"{name}.gguf", context=8192, chat_template=template)
        for name, template in templates.items()
    }


@pytest.fixture
def cheap(tmp_path: Path) -> Path:
    path = tmp_path / "cheap.toml"
    path.write_text(CHEAP)
    return path


def replies(directory: Path) -> dict[tuple[str, int | None, str | None], RequestRow]:
    rows = RunReader.open(directory).requests()
    return {(row.stage.value, row.ticket, row.task): row for row in rows}


def assert_same_replies(one: Path, other: Path, *, at_least: int) -> None:
    """To all requests that both runs made. Which ones a budget pays for may differ."""
    ours, theirs = replies(one), replies(other)
    common = ours.keys() & theirs.keys()
    assert len(common) >= at_least
    assert [ours[key] for key in common] == [theirs[key] for key in common]


def assert_spent(done: Finished, directory: Path, requests: int) -> None:
    assert done.code == 3, done.stderr
    printed, rows = done.json(), replies(directory).values()
    assert (printed["lost"], printed["errors"], printed["estimated"]) == ({}, {}, False)
    assert printed["requests"] == printed["attempts"] == len(rows) == requests
    assert printed["prompt_tokens"] == sum(row.prompt_tokens for row in rows) > 0
    assert printed["completion_tokens"] == sum(row.completion_tokens for row in rows) > 0


def make_alone_and_killed(tmp_path: Path, *arguments: object) -> Path:
    """A run with one request at a time, then one with many, killed and resumed: the same replies. They are
    noise, so a run may end after five that hold no instruction."""
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    arguments = (*arguments, "--tasks", 1000, "--json")
    done = run("generate", alone, *arguments, "--concurrency", 1, "--max-requests", 4)
    assert_spent(done, alone, requests=4)
    many = ("generate", killed, *arguments, "--concurrency", 32)
    kill_at(start(*many), killed, requests=3)
    done = run(*many, "--max-requests", RunReader.open(killed).summary().attempts + 12)
    assert done.code == 3 or "none of the first 5 replies holds an instruction" in done.stderr, done.stderr
    assert_same_replies(alone, killed, at_least=4)
    return killed


@pytest.mark.parametrize(("name", "recipe"), [("base", "paper"), ("chat", "chat"), ("no-system", "chat")])
def test_llama_cpps_own_server(
    models: dict[str, Path], cheap: Path, tmp_path: Path, name: str, recipe: str
) -> None:
    with serve(models[name]) as served:
        endpoint = ("--base-url", served.base_url, "--model", served.model)
        make_alone_and_killed(tmp_path, *endpoint, "--recipe", recipe, "--config", cheap)


@pytest.mark.parametrize(("name", "recipe"), [("base", "paper"), ("chat", "chat")])
def test_a_gguf_file_gets_the_recipe_that_suits(
    models: dict[str, Path], cheap: Path, tmp_path: Path, name: str, recipe: str
) -> None:
    killed = make_alone_and_killed(tmp_path, "--model", f"gguf/{models[name]}", "--config", cheap)
    assert recipe_of(killed) == recipe


def test_a_model_behind_serve(models: dict[str, Path], cheap: Path, tmp_path: Path) -> None:
    """In the words that `serve` itself gives."""
    serving = start("serve", f"gguf/{models['chat']}", "--port", 0)
    assert serving.process.stderr is not None
    said = serving.process.stderr.readline(), serving.process.stderr.readline()
    assert "answers at http://127.0.0.1:" in said[0]
    words = said[1].split()
    named = (*words[words.index("--base-url") :], "--recipe", "chat")
    limits = ("--config", cheap, "--tasks", 1000, "--max-requests", 3)
    done = run("generate", tmp_path / "run", *named, *limits, "--json")
    assert_spent(done, tmp_path / "run", requests=3)
    serving.interrupt()
    assert serving.wait().code == 0


# What it is sent, and how fast


@dataclass
class Recording:
    """A server in this process that keeps what it is sent. It does not count tokens."""

    base_url: str
    headers: list[Message] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def recording_endpoint() -> Iterator[Recording]:
    model = ScriptedModel()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body, prompt = read_request(self.rfile.read(int(self.headers["Content-Length"])))
            recording.headers.append(self.headers)
            recording.bodies.append(body)
            said = model.answer(prompt, body["seed"], max_tokens(body))
            choice = {"message": {"content": said.text}, "finish_reason": said.finish_reason}
            reply = json.dumps({"choices": [choice]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        recording = Recording(f"http://127.0.0.1:{server.server_port}/v1")
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield recording
        finally:
            server.shutdown()
            thread.join()


SECRETS = {"OPENAI_API_KEY": "sk-never-to-be-written", "GATEWAY_TOKEN": "token-never-to-be-written"}
SETTINGS = """
[model.extra_body]
reasoning_effort = "low"
metadata = { project = "seeds" }

[endpoint.headers]
X-Gateway = "Token ${GATEWAY_TOKEN}"
"""


def test_extra_fields_and_headers_arrive_and_no_secret_is_kept(tmp_path: Path) -> None:
    directory, config = tmp_path / "run", tmp_path / "config.toml"
    config.write_text(SETTINGS)
    with recording_endpoint() as server:
        arguments = ("--recipe", "chat", "--tasks", 5, "--config", config)
        done = generate(directory, server.base_url, *arguments, **SECRETS)
        assert done.code == 0, done.stderr
        assert done.json()["estimated"] is True
        again = generate(directory, server.base_url, "--tasks", 9, **SECRETS)
        assert again.code == 0, again.stderr
        unset = generate(directory, server.base_url, "--tasks", 12)
    assert unset.code == 2
    assert "The environment variable GATEWAY_TOKEN is not set." in unset.error()

    assert len(server.bodies) == again.json()["attempts"] > done.json()["attempts"]
    for headers in server.headers:
        assert headers["X-Gateway"] == "Token token-never-to-be-written"
        assert headers["Authorization"] == "Bearer sk-never-to-be-written"
    for body in server.bodies:
        assert body["reasoning_effort"] == "low"
        assert body["metadata"] == {"project": "seeds"}
    written = b"".join(path.read_bytes() for path in directory.rglob("*"))
    assert b"${GATEWAY_TOKEN}" in written
    for secret in SECRETS.values():
        assert secret.encode() not in written
        assert secret not in done.stdout + done.stderr + again.stdout + again.stderr


def test_so_many_requests_a_minute_and_no_more(endpoint: Start, tmp_path: Path) -> None:
    """Ten a second, after five seconds' worth at once."""
    log, config = tmp_path / "log.jsonl", tmp_path / "config.toml"
    config.write_text("[endpoint]\nrequests_per_minute = 600\n")
    server = endpoint(log=log)
    done = generate(tmp_path / "run", server.base_url, "--tasks", 25, "--config", config, "--recipe", "paper")
    assert done.code == 0, done.stderr
    arrivals = [json.loads(line)["t"] for line in log.read_text().splitlines()]
    assert len(arrivals) == done.json()["attempts"] > 55
    first = min(arrivals)
    for place, moment in enumerate(sorted(arrivals)):
        assert moment - first > (place - 51) / 10 - 0.5, f"request {place}"
