"""A batch of prompts against a real server: the same completions whatever happens, none asked for twice."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command import clean_environment
from endpoint import RunningEndpoint, running_endpoint

from selfinstruct.config import Config, EndpointConfig, LimitsConfig, ModelConfig
from selfinstruct.errors import (
    ContextLengthError,
    EndpointMismatchError,
    RunInUseError,
    RunMismatchError,
    UnknownModelError,
)
from selfinstruct.records import Completion, Prompt, Sampling, Stage
from selfinstruct.requests.batch import BatchOutcome, complete_batch
from selfinstruct.requests.dispatch import Lost
from selfinstruct.requests.invocation import whichever_call_it_takes
from selfinstruct.store.reader import RunReader
from selfinstruct.store.writer import RunWriter

Start = Callable[..., RunningEndpoint]

SAMPLING = Sampling(0.0, 1.0, 0.0, 0.0, 200)


def prompts(count: int) -> list[Prompt]:
    return [
        Prompt("Do the task.", f"\n\nTask: Write about river {number}.", SAMPLING, 0)
        for number in range(count)
    ]


def config(
    base_url: str,
    *,
    concurrency: int = 8,
    api: str = "chat",
    max_requests: int | None = None,
    max_total_tokens: int | None = None,
) -> Config:
    return Config(
        model=ModelConfig(provider="http", name="m", api=api),  # type: ignore[arg-type]
        endpoint=EndpointConfig(base_url=base_url, concurrency=concurrency, patience_seconds=1.0),
        limits=LimitsConfig(max_requests=max_requests, max_total_tokens=max_total_tokens),
    )


def complete(directory: Path, asked: Config, wanted: list[Prompt], **rest: int) -> BatchOutcome:
    return asyncio.run(complete_batch(directory, asked, wanted, **rest))  # type: ignore[arg-type]


def texts(outcome: BatchOutcome) -> list[str | None]:
    """What was said, or why it was lost, in the prompts' order; None where nobody asked yet."""
    return [
        each.reason if isinstance(each, Lost) else each.text if each else None for each in outcome.outcomes
    ]


def query(directory: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(directory / "run.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def calm() -> Iterator[RunningEndpoint]:
    """For whoever does not count what it receives."""
    with running_endpoint() as server:
        yield server


@pytest.fixture(scope="module")
def reference(calm: RunningEndpoint, tmp_path_factory: pytest.TempPathFactory) -> BatchOutcome:
    """Sixty prompts, one at a time, without a fault."""
    return complete(tmp_path_factory.mktemp("reference"), config(calm.base_url, concurrency=1), prompts(60))


def test_completions_come_in_the_prompts_order_whatever_the_concurrency(
    reference: BatchOutcome, endpoint: Start, tmp_path: Path
) -> None:
    assert reference.stopped == "done"
    assert (reference.advice, reference.cost_usd) == ("", None)
    assert len(set(texts(reference))) > 50
    troubled = endpoint(latency=0.01, slow_share=0.2, refuse_429=0.1, fail_500=0.05, break_=0.02)
    crowd = complete(tmp_path, config(troubled.base_url, concurrency=32), prompts(60))
    assert texts(crowd) == texts(reference)
    assert troubled.stats()["max_in_flight"] > 8
    assert crowd.summary.attempts == troubled.stats()["received"]
    assert crowd.summary.requests == 60
    assert crowd.summary.lost == {}


def test_what_is_complete_needs_no_endpoint_and_more_prompts_go_on(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint()
    begun = complete(tmp_path, config(server.base_url), prompts(20))
    grown = complete(tmp_path, config(server.base_url), prompts(30))
    assert texts(grown)[:20] == texts(begun)
    assert None not in texts(grown)
    assert server.stats()["received"] == 30
    server.stop()
    again = complete(tmp_path, config("http://127.0.0.1:1/v1"), prompts(30))
    assert again.stopped == "done"
    assert texts(again) == texts(grown)
    assert texts(complete(tmp_path, config("http://127.0.0.1:1/v1"), prompts(5))) == texts(begun)[:5]


def test_only_the_first_may_be_asked_for_and_others_are_kept(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint()
    some = complete(tmp_path, config(server.base_url), prompts(10), first=4)
    assert some.stopped == "done"
    assert [text is not None for text in texts(some)] == [True] * 4 + [False] * 6
    complete(tmp_path, config(server.base_url), prompts(10), first=7)
    fewer = complete(tmp_path, config(server.base_url), prompts(10), first=2)
    assert [text is not None for text in texts(fewer)] == [True] * 7 + [False] * 3
    assert server.stats()["received"] == 7


def test_a_prompt_that_is_another_one_now_is_named(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint()
    complete(tmp_path, config(server.base_url), prompts(5))
    changed = prompts(5)
    changed[3] = Prompt("Do the task.", "\n\nTask: Write about lake 3.", SAMPLING, 0)
    with pytest.raises(RunMismatchError, match=r"was started with another prompt for prompt 3\."):
        complete(tmp_path, config(server.base_url), changed)
    sampled = [Prompt(each.preamble, each.body, Sampling(0.5, 1, 0, 0, 200), 0) for each in prompts(5)]
    with pytest.raises(RunMismatchError, match="another prompt for prompt 0"):
        complete(tmp_path, config(server.base_url), sampled)
    other = config(server.base_url).model_copy(update={"model": ModelConfig(provider="http", name="n")})
    with pytest.raises(RunMismatchError, match=r'model\.name is "m", not "n"'):
        complete(tmp_path, other, prompts(5))
    assert server.stats()["received"] == 5


def test_text_that_cannot_be_stored_as_it_is_does_not_stop_a_resume(
    calm: RunningEndpoint, tmp_path: Path
) -> None:
    odd = [Prompt("", "Task: Say \ud800 something.", SAMPLING, 0)]
    first = complete(tmp_path, config(calm.base_url), odd)
    assert texts(complete(tmp_path, config(calm.base_url), odd)) == texts(first)


@pytest.mark.parametrize("limit", [{"max_requests": 12}, {"max_total_tokens": 1500}])
def test_a_budget_stops_it_and_a_larger_one_goes_on(
    reference: BatchOutcome, endpoint: Start, tmp_path: Path, limit: dict[str, Any]
) -> None:
    server = endpoint(fail_500=0.2)
    stopped = complete(tmp_path, config(server.base_url, **limit), prompts(40))
    assert stopped.stopped == "budget"
    assert "Run the same command with a larger one" in stopped.advice
    assert 0 < sum(text is not None for text in texts(stopped)) < 40
    if "max_requests" in limit:
        assert server.stats()["received"] == 12
    else:
        assert stopped.summary.prompt_tokens + stopped.summary.completion_tokens <= 1500
    done = complete(tmp_path, config(server.base_url), prompts(40))
    assert done.stopped == "done"
    assert texts(done) == texts(reference)[:40]
    assert server.stats()["repeated_completed"] == 0


KILLED = """
import asyncio, sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from test_batch import complete, config, prompts
complete(Path(sys.argv[1]), config(sys.argv[2], max_requests=110), prompts(60))
"""


def test_kill_9_loses_nothing_that_was_completed_and_no_budget(
    reference: BatchOutcome, endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(latency=0.15)
    here = Path(__file__).parent
    command = [sys.executable, "-c", KILLED, str(tmp_path / "killed"), server.base_url]
    for _ in range(2):
        received = server.stats()["received"]
        process = subprocess.Popen(
            [*command, str(here), str(here.parent / "support")], env=clean_environment()
        )
        deadline = time.monotonic() + 30
        while server.stats()["received"] < received + 12:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
        process.wait()
    before = {
        recorded.subject for recorded in RunReader(tmp_path / "killed").recorded_requests(Stage.INSTANCES)
    }
    assert 0 < len(before) < 60
    done = complete(tmp_path / "killed", config(server.base_url, max_requests=110), prompts(60))
    assert done.stopped == "done"
    assert texts(done) == texts(reference)
    twice = query(
        tmp_path / "killed",
        "SELECT subject FROM attempts WHERE outcome = 'completed' GROUP BY subject HAVING count(*) > 1",
    )
    assert twice == []
    assert server.stats()["received"] <= done.summary.attempts <= 110, "an intent before every request"


def test_one_process_writes_a_batch(calm: RunningEndpoint, tmp_path: Path) -> None:
    writer = RunWriter.open(tmp_path, config(calm.base_url), ())
    with pytest.raises(RunInUseError):
        complete(tmp_path, config(calm.base_url), prompts(2))
    writer.close()


def test_an_endpoint_that_goes_away_is_an_outcome(calm: RunningEndpoint, tmp_path: Path) -> None:
    gone = complete(tmp_path, config("http://127.0.0.1:1/v1"), prompts(3))
    assert gone.stopped == "unavailable"
    assert "connection refused" in gone.advice
    assert texts(gone) == [None] * 3
    assert complete(tmp_path, config(calm.base_url), prompts(3)).stopped == "done"


def test_refused_and_overlong_prompts_are_lost_alone(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(max_context=400, refuse_content_containing="river 5.")
    wanted = prompts(8)
    for long in (0, 6):
        wanted[long] = Prompt("", "word " * 1000, SAMPLING, 0)
    outcome = complete(tmp_path, config(server.base_url), wanted)
    assert outcome.stopped == "done"
    assert outcome.outcomes[0] == outcome.outcomes[6] == Lost("too_long")
    assert outcome.outcomes[5] == Lost("refused")
    assert sum(isinstance(each, Completion) for each in outcome.outcomes) == 5
    assert outcome.summary.lost == {"too_long": 2, "refused": 1}
    received = server.stats()["received"]
    assert texts(complete(tmp_path, config(server.base_url), wanted)) == texts(outcome)
    assert server.stats()["received"] == received, "what is lost is not asked again"


@pytest.mark.parametrize("count", [3, 40])
def test_a_limit_that_every_prompt_is_too_long_for_can_be_mended(
    calm: RunningEndpoint, endpoint: Start, tmp_path: Path, count: int
) -> None:
    short = endpoint(max_context=100)
    with pytest.raises(ContextLengthError):
        complete(tmp_path, config(short.base_url), prompts(count))
    assert short.stats()["received"] == min(count, 10)
    assert query(tmp_path, "SELECT * FROM requests") == []
    assert complete(tmp_path, config(calm.base_url), prompts(count)).stopped == "done"


def test_parameters_are_left_out_once_and_for_all(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(reject_parameters="seed,max_tokens")
    first = complete(tmp_path, config(server.base_url), prompts(5))
    assert (first.summary.errors, first.summary.negotiated) == ({}, 2)
    grown = complete(tmp_path, config(server.base_url), prompts(9))
    assert (grown.summary.errors, grown.summary.negotiated) == ({}, 2)


def by_either_call(directory: Path, base_url: str, calls: list[str]) -> BatchOutcome:
    async def by(api: str) -> BatchOutcome:
        calls.append(api)
        return await complete_batch(directory, config(base_url, api=api), prompts(4))

    return asyncio.run(whichever_call_it_takes(directory, lambda: by("chat"), lambda: by("completions")))


@pytest.mark.parametrize(("api", "tried"), [("chat", ["chat"]), ("completions", ["chat", "completions"])])
def test_the_call_that_the_endpoint_takes(
    endpoint: Start, tmp_path: Path, api: str, tried: list[str]
) -> None:
    server = endpoint(api=api)
    calls: list[str] = []
    assert by_either_call(tmp_path, server.base_url, calls).stopped == "done"
    assert calls == tried
    assert server.stats()["received"] == 4 + len(tried) - 1
    assert RunReader(tmp_path).notes()["capabilities.instances"]["api"] == api


def test_an_unknown_model_is_unknown_by_both_calls(endpoint: Start, tmp_path: Path) -> None:
    calls: list[str] = []
    with pytest.raises(UnknownModelError):
        by_either_call(tmp_path, endpoint(model="another").base_url, calls)
    assert calls == ["chat", "completions"]


def test_no_other_call_is_tried_once_something_was_completed(
    calm: RunningEndpoint, endpoint: Start, tmp_path: Path
) -> None:
    complete(tmp_path, config(calm.base_url), prompts(2))
    calls: list[str] = []
    with pytest.raises((EndpointMismatchError, UnknownModelError)):
        by_either_call(tmp_path, endpoint(api="completions").base_url, calls)
    assert calls == ["chat"]
