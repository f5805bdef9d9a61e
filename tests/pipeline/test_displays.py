"""What a log says of a run that waits: the command itself, against servers that refuse, fail and hang."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shlex import quote
from typing import Any

import pytest
from command import Finished, run
from endpoint import RunningEndpoint

Start = Callable[..., RunningEndpoint]


@contextmanager
def answering(status: int, body: str = "", *, after: threading.Event | None = None) -> Iterator[str]:
    """A server with one answer to all, once the event is set; its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if after is not None:
                after.wait(60)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        if after is not None:
            after.set()
        server.shutdown()
        thread.join()
        server.server_close()


def asked(directory: Path, base_url: str, *arguments: object, **endpoint: float) -> Finished:
    """A `generate` with these settings of the endpoint."""
    settings = directory.with_name(f"{directory.name}.toml")
    lines = (f"{name} = {value}\n" for name, value in endpoint.items())
    settings.write_text("[endpoint]\n" + "".join(lines), encoding="utf-8")
    where = ("--base-url", base_url, "--model", "m", "--config", settings)
    return run("generate", directory, *where, "--recipe", "paper", *arguments)


def told(done: Finished) -> list[str]:
    """The lines of the log, without those of progress, and of a start that a busy machine made slow."""
    assert "Traceback" not in done.stderr, done.stderr
    lines = [line for line in done.stderr.splitlines() if " tasks · " not in line]
    return [line for line in lines if not line.startswith(("Preparing ", "Reading "))]


def test_a_wait_is_said_when_it_begins_and_when_it_is_over(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(refuse_429=0.6, retry_after=3, seed_faults=1)
    done = asked(tmp_path / "run", server.base_url, "--tasks", 2, concurrency=1)
    assert done.code == 0, done.stderr
    waiting = [line for line in told(done) if line.startswith("Waiting ")]
    assert waiting, done.stderr
    assert "s after 429: Rate limit reached (" in waiting[0]
    assert any(line.startswith("Replies are arriving again, after ") for line in told(done)), done.stderr


def test_thousands_of_refusals_make_a_few_lines(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(refuse_429=1.0)
    done = asked(tmp_path / "run", server.base_url, patience_seconds=3)
    assert done.code == 4
    first, *rest = told(done)
    assert first.startswith(("Asking again after 429: Rate limit reached (no success yet, ", "Waiting "))
    assert len(rest) <= 1, done.stderr
    assert "No request succeeded for" in done.stdout


def test_a_reply_that_does_not_come(tmp_path: Path) -> None:
    with answering(200, after=threading.Event()) as base_url:
        done = asked(tmp_path / "run", base_url, timeout_seconds=7, patience_seconds=8)
    assert done.code == 4
    first, second, *_ = told(done)
    assert first.startswith("Waiting for the first reply (")
    assert second.startswith(("Asking again", "Waiting"))
    assert f"after no complete reply from {base_url} within 7 s (no success yet, 1 failure)." in second
    assert "Replies are arriving again" not in done.stderr


def test_own_rates_are_said_to_be_what_is_waited_for(tmp_path: Path) -> None:
    config = tmp_path / "slow.toml"
    config.write_text("[endpoint]\nrequests_per_minute = 20\n", encoding="utf-8")
    asked = ("--model", "scripted", "--tasks", 50, "--max-requests", 4, "--config", config)
    done = run("generate", tmp_path / "run", *asked)
    assert done.code == 3, done.stderr
    assert any(
        line.startswith("Next request in ") and line.endswith("to keep to requests_per_minute = 20.")
        for line in told(done)
    ), done.stderr


def test_a_log_in_ascii_can_be_written(tmp_path: Path, endpoint: Start) -> None:
    server = endpoint(refuse_429=1.0)
    settings = tmp_path / "patient.toml"
    settings.write_text("[endpoint]\npatience_seconds = 6\n", encoding="utf-8")
    where = ("--base-url", server.base_url, "--model", "m", "--config", settings, "--json")
    done = run("generate", tmp_path / "run", *where, PYTHONIOENCODING="ascii:backslashreplace")
    assert done.code == 4, done.stderr
    (first, *_) = [line for line in done.stderr.splitlines() if line.startswith("0/100 tasks")]
    assert "after 429: Rate limit reached (no success yet, " in first, "lines of progress say it too"


WORDS = json.dumps({"error": {"message": "Frobnication exceeded its quorum", "code": "odd"}})


@pytest.mark.parametrize("as_json", [False, True])
def test_an_endpoint_that_refuses_in_unknown_words(tmp_path: Path, as_json: bool) -> None:
    with answering(400, WORDS) as base_url:
        done = asked(tmp_path / "run", base_url, *(["--json"] if as_json else []))
    assert done.code == 2
    assert "Frobnication exceeded its quorum" in done.error()
    if as_json:
        printed = done.json()
        assert printed["stopped"] == "refused"
        assert printed["unrecognized"]["count"] == printed["lost"]["unrecognized_error"] == 5
        assert "Frobnication exceeded its quorum" in printed["unrecognized"]["last_message"]
    else:
        assert "unrecognized_error 5" in done.stdout
        assert f"next: selfinstruct generate {tmp_path / 'run'}" in done.stdout.splitlines()


def test_what_was_asked_otherwise_is_told_and_kept(endpoint: Start, tmp_path: Path) -> None:
    server, directory = endpoint(reject_parameters=["seed", "temperature"]), tmp_path / "my run"
    done = asked(directory, server.base_url, "--tasks", 3, "--price-in", 1, "--price-out", 2)
    assert done.code == 0, done.stderr
    said = " ".join(done.stdout.split())
    greedy = "temperature 0 not sent: greedy decoding was requested, but the endpoint samples; no seed sent"
    assert f"request changes classification, instances: {greedy}" in said
    for command in ("report {}", "export {} --format chat --out 'my run-chat.jsonl'", "explain {} task_"):
        assert f"selfinstruct {command.format(quote(str(directory)))}" in done.stdout
    shown = run("status", directory, "--json").json()
    assert list(shown["asked_otherwise"]) == ["instructions", "classification", "instances"]
    assert shown["asked_otherwise"]["instances"] == greedy.split("; ")
    assert shown["negotiated"] == 2
    assert shown["unrecognized"] == {"count": 0, "last_message": None}
    assert run("export", directory, "--format", "chat", "--out", f"{tmp_path}/data/").code == 0
    card = (tmp_path / "data" / "README.md").read_text(encoding="utf-8")
    assert f"| instances | {greedy} |" in card
    assert run("report", directory).code == 0
    page = (directory / "report.html").read_text(encoding="utf-8")
    assert greedy in page
    assert "The endpoint samples where the recipe decodes greedily (classification, instances)" in page
