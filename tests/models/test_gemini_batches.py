"""Gemini's batches: where its calls are, and what its rows and failures mean."""

import asyncio
import json
from typing import Any

import pytest

from selfinstruct.errors import MalformedReplyError, RateLimitedError, SelfInstructError
from selfinstruct.models.base import Capabilities
from selfinstruct.models.batching import BatchTerms
from selfinstruct.models.http.gemini_batches import GeminiBatches
from selfinstruct.models.http.model import HttpModel
from selfinstruct.models.providers import PROVIDERS
from selfinstruct.records import Prompt, Request, Sampling, Stage

SCHEMA = '{"type": "object", "properties": {"output": {"type": "string"}}}'
SAMPLING = Sampling(1.3, 0.9, 0.0, 0.5, 10, stop=("END",), response_schema=SCHEMA)
REQUEST = Request(Stage.ANSWERS, 3, Prompt("Be kind.", "Grüße", SAMPLING, 0), seed=7)


def model(base_url: str = "http://127.0.0.1:1/v1beta/openai") -> HttpModel:
    return HttpModel(
        base_url=base_url,
        model="a-model",
        api_key="a-secret-key",
        timeout_seconds=1,
        capabilities=Capabilities(api="chat"),
        extra_body={"reasoning_effort": "none"},
        batch_terms=BatchTerms(kind="gemini"),
    )


def batches(*address: str) -> GeminiBatches:
    found = model(*address).batches
    assert isinstance(found, GeminiBatches)
    return found


def test_a_row_is_the_request_that_goes_alone() -> None:
    asked = model()
    line = json.loads(asked.batches.line("answers-3-0-9", REQUEST))
    assert line["url"] == "/v1/chat/completions"
    assert line["body"] == asked._body(REQUEST)
    assert {"response_format", "seed", "stop", "reasoning_effort"} < line["body"].keys()
    job = batches().job("files/in", "chat", window="24h", key="k")
    assert job == {
        "input_file_id": "files/in",
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
    }
    assert PROVIDERS["gemini"].batch.price_factor == 0.5


@pytest.mark.parametrize(
    ("address", "root"),
    [
        (
            "https://generativelanguage.googleapis.com/v1beta/openai/",
            "https://generativelanguage.googleapis.com",
        ),
        ("http://127.0.0.1:8000/google/v1/openai?x=1", "http://127.0.0.1:8000/google"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_googles_own_calls_are_beside_the_compatible_ones(address: str, root: str) -> None:
    google = batches(address)._google
    assert google._endpoint.base_url == root
    assert google._endpoint.key_headers() == {"x-goog-api-key": "a-secret-key"}
    assert batches(address)._endpoint.key_headers() == {"Authorization": "Bearer a-secret-key"}
    assert google.content("files/x").endswith("/files/x:download?alt=media")


@pytest.mark.parametrize(
    ("row", "status", "meant"),
    [
        (
            {"response": {"status_code": 429, "body": {"error": {"message": "Slowly."}}}},
            429,
            RateLimitedError,
        ),
        ({"error": {"code": 8, "message": "Resource has been exhausted."}}, 429, RateLimitedError),
        ({"error": {"code": 503, "message": "Overloaded."}}, 503, SelfInstructError),
        ({"error": {"code": 99, "message": "?"}}, 0, SelfInstructError),
        ({"error": {"code": "x", "message": "?"}}, 0, SelfInstructError),
    ],
)
def test_a_row_that_failed_in_either_apis_words(
    row: dict[str, Any], status: int, meant: type[Exception]
) -> None:
    read = batches()._google.read_row(json.dumps({"custom_id": "a-9"} | row).encode())
    assert read is not None
    assert (read.status, read.unprocessed) == (status, False)
    with pytest.raises(meant):
        batches().completion(read, REQUEST, 1.0)


def test_a_full_queue_and_files_that_are_gone() -> None:
    full = {"id": "batches/b", "status": "failed", "errors": {"message": "You exceeded your current quota."}}
    assert batches().read(full).queue_is_full
    assert not batches().read(full | {"errors": {"message": "The file is broken."}}).queue_is_full
    google = batches()._google
    gone = "You do not have permission to access the File x or it may not exist."
    assert google.is_gone(403, gone)
    assert google.is_gone(404, "")
    assert not google.is_gone(403, "Your API key was reported as leaked.")
    assert not google.is_gone(500, gone)


@pytest.mark.parametrize(
    ("headers", "sent"), [({}, {}), ({"X-Goog-Upload-URL": "https://x/y?z=1"}, {"file": {"id": "no name"}})]
)
def test_an_upload_that_is_answered_otherwise(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], sent: dict[str, Any]
) -> None:
    async def answered(*_: Any, **__: Any) -> tuple[dict[str, str], str]:
        return headers, json.dumps(sent)

    google = batches()._google
    monkeypatch.setattr(google, "exchange", answered)
    with pytest.raises(MalformedReplyError, match="without a"):
        asyncio.run(google.upload("name", b"{}\n"))
