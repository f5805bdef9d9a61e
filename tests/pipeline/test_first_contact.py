"""What a run does with an endpoint that refuses or fails, through the command line: which exit code, after
how many requests, and with which words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import answering
import pytest
from answering import error
from command import Finished, run

from selfinstruct.models.scripted.model import ScriptedModel, asked_for
from selfinstruct.records import Stage


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. number: from 1, of all that were received; of_stage: of its stage's."""

    number: int
    of_stage: int
    stage: Stage
    sent: Mapping[str, Any]
    at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """body: a text as it stands, anything else as JSON."""

    status: int
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Server:
    """base_url, and every request so far."""

    base_url: str = ""
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def serving(behaviour: Callable[[Asked], Answer | None]) -> Iterator[Server]:
    """None: answered as the scripted model does."""
    model, server = ScriptedModel(), Server()

    def answer(request: answering.Asked) -> tuple[int, Any, Mapping[str, str]]:
        sent = request.body
        prompt = sent.get("prompt") or "".join(each["content"] for each in sent["messages"])
        stage = asked_for(prompt)
        of_stage = 1 + sum(each.stage is stage for each in server.asked)
        asked = Asked(len(server.asked) + 1, of_stage, stage, sent, time.monotonic())
        server.asked.append(asked)
        found = behaviour(asked)
        if found is not None:
            return found.status, found.body, {"Content-Type": "application/json", **found.headers}
        said = model.answer(prompt, sent.get("seed") or 0, sent.get("max_tokens") or 16)
        reply = answering.chat_reply(said.text) if "messages" in sent else {"choices": [{"text": said.text}]}
        reply["choices"][0]["finish_reason"] = said.finish_reason
        return 200, reply, {}

    with answering.answering(answer) as running:
        server.base_url = running.base_url
        yield server


def generate(directory: Path, base_url: str, *arguments: object) -> Finished:
    endpoint = ("--base-url", base_url, "--model", "m", "--recipe", "paper", "--tasks", 20)
    return run("generate", directory, *endpoint, "--json", *arguments)


def always(answer: Answer) -> Callable[[Asked], Answer | None]:
    return lambda _: answer


@pytest.mark.parametrize("status", [400, 403])
def test_a_run_whose_every_request_is_refused_in_unknown_words_stops(tmp_path: Path, status: int) -> None:
    with serving(always(Answer(status, error("Flurb gronk 17")))) as endpoint:
        done = generate(tmp_path / "run", endpoint.base_url)
    assert done.code == 2, done.stderr
    assert len(endpoint.asked) <= 10
    assert "Flurb gronk 17" in done.stderr
    printed = done.json()
    assert printed["stopped"] == "refused"
    assert printed["lost"] == {"unrecognized_error": len(endpoint.asked)}
    assert "Flurb gronk 17" in printed["advice"]
    assert "Flurb gronk 17" in run("status", tmp_path / "run").stdout


def test_a_run_whose_every_third_request_is_refused_in_unknown_words_says_so(tmp_path: Path) -> None:
    def every_third(asked: Asked) -> Answer | None:
        return Answer(400, error("Flurb gronk 17")) if asked.number % 3 == 0 else None

    with serving(every_third) as endpoint:
        done = generate(tmp_path / "run", endpoint.base_url)
    printed = done.json()
    assert printed["lost"]["unrecognized_error"] > 0
    assert printed["errors"]["UnrecognizedError"] == printed["lost"]["unrecognized_error"]
    assert "Flurb gronk 17" in done.stderr + printed["advice"], done.stderr
    assert "unrecognized_error" in run("status", tmp_path / "run").stdout


def test_a_stage_that_is_refused_too_often_stops_the_run(tmp_path: Path) -> None:
    def one_in_five(asked: Asked) -> Answer | None:
        is_instance = asked.stage is Stage.INSTANCES
        return Answer(400, error("Flurb gronk 17")) if is_instance and asked.of_stage % 5 == 0 else None

    with serving(one_in_five) as endpoint:
        done = generate(tmp_path / "run", endpoint.base_url, "--tasks", 400, "--concurrency", 4)
    assert done.code == 2
    assert re.search(r"refused \d+ of the last 50 requests of the stage instances", done.stderr)
    assert "Flurb gronk 17" in done.stderr
    assert sum(asked.stage is Stage.INSTANCES for asked in endpoint.asked) <= 60


def test_a_few_such_refusals_do_not_stop_it(tmp_path: Path) -> None:
    def one_in_thirty(asked: Asked) -> Answer | None:
        return Answer(400, error("Flurb gronk 17")) if asked.of_stage % 30 == 0 else None

    with serving(one_in_thirty) as endpoint:
        done = generate(tmp_path / "run", endpoint.base_url, "--tasks", 100)
    assert done.code == 0, done.stderr
    assert done.json()["lost"]["unrecognized_error"] > 0


@pytest.mark.parametrize(
    ("body", "field", "taken"),
    [
        ("Only temperature=1 is supported for this model", "temperature",
         lambda sent: "temperature" not in sent),
        ("`temperature` has to be a strictly positive float", "temperature",
         lambda sent: sent.get("temperature", 0.01) >= 0.01),
        ("Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 3 "
         "instead.", "max_tokens", lambda sent: sent["max_tokens"] >= 16),
        ("max_tokens is too large: 1024. This model supports at most 900 completion tokens", "max_tokens",
         lambda sent: sent["max_tokens"] <= 900),
        ("Penalties are not supported", "presence_penalty", lambda sent: "presence_penalty" not in sent),
    ],
)  # fmt: skip
def test_what_a_field_may_be_is_found_out_in_every_stage(
    tmp_path: Path, body: str, field: str, taken: Callable[[dict[str, object]], bool]
) -> None:
    refused = []

    def picky(asked: Asked) -> Answer | None:
        if taken(dict(asked.sent)):
            return None
        refused.append(asked)
        return Answer(400, error(body))

    with serving(picky) as endpoint:
        done = generate(tmp_path / "run", endpoint.base_url)
    assert done.code == 0, done.stderr
    assert done.json()["tasks"] == 20
    assert 0 < len(refused) <= 6
    assert done.json()["errors"] == {}, field


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (429, error("Request too large for m on tokens per min (TPM): Limit 30000, Requested 40123."), 2,
         ("40,123 tokens requested, 30,000 allowed", "--context-window")),
        (429, error("q", code=429, status="RESOURCE_EXHAUSTED", details=[
            {"violations": [{"quotaId": "GenerateRequestsPerDayPerProject-FreeTier"}]},
            {"retryDelay": "4s"}]), 4, ("A quota of the account is used up", "tomorrow")),
        (400, error("Your credit balance is too low to access the API."), 4, ("credit is used up",)),
        (403, error("Your organization must be verified to use the model `m`."), 2,
         ("has to be verified", "must be verified to use the model `m`")),
        (404, error("The API deployment for this resource does not exist.", code="DeploymentNotFound"), 2,
         ("no deployment 'm'",)),
    ],
)  # fmt: skip
def test_what_can_never_succeed_stops_at_once(
    tmp_path: Path, status: int, body: object, code: int, said: tuple[str, ...]
) -> None:
    with serving(always(Answer(status, body))) as endpoint:
        done = generate(tmp_path / "run", endpoint.base_url)
    assert done.code == code, done.stderr
    assert len(endpoint.asked) <= (2 if status == 404 else 1)  # a 404 may be of one of the two calls alone
    for words in said:
        assert words in done.stderr


def test_a_firewall_is_not_a_wrong_key(tmp_path: Path) -> None:
    page = Answer(403, "<!DOCTYPE html><title>Attention</title>", {"Content-Type": "text/html"})
    with serving(always(page)) as endpoint:
        done = generate(tmp_path / "run", endpoint.base_url)
    assert done.code == 2
    assert len(endpoint.asked) <= 10
    assert "A proxy or a firewall, not the API" in done.stderr
    assert "a web page, “Attention”" in done.stderr


@pytest.mark.parametrize(
    "body",
    [
        "",
        {"choices": None},
        "<html><title>Hello</title></html>",
        '{"choices": [{"message": {"content": "Da',
        {"error": {"message": "gronk"}},
    ],
)
def test_a_200_that_cannot_be_read_ends_soon_with_a_quote(tmp_path: Path, body: object) -> None:
    with serving(always(Answer(200, body))) as endpoint:
        done = generate(tmp_path / "run", endpoint.base_url)
    assert done.code == 4, done.stderr
    assert len(endpoint.asked) == 4
    assert "None of the last 4 replies could be read" in done.stderr
    if isinstance(body, str) and not body.startswith("<"):
        assert body[:10] in done.stderr


def test_a_200_that_cannot_be_read_now_and_then_is_asked_again(tmp_path: Path) -> None:
    bodies = ["", "null", "<html></html>"]

    def now_and_then(asked: Asked) -> Answer | None:
        return Answer(200, bodies[asked.number // 3 % 3]) if asked.number % 3 == 0 else None

    with serving(now_and_then) as endpoint:
        done = generate(tmp_path / "run", endpoint.base_url)
    assert done.code == 0, done.stderr
    assert done.json()["lost"] == {}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"x-ratelimit-reset-requests": "1.2s", "x-ratelimit-remaining-requests": "0"}, ""),
        ({}, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{"retryDelay": "1.2s"}]}}),
        ({}, error("Rate limit reached for m on tokens per min (TPM). Please try again in 1.2s.")),
    ],
)
def test_a_wait_is_waited_wherever_it_is_told(tmp_path: Path, headers: dict[str, str], body: object) -> None:
    def at_first(asked: Asked) -> Answer | None:
        return Answer(429, body, headers) if asked.number <= 2 else None

    with serving(at_first) as endpoint:
        done = generate(tmp_path / "run", endpoint.base_url, "--tasks", 3)
    assert done.code == 0, done.stderr
    first = [asked.at for asked in endpoint.asked[:3]]
    assert all(later - earlier >= 1.2 for earlier, later in pairwise(first))


def test_a_refused_field_of_the_users_own_is_named(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[model.extra_body]\nenable_thinking = true\n")
    with serving(always(Answer(400, error("Unrecognized request argument: enable_thinking")))) as endpoint:
        done = generate(tmp_path / "run", endpoint.base_url, "--config", own)
    assert done.code == 2
    assert "'enable_thinking', which model.extra_body adds to every request" in done.error()
    assert len(endpoint.asked) == 1
