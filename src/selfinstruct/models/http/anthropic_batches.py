"""Anthropic's batches: requests of its Messages API, sent with the creation, and no key of ours beside them.

Sources: platform.claude.com/docs, “Batch processing”, “Messages” and “OpenAI SDK compatibility”; the types of
anthropics/anthropic-sdk-python. A request that goes alone is a chat request, which Anthropic turns into one
of these; a row asks the same. What its chat call ignores, the Messages call refuses, so that it is left out.

A batch is listed with its size and the time of its creation only. One whose creation was not answered is
looked for among those that came after the latest one before it; `owns` then tells by the names of its rows,
which begin with the batch's key, and which can be read once it has ended.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Any

from selfinstruct.errors import RateLimitedError
from selfinstruct.models.base import LENGTH_FIELDS, Api
from selfinstruct.models.batching import QUEUE_IS_FULL, BatchRow, RemoteBatch
from selfinstruct.models.http.batches import MOST_PAGES, PAGE, HttpBatches
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import parse_json
from selfinstruct.records import Request

__all__ = ["AnthropicBatches"]

VERSION = "2023-06-01"  # of the API: the only one since
TAG = 12  # characters of a batch's key before the names of its rows, which may have 64
_LINE_START = b'{"custom_id": "'
_IGNORED = frozenset(
    {
        "echo", "frequency_penalty", "logprobs", "presence_penalty", "response_format", "seed", "stream",
        "stream_options",
    }
)  # fmt: skip
_STATUS = {
    "invalid_request_error": 400, "authentication_error": 401, "billing_error": 402, "permission_error": 403,
    "not_found_error": 404, "request_too_large": 413, "rate_limit_error": 429, "api_error": 500,
    "timeout_error": 504, "overloaded_error": 529,
}  # fmt: skip
"""Of its errors when they answer a request that goes alone."""


class AnthropicBatches(HttpBatches):
    """Satisfies `Batches`."""

    jobs = "/messages/batches"

    def __init__(self, endpoint: Endpoint, *args: Any, **options: Any) -> None:
        headers = dict(endpoint.headers)
        if "anthropic-version" not in {name.lower() for name in headers}:
            headers["anthropic-version"] = VERSION
        super().__init__(replace(endpoint, key_header="x-api-key", headers=headers), *args, **options)
        self._unsent: dict[str, bytes] = {}

    def row(self, custom_id: str, request: Request) -> dict[str, Any]:
        """See `HttpBatches`."""
        return {"custom_id": custom_id, "params": _as_message(super().row(custom_id, request)["body"])}

    async def upload(self, name: str, lines: bytes) -> str:  # noqa: ARG002 - there are no names
        """See `Batches`. There are no files: what is returned says how many lines there are, and when the
        latest batch before this one was created."""
        latest = await self.call("GET", self.jobs, params={"limit": "1"})
        moment = next(map(_created, _entries(latest)), "")
        file = f"inline:{len(lines.splitlines())}:{moment}"
        self._unsent[file] = lines
        return file

    async def create(
        self,
        file: str,
        api: Api,  # noqa: ARG002 - there is one
        *,
        window: str,  # noqa: ARG002 - always 24 hours
        key: str,
    ) -> RemoteBatch:
        """See `Batches`. How many requests wait in batches is limited, and told at once, with a 429."""
        start = _LINE_START + f"{key[:TAG]}-".encode()
        rows = (start + line.removeprefix(_LINE_START) for line in self._unsent[file].splitlines())
        body = b'{"requests": [' + b",".join(rows) + b"]}"
        headers = {"Content-Type": "application/json"}
        try:
            created = self.read(await self.call("POST", self.jobs, data=body, headers=headers))
        except RateLimitedError as error:
            created = RemoteBatch("", "failed", "not sent", code=QUEUE_IS_FULL, message=error.message)
        del self._unsent[file]
        return created

    async def find(self, file: str, key: str) -> RemoteBatch | None:
        """See `Batches`. One that has not ended is the first that may be this one."""
        _, size, latest = file.split(":", 2)
        found = None
        async for value in self._since(latest):
            batch = self.read(value)
            if batch.total != int(size):
                continue
            if batch.state == "waiting":
                found = batch
            elif batch.files and await self.owns(batch, key):
                found = batch
                break
        if found is not None:
            self._unsent.pop(file, None)
        return found

    async def owns(self, remote: RemoteBatch, key: str) -> bool:
        """See `Batches`."""
        for file in remote.files:
            async with aclosing(self.rows(file)) as rows:
                async for row in rows:
                    return row.custom_id.startswith(f"{key[:TAG]}-")
        return True

    async def _since(self, moment: str) -> AsyncIterator[dict[str, Any]]:
        """What was created after it, the latest first."""
        after = ""
        for _ in range(MOST_PAGES):
            query = {"limit": str(PAGE)} | ({"after_id": after} if after else {})
            page = await self.call("GET", self.jobs, params=query)
            entries = _entries(page)
            for value in entries:
                if moment and not _is_later(_created(value), moment):
                    return
                yield value
            if not entries or not page.get("has_more"):
                return
            after = self._id(entries[-1], "batch")

    def content(self, file: str) -> str:
        """See `HttpBatches`."""
        return f"{self.jobs}/{file}/results"

    def read_row(self, line: bytes) -> BatchRow | None:
        """See `HttpBatches`."""
        value = parse_json(line.decode("utf-8-sig", "replace")) if line.strip() else None
        if not isinstance(value, dict) or not isinstance(custom_id := value.get("custom_id"), str):
            return None
        result = value.get("result")
        result = result if isinstance(result, dict) else {}
        message, error = result.get("message"), result.get("error")
        if result.get("type") == "succeeded" and isinstance(message, dict):
            return BatchRow(custom_id, 200, json.dumps(_as_chat_reply(message)))
        inner = error.get("error") if isinstance(error, dict) else None
        kind = inner.get("type") if isinstance(inner, dict) else None
        unprocessed = result.get("type") in ("canceled", "expired")
        return BatchRow(custom_id, _STATUS.get(str(kind), 0), json.dumps(error or result), unprocessed)

    def read(self, value: Any) -> RemoteBatch:
        """See `HttpBatches`. What a batch did not come to is counted when it has ended."""
        if not isinstance(value, dict):
            return super().read(value)
        counts = value.get("request_counts")
        counts = {k: v for k, v in counts.items() if isinstance(v, int)} if isinstance(counts, dict) else {}
        status = str(value.get("processing_status") or "")
        if status == "ended":
            unprocessed = (word for word, name in _UNPROCESSED.items() if counts.get(name))
            status = next(unprocessed, "completed")
        return super().read(
            {
                "id": value.get("id"),
                "status": status,
                "request_counts": {
                    "total": sum(counts.values()),
                    "completed": counts.get("succeeded"),
                    "failed": counts.get("errored"),
                },
                "output_file_id": value.get("id") if value.get("results_url") else None,
            }
        )


_UNPROCESSED = {"cancelled": "canceled", "expired": "expired"}


def _entries(page: Any) -> list[dict[str, Any]]:
    rows = page.get("data") if isinstance(page, dict) else None
    return [row for row in rows or () if isinstance(row, dict)]


def _created(value: Mapping[str, Any]) -> str:
    return str(value.get("created_at") or "")


def _is_later(moment: str, other: str) -> bool:
    """Of two times as the API writes them; one that cannot be read is no earlier."""
    try:
        return datetime.fromisoformat(moment) > datetime.fromisoformat(other)
    except (TypeError, ValueError):
        return True


def _as_message(body: Mapping[str, Any]) -> dict[str, Any]:
    """The Messages request that asks for what a chat request asks for.

    Left out besides what the chat call ignores: stops of white space, which it ignores too, and `top_p` of 1,
    the default, beside which some models refuse a temperature.
    """
    asked: dict[str, Any] = {}
    for name, value in body.items():
        if name in LENGTH_FIELDS:
            asked["max_tokens"] = value
        elif name == "stop":
            if stops := [stop for stop in value if stop.strip()]:
                asked["stop_sequences"] = stops
        elif name == "messages":
            asked["messages"] = [each for each in value if each["role"] != "system"]
            if system := "\n".join(each["content"] for each in value if each["role"] == "system"):
                asked["system"] = system
        elif name not in _IGNORED and (name, value) != ("top_p", 1):
            asked[name] = value
    return asked


def _as_chat_reply(message: Mapping[str, Any]) -> dict[str, Any]:
    """A reply of the Messages API as one of the chat call, with the parts and the counts that it has."""
    return {
        "choices": [
            {
                "message": {"role": "assistant", "content": message.get("content")},
                "finish_reason": message.get("stop_reason"),
            }
        ],
        "usage": message.get("usage"),
    }
