"""Gemini's batches: OpenAI's calls for the batches, and Google's own for their files and for the list.

Sources: ai.google.dev/gemini-api/docs/openai, “Batch API”; /gemini-api/docs/batch-api; /api/files and
/api/batch-api. The OpenAI-compatible API creates batches and reports their state. Its rows are chat requests
like direct ones, and so are the replies; Google's own `batchGenerateContent` has other formats. But the
compatible API takes no metadata, where our key could stand, and has no calls for files. Google's own API has
them, at another path and with the API key in another header. Its list of batches names the file of each, by
which a batch is found again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from selfinstruct.errors import RateLimitedError
from selfinstruct.models.base import Api
from selfinstruct.models.batching import QUEUE_IS_FULL, BatchRow, RemoteBatch
from selfinstruct.models.http.batches import MOST_PAGES, PAGE, HttpBatches
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import parse_json

__all__ = ["GeminiBatches"]

KEY_HEADER = "x-goog-api-key"
_STATUS = {3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400, 13: 500, 14: 503, 16: 401}
"""Of google.rpc.Code, in HTTP."""
_FULL = ("resource_exhausted", "exceeded your current quota", "enqueued token")


class GeminiBatches(HttpBatches):
    """Satisfies `Batches`."""

    def __init__(self, endpoint: Endpoint, *args: Any, **options: Any) -> None:
        super().__init__(endpoint, *args, **options)
        self._google = _GoogleApi(endpoint, *args, **options)

    async def upload(self, name: str, lines: bytes) -> str:
        """See `Batches`."""
        return await self._google.upload(name, lines)

    def job(self, file: str, api: Api, *, window: str, key: str) -> dict[str, Any]:
        """See `HttpBatches`. Fields that it does not know are refused, and it knows no metadata."""
        asked = super().job(file, api, window=window, key=key)
        del asked["metadata"]
        return asked

    async def create(self, file: str, api: Api, *, window: str, key: str) -> RemoteBatch:
        """See `Batches`. What more may wait in batches is told at once, with a 429."""
        try:
            return await super().create(file, api, window=window, key=key)
        except RateLimitedError as error:
            return RemoteBatch("", "failed", "not sent", code=QUEUE_IS_FULL, message=error.message)

    async def find(self, file: str, key: str) -> RemoteBatch | None:  # noqa: ARG002 - it keeps none
        """See `Batches`."""
        name = await self._google.batch_of(file)
        return None if name is None else await self.look(name)

    def read(self, value: Any) -> RemoteBatch:
        """See `HttpBatches`."""
        batch = super().read(value)
        said = f"{batch.code} {batch.message}".lower()
        if batch.state == "failed" and any(sign in said for sign in _FULL):
            return replace(batch, code=QUEUE_IS_FULL)
        return batch

    def rows(self, file: str) -> AsyncGenerator[BatchRow, None]:
        """See `Batches`."""
        return self._google.rows(file)

    async def aclose(self) -> None:
        """See `Batches`."""
        await super().aclose()
        await self._google.aclose()


class _GoogleApi(HttpBatches):
    """The calls of Google's own API, beside the compatible one: `/v1beta` for `/v1beta/openai`."""

    def __init__(self, endpoint: Endpoint, *args: Any, **options: Any) -> None:
        address = urlsplit(endpoint.base_url)
        self._before, _, self._version = address.path.removesuffix("/openai").rpartition("/")
        root = address._replace(path=self._before, query="").geturl()
        super().__init__(replace(endpoint, base_url=root, key_header=KEY_HEADER), *args, **options)

    async def upload(self, name: str, lines: bytes) -> str:
        """See `Batches`. It takes two calls; the first one tells where to send the file."""
        begin = {
            "X-Goog-Upload-Protocol": "resumable",
            "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Length": str(len(lines)),
            "X-Goog-Upload-Header-Content-Type": "application/jsonl",
        }
        named = {"file": {"display_name": name}}
        path = f"/upload/{self._version}/files"
        answer = await self.exchange("POST", path, headers=begin, json=named)
        place = urlsplit("" if answer is None else answer[0].get("X-Goog-Upload-URL", ""))
        if not place.path:
            raise self.malformed("an upload without an address")
        # On the host that has the key already, whatever host it names.
        path = f"{place.path.removeprefix(self._before)}?{place.query}"
        end = {"X-Goog-Upload-Offset": "0", "X-Goog-Upload-Command": "upload, finalize"}
        sent = await self.call("POST", path, headers=end, data=lines)
        file = sent.get("file") if isinstance(sent, dict) else None
        if not isinstance(file, dict) or not isinstance(found := file.get("name"), str):
            raise self.malformed("a file without a name")
        return found

    async def batch_of(self, file: str) -> str | None:
        """The id of the batch that was created from this file."""
        query = {"pageSize": str(PAGE)}
        for _ in range(MOST_PAGES):
            page = await self.call("GET", f"/{self._version}/batches", params=query)
            for entry in page.get("operations") or ():
                told = entry.get("metadata") or {}
                if (told.get("inputConfig") or {}).get("fileName") == file:
                    return str(entry["name"])
            if not page.get("nextPageToken"):
                break
            query["pageToken"] = page["nextPageToken"]
        return None

    def content(self, file: str) -> str:
        """See `HttpBatches`."""
        return f"/download/{self._version}/{file}:download?alt=media"

    def is_gone(self, status: int, said: str) -> bool:
        """See `HttpBatches`. Google does not tell a file that is gone from one of somebody else's."""
        return status == 404 or (status == 403 and "may not exist" in said)

    def read_row(self, line: bytes) -> BatchRow | None:
        """See `HttpBatches`. A row that failed may have an error of Google's own API in place of a reply."""
        row = super().read_row(line)
        if row is None or row.status:
            return row
        code = parse_json(row.body)["error"].get("code")
        if type(code) is not int:
            return row
        return replace(row, status=code if 400 <= code < 600 else _STATUS.get(code, 0))
