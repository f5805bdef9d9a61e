"""Gemini's batches for the endpoint of `endpoint.py`: those of batch_provider.py under /v1beta/openai, whose
faults they have, and Google's own calls for files and the list.

The queue's limit is told at once, with a 429. Neither way in takes the other's key header.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from batch_provider import BatchProvider

__all__ = ["GeminiProvider"]

COMPATIBLE = "/v1beta/openai/"
PAGE = 2


class GeminiProvider(BatchProvider):
    """As `BatchProvider`. `uploads`: the sizes of files that were begun and not sent yet, by their number."""

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.uploads: dict[str, int] = {}

    def knows(self, request: web.BaseRequest) -> bool:
        """Whether it has the key, in the header of the API that is called, and no other."""
        key = self.options.key
        given = request.headers.get("Authorization"), request.headers.get("x-goog-api-key")
        return given == ((f"Bearer {key}", None) if request.path.startswith(COMPATIBLE) else (None, key))

    async def route(self, request: web.BaseRequest, parts: list[str]) -> web.StreamResponse:
        """A call that is let in, by its path."""
        match request.method, [part for part in request.path.split("/") if part]:
            case "POST", ["upload", "v1beta", "files"]:
                return await self.uploaded(request)
            case "GET", ["download", "v1beta", "files", name] if request.query["alt"] == "media":
                return self.downloaded(f"files/{name.removesuffix(':download')}")
            case "GET", ["v1beta", "batches"]:
                return self.listed(request)
            case "POST", ["v1beta", "openai", "batches"]:
                return await self.created(request)
            case "GET", ["v1beta", "openai", "batches", "batches", batch] if batch in self.batches:
                return self.shown(self.looked_at(batch))
        return refused(404, "NOT_FOUND", "Not found.")

    async def uploaded(self, request: web.BaseRequest) -> web.Response:
        """In two calls."""
        if request.headers["X-Goog-Upload-Command"] == "start":
            assert request.headers["X-Goog-Upload-Protocol"] == "resumable"
            assert (await request.json()).keys() == {"file"}
            number = str(len(self.uploads))
            self.uploads[number] = int(request.headers["X-Goog-Upload-Header-Content-Length"])
            there = f"https://google.example{request.path}?upload_id={number}&upload_protocol=resumable"
            return web.Response(headers={"X-Goog-Upload-URL": there})
        assert request.headers["X-Goog-Upload-Command"] == "upload, finalize"
        lines = await request.read()
        assert self.uploads[request.query["upload_id"]] == len(lines)
        name = f"files/in{len(self.files)}"
        self.files[name] = lines
        return web.json_response({"file": {"name": name, "state": "ACTIVE"}})

    def downloaded(self, name: str) -> web.Response:
        """A file, unless it is gone."""
        if self.options.batch_lose_results:
            self.options.batch_lose_results -= 1
            del self.files[name]
        if name not in self.files:
            said = f"You do not have permission to access the File {name} or it may not exist."
            return refused(403, "PERMISSION_DENIED", said)
        return web.Response(body=self.files[name])

    def listed(self, request: web.BaseRequest) -> web.Response:
        """In no order that anyone has promised; here the first comes first."""
        start, keys = int(request.query.get("pageToken", 0)), list(self.batches)
        rows = [self.operation(self.batches[key]) for key in keys[start : start + PAGE]]
        more = {"nextPageToken": str(start + PAGE)} if start + PAGE < len(keys) else {}
        return web.json_response({"operations": rows} | more)

    def operation(self, batch: dict[str, Any]) -> dict[str, Any]:
        """A batch as Google's own API tells of it."""
        told = {"state": "BATCH_STATE_PENDING", "inputConfig": {"fileName": batch["input_file_id"]}}
        return {"name": f"batches/{batch['id']}", "metadata": told}

    async def created(self, request: web.BaseRequest) -> web.StreamResponse:
        """Of a file that is there, where there is room."""
        asked = await request.json()
        if unknown := asked.keys() - {"input_file_id", "endpoint", "completion_window"}:
            said = f'Invalid JSON payload received. Unknown name "{unknown.pop()}": Cannot find field.'
            return refused(400, "INVALID_ARGUMENT", said)
        limit, size = self.options.batch_queue, len(self.files[asked["input_file_id"]]) // 4
        if limit and self.waiting() + size > limit:
            said = "You exceeded your current quota, please check your plan and billing details."
            return refused(429, "RESOURCE_EXHAUSTED", said)
        return self.begin(request, asked)

    def shown(self, batch: dict[str, Any]) -> web.Response:
        """A batch as the compatible API tells of it: with Google's name, and all results in one file."""
        told = {**batch, "id": f"batches/{batch['id']}"}
        files = [told.pop(name) for name in ("output_file_id", "error_file_id") if name in told]
        if files:
            told["output_file_id"] = results = f"files/batch-{batch['id']}"
            rows = [json.loads(line) for file in files for line in self.files[file].splitlines()]
            self.files[results] = "".join(json.dumps(as_google(row)) + "\n" for row in rows).encode()
        return web.json_response(told)


def as_google(row: dict[str, Any]) -> dict[str, Any]:
    """A row of results; one that failed has an error of Google's own API."""
    response = row["response"]
    if response is None or response["status_code"] == 200:
        return row
    error = {"code": 13, "message": response["body"]["error"]["message"]}
    return {"custom_id": row["custom_id"], "error": error}


def refused(status: int, word: str, message: str) -> web.Response:
    """An error, as both ways in wrap it."""
    return web.json_response([{"error": {"code": status, "message": message, "status": word}}], status=status)
