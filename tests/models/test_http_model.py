import asyncio
import json
import logging
import socket
import traceback
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

import pytest
from aiohttp import web

from selfinstruct.errors import (
    AuthenticationError,
    ConfigError,
    ConnectionBrokenError,
    ConnectionFailedError,
    ContentRefusedError,
    ContextLengthError,
    EndpointFailedError,
    EndpointMismatchError,
    MalformedReplyError,
    ParameterRejectedError,
    RateLimitedError,
    RequestTimeoutError,
    UnknownModelError,
)
from selfinstruct.models.base import Capabilities, NegotiableModel
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.model import HttpModel, list_models, payload
from selfinstruct.models.scripted.model import reply
from selfinstruct.records import Prompt, Request, Sampling, Stage

SAMPLED = Sampling(0.7, 0.5, 0.0, 2.0, 64, ("\n\n", "\n16"))
SCHEMA = '{"type": "object", "properties": {"tasks": {"type": "array"}}}'
GREEDY = Sampling(0.0, 1.0, 0.0, 0.0, 3)
CHAT = Capabilities(api="chat")
KEY = "-".join(["sk", "secret"])  # so that no line of this file that a traceback shows has it


STAGE = Stage.INSTRUCTIONS


def ask(sampling=SAMPLED, preamble="Come up with a series of tasks:\n", body="1. Name a colour.\n2."):
    return Request(Stage.INSTRUCTIONS, 0, Prompt(preamble, body, sampling, 1), seed=7)


def model(base_url, api_key=None, timeout_seconds=10.0, name="tiny", **options):
    return HttpModel(
        base_url=base_url, model=name, api_key=api_key, timeout_seconds=timeout_seconds, **options
    )


async def completed(model, request=None):
    try:
        return await model.complete(request or ask())
    finally:
        await model.aclose()


def complete(model, request=None):
    return asyncio.run(completed(model, request))


@asynccontextmanager
async def server(handler):
    """A local server in this loop, for replies that no sane endpoint gives."""
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def answered(respond, **options):
    """What a model makes of `respond(request)`, and the requests that the server saw."""
    seen = []

    async def handler(request):
        seen.append((request, await request.text()))
        return respond(request)

    async def attempt():
        async with server(handler) as base_url:
            return await completed(model(base_url, **options))

    return asyncio.run(attempt()), seen


def said(text):
    return web.json_response({"choices": [{"text": text}]})


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def test_satisfies_the_protocol():
    served = model("http://127.0.0.1:1/v1", context_window=4096)
    assert isinstance(served, NegotiableModel)
    assert served.default_concurrency == 50
    assert served.context_window == 4096
    assert [served.capabilities(stage) for stage in Stage] == [Capabilities()] * len(Stage)
    assert served.count_tokens("four") == 1


@pytest.mark.parametrize("api", ["completions", "chat"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_either_call_gives_what_the_model_behind_it_says(endpoint, api, slash):
    running = endpoint(api=api)
    completion = complete(model(running.base_url + slash, capabilities=Capabilities(api=api)))
    prompt = ask().prompt
    expected = reply(prompt.preamble + prompt.body, 7, 64)
    assert (completion.text, completion.finish_reason) == (expected.text, expected.finish_reason)
    assert not completion.estimated
    assert completion.seconds > 0


def test_what_is_sent_to_completions():
    assert payload("tiny", ask(), Capabilities()) == {
        "model": "tiny",
        "prompt": "Come up with a series of tasks:\n1. Name a colour.\n2.",
        "max_tokens": 64,
        "temperature": 0.7,
        "top_p": 0.5,
        "presence_penalty": 2.0,
        "stop": ["\n\n", "\n16"],
        "seed": 7,
    }


def test_what_is_sent_to_chat():
    sent = payload("tiny", ask(), replace(CHAT, max_tokens_field="max_completion_tokens"))
    assert sent["messages"] == [
        {"role": "system", "content": "Come up with a series of tasks:\n"},
        {"role": "user", "content": "1. Name a colour.\n2."},
    ]
    assert sent["max_completion_tokens"] == 64
    assert "prompt" not in sent
    assert "max_tokens" not in sent
    assert [m["role"] for m in payload("tiny", ask(preamble=""), CHAT)["messages"]] == ["user"]


def test_greedy_decoding_sends_temperature_0_alone():
    sent = payload("tiny", ask(GREEDY), Capabilities())
    assert sent.keys() == {"model", "prompt", "max_tokens", "temperature", "seed"}
    assert sent["temperature"] == 0


def test_top_p_of_1_is_sent_with_sampling():
    assert payload("tiny", ask(replace(SAMPLED, top_p=1.0)), Capabilities())["top_p"] == 1.0


@pytest.mark.parametrize("name", ["seed", "presence_penalty", "stop", "top_p", "temperature"])
def test_what_the_endpoint_does_not_take_is_left_out(name):
    sent = payload("tiny", ask(), Capabilities(unsupported=(name,)))
    assert name not in sent
    assert len(sent) == 7


def test_a_schema_is_sent_to_chat_alone():
    asked = ask(replace(SAMPLED, response_schema=SCHEMA))
    assert payload("tiny", asked, CHAT)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "instructions", "strict": True, "schema": json.loads(SCHEMA)},
    }
    assert "response_format" not in payload("tiny", asked, Capabilities())
    assert "response_format" not in payload("tiny", ask(), CHAT)
    assert "response_format" not in payload("tiny", asked, replace(CHAT, unsupported=("response_format",)))


def test_a_system_message_that_is_not_taken_goes_before_the_users():
    sent = payload(
        "tiny", ask(preamble="Be brief.", body="Name a colour."), replace(CHAT, unsupported=("system",))
    )
    assert sent["messages"] == [{"role": "user", "content": "Be brief.\n\nName a colour."}]
    assert "system" not in sent


def test_extra_fields_come_last():
    sent = payload("tiny", ask(), CHAT, extra_body={"reasoning_effort": "low", "top_p": 0.9})
    assert sent["reasoning_effort"] == "low"
    assert sent["top_p"] == 0.9


@pytest.mark.parametrize(
    ("extra_body", "message"),
    [
        ({"stream": True}, "may not set stream"),
        ({"model": "other", "messages": [], "a": 1}, "may not set messages, model"),
        ({"prompt": None}, "may not set prompt"),
        ({"since": date(2026, 1, 1)}, "extra_body.since is not a JSON value"),
        ({"weight": float("nan")}, "extra_body.weight is not a JSON value"),
    ],
)
def test_extra_fields_that_cannot_be_sent(extra_body, message):
    with pytest.raises(ConfigError, match=message):
        model("http://127.0.0.1:1/v1", extra_body=extra_body)


def test_a_field_under_another_name():
    sent = payload("tiny", ask(), CHAT, renamed={"seed": "random_seed"})
    assert sent["random_seed"] == 7
    assert "seed" not in sent
    assert "random_seed" not in payload(
        "tiny", ask(), replace(CHAT, unsupported=("seed",)), renamed={"seed": "random_seed"}
    )


def test_negotiation_by_rejection(endpoint):
    rejected = ["seed", "presence_penalty", "max_tokens", "response_format", "system"]
    running = endpoint(reject_parameters=rejected, api="chat")

    sampling = replace(SAMPLED, response_schema=SCHEMA)

    async def negotiate():
        served = model(running.base_url, capabilities=CHAT)
        while True:
            try:
                await served.complete(ask(sampling))
            except ParameterRejectedError as rejected:
                adapted = served.capabilities(STAGE).after(rejected, sampling)
                assert adapted is not None
                served.adopt(STAGE, adapted)
            else:
                await served.aclose()
                return served.capabilities(STAGE)

    assert asyncio.run(negotiate()) == Capabilities(
        "chat",
        "max_completion_tokens",
        ("max_tokens", "presence_penalty", "response_format", "seed", "system"),
    )
    assert running.stats()["by_outcome"] == {"400": 5, "ok": 1}


def test_a_renamed_field_is_negotiated_too(endpoint):
    running = endpoint(reject_parameters=["random_seed"])
    with pytest.raises(ParameterRejectedError) as rejected:
        complete(model(running.base_url, renamed={"seed": "random_seed"}))
    assert rejected.value.parameter == "seed"


def test_the_wrong_call_is_named(endpoint):
    with pytest.raises(EndpointMismatchError, match="supports chat requests only") as refused:
        complete(model(endpoint(api="chat").base_url))
    assert refused.value.wants == "chat"
    with pytest.raises(EndpointMismatchError, match="does not support chat requests") as refused:
        complete(model(endpoint(api="completions").base_url, capabilities=CHAT))
    assert refused.value.wants == "completions"


def test_refusals_of_a_running_endpoint(endpoint):
    running = endpoint(model="tiny", key="sk-right", max_context=90, refuse_content_containing="forbidden")
    right = {"base_url": running.base_url, "api_key": "sk-right"}
    with pytest.raises(AuthenticationError, match="none was sent"):
        complete(model(running.base_url))
    with pytest.raises(AuthenticationError, match=r"does not accept the API key.*Set EXAMPLE_KEY\."):
        complete(model(running.base_url, "sk-wrong", key_hint="Set EXAMPLE_KEY."))
    with pytest.raises(UnknownModelError, match="'huge'"):
        complete(model(**right, name="huge"))
    with pytest.raises(ContextLengthError, match="90 tokens"):
        complete(model(**right), ask(replace(SAMPLED, max_tokens=100)))
    with pytest.raises(ContentRefusedError, match="flagged"):
        complete(model(**right), ask(body="forbidden\n2."))
    with pytest.raises(EndpointMismatchError, match=r"normally end in /v1"):
        complete(model(running.base_url.removesuffix("/v1"), "sk-right"))
    assert complete(model(**right)).text


def test_failures_of_a_running_endpoint(endpoint):
    with pytest.raises(RateLimitedError) as limited:
        complete(model(endpoint(refuse_429=1, retry_after="1.5").base_url))
    assert limited.value.retry_after == 1.5
    with pytest.raises(EndpointFailedError) as failed:
        complete(model(endpoint(fail_500=1).base_url))
    assert failed.value.retry_after is None


@pytest.mark.parametrize("seed", range(4))
def test_a_connection_broken_anywhere(endpoint, seed):
    with pytest.raises(ConnectionBrokenError):
        complete(model(endpoint(break_=1, seed_faults=seed).base_url))


def test_no_reply_in_time(endpoint):
    with pytest.raises(RequestTimeoutError):
        complete(model(endpoint(latency=20).base_url, timeout_seconds=0.2))


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "nowhere.invalid:{}"])
def test_nobody_there(host):
    with pytest.raises(ConnectionFailedError, match="Is the endpoint running"):
        complete(model(f"http://{host.format(free_port())}/v1"))


def test_a_host_name_that_cannot_be_one():
    with pytest.raises(ConfigError, match="not a valid URL"):
        complete(model(f"http://{'a' * 70}.com/v1"))


def test_tls_to_a_plain_server(endpoint):
    with pytest.raises(EndpointMismatchError, match="try http://"):
        complete(model(endpoint().base_url.replace("http", "https")))


def test_redirects_are_not_followed():
    with pytest.raises(EndpointMismatchError, match=r"redirects to https://elsewhere"):
        answered(lambda _: web.Response(status=308, headers={"Location": "https://elsewhere"}))


def test_web_pages_and_rubbish():
    with pytest.raises(MalformedReplyError, match="answered 200: a web page"):
        answered(lambda _: web.Response(text="<html>Hello</html>", content_type="text/html"))
    with pytest.raises(MalformedReplyError, match="not a JSON object"):
        answered(lambda _: web.Response(body=b"\xff\xfe"))


def test_a_server_that_does_not_speak_http():
    async def attempt():
        async def rudely(reader, writer):
            await reader.read(10)
            writer.write(b"220 mail.example.com ESMTP\r\n\r\n")
            writer.close()

        other = await asyncio.start_server(rudely, "127.0.0.1", 0)
        async with other:
            await completed(model(f"http://127.0.0.1:{other.sockets[0].getsockname()[1]}/v1"))

    with pytest.raises(MalformedReplyError, match="does not answer in HTTP"):
        asyncio.run(attempt())


def test_cancelling_abandons_one_reply_and_no_other(endpoint):
    running = endpoint(latency=0.5)

    async def cancel_one_of_two():
        served = model(running.base_url)
        kept, dropped = (asyncio.create_task(served.complete(ask(body=f"{number}."))) for number in (2, 3))
        await asyncio.sleep(0.2)
        dropped.cancel()
        await asyncio.wait([kept, dropped])
        await served.aclose()
        return kept.result(), dropped.cancelled()

    completion, cancelled = asyncio.run(cancel_one_of_two())
    assert completion.text
    assert cancelled


def test_closing_twice_and_using_it_again(endpoint):
    running = endpoint()

    async def twice():
        served = model(running.base_url)
        await served.aclose()
        await served.complete(ask())
        await served.aclose()
        await served.aclose()
        await completed(served)

    asyncio.run(twice())
    assert running.stats()["completed"] == 2


def test_the_key_goes_into_its_header_and_nowhere_else(caplog):
    caplog.set_level(logging.DEBUG)

    def echo(request):
        return web.Response(status=401, text=f"Not welcome: {request.headers['Authorization']}")

    with pytest.raises(AuthenticationError) as raised:
        answered(echo, api_key=KEY)
    shown = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert "Not welcome: Bearer [key]" in shown
    assert KEY not in shown + caplog.text
    assert KEY not in repr(model("http://127.0.0.1:1/v1", KEY))


def test_the_key_is_not_in_transport_errors():
    with pytest.raises(ConnectionFailedError) as raised:
        complete(model(f"http://127.0.0.1:{free_port()}/v1", KEY))
    assert KEY not in "".join(traceback.format_exception(raised.value))


def test_a_netrc_entry_does_not_replace_the_key(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    _, [(request, _)] = answered(lambda _: said("Red"), api_key="sk-right")
    assert request.headers["Authorization"] == "Bearer sk-right"


def test_requests_as_they_arrive():
    completion, [(request, body)] = answered(lambda _: said("Red"))
    assert completion.estimated
    assert (request.method, request.path) == ("POST", "/v1/completions")
    assert request.headers["User-Agent"].startswith("selfinstruct/")
    assert "Authorization" not in request.headers
    assert json.loads(body) == payload("tiny", ask(), Capabilities())


def test_headers_of_ones_own():
    headers = {"X-Title": "ours", "authorization": "Basic abc", "User-Agent": "me"}
    _, [(request, _)] = answered(lambda _: said("Red"), api_key="sk-1", headers=headers)
    assert request.headers["X-Title"] == "ours"
    assert request.headers.getall("Authorization") == ["Basic abc"]
    assert request.headers.getall("User-Agent") == ["me"]


def listed(respond, seconds=5.0, api_key=None):
    async def attempt():
        async with server(respond) as base_url:
            return await list_models(Endpoint(base_url, "", api_key), seconds=seconds)

    return asyncio.run(attempt())


def test_the_models_of_a_server(endpoint):
    running = endpoint(model="tiny")
    assert asyncio.run(list_models(Endpoint(running.base_url, ""), seconds=5)) == ("tiny",)

    async def strange(request):
        assert request.headers["Authorization"] == "Bearer sk-1"
        return web.json_response({"data": [{"id": "a"}, {"id": 1}, "b", {}]})

    assert listed(strange, api_key="sk-1") == ("a",)


def test_servers_that_list_no_models():
    async def refuses(_):
        return web.json_response({"error": "no"}, status=401)

    async def rubbish(_):
        return web.Response(body=b"\xff")

    async def slow(_):
        await asyncio.sleep(1)

    assert listed(refuses) is None
    assert listed(rubbish) is None
    assert listed(slow, seconds=0.1) is None
    dead = Endpoint(f"http://127.0.0.1:{free_port()}/v1", "")
    assert asyncio.run(list_models(dead, seconds=1)) is None


def test_a_proxy_of_the_environment_is_used(monkeypatch):
    seen = []

    async def proxy(request):
        seen.append((str(request.raw_path), request.headers.get("Proxy-Authorization")))
        return said("Red")

    async def attempt():
        async with server(proxy) as address:
            monkeypatch.setenv("http_proxy", address.removesuffix("/v1").replace("//", "//me:pw@"))
            monkeypatch.delenv("no_proxy", raising=False)
            monkeypatch.delenv("NO_PROXY", raising=False)
            return await completed(model("http://model.invalid/v1"))

    assert asyncio.run(attempt()).text == "Red"
    assert seen == [("http://model.invalid/v1/completions", "Basic bWU6cHc=")]


def test_pacing_is_left_to_the_pipeline(endpoint):
    running = endpoint(latency=0.5)

    async def many():
        served = model(running.base_url)
        async with asyncio.TaskGroup() as group:
            for number in range(150):
                group.create_task(served.complete(ask(body=f"{number}.")))
        await served.aclose()

    asyncio.run(many())
    assert running.stats()["max_in_flight"] == 150
