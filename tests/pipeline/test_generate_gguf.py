"""The command against llama.cpp, in its own process and as a real server over HTTP. The model's weights are
random: it writes noise, of which now and then some passes for an instruction but nothing for an instance."""

import json
import sqlite3
from pathlib import Path

import pytest
from command import Finished, run
from tiny_gguf import write_tiny_gguf

from selfinstruct.models.base import Capabilities
from selfinstruct.models.llamacpp.server import serve

LIMITS = ("--tasks", 1, "--max-requests", 6)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its context holds the paper's few-shot prompts, of which its tokenizer makes 3,500 tokens."""
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", context=8192)


def recorded_requests(directory: Path) -> str:
    return run("export", directory, "-f", "requests").stdout


def assert_the_budget_was_spent_on_requests(done: Finished, directory: Path) -> None:
    assert done.code == 3, done.stderr
    printed = done.json()
    assert printed["stopped"] == "budget"
    assert (printed["tasks"], printed["requests"], printed["attempts"]) == (0, 6, 6)
    assert (printed["lost"], printed["errors"], printed["estimated"]) == ({}, {}, False)
    assert (directory / "dataset.jsonl").read_bytes() == b""
    rows = [json.loads(line) for line in recorded_requests(directory).splitlines()]
    assert len(rows) == 6
    assert rows[0]["stage"] == "instructions"
    assert rows[0]["prompt"].startswith("Come up with a series of tasks:\n1. ")
    assert any(row["completion"] for row in rows)
    assert all(row["finish_reason"] in {"stop", "length"} for row in rows)
    assert sum(row["prompt_tokens"] for row in rows) == printed["prompt_tokens"] > 0
    assert sum(row["completion_tokens"] for row in rows) == printed["completion_tokens"] > 0


def test_a_gguf_file_writes_the_same_in_every_run(tiny: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        done = run("generate", tmp_path / name, "--model", f"gguf/{tiny}", *LIMITS, "--json")
        assert_the_budget_was_spent_on_requests(done, tmp_path / name)
    # So small a budget is spent one request after another, hence on the same ones.
    assert recorded_requests(tmp_path / "first") == recorded_requests(tmp_path / "second")


def test_the_http_client_against_a_real_server(tiny: Path, tmp_path: Path) -> None:
    directory = tmp_path / "run"
    with serve(tiny) as served:
        endpoint = ("--base-url", served.base_url, "--model", served.model, "--recipe", "paper")
        done = run("generate", directory, *endpoint, *LIMITS, "--json")
    assert_the_budget_was_spent_on_requests(done, directory)
    connection = sqlite3.connect(directory / "run.db")
    (noted,) = connection.execute(
        "SELECT value FROM notes WHERE key = 'capabilities.instructions'"
    ).fetchone()
    connection.close()
    assert Capabilities.from_json(json.loads(noted)) == Capabilities()
