import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import (
    ConnectionBrokenError,
    ContentRefusedError,
    EndpointFailedError,
    MalformedReplyError,
    ParameterRejectedError,
    RateLimitedError,
)
from selfinstruct.models.base import Capabilities
from selfinstruct.models.http.events import holds_events, join_events
from selfinstruct.models.http.model import HttpModel, payload
from selfinstruct.records import Completion, Prompt, Request, Sampling, Stage

REQUEST = Request(Stage.INSTANCES, 0, Prompt("", "Name a colour.", Sampling(0, 1, 0, 0, 16), 0), 7)
STREAMED = Capabilities(api="chat", stream=True)
USAGE = {"prompt_tokens": 7, "completion_tokens": 2}


def delta(**fields: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": None}], "usage": None}


def last(reason: str | None = "stop") -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


COUNTED = {"choices": [], "usage": USAGE}


def stream(*events: object, end: str = "\n", done: bool = True) -> str:
    lines = [f"data: {json.dumps(event, ensure_ascii=False)}{end}{end}" for event in events]
    return "".join(lines) + (f"data: [DONE]{end}{end}" if done else "")


@asynccontextmanager
async def server(answer: Callable[[web.BaseRequest], object]) -> AsyncIterator[str]:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        answered = await answer(request)  # type: ignore[misc]
        assert isinstance(answered, web.StreamResponse)
        return answered

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def completed(
    chunks: Sequence[bytes],
    *,
    content_type: str = "text/event-stream",
    capabilities: Capabilities = STREAMED,
    stays_open: bool = False,
) -> Completion:
    """What a model makes of a reply that comes in these pieces."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": content_type})
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
            await asyncio.sleep(0)
        if stays_open:
            await asyncio.sleep(6)  # longer than the model waits
        return response

    async def attempt() -> Completion:
        async with server(answer) as base_url:
            model = HttpModel(
                base_url=base_url, model="m", api_key=None, timeout_seconds=5, capabilities=capabilities
            )
            try:
                return await model.complete(REQUEST)
            finally:
                await model.aclose()

    return asyncio.run(attempt())


def text_of(*events: object, **how: object) -> str:
    return completed([stream(*events, **how).encode()]).text  # type: ignore[arg-type]


def test_a_stream_is_asked_for_with_its_counts() -> None:
    sent = payload("m", REQUEST, STREAMED)
    assert sent["stream"] is True
    assert sent["stream_options"] == {"include_usage": True}
    assert "stream" not in payload("m", REQUEST, Capabilities(api="chat"))


def test_counts_that_the_endpoint_does_not_stream_are_not_asked_for() -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        sent = await request.json()
        if "stream" not in sent:
            error = {"message": "This model only supports stream mode", "param": "stream"}
            return web.json_response({"error": error}, status=400)
        if "stream_options" in sent:
            return web.json_response({"error": {"message": "Unknown field: stream_options"}}, status=400)
        body = stream(delta(content="Red"), last())
        return web.Response(text=body, content_type="text/event-stream")

    async def negotiated() -> tuple[list[str], Completion]:
        async with server(answer) as base_url:
            model = HttpModel(
                base_url=base_url, model="m", api_key=None, timeout_seconds=5,
                capabilities=Capabilities(api="chat"),
            )  # fmt: skip
            rejected: list[str] = []
            try:
                while len(rejected) < 3:
                    try:
                        return rejected, await model.complete(REQUEST)
                    except ParameterRejectedError as error:
                        rejected.append(error.parameter)
                        capabilities = model.capabilities(REQUEST.stage)
                        after = capabilities.after(error, REQUEST.prompt.sampling)
                        model.adopt(REQUEST.stage, after or capabilities)
                raise AssertionError(rejected)
            finally:
                await model.aclose()

    rejected, completion = asyncio.run(negotiated())
    assert rejected == ["stream", "stream_options"]
    assert (completion.text, completion.estimated) == ("Red", True)


def test_pieces_are_joined_and_thinking_is_left_out() -> None:
    events = (
        delta(role="assistant", content=""), delta(reasoning_content="A colour, "), delta(reasoning="then."),
        delta(content="Dark "), delta(content="red"), last("length"), COUNTED,
    )  # fmt: skip
    found = completed([stream(*events).encode()])
    assert 0 <= found.seconds < 5
    assert found == Completion("Dark red", "length", 7, 2, False, found.seconds)


def test_an_empty_reply_is_one_in_a_stream_too() -> None:
    assert text_of(delta(role="assistant"), last()) == ""
    assert text_of(last(), COUNTED) == ""


def test_a_completions_stream() -> None:
    events = [{"choices": [{"text": "Dark "}]}, {"choices": [{"text": "red", "finish_reason": "stop"}]}]
    assert text_of(*events) == "Dark red"


def test_a_tool_calls_arguments_are_joined_by_its_index() -> None:
    def call(index: int | None, **function: str) -> dict[str, object]:
        place = {} if index is None else {"index": index}
        return delta(tool_calls=[{**place, "type": "function", "function": function}])

    parallel = (
        call(0, name="a", arguments='{"x"'), call(1, name="b", arguments="{"), call(0, arguments=": 1}"),
        call(1, arguments="}"), last("tool_calls"),
    )  # fmt: skip
    assert text_of(*parallel) == '{"x": 1}\n{}'
    unnumbered = (call(None, name="a", arguments='{"x"'), call(None, arguments=": 1}"), last("tool_calls"))
    assert text_of(*unnumbered) == '{"x": 1}'


def test_a_content_that_becomes_a_list_of_parts() -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    assert (
        text_of(delta(content=[thought]), delta(content="Dark "), delta(content="red"), last()) == "Dark red"
    )


def test_a_message_beside_the_deltas_is_not_counted_twice() -> None:
    def both(piece: str, so_far: str) -> dict[str, object]:
        return {"choices": [{"delta": {"content": piece}, "message": {"content": so_far}}]}

    assert text_of(both("Dark ", "Dark "), both("red", "Dark red"), last()) == "Dark red"
    assert text_of({"choices": [{"message": {"content": "Red"}, "finish_reason": "stop"}]}) == "Red"


def test_usage_in_a_box_of_the_providers() -> None:
    boxed = {"choices": [{"delta": {}, "finish_reason": "stop"}], "x_groq": {"usage": USAGE}}
    assert completed([stream(delta(content="Red"), boxed).encode()]).prompt_tokens == 7


def test_comments_names_and_keep_alives_are_no_data() -> None:
    body = f": PROCESSING\n\nevent: message\nid: 1\nretry: 10\n{stream(delta(content='Red'), last())}"
    assert completed([b"\xef\xbb\xbf" + body.encode()]).text == "Red"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), min_size=1, max_size=6),
    st.lists(st.integers(0, 600), max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_wherever_the_stream_is_cut_into_chunks(pieces: list[str], cuts: list[int], end: str) -> None:
    body = stream(*(delta(content=piece) for piece in pieces), last(), COUNTED, end=end).encode()
    places = [0, *sorted({cut for cut in cuts if 0 < cut < len(body)}), len(body)]
    chunks = [body[start:stop] for start, stop in pairwise(places)]
    completion = completed(chunks)
    assert (completion.text, completion.prompt_tokens) == ("".join(pieces), 7)


def test_the_stream_is_over_when_it_says_so() -> None:
    body = stream(delta(content="Red"), last(), COUNTED).encode()
    assert completed([body[:-10], body[-10:]], stays_open=True).text == "Red"


def test_a_stream_that_nobody_asked_for_is_read() -> None:
    body = [stream(delta(content="Red"), last()).encode()]
    plain = Capabilities(api="chat")
    assert completed(body, capabilities=plain).text == "Red"
    assert completed(body, capabilities=plain, content_type="text/plain").text == "Red"
    whole = json.dumps({"choices": [{"message": {"content": "Red"}}]}).encode()
    assert completed([whole]).text == "Red", "and so is a whole reply where a stream was asked for"


def test_a_stream_that_broke_off_is_no_reply() -> None:
    for body in (stream(delta(content="Red"), done=False), stream(done=False), ": keep-alive\n\n", ""):
        with pytest.raises(ConnectionBrokenError, match="ended its stream before the reply was complete"):
            completed([body.encode()])
    assert text_of(delta(content="Red"), last(), done=False) == "Red", "that it ended says the reason why"
    assert text_of(delta(content="Red")) == "Red", "or the stream itself"


def test_an_error_in_the_stream_is_the_replys() -> None:
    limited = {"error": {"code": 429, "message": "slow down"}}
    with pytest.raises(RateLimitedError, match="slow down"):
        text_of(delta(content="Red"), limited)
    with pytest.raises(MalformedReplyError, match=r"the reply is an error: .* out of memory"):
        completed([b'event: error\ndata: {"message": "The pod is out of memory"}\n\n'])
    with pytest.raises(MalformedReplyError, match=r"the reply is an error: .* out of memory"):
        completed(
            [stream(delta(content="R"), done=False).encode() + b'{"error": "The pod is out of memory"}\n']
        )
    with pytest.raises(ContentRefusedError, match="for its content"):
        text_of(delta(content="R"), last("SAFETY"))
    with pytest.raises(EndpointFailedError, match="broke the reply off"):
        text_of(delta(content="R"), last("network_error"))


@given(st.text())
def test_any_text_is_a_reply_or_none(body: str) -> None:
    holds_events("text/event-stream", body)
    joined = join_events(body)
    assert joined is None or isinstance(joined, dict)


pieces = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["content", "tool_calls", "function", "arguments", "index", "text", "id"]), inner
        )
    ),
    max_leaves=6,
)


@given(
    st.lists(st.dictionaries(st.sampled_from(["delta", "message", "text", "finish_reason", "index"]), pieces))
)
def test_any_events_are_joined(choices: list[object]) -> None:
    assert join_events(stream(*({"choices": [choice]} for choice in choices))) is not None
