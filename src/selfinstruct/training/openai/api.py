"""OpenAI's HTTP API for fine-tuning, or a compatible server's: one attempt a call.

    POST /files                        multipart: purpose=fine-tune, file           → {id, filename, bytes}
    GET  /files?purpose=fine-tune      a page, `after` the last id of the one before → {data, has_more}
    POST /fine_tuning/jobs             {model, training_file, method, seed, suffix}  → a job
    GET  /fine_tuning/jobs             pages, as above
    GET  /fine_tuning/jobs/ID          {id, status, fine_tuned_model, trained_tokens, error, …}
    GET  /fine_tuning/jobs/ID/events   pages, the newest first: {id, created_at, level, message, type, data}

Statuses: validating_files, queued, running (and paused), then succeeded, failed or cancelled. Does not retry,
and keeps nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from selfinstruct.errors import ConfigError, ContentRefusedError, MalformedReplyError, UnrecognizedError
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import parse_json
from selfinstruct.models.http.error_mapping import refusal
from selfinstruct.models.http.transport import environment_proxy, open_session, transport_error

__all__ = ["FineTuningApi", "identifier"]

SILENT_SECONDS = 120.0  # a large file may take long, but not without a byte
PAGE = 100


class FineTuningApi:
    """Within `async with`. Every call raises a `RequestError` when this attempt failed, a `UserError` when
    none can succeed."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._proxy = environment_proxy(endpoint.base_url)

    async def __aenter__(self) -> Self:
        self._session = open_session(self._endpoint, silent_seconds=SILENT_SECONDS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def upload(self, path: Path, name: str) -> str:
        """The id of the file, which is called `name` there."""
        with path.open("rb") as file:
            form = aiohttp.FormData({"purpose": "fine-tune"})
            form.add_field("file", file, filename=name, content_type="application/jsonl")
            return identifier(await self._ask("POST", "/files", data=form))

    async def find_file(self, name: str) -> str | None:
        """The id of a file that was uploaded under this name."""
        async for each in self._all("/files", purpose="fine-tune"):
            if each.get("filename") == name:
                return identifier(each)
        return None

    async def create(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The new job."""
        job = await self._ask("POST", "/fine_tuning/jobs", json=dict(fields))
        identifier(job)  # while a reply without one can still be looked up
        return job

    async def find_job(self, training_file: str) -> dict[str, Any] | None:
        """The job that learns, or learnt, from a file."""
        async for each in self._all("/fine_tuning/jobs"):
            if each.get("training_file") == training_file:
                return each
        return None

    async def job(self, identifier: str) -> dict[str, Any]:
        """As it stands."""
        return await self._ask("GET", f"/fine_tuning/jobs/{identifier}")

    async def events(self, identifier: str, known: Collection[str]) -> list[dict[str, Any]]:
        """Those that are not known by their id, the oldest first."""
        new: list[dict[str, Any]] = []
        async for each in self._all(f"/fine_tuning/jobs/{identifier}/events"):
            if each.get("id") in known:
                break
            new.append(each)
        return new[::-1]

    async def _all(self, path: str, **query: str) -> AsyncIterator[dict[str, Any]]:
        """What a list holds, page after page."""
        after: dict[str, str] = {}
        while True:
            page = await self._ask("GET", path, params={"limit": str(PAGE), **query, **after})
            rows = page.get("data")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise MalformedReplyError(f"{self._endpoint.base_url}{path}: the reply has no list `data`.")
            for row in rows:
                yield row
            if not page.get("has_more") or not rows or after.get("after") == rows[-1].get("id"):
                return
            after = {"after": identifier(rows[-1])}

    async def _ask(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        try:
            async with self._session.request(
                method, self._endpoint.at(path), allow_redirects=False, proxy=self._proxy, **what
            ) as response:
                reply = (await response.read()).decode("utf-8", "replace")
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            # from None: aiohttp's errors hold the request's headers, and so the key
            raise transport_error(error, self._endpoint) from None
        if not 200 <= response.status < 300:
            refused = refusal(response.status, response.headers, reply, self._endpoint)
            if isinstance(refused, ContentRefusedError | UnrecognizedError):  # here no content is at stake
                raise ConfigError(refused.message)
            raise refused
        value = parse_json(reply)
        if not isinstance(value, dict):
            said = self._endpoint.quote(reply) or "(nothing)"
            raise MalformedReplyError(f"{self._endpoint.base_url}{path}: not a JSON object: {said}")
        return value


def identifier(value: Mapping[str, Any]) -> str:
    """Of a file, a job or an event. Raises MalformedReplyError where it has none."""
    found = value.get("id")
    if not isinstance(found, str) or not found:
        raise MalformedReplyError("The endpoint's reply has no 'id'.")
    return found
