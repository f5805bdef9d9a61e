"""The endpoint of tests/support itself: what other tests and the benchmarks rely on."""

import asyncio
import json
from collections import Counter
from dataclasses import replace

from selfinstruct.errors import ParameterRejectedError, RequestError
from selfinstruct.models.base import Capabilities
from selfinstruct.models.http.model import HttpModel
from selfinstruct.records import Prompt, Request, Sampling, Stage

SAMPLING = Sampling(0.7, 0.5, 0.0, 2.0, 256)


def numbered(number, times=1):
    prompt = Prompt("", f"Come up with a series of tasks:\n1. {number}\n2.", SAMPLING, 1)
    return [Request(Stage.INSTRUCTIONS, number, prompt, number)] * times


async def send(base_url, requests, attempts):
    """How often each request came to which end."""
    model = HttpModel(base_url=base_url, model="tiny", api_key=None, timeout_seconds=10)
    ends = []
    for request in requests:
        for _ in range(attempts):
            try:
                await model.complete(request)
            except RequestError as error:
                ends.append(type(error).__name__)
            else:
                ends.append("ok")
                break
    await model.aclose()
    return ends


def test_faults_are_drawn_alike_each_time_and_pass(endpoint):
    options = {"refuse_429": 0.2, "fail_500": 0.2, "break_": 0.2}
    requests = [request for number in range(60) for request in numbered(number)]
    runs = []
    for seed in (1, 1, 2):
        running = endpoint(**options, seed_faults=seed)
        runs.append(asyncio.run(send(running.base_url, requests, attempts=40)))
        stats = running.stats()
        assert stats["completed"] == runs[-1].count("ok") == 60
        assert stats["received"] == len(runs[-1])
        assert stats["by_outcome"]["broken"] == runs[-1].count("ConnectionBrokenError")
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {"ok", "RateLimitedError", "EndpointFailedError", "ConnectionBrokenError"}


def test_bodies_that_were_completed_more_than_once_are_counted(endpoint):
    running = endpoint()
    asyncio.run(send(running.base_url, [*numbered(1, times=3), *numbered(2), *numbered(3, times=2)], 1))
    assert running.stats()["repeated_completed"] == 2


def test_every_request_has_its_line_in_the_log(endpoint, tmp_path):
    running = endpoint(log=tmp_path / "log.jsonl", refuse_429=0.5)
    asyncio.run(send(running.base_url, [*numbered(1), *numbered(2), *numbered(3)], 20))
    by_outcome = running.stats()["by_outcome"]  # asked first: by then the last reply has its line, too
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert Counter(line["outcome"] for line in lines) == by_outcome
    assert {line["stage"] for line in lines} == {"instructions"}
    assert len({line["body"] for line in lines}) == 3


def test_a_client_that_leaves_is_not_completed(endpoint):
    running = endpoint(latency=1.0)

    async def leave():
        model = HttpModel(base_url=running.base_url, model="tiny", api_key=None, timeout_seconds=10)
        attempt = asyncio.create_task(model.complete(numbered(1)[0]))
        await asyncio.sleep(0.3)
        attempt.cancel()
        await asyncio.wait([attempt])
        await model.aclose()
        await asyncio.sleep(1.2)

    asyncio.run(leave())
    stats = running.stats()
    assert (stats["received"], stats["completed"], stats["by_outcome"]) == (1, 0, {"aborted": 1})


def test_a_script_may_be_served(endpoint, tmp_path):
    (tmp_path / "script.jsonl").write_text('{"contains": "", "reply": " Name a fruit."}\n')
    running = endpoint(script=tmp_path / "script.jsonl")

    async def ask():
        model = HttpModel(base_url=running.base_url, model="tiny", api_key=None, timeout_seconds=10)
        completion = await model.complete(numbered(1)[0])
        await model.aclose()
        return completion

    assert asyncio.run(ask()).text == " Name a fruit."


def test_what_it_takes_may_be_narrowed(endpoint):
    running = endpoint(reject_parameters=["system", "response_format"])

    async def rejected(capabilities, schema=""):
        prompt = Prompt("Be brief.", "Name a fruit.", replace(SAMPLING, response_schema=schema), 0)
        model = HttpModel(
            base_url=running.base_url,
            model="tiny",
            api_key=None,
            timeout_seconds=10,
            capabilities=capabilities,
        )
        try:
            await model.complete(Request(Stage.INSTANCES, 0, prompt, 0))
        except ParameterRejectedError as error:
            return error.parameter
        finally:
            await model.aclose()

    chat = Capabilities(api="chat")
    one_message = replace(chat, unsupported=("system",))
    assert asyncio.run(rejected(chat)) == "system"
    assert asyncio.run(rejected(one_message, '{"type": "object"}')) == "response_format"
    assert asyncio.run(rejected(one_message)) is None
    assert asyncio.run(rejected(Capabilities())) is None
