"""Rows of Anthropic's batches: what they ask for, and what becomes of them."""

import json
from typing import Any

import pytest

from selfinstruct.errors import ContentRefusedError, RateLimitedError, SelfInstructError
from selfinstruct.models.base import Capabilities
from selfinstruct.models.batching import BatchTerms, RemoteBatch
from selfinstruct.models.http.anthropic_batches import AnthropicBatches
from selfinstruct.models.http.model import HttpModel
from selfinstruct.records import Completion, Prompt, Request, Sampling, Stage

SAMPLING = Sampling(1.3, 0.9, 0.0, 0.5, 10, stop=("\n\n", "END"))
REQUEST = Request(Stage.ANSWERS, 3, Prompt("Be kind.", "Grüße \ud83d", SAMPLING, 0), seed=7)


def batches(**capabilities: Any) -> AnthropicBatches:
    asked = {"api": "chat", "bounds": {"temperature": (None, 1.0)}} | capabilities
    model = HttpModel(
        base_url="http://127.0.0.1:1/v1",
        model="claude",
        api_key="a-secret-key",
        timeout_seconds=1,
        capabilities=Capabilities(**asked),
        extra_body={"thinking": {"type": "disabled"}},
        headers={"Anthropic-Version": "2030-01-01"},
        batch_terms=BatchTerms(kind="anthropic"),
    )
    assert isinstance(model.batches, AnthropicBatches)
    return model.batches


def asked(request: Request = REQUEST, **capabilities: Any) -> dict[str, Any]:
    line = json.loads(batches(**capabilities).line("answers-3-0-9", request))
    assert line.keys() == {"custom_id", "params"}
    assert line["custom_id"] == "answers-3-0-9"
    params: dict[str, Any] = line["params"]
    return params


def test_a_row_asks_for_what_a_chat_request_asks_for() -> None:
    user = {"role": "user", "content": "Grüße \ud83d"}
    whole = {
        "model": "claude",
        "system": "Be kind.",
        "messages": [user],
        "max_tokens": 10,
        "temperature": 1.0,
        "top_p": 0.9,
        "stop_sequences": ["END"],
        "thinking": {"type": "disabled"},
    }
    assert asked() == whole
    less = asked(unsupported=("system", "stop", "top_p"), max_tokens_field="max_completion_tokens")
    together = [{"role": "user", "content": "Be kind.\n\nGrüße \ud83d"}]
    left = {name: each for name, each in whole.items() if name not in ("system", "top_p", "stop_sequences")}
    assert less == left | {"messages": together}


def test_the_users_version_of_the_api_goes_before_ours() -> None:
    headers = batches()._endpoint.headers
    assert headers == {"Anthropic-Version": "2030-01-01"}
    assert batches()._endpoint.key_headers() == {"x-api-key": "a-secret-key"}


def result(value: dict[str, Any]) -> Completion:
    remote = batches()
    row = remote.read_row(json.dumps({"custom_id": "k-answers-3-0-9", "result": value}).encode())
    assert row is not None
    assert not row.unprocessed
    return remote.completion(row, REQUEST, 2.0)


def message(*content: dict[str, Any], reason: str = "end_turn") -> dict[str, Any]:
    usage = {
        "input_tokens": 5,
        "cache_read_input_tokens": 20,
        "cache_creation_input_tokens": 3,
        "output_tokens": 9,
    }
    return {"type": "succeeded", "message": {"content": content, "stop_reason": reason, "usage": usage}}


def test_a_reply_of_blocks() -> None:
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "x"}
    hidden = {"type": "redacted_thinking", "data": "x"}
    texts = [{"type": "text", "text": "One, "}, {"type": "text", "text": "two."}]
    found = result(message(thought, hidden, *texts, reason="stop_sequence"))
    assert (found.text, found.finish_reason, found.estimated) == ("One, two.", "stop", False)
    assert (found.prompt_tokens, found.cached_tokens, found.cache_write_tokens) == (28, 20, 3)
    assert (found.completion_tokens, found.seconds) == (9, 2.0)
    assert result(message(thought, reason="max_tokens")).finish_reason == "length"
    assert result(message()).text == ""
    with pytest.raises(ContentRefusedError):
        result(message(reason="refusal"))


@pytest.mark.parametrize(
    ("kind", "words", "meant"),
    [
        ("invalid_request_error", "answered 400: 'top_p' is not supported", SelfInstructError),
        ("rate_limit_error", "answered 429", RateLimitedError),
        ("overloaded_error", "answered 529", SelfInstructError),
        ("something_new", "answered 500", SelfInstructError),
    ],
)
def test_a_row_that_failed_fails_as_a_request_that_goes_alone(
    kind: str, words: str, meant: type[Exception]
) -> None:
    error = {"type": "error", "error": {"type": kind, "message": "'top_p' is not supported"}}
    with pytest.raises(meant, match=words):
        result({"type": "errored", "error": error})


@pytest.mark.parametrize("kind", ["canceled", "expired"])
def test_a_row_that_the_batch_did_not_come_to(kind: str) -> None:
    row = batches().read_row(json.dumps({"custom_id": "k-1", "result": {"type": kind}}).encode())
    assert row is not None
    assert (row.custom_id, row.status, row.unprocessed) == ("k-1", 0, True)


@pytest.mark.parametrize("line", [b"", b"  ", b"{", b"[]", b'{"custom_id": 3}'])
def test_what_is_no_row_is_none(line: bytes) -> None:
    assert batches().read_row(line) is None


def test_how_a_batch_stands() -> None:
    counts = {"processing": 0, "succeeded": 3, "errored": 1, "canceled": 0, "expired": 0}
    ended = {"id": "b", "processing_status": "ended", "request_counts": counts, "results_url": "https://x"}

    def read(**changed: object) -> RemoteBatch:
        return batches().read(ended | changed)

    assert read() == RemoteBatch("b", "ended", "completed", total=4, done=3, failed=1, files=("b",))
    assert read(request_counts=counts | {"expired": 2}).status == "expired"
    cancelled = read(request_counts=counts | {"expired": 2, "canceled": 2})
    assert (cancelled.state, cancelled.files) == ("cancelled", ("b",))
    running = {"processing": 4, "succeeded": 0}
    for word in ("in_progress", "canceling"):
        found = read(processing_status=word, request_counts=running, results_url=None)
        assert found == RemoteBatch("b", "waiting", word, total=4)
