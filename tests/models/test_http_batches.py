"""What providers say of a batch, in whichever shape, and what refusals of one mean."""

import json
from typing import Any

import pytest

from selfinstruct.errors import (
    AuthenticationError,
    BatchRefusedError,
    EndpointFailedError,
    MalformedReplyError,
)
from selfinstruct.models.base import Capabilities
from selfinstruct.models.batching import RemoteBatch
from selfinstruct.models.http.batches import HttpBatches, _row
from selfinstruct.models.http.model import HttpModel
from selfinstruct.records import Prompt, Request, Sampling, Stage

REQUEST = Request(
    Stage.ANSWERS, 3, Prompt("Be kind.", "Grüße \ud83d", Sampling(0.5, 1.0, 0.0, 0.0, 10), 0), seed=7
)


def model(**capabilities: Any) -> HttpModel:
    return HttpModel(
        base_url="http://127.0.0.1:1/v1",
        model="m",
        api_key="a-secret-key",
        timeout_seconds=1,
        capabilities=Capabilities(api="chat", **capabilities),
    )


def read(value: Any) -> RemoteBatch:
    return model().batches.read(value)


def test_a_line_has_the_body_of_a_request_that_goes_alone() -> None:
    asked = model(stream=True)
    line = json.loads(asked.batches.line("answers-3-0-9", REQUEST))
    alone = asked._body(REQUEST)
    assert line["custom_id"] == "answers-3-0-9"
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
    assert line["body"] == {k: v for k, v in alone.items() if k not in ("stream", "stream_options")}


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ({"data": [{"code": "token_limit_exceeded", "message": "Full."}]}, ("token_limit_exceeded", "Full.")),
        ([{"message": "Enqueued token limit reached."}], ("", "Enqueued token limit reached.")),
        ("It failed.", ("", "It failed.")),
        (None, ("", "")),
    ],
)
def test_why_a_batch_failed_is_found(errors: Any, told: tuple[str, str]) -> None:
    batch = read({"id": "b", "status": "failed", "errors": errors})
    assert (batch.state, batch.code, batch.message) == ("failed", *told)
    assert batch.queue_is_full == (told[0] == "token_limit_exceeded" or "nqueued" in told[1])


def test_what_is_left_out_or_wrapped_is_read() -> None:
    assert read({"id": "b"}) == RemoteBatch("b", "waiting", "")
    wrapped = read({"job": {"id": "b", "status": "COMPLETED", "output_file_id": "f", "error_file_id": None}})
    assert (wrapped.state, wrapped.status, wrapped.files) == ("ended", "completed", ("f",))
    broken: list[object] = [[], {"status": "completed"}, {"id": 7}]
    for nothing in broken:
        with pytest.raises(MalformedReplyError):
            read(nothing)


@pytest.mark.parametrize(
    ("line", "status", "unprocessed"),
    [
        ({"response": {"status_code": 200, "body": {"a": 1}}, "error": None}, 200, False),
        ({"response": {"status_code": 429, "body": {"error": {}}}}, 429, False),
        ({"response": None, "error": {"code": "batch_expired"}}, 0, True),
        ({"error": "broken"}, 0, False),
        ({}, 0, False),
    ],
)
def test_rows_of_every_kind(line: dict[str, Any], status: int, unprocessed: bool) -> None:
    row = _row(json.dumps({"custom_id": "x-1"} | line).encode())
    assert row is not None
    assert (row.custom_id, row.status, row.unprocessed) == ("x-1", status, unprocessed)
    if status != 200:
        with pytest.raises(Exception, match="answered"):
            model().batches.completion(row, REQUEST, 1.0)


@pytest.mark.parametrize("line", [b"", b"  ", b"{", b"[]", b'{"custom_id": 3}'])
def test_what_is_no_row_is_none(line: bytes) -> None:
    assert _row(line) is None


@pytest.mark.parametrize(
    ("status", "body", "meant", "words"),
    [
        (401, {"error": {"message": "Bad key."}}, AuthenticationError, "does not accept the API key"),
        (503, {}, EndpointFailedError, "503"),
        (404, {"error": {"message": "Not found"}}, BatchRefusedError, "no batch API.*Not found"),
        (400, {"error": {"message": "model m is not for batches"}}, BatchRefusedError, "not for batches"),
        (413, {}, BatchRefusedError, "smaller batches: lower endpoint.batch.megabytes"),
    ],
)
def test_a_refusal_says_what_it_is_about(
    status: int, body: dict[str, Any], meant: type[Exception], words: str
) -> None:
    batches: HttpBatches = model().batches
    error = batches._refused(status, {}, json.dumps(body))
    assert isinstance(error, meant)
    with pytest.raises(meant, match=words):
        raise error
    assert "a-secret-key" not in str(error)
