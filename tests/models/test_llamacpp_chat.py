"""Chat requests to a GGUF file: its template, replies held to a schema, and the same over HTTP."""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from llamacpp_examples import ask, reply
from tiny_gguf import CHAT_TEMPLATE, CHAT_TEMPLATE_WITHOUT_SYSTEM, write_tiny_gguf

from selfinstruct.models.base import Capabilities, NegotiableModel
from selfinstruct.models.http.model import HttpModel
from selfinstruct.models.llamacpp.model import LlamaCppModel
from selfinstruct.models.llamacpp.server import serve
from selfinstruct.recipes.chat.schemas import INSTANCES_SCHEMA, tasks_schema
from selfinstruct.records import Completion, Request, Stage

CHAT = Capabilities(api="chat")
TASKS_SCHEMA = tasks_schema(inputs=False)
RENDERED = "<|system|>\n{system}\n<|user|>\n{user}\n<|assistant|>\n"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", chat_template=CHAT_TEMPLATE)


def held_to(schema: str, request: Request) -> Request:
    sampling = replace(request.prompt.sampling, response_schema=schema)
    return replace(request, prompt=replace(request.prompt, sampling=sampling))


def chat_replies(model: NegotiableModel, requests: Sequence[Request]) -> list[Completion]:
    """All asked at once."""

    async def ask_all() -> list[Completion]:
        for stage in Stage:
            model.adopt(stage, CHAT)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(model.complete(request)) for request in requests]
            return [task.result() for task in tasks]
        finally:
            await model.aclose()

    return asyncio.run(ask_all())


def chat_reply(path: Path, request: Request) -> Completion:
    return chat_replies(LlamaCppModel(path), [request])[0]


def test_a_chat_request_is_a_completion_of_what_the_template_makes_of_it(tiny: Path) -> None:
    said = chat_reply(tiny, ask("Name a colour.", preamble="Be brief.", seed=3))
    rendered = RENDERED.format(system="Be brief.", user="Name a colour.")
    continued = reply(tiny, ask(rendered, seed=3))
    assert said.text
    assert said.text == continued.text
    assert said.prompt_tokens == continued.prompt_tokens
    assert said.completion_tokens == continued.completion_tokens


def test_without_a_preamble_there_is_no_system_message(tiny: Path) -> None:
    said = chat_reply(tiny, ask("Name a colour.", seed=4))
    rendered = RENDERED.partition("<|user|>")[1:]
    continued = reply(tiny, ask("".join(rendered).format(user="Name a colour."), seed=4))
    assert said.text == continued.text


def test_a_template_without_a_system_role_loses_nothing(tmp_path: Path) -> None:
    """llama.cpp itself puts the system message before the user's."""
    path = write_tiny_gguf(tmp_path / "tiny.gguf", chat_template=CHAT_TEMPLATE_WITHOUT_SYSTEM)
    short = chat_reply(path, ask("Name a colour.", seed=5))
    long = chat_reply(path, ask("Name a colour.", preamble="Be brief.", seed=5))
    assert long.prompt_tokens > short.prompt_tokens


@pytest.mark.parametrize("schema", [TASKS_SCHEMA, INSTANCES_SCHEMA])
def test_a_schema_holds_even_noise(tiny: Path, schema: str) -> None:
    asked = [held_to(schema, ask("Go on.", seed=seed, temperature=1.0, max_tokens=200)) for seed in range(8)]
    replies = chat_replies(LlamaCppModel(tiny), asked)
    whole = [json.loads(said.text) for said in replies if said.finish_reason == "stop"]
    name = next(iter(json.loads(schema)["properties"]))
    fields = json.loads(schema)["properties"][name]["items"]["required"]
    assert all(said.text.startswith("{") for said in replies)
    assert all(list(value) == [name] for value in whole)
    assert all(list(item) == fields for value in whole for item in value[name])


def test_a_reply_depends_on_its_request_alone(tiny: Path) -> None:
    requests = [
        held_to(TASKS_SCHEMA if seed % 2 else "", ask("Go on.", preamble="Be brief.", seed=seed))
        for seed in range(12)
    ]
    together = chat_replies(LlamaCppModel(tiny, servers=4), requests[::-1])[::-1]
    alone = chat_replies(LlamaCppModel(tiny, servers=1), requests)
    assert [each.text for each in together] == [each.text for each in alone]
    assert len({each.text for each in alone}) > 6


def test_over_http_it_is_the_same(tiny: Path) -> None:
    requests = [
        held_to(schema, ask("Go on.", preamble="Be brief.", seed=seed))
        for schema in ("", TASKS_SCHEMA)
        for seed in range(3)
    ]
    with serve(tiny) as served:
        model = HttpModel(base_url=served.base_url, model="m", api_key=None, timeout_seconds=60)
        over_http = chat_replies(model, requests)
    in_process = chat_replies(LlamaCppModel(tiny), requests)
    for ours, theirs in zip(in_process, over_http, strict=True):
        assert replace(ours, seconds=0.0) == replace(theirs, seconds=0.0)


def test_connections_that_stay_open_do_not_keep_others_waiting(tiny: Path) -> None:
    """Each keeps a thread of the server's for five seconds after its last reply."""
    body = json.dumps({"prompt": "one", "max_tokens": 1})
    with serve(tiny) as served, ExitStack() as open_ones:
        began = time.monotonic()
        for _ in range(50):
            connection = open_ones.enter_context(closing(HTTPConnection(urlsplit(served.base_url).netloc)))
            connection.request("POST", "/v1/completions", body, {"Content-Type": "application/json"})
            assert connection.getresponse().read()
    assert time.monotonic() - began < 20


def test_a_stop_ends_a_chat_reply(tiny: Path) -> None:
    whole = chat_reply(tiny, ask("Go on.", seed=6))
    stop = whole.text[5:7]
    ended = chat_reply(tiny, ask("Go on.", seed=6, stop=(stop,)))
    assert ended.finish_reason == "stop"
    assert ended.text == whole.text[: whole.text.index(stop)]
