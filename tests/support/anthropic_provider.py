"""Anthropic's Message Batches for the endpoint of `endpoint.py`: its words around the batches of
batch_provider.py, whose faults it has too.

The queue's limit is one of requests, and told at once, with a 429.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from batch_provider import ENDED, BatchProvider

__all__ = ["AnthropicProvider"]

FIELDS = {"model", "messages", "system", "max_tokens", "temperature", "top_p", "stop_sequences"}
PAGE = 2


class AnthropicProvider(BatchProvider):
    """As `BatchProvider`."""

    def knows(self, request: web.BaseRequest) -> bool:
        """Whether it has the key, in the header of this API."""
        return bool(request.headers.get("x-api-key") == self.options.key)

    async def route(self, request: web.BaseRequest, parts: list[str]) -> web.StreamResponse:
        """A call that is let in, by its path."""
        assert request.headers["anthropic-version"] == "2023-06-01"
        match request.method, parts[1:]:
            case "POST", ["batches"]:
                return await self.created(request)
            case "GET", ["batches"]:
                return self.listed(request)
            case "GET", ["batches", batch] if batch in self.batches:
                return self.shown(self.looked_at(batch))
            case "GET", ["batches", batch, "results"] if batch in self.batches:
                return web.Response(text=self.results(self.batches[batch]))
        return refused(404, "not_found_error", "Not found.")

    async def created(self, request: web.BaseRequest) -> web.StreamResponse:
        """Its rows are kept as a file of chat requests."""
        rows = (await request.json())["requests"]
        for row in rows:
            assert row.keys() == {"custom_id", "params"}
            assert len(row["custom_id"]) <= 64
            if unknown := row["params"].keys() - FIELDS:
                return refused(400, "invalid_request_error", f"{unknown}: Extra inputs are not permitted")
        if self.options.batch_queue and self.waiting() + len(rows) > self.options.batch_queue:
            limit = f"limit of {self.options.batch_queue} requests in the batch queue"
            return refused(429, "rate_limit_error", f"This would exceed your organization's {limit}.")
        file = f"file-{len(self.files)}"
        self.files[file] = "".join(json.dumps(as_chat(row)) + "\n" for row in rows).encode()
        asked = {"input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        return self.begin(request, asked)

    def listed(self, request: web.BaseRequest) -> web.Response:
        """The latest first."""
        keys = list(reversed(self.batches))
        after = request.query.get("after_id")
        start = keys.index(after) + 1 if after else 0
        page = [self.told(self.batches[key]) for key in keys[start : start + PAGE]]
        return web.json_response({"data": page, "has_more": start + PAGE < len(keys)})

    def shown(self, batch: dict[str, Any]) -> web.Response:
        """A batch as it is told of."""
        return web.json_response(self.told(batch))

    def size(self, batch: dict[str, Any]) -> int:
        """As the queue counts: in requests."""
        return self.files[batch["input_file_id"]].count(b"\n")

    def told(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Without any trace of who created it. Nothing is counted before it has ended."""
        counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        ended = batch["status"] in ENDED
        if ended:
            for line in self.results(batch).splitlines():
                counts[json.loads(line)["result"]["type"]] += 1
        else:
            counts["processing"] = self.size(batch)
        place = list(self.batches).index(batch["id"])
        return {
            "id": batch["id"],
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": counts,
            "created_at": f"2026-11-30T00:00:00.{place:06}Z",
            "results_url": f"https://elsewhere.example/{batch['id']}" if ended else None,
        }

    def results(self, batch: dict[str, Any]) -> str:
        """Of all rows, in the order in which the files have them."""
        if batch["status"] == "cancelled":
            rows = self._rows(batch["input_file_id"])
            lines = [{"custom_id": row["custom_id"], "result": {"type": "canceled"}} for row in rows]
        else:
            files = (batch.get(name) for name in ("error_file_id", "output_file_id"))
            lines = [
                as_result(json.loads(line))
                for file in files
                if file
                for line in self.files[file].splitlines()
            ]
        return "".join(json.dumps(line) + "\n" for line in lines)


def as_chat(row: dict[str, Any]) -> dict[str, Any]:
    """The row of a file that asks the same."""
    body = dict(row["params"])
    system, stops = body.pop("system", None), body.pop("stop_sequences", None)
    assert isinstance(body["max_tokens"], int)
    assert {message["role"] for message in body["messages"]} == {"user"}
    body["messages"] = [*([{"role": "system", "content": system}] if system else []), *body["messages"]]
    return {
        "custom_id": row["custom_id"],
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": body | ({"stop": stops} if stops else {}),
    }


def as_result(line: dict[str, Any]) -> dict[str, Any]:
    """A result of the files in this API's words."""
    return {"custom_id": line["custom_id"], "result": what_became(line["response"])}


def what_became(response: dict[str, Any] | None) -> dict[str, Any]:
    """Of a row; None: nothing."""
    if response is None:
        return {"type": "expired"}
    body = response["body"]
    if response["status_code"] != 200:
        kind = "api_error" if response["status_code"] == 500 else "invalid_request_error"
        return {"type": "errored", "error": complaint(kind, body["error"]["message"])}
    choice, usage = body["choices"][0], body["usage"]
    message = {
        "role": "assistant",
        "content": [{"type": "text", "text": choice["message"]["content"]}],
        "stop_reason": {"stop": "end_turn", "length": "max_tokens"}[choice["finish_reason"]],
        "usage": {"input_tokens": usage["prompt_tokens"], "output_tokens": usage["completion_tokens"]},
    }
    return {"type": "succeeded", "message": message}


def complaint(kind: str, message: str) -> dict[str, Any]:
    """The body of an error."""
    return {"type": "error", "error": {"type": kind, "message": message}}


def refused(status: int, kind: str, message: str) -> web.Response:
    """An error."""
    return web.json_response(complaint(kind, message), status=status)
