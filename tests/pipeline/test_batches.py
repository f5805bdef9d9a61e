"""Runs whose requests go in batches: a real server that speaks files and batches, in this process, and runs
that are killed by going on from what was on the disk at that moment."""

import asyncio
import json
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from command import start_generate
from endpoint import RunningEndpoint, Server, parser

from selfinstruct.cli.asking import EXIT_CODES
from selfinstruct.cli.render import request_rows
from selfinstruct.errors import BatchRefusedError, ConfigError, RunMismatchError
from selfinstruct.models.http.anthropic_batches import AnthropicBatches
from selfinstruct.models.http.batches import HttpBatches
from selfinstruct.models.http.gemini_batches import GeminiBatches
from selfinstruct.pipeline.description import GenerateResult
from selfinstruct.pipeline.improve import improve, plan_improvement
from selfinstruct.pipeline.resolve import BATCH_LAG, resolve
from selfinstruct.pipeline.run import generate as generate_run
from selfinstruct.requests.batches import queue as batch_queue
from selfinstruct.requests.batches.gathering import attempt_of
from selfinstruct.store.directory import RunPaths
from selfinstruct.store.reader import RunReader
from selfinstruct.store.writer import RunWriter

TASKS = 12
HELD = 1000.0  # seconds that batches take, unless they are released
QUICK: dict[str, Any] = {
    "endpoint": {"batch": {"gather_seconds": 0.03, "poll_seconds": 0.05}},
    "feedback": {"lag": 8},
}


@asynccontextmanager
async def serving(**options: object) -> AsyncIterator[tuple[Server, str]]:
    """The endpoint of the tests, in this loop, and its base URL."""
    given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    server = Server(parser().parse_args(given))
    runner = web.ServerRunner(web.Server(server.handle, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield server, f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


async def generate(
    directory: Path, url: str, *, config: dict[str, Any] = QUICK, **options: object
) -> GenerateResult:
    """In batches, unless `batch` says otherwise; options by their field's last name."""
    fields = {"batch": "endpoint.batch.on", "wait": "endpoint.batch.wait", "tasks": "limits.tasks"}
    asked = {"batch": True, "tasks": TASKS} | options
    plan = resolve(
        directory,
        options={"endpoint.base_url": url, "recipe.name": "paper", "model.api": "completions"}
        | {fields.get(name, name.replace("__", ".")): value for name, value in asked.items()},
        config_file=config,
        model_spec="m",
    )
    return await generate_run(directory, plan)


def release(server: Server) -> None:
    """Answer all batches, those to come as well."""
    server.options.batch_seconds = 0.0
    server.batches.ready = dict.fromkeys(server.batches.ready, 0.0)


def data_set(directory: Path) -> bytes:
    return RunPaths(directory).dataset.read_bytes()


def query(directory: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(directory / "run.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Of a run without batches, with the same lag."""
    directory = tmp_path_factory.mktemp("reference") / "run"

    async def scenario() -> None:
        async with serving() as (_, url):
            await generate(directory, url, batch=False)

    asyncio.run(scenario())
    return data_set(directory)


def test_the_same_data_with_one_direct_request_a_stage(tmp_path: Path, reference: bytes) -> None:
    async def scenario() -> None:
        async with serving() as (server, url):
            prices = {"endpoint__price_in": 1.0, "endpoint__price_out": 2.0}
            config = QUICK | {"endpoint": {"batch": QUICK["endpoint"]["batch"] | {"price_factor": 0.5}}}
            outcome = await generate(tmp_path / "run", url, config=config, **prices)
            assert outcome.stopped == "done"
            assert data_set(tmp_path / "run") == reference
            assert server.received == 3  # instructions, classification, instances
            assert server.batches.purposes == {"batch"}
            summary = outcome.description.summary
            batched = summary.batched.values()
            saved = sum(each.prompt_tokens + 2 * each.completion_tokens for each in batched) / 2
            whole = summary.prompt_tokens + 2 * summary.completion_tokens
            assert saved > whole / 4
            assert outcome.description.cost_usd == pytest.approx((whole - saved) / 1e6)
            assert [batch.status for batch in summary.batches] == ["completed"] * len(server.batches.batches)
            assert server.stats()["repeated_completed"] == 0

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "faults",
    [
        {"batch_expire": 2, "batch_fail_rows": 0.3, "batch_fail_calls": 0.1, "batch_lose_answers": 2},
        {"batch_drop_rows": 1, "batch_lose_answers": 1, "batch_forget_keys": 1, "batch_together": 1},
        {"batch_queue": 5000, "batch_seconds": 0.05},
    ],
    ids=["expired, failed, unreachable", "as Together", "full queue"],
)
def test_misbehaving_batches_bring_the_same_data(
    tmp_path: Path, reference: bytes, faults: dict[str, object]
) -> None:
    async def scenario() -> Server:
        async with serving(**faults) as (server, url):
            outcome = await generate(tmp_path / "run", url)
            assert outcome.stopped == "done", outcome.advice
            return server

    server = asyncio.run(scenario())
    assert data_set(tmp_path / "run") == reference
    assert server.completions
    assert max(server.completions.values()) == 1
    if "batch_drop_rows" not in faults:  # of what is missing nobody knows whether it was answered
        repeated = sum(server.batches.processed.values()) - len(server.batches.processed)
        assert repeated <= server.outcomes["500"]
    batches = RunReader(tmp_path / "run").summary().batches
    if "batch_queue" in faults:
        assert any("token_limit_exceeded" in batch.message for batch in batches)


def test_as_mistral(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "a-key-of-mistral")

    async def scenario() -> bytes:
        faults = {"batch_expire": 1, "batch_lose_answers": 1}
        async with serving(batch_mistral=1, key="a-key-of-mistral", **faults) as (server, url):
            for name, batch in (("direct", False), ("run", True)):
                plan = resolve(
                    tmp_path / name,
                    options={"endpoint.base_url": url, "endpoint.batch.on": batch, "limits.tasks": 6},
                    config_file=QUICK | {"model": {"provider": "mistral", "name": "small"}},
                )
                assert (await generate_run(tmp_path / name, plan)).stopped == "done"
            assert plan.config.endpoint.batch.price_factor == 0.5
            assert server.batches.batches
            assert server.stats()["repeated_completed"] > 0  # as the two runs are the same
            return data_set(tmp_path / "direct")

    assert asyncio.run(scenario()) == data_set(tmp_path / "run")


async def with_chat(
    directory: Path, url: str, *, provider: str = "anthropic", batch: bool = True, **limits: Any
) -> GenerateResult:
    """As `generate`, of six tasks."""
    options = {"endpoint.base_url": url, "endpoint.batch.on": batch, "limits.tasks": 6}
    config = QUICK | {"model": {"provider": provider, "name": "a-model"}}
    return await generate_run(directory, resolve(directory, options=options | limits, config_file=config))


@pytest.mark.parametrize(
    "faults",
    [
        {"batch_expire": 1, "batch_lose_answers": 1, "batch_fail_rows": 0.3, "batch_fail_calls": 0.1},
        {"batch_queue": 5, "batch_seconds": 0.05, "batch_drop_rows": 1},
    ],
    ids=["expired, failed, unreachable", "full queue"],
)
def test_as_anthropic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: dict[str, object]) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key-of-anthropic")

    async def scenario() -> None:
        async with serving(batch_anthropic=1, key="a-key-of-anthropic", **faults) as (server, url):
            assert (await with_chat(tmp_path / "direct", url, batch=False)).stopped == "done"
            direct = server.received
            outcome = await with_chat(tmp_path / "run", url)
            assert outcome.stopped == "done", outcome.advice
            assert server.received == direct + 4  # of each of the chat recipe's stages the first
            if "batch_drop_rows" not in faults:
                repeated = sum(server.batches.processed.values()) - len(server.batches.processed)
                assert repeated <= server.outcomes["500"]
            told = {batch.status for batch in outcome.description.summary.batches}
            told -= {"validating", "in_progress"}  # the data set may be done without them
            assert told == {"completed", "not sent" if "batch_queue" in faults else "expired"}

    asyncio.run(scenario())
    assert data_set(tmp_path / "direct") == data_set(tmp_path / "run")


def gemini(url: str) -> str:
    return url.removesuffix("/v1") + "/v1beta/openai"


@pytest.mark.parametrize(
    "faults",
    [
        {"batch_expire": 1, "batch_lose_answers": 1, "batch_fail_rows": 0.3, "batch_fail_calls": 0.1},
        {"batch_queue": 1500, "batch_seconds": 0.05, "batch_drop_rows": 1, "batch_lose_results": 1},
    ],
    ids=["expired, failed, unreachable", "full queue, results gone"],
)
def test_as_gemini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: dict[str, object]) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "a-key-of-gemini")

    async def scenario() -> None:
        async with serving(batch_gemini=1, key="a-key-of-gemini", **faults) as (server, url):
            asked = gemini(url)
            direct = await with_chat(tmp_path / "direct", asked, provider="gemini", batch=False)
            assert direct.stopped == "done"
            alone = server.received
            outcome = await with_chat(tmp_path / "run", asked, provider="gemini")
            assert outcome.stopped == "done", outcome.advice
            assert server.received == alone + 3  # one a stage; the schema makes classification part of one
            if "batch_drop_rows" not in faults:
                repeated = sum(server.batches.processed.values()) - len(server.batches.processed)
                assert repeated <= server.outcomes["500"]
            told = {batch.status for batch in outcome.description.summary.batches}
            told -= {"validating", "in_progress"}  # the data set may be done without them
            assert told == {"completed", "not sent" if "batch_queue" in faults else "expired"}

    asyncio.run(scenario())
    assert data_set(tmp_path / "direct") == data_set(tmp_path / "run")


async def strangers_batch(url: str, attempts: list[int]) -> None:
    """A batch of somebody else with the same account, whose rows' names end as ours."""
    asked = {"model": "other", "max_tokens": 9}
    rows = [
        {
            "custom_id": f"theirs-{number}",
            "params": asked | {"messages": [{"role": "user", "content": f"{number}?"}]},
        }
        for number in attempts
    ]
    headers = {"anthropic-version": "2023-06-01"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{url}/messages/batches", json={"requests": rows}) as response,
    ):
        assert response.status == 200


@pytest.mark.parametrize("created", [False, True])
def test_killed_beside_a_batch_of_somebody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, created: bool
) -> None:
    """At Anthropic, which says of a running batch only how large it is and when it was created."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key-of-anthropic")
    run, original = tmp_path / "run", AnthropicBatches.create

    async def scenario() -> Server:
        async with serving(batch_anthropic=1, batch_seconds=HELD) as (server, url):

            async def beaten(self: AnthropicBatches, file: str, *args: Any, **kwargs: Any) -> Any:
                rows = map(json.loads, self._unsent[file].splitlines())
                await strangers_batch(url, [attempt_of(row["custom_id"]) for row in rows])
                return await original(self, file, *args, **kwargs)

            async def begin() -> GenerateResult:
                return await with_chat(run, url)

            with monkeypatch.context() as patched:
                if created:
                    patched.setattr(AnthropicBatches, "create", beaten)
                step = (AnthropicBatches, "create", 1, run, begin)
                assert await killed(monkeypatch, *step, before=not created)
            if not created:
                rows = query(run, "SELECT attempt FROM batched WHERE batch = 1")
                await strangers_batch(url, [attempt for (attempt,) in rows])
            release(server)
            assert (await begin()).stopped == "done"
            _, *ours = server.batches.batches
            collected = {remote for (remote,) in query(run, "SELECT remote FROM batches") if remote}
            assert collected == set(ours)
            assert (await with_chat(tmp_path / "direct", url, batch=False)).stopped == "done"
            return server

    server = asyncio.run(scenario())
    assert data_set(tmp_path / "direct") == data_set(run)
    assert max(server.batches.processed.values()) == 1


def _snapshot(directory: Path, copy: Path) -> None:
    """What a kill at this moment would leave."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    shutil.copy(directory / "config.toml", copy)
    source, target = sqlite3.connect(directory / "run.db"), sqlite3.connect(copy / "run.db")
    source.backup(target)
    target.close()
    source.close()


async def killed(
    patch: pytest.MonkeyPatch,
    owner: type,
    name: str,
    nth: int,
    run: Path,
    start: Callable[[], Any],
    *,
    before: bool,
) -> bool:
    """Run until the n-th call of this method and leave `run` as a kill just before or after it would; False
    where it came to its end first."""
    reached = asyncio.Event()
    original = getattr(owner, name)
    calls, copy = 0, run.with_name("copy")

    async def hang() -> None:
        _snapshot(run, copy)
        reached.set()
        await asyncio.Event().wait()

    async def hooked(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        here = calls == nth
        if here and before:
            await hang()
        result = await original(self, *args, **kwargs)
        if here:
            await hang()
        return result

    async def hooked_rows(self: Any, *args: Any) -> Any:
        nonlocal calls
        async for row in original(self, *args):
            yield row
            calls += 1
            if calls == nth:
                await asyncio.sleep(0.02)  # what was read is recorded meanwhile, or in part
                await hang()

    patch.setattr(batch_queue, "CLOSING_SECONDS", 0.01)
    with patch.context() as patched:
        patched.setattr(owner, name, hooked_rows if name == "rows" else hooked)
        task, hit = asyncio.create_task(start()), asyncio.create_task(reached.wait())
        await asyncio.wait([task, hit], return_when=asyncio.FIRST_COMPLETED)
        hit.cancel()
        task.cancel()
        await asyncio.gather(task, hit, return_exceptions=True)
    if reached.is_set():
        shutil.rmtree(run)
        copy.rename(run)
    return reached.is_set()


STEPS: list[tuple[type, str, int, bool]] = [
    (RunWriter, "intend", 6, False),
    (RunWriter, "prepare_batch", 1, False),
    (HttpBatches, "upload", 1, False),
    (RunWriter, "batch_uploaded", 1, False),
    (HttpBatches, "create", 1, False),
    (RunWriter, "batch_standing", 1, False),
    (HttpBatches, "look", 1, True),
    (HttpBatches, "look", 1, False),
    (HttpBatches, "rows", 3, False),
    (RunWriter, "complete", 2, False),
    (HttpBatches, "create", 1, False),
    (HttpBatches, "rows", 2, False),
]


@pytest.mark.parametrize("provider", ["openai", "gemini"])
def test_killed_between_any_two_steps_nothing_is_asked_twice(
    tmp_path: Path, reference: bytes, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    run, asks_gemini = tmp_path / "run", provider == "gemini"
    monkeypatch.setenv("GEMINI_API_KEY", "a-key")

    async def scenario() -> Server:
        async with serving(batch_gemini=int(asks_gemini)) as (server, url):

            async def begin(directory: Path = run, *, batch: bool = True) -> GenerateResult:
                if asks_gemini:
                    asked: dict[str, Any] = {"provider": provider, "batch": batch, "limits.tasks": 20}
                    return await with_chat(directory, gemini(url), **asked)
                return await generate(directory, url, batch=batch)

            for owner, name, nth, before in STEPS:
                step = (GeminiBatches if asks_gemini and name == "upload" else owner, name, nth, run, begin)
                assert await killed(monkeypatch, *step, before=before), name
            assert (await begin()).stopped == "done"
            if asks_gemini:
                await begin(tmp_path / "direct", batch=False)
            return server

    server = asyncio.run(scenario())
    assert data_set(run) == (data_set(tmp_path / "direct") if asks_gemini else reference)
    assert max(server.batches.processed.values()) == 1  # one that goes alone may have been in flight
    assert query(tmp_path / "run", "SELECT count(*) FROM batches WHERE status = 'not sent'")[0][0] >= 2


@pytest.mark.parametrize("models", [1, 2])
def test_without_waiting_each_invocation_does_what_it_can(
    tmp_path: Path, reference: bytes, models: int
) -> None:
    async def scenario() -> list[GenerateResult]:
        async with serving(batch_seconds=HELD) as (server, url):
            config = dict(QUICK)
            if models == 2:
                own = {"base_url": url, "batch": QUICK["endpoint"]["batch"] | {"on": True}}
                config["stages"] = {"instances": {"model": "n", "endpoint": own}}
            outcomes: list[GenerateResult] = []
            while not outcomes or outcomes[-1].stopped == "waiting":
                outcomes.append(await generate(tmp_path / "run", url, config=config, wait=False))
                server.batches.ready = dict.fromkeys(server.batches.ready, 0.0)
            return outcomes

    outcomes = asyncio.run(scenario())
    first = outcomes[0]
    assert EXIT_CODES[first.stopped] == 7
    assert first.advice.endswith("Run the same command again to collect the results.")
    standing = first.to_json()["batches"]
    assert [batch["open"] for batch in standing]
    assert all(batch["id"] for batch in standing)
    assert outcomes[-1].stopped == "done"
    assert data_set(tmp_path / "run") == reference


def test_what_is_out_is_collected_without_sending_more_batches(tmp_path: Path, reference: bytes) -> None:
    async def scenario() -> int:
        async with serving(batch_seconds=HELD) as (server, url):
            assert (await generate(tmp_path / "run", url, wait=False)).stopped == "waiting"
            sent = len(server.batches.batches)
            release(server)
            assert (await generate(tmp_path / "run", url, batch=False)).stopped == "done"
            assert len(server.batches.batches) == sent
            return int(server.stats()["repeated_completed"])

    assert asyncio.run(scenario()) == 0
    assert data_set(tmp_path / "run") == reference


def test_a_budget_holds_and_pays_for_no_request_twice(tmp_path: Path, reference: bytes) -> None:
    async def scenario() -> None:
        async with serving(batch_expire=1) as (server, url):
            outcome = await generate(tmp_path / "run", url, limits__max_requests=9)
            assert outcome.stopped == "budget"
            assert outcome.description.summary.attempts == 9
            assert server.completed == 9  # those that had expired were asked with the same attempts
            assert (await generate(tmp_path / "run", url, limits__max_requests=0)).stopped == "done"

    asyncio.run(scenario())
    assert data_set(tmp_path / "run") == reference


def test_a_batch_that_is_cancelled_or_refused_stops_the_run_resumably(
    tmp_path: Path, reference: bytes
) -> None:
    async def scenario() -> None:
        async with serving(batch_seconds=HELD) as (server, url):
            assert (await generate(tmp_path / "run", url, wait=False)).stopped == "waiting"
            batch = next(iter(server.batches.batches.values()))
            batch["status"] = "cancelled"
            outcome = await generate(tmp_path / "run", url)
            assert outcome.stopped == "unavailable"
            assert "was cancelled" in outcome.advice
            assert (await generate(tmp_path / "run", url, wait=False)).stopped == "waiting"
            batch = list(server.batches.batches.values())[-1]
            batch |= {"status": "failed", "errors": {"data": [{"code": "no_money", "message": "No money."}]}}
            with pytest.raises(BatchRefusedError, match=r"rejected the batch .*No money"):
                await generate(tmp_path / "run", url)
            release(server)
            assert (await generate(tmp_path / "run", url)).stopped == "done"

    asyncio.run(scenario())
    assert data_set(tmp_path / "run") == reference


def test_an_endpoint_that_is_gone_while_batches_are_out(tmp_path: Path, reference: bytes) -> None:
    async def scenario() -> None:
        async with serving(batch_seconds=HELD) as (server, url):
            assert (await generate(tmp_path / "run", url, wait=False)).stopped == "waiting"
            server.options.batch_fail_calls = 1.0
            outcome = await generate(tmp_path / "run", url, endpoint__patience_seconds=0.2)
            assert outcome.stopped == "unavailable"
            server.options.batch_fail_calls = 0.0
            release(server)
            assert (await generate(tmp_path / "run", url)).stopped == "done"
            assert server.stats()["repeated_completed"] == 0

    asyncio.run(scenario())
    assert data_set(tmp_path / "run") == reference


def test_who_takes_no_batches_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(no_batches=1) as (_, url):
            with pytest.raises(BatchRefusedError, match=r"has no batch API.*`batch=False`"):
                await generate(tmp_path / "run", url)
            assert (await generate(tmp_path / "run", url, batch=False)).stopped == "done"

    asyncio.run(scenario())
    with pytest.raises(ConfigError, match="scripted/demo runs in this process and has no batch API"):
        resolve(tmp_path / "local", options={"endpoint.batch.on": True}, model_spec="scripted")


def test_the_lag_is_longer_with_batches_and_part_of_the_run(tmp_path: Path) -> None:
    settings = {"endpoint": QUICK["endpoint"]}

    def lag(**options: object) -> int:
        given = {"endpoint.base_url": "http://127.0.0.1:1/v1"} | {
            f"endpoint.batch.{k}": v for k, v in options.items()
        }
        plan = resolve(tmp_path / "run", options=given, config_file=settings, model_spec="m")
        return plan.config.feedback.lag

    assert (lag(), lag(on=True)) == (4, BATCH_LAG)

    async def scenario() -> None:
        async with serving() as (_, url):
            await generate(tmp_path / "run", url, config=settings, tasks=2)
            await generate(tmp_path / "run", url, config=settings, tasks=3, batch=False)
            with pytest.raises(RunMismatchError, match=f"feedback.lag is {BATCH_LAG}, not 4"):
                await generate(tmp_path / "run", url, config=settings | {"feedback": {"lag": 4}})

    asyncio.run(scenario())


def test_improving_goes_in_batches_too(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving() as (server, url):
            await generate(tmp_path / "run", url, batch=False, tasks=8)
            direct = server.received
            plan = plan_improvement(
                tmp_path / "run",
                model_spec="m",
                name=None,
                options={"endpoint.base_url": url, "endpoint.batch.on": True, "model.api": "chat"},
                config_file=QUICK,  # type: ignore[arg-type]  # a mapping does as well
            )
            outcome = await improve(plan)
            assert outcome.stopped == "done"
            assert server.received == direct + 1
            assert len(server.batches.batches) == 1
            assert outcome.batch.counts()["batches"][0]["status"] == "completed"

    asyncio.run(scenario())


def test_as_a_command_killed_and_interrupted(
    tmp_path: Path, reference: bytes, endpoint: Callable[..., RunningEndpoint]
) -> None:
    server = endpoint(batch_seconds=1.0)
    config = tmp_path / "quick.toml"
    config.write_text("[endpoint.batch]\ngather_seconds = 0.03\npoll_seconds = 0.05\n[feedback]\nlag = 8\n")
    options = ("--api", "completions", "--tasks", TASKS, "--batch", "--config", config)

    def until_a_batch_is_out(batches: int) -> None:
        deadline = time.monotonic() + 60
        while server.stats()["batches"] < batches and time.monotonic() < deadline:
            time.sleep(0.02)

    killed_one = start_generate(tmp_path / "run", server.base_url, *options)
    until_a_batch_is_out(1)
    killed_one.kill()
    interrupted = start_generate(tmp_path / "run", server.base_url, *options)
    until_a_batch_is_out(2)
    interrupted.interrupt()
    ended = interrupted.wait()
    assert ended.code == 130
    assert ended.json()["stopped"] == "interrupted"
    assert "Batches keep running at the provider." in ended.stderr
    assert "still running at the provider. Run the same command again to collect" in ended.stderr
    rows = request_rows(RunReader(tmp_path / "run").summary())
    assert "running: batch_" in " ".join(f"{name.strip()}: {text}" for name, _, text in rows)
    assert asyncio.run(generate(tmp_path / "run", server.base_url)).stopped == "done"
    assert data_set(tmp_path / "run") == reference
    assert server.stats()["repeated_completed"] == 0
