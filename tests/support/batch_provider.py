"""Files and batches, as OpenAI's API has them, for the endpoint of `endpoint.py`; they misbehave as told.

A batch is answered when it is first looked at after `--batch-seconds`. Its results come shuffled, failures in
a file of their own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from endpoint import Server

__all__ = ["BatchProvider", "add_options", "is_batch_call"]

GEMINI = ("/v1beta/openai/batches", "/v1beta/batches", "/upload/v1beta/", "/download/v1beta/")
ENDED = ("completed", "expired", "failed", "cancelled")


def add_options(options: argparse.ArgumentParser) -> None:
    """Counts are of the first batches, shares of all calls or rows."""
    add = options.add_argument
    add("--no-batches", type=int, default=0, help="1: answer as a server without them does")
    add("--batch-seconds", type=float, default=0.0)
    add("--batch-expire", type=int, default=0, help="so many batches expire when half of them is done")
    add("--batch-fail-rows", type=float, default=0.0, help="of rows, by body and attempt")
    add("--batch-drop-rows", type=int, default=0, help="so many batches leave their first row out")
    add("--batch-queue", type=int, default=0, help="tokens in all batches that wait; 0: no limit")
    add("--batch-fail-calls", type=float, default=0.0, help="500 to calls about files and batches")
    add("--batch-lose-answers", type=int, default=0, help="so many creations take effect and break off")
    add("--batch-lose-results", type=int, default=0, help="so many files of results are gone; Gemini's alone")
    add("--batch-forget-keys", type=int, default=0, help="1: keep no metadata")
    add("--batch-mistral", type=int, default=0, help="1: take and answer jobs as Mistral does")
    add("--batch-anthropic", type=int, default=0, help="1: Message Batches; the queue is of requests")
    add("--batch-gemini", type=int, default=0, help="1: as Gemini has them, at /v1beta/openai")
    add("--batch-together", type=int, default=0, help="1: answer as Together does")


def is_batch_call(path: str) -> bool:
    """Whether it is one of those that are answered here."""
    return path.startswith(("/v1/files", "/v1/batch", "/v1/messages/batches", *GEMINI))


class BatchProvider:
    """Everything is open to tests: `files` by id, `batches` by id in their order, `processed` rows by the
    digest of their body, `calls` by method and path without ids."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.ready: dict[str, float] = {}
        self.processed: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.purposes: set[str] = set()
        self.sizes: list[int] = []
        self.models: dict[str, str] = {}
        self.random = random.Random(server.options.seed_faults)

    @property
    def options(self) -> argparse.Namespace:
        """Of the endpoint; tests change them as they go."""
        return self.server.options

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One call."""
        jobs = "batch/jobs" if self.options.batch_mistral else "batches"
        parts = request.path.removeprefix("/v1/").replace(jobs, "batches", 1).split("/")
        name = f"{request.method} {'/'.join(part if i != 1 else '*' for i, part in enumerate(parts))}"
        self.calls[name] += 1
        if self.options.key and not self.knows(request):
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        if self.options.no_batches:
            return _error(404, f"Invalid URL ({request.method} {request.path})", None)
        if self.random.random() < self.options.batch_fail_calls:
            return _error(500, "The server had an error.", "server_error")
        return await self.route(request, parts)

    def knows(self, request: web.BaseRequest) -> bool:
        """Whether it has the key."""
        return request.headers.get("Authorization") == f"Bearer {self.options.key}"

    async def route(self, request: web.BaseRequest, parts: list[str]) -> web.StreamResponse:
        """A call that is let in, by its path."""
        match request.method, parts:
            case "POST", ["files"] | ["files", "upload"]:
                return await self._upload(request)
            case "GET", ["files", file, "content"]:
                return web.Response(body=self.files[file])
            case "POST", ["batches"]:
                return await self._create(request)
            case "GET", ["batches"]:
                return self._list(request)
            case "GET", ["batches", batch] if batch in self.batches:
                return self.shown(self.looked_at(batch))
        return _error(404, "No such batch or file.", None)

    async def _upload(self, request: web.BaseRequest) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        self.purposes.add(str(form["purpose"]))
        key = f"file-{len(self.files)}"
        self.files[key] = file.file.read()
        return web.json_response({"id": key, "object": "file", "filename": file.filename})

    async def _create(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = await request.json()
        if self.options.batch_mistral:
            assert asked["timeout_hours"] == 24
            asked |= {"input_file_id": asked["input_files"][0], "completion_window": "24h"}
            self.models[asked["input_file_id"]] = asked["model"]
        return self.begin(request, asked)

    def begin(self, request: web.BaseRequest, asked: dict[str, Any]) -> web.StreamResponse:
        """A batch of a file that is there."""
        rows = self._rows(asked["input_file_id"])
        assert len({row["custom_id"] for row in rows}) == len(rows) > 0
        assert {row["url"] for row in rows} == {asked["endpoint"]}, "one call a batch"
        self.sizes.append(len(rows))
        key = f"batch_{len(self.batches)}"
        batch: dict[str, Any] = {
            "id": key,
            "object": "batch",
            "endpoint": asked["endpoint"],
            "input_file_id": asked["input_file_id"],
            "completion_window": asked["completion_window"],
            "status": "validating",
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }
        if not self.options.batch_forget_keys:
            batch["metadata"] = asked.get("metadata")
        if self.options.batch_queue and self.waiting() + self.size(batch) > self.options.batch_queue:
            batch["queue_full"] = True
        self.batches[key] = batch
        self.ready[key] = time.monotonic() + self.options.batch_seconds
        if self.options.batch_lose_answers:
            self.options.batch_lose_answers -= 1
            assert request.transport is not None
            request.transport.close()
        return self.shown(batch)

    def _list(self, request: web.BaseRequest) -> web.Response:
        listed = list(reversed(self.batches.values()))
        after = request.query.get("after")
        start = next((place + 1 for place, batch in enumerate(listed) if batch["id"] == after), 0)
        page = listed[start : start + 2]
        if self.options.batch_mistral:
            number, size = int(request.query["page"]), 2
            page = [self._as_mistral(each) for each in listed[number * size : (number + 1) * size]]
            return web.json_response({"data": page, "total": len(listed)})
        if self.options.batch_together:
            return web.json_response(listed)
        return web.json_response({"data": page, "has_more": start + 2 < len(listed)})

    def shown(self, batch: dict[str, Any]) -> web.Response:
        """A batch as it is told of."""
        if self.options.batch_mistral:
            return web.json_response(self._as_mistral(batch))
        shown = {name: value for name, value in batch.items() if name != "queue_full"}
        if self.options.batch_together:
            return web.json_response({"job": shown | {"status": shown["status"].upper()}})
        return web.json_response(shown)

    def _as_mistral(self, batch: dict[str, Any]) -> dict[str, Any]:
        counts = batch["request_counts"]
        words = {"completed": "SUCCESS", "expired": "TIMEOUT_EXCEEDED", "in_progress": "RUNNING"}
        return {
            "id": batch["id"],
            "input_files": [batch["input_file_id"]],
            "metadata": batch.get("metadata"),
            "status": words.get(batch["status"], "QUEUED"),
            "total_requests": counts["total"],
            "succeeded_requests": counts["completed"],
            "failed_requests": counts["failed"],
            "output_file": batch.get("output_file_id"),
            "error_file": batch.get("error_file_id"),
            "errors": [],
        }

    def _rows(self, file: str) -> list[dict[str, Any]]:
        rows = [json.loads(line) for line in self.files[file].splitlines()]
        if self.options.batch_mistral:
            for row in rows:
                assert "model" not in row["body"]
                row |= {"method": "POST", "url": "/v1/chat/completions"}
                row["body"] = {"model": self.models.get(file, ""), **row["body"]}
        return rows

    def waiting(self) -> int:
        """The size of what has not ended."""
        return sum(self.size(batch) for batch in self.batches.values() if batch["status"] not in ENDED)

    def size(self, batch: dict[str, Any]) -> int:
        """As the queue counts: in tokens."""
        return len(self.files[batch["input_file_id"]]) // 4

    def looked_at(self, key: str) -> dict[str, Any]:
        """A batch as it is from now on."""
        batch = self.batches[key]
        if batch["status"] in ENDED:
            return batch
        if batch.get("queue_full"):
            limit = f"Limit: {self.options.batch_queue:,} enqueued tokens."
            message = f"Enqueued token limit reached for m in organization org-1. {limit}"
            batch |= {
                "status": "failed",
                "errors": {"data": [{"code": "token_limit_exceeded", "message": message}]},
            }
            return batch
        rows = self._rows(batch["input_file_id"])
        batch["request_counts"]["total"] = len(rows)
        batch["status"] = "in_progress"
        if time.monotonic() >= self.ready[key]:
            self._answer(batch, rows)
        return batch

    def _answer(self, batch: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        batch["status"] = "completed"
        done, late = rows, []
        if self.options.batch_expire:
            self.options.batch_expire -= 1
            batch["status"] = "expired"
            done, late = rows[: len(rows) // 2], rows[len(rows) // 2 :]
        if self.options.batch_drop_rows:
            self.options.batch_drop_rows -= 1
            done = done[1:]
        results = [self._result(row) for row in done]
        self.random.shuffle(results)
        good = [each for each in results if each["response"]["status_code"] == 200]
        bad = [each for each in results if each["response"]["status_code"] != 200]
        expired = {"code": "batch_expired", "message": "This request could not be executed in time."}
        bad += [{"custom_id": row["custom_id"], "response": None, "error": expired} for row in late]
        for name, lines in (("output_file_id", good), ("error_file_id", bad)):
            if lines:
                batch[name] = f"file-{len(self.files)}"
                self.files[batch[name]] = "".join(json.dumps(line) + "\n" for line in lines).encode()
        batch["request_counts"] |= {"completed": len(good), "failed": len(bad)}

    def _result(self, row: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(row["body"]).encode()
        digest = hashlib.blake2b(body, digest_size=16).digest()
        self.processed[digest.hex()] += 1
        self.server.attempts[digest] += 1
        key = b"row %d %d " % (self.options.seed_faults, self.server.attempts[digest])
        drawn = int.from_bytes(hashlib.blake2b(key + digest, digest_size=8).digest(), "big") / 2**64
        response, outcome = self.server.answer_row(
            SimpleNamespace(path=row["url"], method=row["method"], headers={}),
            row["body"],
            body,
            "500" if drawn < self.options.batch_fail_rows else "ok",
        )
        self.server.count(digest, "batch", outcome)
        sent = response.body
        assert isinstance(sent, bytes)
        said = {"status_code": response.status, "request_id": "r", "body": json.loads(sent)}
        return {"id": "row", "custom_id": row["custom_id"], "response": said, "error": None}

    def stats(self) -> dict[str, Any]:
        """For /stats."""
        return {"batches": len(self.batches), "batch_rows": self.sizes, "calls": dict(self.calls)}


def _error(status: int, message: str, code: str | None) -> web.Response:
    return web.json_response({"error": {"message": message, "code": code}}, status=status)
