"""`finetune --provider openai` against a server that plays the API, with its faults."""

import asyncio
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from command import Finished, run, start

from selfinstruct.errors import (
    AuthenticationError,
    ConfigError,
    EndpointMismatchError,
    RunMismatchError,
    StorageError,
    UnknownModelError,
)
from selfinstruct.training.examples import Conversation, Instructed, Rendered
from selfinstruct.training.openai import job as openai_job
from selfinstruct.training.openai.api import PAGE
from selfinstruct.training.openai.job import JobOutcome, follow_job
from selfinstruct.training.openai.plan import plan_job
from selfinstruct.training.openai.record import rows_of

KEY = "sk-very-secret"
MODEL = "gpt-small"
TUNED = "ft:gpt-small:org:mine:7p4l"


@dataclass
class Server:
    """Files and jobs, in memory. A job goes from status to status with every look at it.

    faults: by call (`POST /files`), what the next ones meet: a status; `lost` (done, but the reply never
    comes); `stuck` (not done, and no reply).
    """

    statuses: list[str] = field(
        default_factory=lambda: ["validating_files", "queued", "running", "succeeded"]
    )
    faults: dict[str, list[int | str]] = field(default_factory=dict)
    old_jobs: int = 0
    files: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, str] = field(default_factory=dict)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    looks: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    base_url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/v1")
        call = f"{request.method} {re.sub('/ftjob-[0-9]+', '/ID', path)}"
        self.asked[call] += 1
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return refused(401, f"Incorrect API key provided: {request.headers.get('Authorization')}")
        waiting = self.faults.get(call, [])
        fault = waiting.pop(0) if waiting else None
        if fault == "stuck":
            self.reached.set()
            await self.stopped.wait()
        if isinstance(fault, int) and fault < 1000:
            return refused(fault, "no such luck", {"Retry-After": "0.01"} if fault == 429 else {})
        reply = await self.answer(request, path)
        if fault == "lost":
            self.reached.set()
            await self.stopped.wait()
        if isinstance(fault, int):  # 1500: done, and then an error
            return refused(fault - 1000, "too late")
        return reply

    async def answer(self, request: web.Request, path: str) -> web.StreamResponse:
        match request.method, path.strip("/").split("/"):
            case "POST", ["files"]:
                form = await request.post()
                sent = form["file"]
                assert isinstance(sent, web.FileField)
                text = sent.file.read().decode()
                new = {"id": f"file-{len(self.files)}", "filename": sent.filename, "bytes": len(text)}
                assert form["purpose"] == "fine-tune"
                self.contents[str(new["id"])] = text
                self.files.append(new)
                return web.json_response(new)
            case "GET", ["files"]:
                assert request.query["purpose"] == "fine-tune"
                return page(request, self.files[::-1])
            case "POST", ["fine_tuning", "jobs"]:
                asked = await request.json()
                if asked["model"] != MODEL:
                    return refused(
                        404, f"The model `{asked['model']}` does not exist", code="model_not_found"
                    )
                job = {
                    "id": f"ftjob-{len(self.jobs)}", "object": "fine_tuning.job", "status": self.statuses[0],
                    "fine_tuned_model": None, "trained_tokens": None, "error": None, **asked,
                }  # fmt: skip
                self.jobs.append(job)
                return web.json_response(job)
            case "GET", ["fine_tuning", "jobs"]:
                old = [
                    {"id": f"old-{n}", "training_file": "other", "status": "failed"}
                    for n in range(self.old_jobs)
                ]
                return page(request, [*old, *self.jobs[::-1]])
            case "GET", ["fine_tuning", "jobs", name]:
                job = next(each for each in self.jobs if each["id"] == name)
                job["status"] = self.statuses[min(self.looks, len(self.statuses) - 1)]
                self.looks += 1
                if job["status"] == "succeeded":
                    job |= {"fine_tuned_model": TUNED, "trained_tokens": 4321}
                if job["status"] == "failed":
                    job["error"] = {
                        "code": "invalid",
                        "message": "The rows are dull.",
                        "param": "training_file",
                    }
                return web.json_response(job)
            case "GET", ["fine_tuning", "jobs", _, "events"]:
                told: list[dict[str, Any]] = [
                    {
                        "id": f"ev-{n}",
                        "message": f"Look {n}",
                        "type": "metrics" if n % 2 else "message",
                        "data": {},
                    }
                    for n in range(self.looks * 60)
                ]
                return page(request, told[::-1])
        return refused(404, f"Invalid URL ({request.method} {request.path})")


def page(request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
    limit, after = int(request.query.get("limit", 20)), request.query.get("after")
    first = next((n + 1 for n, row in enumerate(rows) if row["id"] == after), 0)
    shown = rows[first : first + limit]
    return web.json_response({"object": "list", "data": shown, "has_more": first + limit < len(rows)})


def refused(status: int, message: str, headers: dict[str, str] | None = None, code: str = "") -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code or None}
    return web.json_response({"error": error}, status=status, headers=headers)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Listens in a thread of its own."""
    played, ready = Server(), Future[asyncio.AbstractEventLoop]()

    async def serve() -> None:
        server = web.Server(played.handle, access_log=None)  # type: ignore[arg-type] # it reads what both have
        runner = web.ServerRunner(server, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        played.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        ready.set_result(asyncio.get_running_loop())
        await played.stopped.wait()
        await runner.cleanup()

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(openai_job, "SETTLE_SECONDS", 0.1)
    monkeypatch.setattr(openai_job, "LOOK_SECONDS", 0.02)
    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    loop = ready.result(10)
    yield played
    loop.call_soon_threadsafe(played.stopped.set)
    thread.join()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "data.jsonl"
    rows = [
        {"instruction": f"Say {n}.", "input": "now" if n % 2 else "", "output": str(n)} for n in range(12)
    ]
    rows += [{"instruction": "Say nothing.", "input": "", "output": " "}, rows[0]]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def tune(server: Server, data: Path, out: Path, said: list[str] | None = None, **options: Any) -> JobOutcome:
    """In this process, without waiting between looks."""
    plan = plan_job(data, out, model=options.pop("model", MODEL), base_url=server.base_url, options=options)
    return asyncio.run(follow_job(plan, (said if said is not None else []).append, poll_seconds=0))


# From rows to a tuned model


def test_a_job_from_its_rows_to_its_model(server: Server, data: Path, tmp_path: Path) -> None:
    said: list[str] = []
    out = tmp_path / "out"
    outcome = tune(server, data, out, said, epochs=3.0, batch_size=4, seed=7, suffix="mine",
                   learning_rate_multiplier=0.5)  # fmt: skip
    assert (outcome.stopped, outcome.record.status, outcome.record.tuned_model) == (
        "done",
        "succeeded",
        TUNED,
    )
    assert (outcome.record.examples, outcome.record.left_out) == (12, {"empty": 1, "duplicate": 1})
    assert outcome.record.trained_tokens == 4321

    (job,) = server.jobs
    assert {name: job[name] for name in ("model", "training_file", "seed", "suffix")} == {
        "model": MODEL, "training_file": "file-0", "seed": 7, "suffix": "mine",
    }  # fmt: skip
    assert job["method"] == {
        "type": "supervised",
        "supervised": {"hyperparameters": {"n_epochs": 3, "batch_size": 4, "learning_rate_multiplier": 0.5}},
    }
    sent = [json.loads(line) for line in server.contents["file-0"].splitlines()]
    assert len(sent) == 12
    assert sent[1] == {
        "messages": [{"role": "user", "content": "Say 1.\n\nnow"}, {"role": "assistant", "content": "1"}]
    }
    assert (out / "training.jsonl").read_text() == server.contents["file-0"]

    events = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    assert [event["id"] for event in events] == [f"ev-{n}" for n in range(240)]  # each once, the oldest first
    assert said[:2] == ["Uploading 12 examples.", "The job is ftjob-0."]
    statuses = [line for line in said if line.startswith("Status")]
    assert statuses == [f"Status: {status}." for status in server.statuses]
    assert "Look 58" in said
    assert "Look 57" not in said  # a measurement, and not the last

    again = tune(server, data, out)  # once it is done nothing is asked any more
    assert (again.record, server.asked["POST /files"], server.looks) == (outcome.record, 1, 4)
    assert all(KEY not in path.read_text() for path in out.iterdir())


def test_what_is_not_asked_for_is_left_to_the_endpoint(server: Server, data: Path, tmp_path: Path) -> None:
    tune(server, data, tmp_path / "out")
    assert server.jobs[0].keys() & {"method", "seed", "suffix", "hyperparameters"} == set()


def test_the_command(server: Server, data: Path, tmp_path: Path) -> None:
    server.statuses = ["succeeded"]
    asked = ("finetune", data, "--provider", "openai", "--model", MODEL, "--base-url", server.base_url)
    shown = run(*asked, "--out", tmp_path / "out", OPENAI_API_KEY=KEY)
    assert shown.code == 0, shown.stderr
    assert f"tuned model: {TUNED}" in shown.stdout
    assert f"selfinstruct evaluate --base-url {server.base_url} --model {TUNED} --suite SUITE" in shown.stdout
    printed = run(*asked, "--out", tmp_path / "out", "--json", OPENAI_API_KEY=KEY).json()
    assert (printed["stopped"], printed["tuned_model"], printed["job_id"]) == ("done", TUNED, "ftjob-0")
    assert printed["files"].keys() == {"training.jsonl", "job.json", "events.jsonl"}


def test_how_a_job_ends_otherwise(server: Server, data: Path, tmp_path: Path) -> None:
    server.statuses = ["queued", "failed"]
    for _ in range(2):  # the second time from what is recorded
        with pytest.raises(ConfigError, match=r"The job ftjob-0 failed: The rows are dull\. Start a new one"):
            tune(server, data, tmp_path / "failed")
    assert len(server.jobs) == 1
    server.statuses, server.looks = ["paused", "cancelled"], 0
    with pytest.raises(ConfigError, match=r"The job ftjob-1 was cancelled\."):
        tune(server, data, tmp_path / "cancelled")


# Never a second job


@pytest.mark.parametrize(
    ("call", "fault", "files"),
    [
        ("POST /files", "stuck", 1),
        ("POST /files", "lost", 1),
        ("POST /fine_tuning/jobs", "stuck", 1),
        ("POST /fine_tuning/jobs", "lost", 1),
    ],
)
def test_killed_in_the_middle_of_a_call(
    call: str, fault: str, files: int, server: Server, data: Path, tmp_path: Path
) -> None:
    out, server.faults = tmp_path / "out", {call: [fault]}
    server.old_jobs = 2 * PAGE + 5  # the job is on a later page
    asked = ("--provider", "openai", "--model", MODEL, "--base-url", server.base_url, "--out", out)
    first = start("finetune", data, *asked, OPENAI_API_KEY=KEY)
    assert server.reached.wait(60)
    first.kill()
    outcome = tune(server, data, out, model=None)
    assert outcome.record.tuned_model == TUNED
    assert (len(server.files), len(server.jobs)) == (files, 1)


def test_killed_while_it_follows(server: Server, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    server.statuses = ["running"] * 3 + ["succeeded"]
    server.faults = {"GET /fine_tuning/jobs/ID": ["stuck"]}
    asked = ("--provider", "openai", "--model", MODEL, "--base-url", server.base_url, "--out", out)
    first = start("finetune", data, *asked, OPENAI_API_KEY=KEY)
    assert server.reached.wait(60)
    first.kill()
    assert tune(server, data, out).record.tuned_model == TUNED
    assert server.asked["POST /fine_tuning/jobs"] == server.asked["POST /files"] == 1


def test_an_interrupt_leaves_the_job_alone(server: Server, data: Path, tmp_path: Path) -> None:
    out, server.statuses = tmp_path / "out", ["running"]
    asked = ("--provider", "openai", "--model", MODEL, "--base-url", server.base_url, "--out", out, "--json")
    following = start("finetune", data, *asked, OPENAI_API_KEY=KEY)
    deadline = time.monotonic() + 60
    while server.looks == 0:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    following.interrupt()
    done: Finished = following.wait()
    assert (done.code, done.json()["stopped"], done.json()["status"]) == (130, "interrupted", "running")
    assert "The job continues at the endpoint. Run the same command again to follow it." in done.stderr


def test_passing_faults_are_tried_again(server: Server, data: Path, tmp_path: Path) -> None:
    server.faults = {
        "POST /files": [500, 1503, 429],
        "GET /files": [429],
        "POST /fine_tuning/jobs": [429, 503, 1500],
        "GET /fine_tuning/jobs": [500],
        "GET /fine_tuning/jobs/ID": [502, 429],
        "GET /fine_tuning/jobs/ID/events": [503],
    }
    assert tune(server, data, tmp_path / "out").record.tuned_model == TUNED
    assert (len(server.files), len(server.jobs)) == (1, 1)


def test_an_endpoint_that_never_recovers(
    server: Server, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_job, "PATIENCE_SECONDS", 0.2)
    server.faults = {"GET /fine_tuning/jobs/ID": [503] * 100}
    outcome = tune(server, data, tmp_path / "out")
    assert (outcome.stopped, outcome.record.job_id) == ("unavailable", "ftjob-0")
    assert "run the same command again to resume" in outcome.advice
    server.faults = {}
    assert tune(server, data, tmp_path / "out").stopped == "done"


def test_an_endpoint_without_events(server: Server, data: Path, tmp_path: Path) -> None:
    said: list[str] = []
    server.faults = {"GET /fine_tuning/jobs/ID/events": [404] * 9}
    assert tune(server, data, tmp_path / "out", said).stopped == "done"
    assert said.count("The endpoint does not list a job's events.") == 1


# Mistakes


def test_a_wrong_key_is_told_once_and_never_shown(
    server: Server, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong-key")
    with pytest.raises(AuthenticationError, match="OPENAI_API_KEY") as raised:
        tune(server, data, tmp_path / "out")
    assert "sk-wrong-key" not in str(raised.value)
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY is not set"):
        plan_job(data, tmp_path / "other", model="openai/gpt-x", options={})


def test_a_model_that_cannot_be_tuned(server: Server, data: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError, match="has no model 'gpt-9'"):
        tune(server, data, tmp_path / "out", model="gpt-9")
    assert server.jobs == []


def test_a_job_is_begun_once_with_one_set_of_settings(server: Server, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tune(server, data, out, epochs=2)
    for wrong, field_name in (({"epochs": 3}, "epochs is 2, not 3"), ({"model": "other"}, "model is")):
        with pytest.raises(RunMismatchError, match=field_name):
            tune(server, data, out, **wrong)
    (tmp_path / "more.jsonl").write_text(data.read_text().replace("Say 3.", "Say three."))
    with pytest.raises(RunMismatchError, match="with different data"):
        tune(server, tmp_path / "more.jsonl", out)


def test_what_cannot_be_asked_for(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"lora": True}, r"`lora` works only for fine-tuning on this machine"),
        ({"template": "mixture"}, r"`template` works only for fine-tuning on this machine"),
        ({"epochs": 1.5}, r"`epochs=1.5` is not a whole number"),
        ({"epochs": 0}, r"`epochs=0` is not a number above 0"),
        ({"learning_rate_multiplier": float("inf")}, r"`learning_rate_multiplier=inf` is not a number above"),
        ({"suffix": "x" * 65}, r"`suffix` is longer than 64"),
    ]
    for options, message in cases:
        with pytest.raises(ConfigError, match=message):
            plan_job(data, tmp_path / "out", model=MODEL, options=options)
    plan_job(data, tmp_path / "out", model=f"openai/{MODEL}", options={"template": "auto", "lora": None})
    with pytest.raises(ConfigError, match="Which model should be fine-tuned"):
        plan_job(data, tmp_path / "out", model=None, options={})
    few = tmp_path / "few.jsonl"
    few.write_text("".join(data.read_text().splitlines(keepends=True)[:9]))
    with pytest.raises(ConfigError, match="has 9 examples; a job needs at least 10"):
        plan_job(few, tmp_path / "out", model=MODEL, options={})
    rendered = tmp_path / "rendered.jsonl"
    rendered.write_text('{"prompt": "a", "completion": "b"}\n')
    with pytest.raises(ConfigError, match="in a template already"):
        plan_job(rendered, tmp_path / "out", model=MODEL, options={})
    with pytest.raises(ConfigError, match="holds files that belong to no job"):
        plan_job(data, data.parent, model=MODEL, options={})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "job.json").write_text("{}")
    with pytest.raises(StorageError, match=r"job\.json is damaged"):
        plan_job(data, tmp_path / "out", model=MODEL, options={})


def test_options_of_a_job_need_its_provider(data: Path, tmp_path: Path) -> None:
    done = run("finetune", data, "--out", tmp_path / "out", "--model", "pocket", "--suffix", "mine")
    assert (done.code, done.error()) == (
        2, "Error: --suffix works only for hosted fine-tuning. Add --provider openai, or leave it out.",
    )  # fmt: skip


def test_a_server_that_is_no_such_api(server: Server, data: Path, tmp_path: Path) -> None:
    server.faults = {"POST /files": [404]}
    with pytest.raises(EndpointMismatchError, match="No OpenAI-compatible API here"):
        tune(server, data, tmp_path / "out")


def test_rows_are_chats() -> None:
    turns = (("system", "Be brief."), ("user", "Hi\ud800"), ("assistant", "Ho"))
    rows = rows_of([
        Conversation("1", "1", turns), Instructed("2", "2", "Do", "", ""), Rendered("3", "3", "a", "b"),
        Instructed("4", "4", "Do", "it", "Done"), Instructed("5", "5", "Do", "it", "Done"),
    ])  # fmt: skip
    assert [json.loads(line)["messages"] for line in rows.lines] == [
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi?"},
         {"role": "assistant", "content": "Ho"}],
        [{"role": "user", "content": "Do\n\nit"}, {"role": "assistant", "content": "Done"}],
    ]  # fmt: skip
    assert rows.left_out == {"empty": 1, "rendered": 1, "duplicate": 1}
