"""Batches of an OpenAI-compatible endpoint: `/files` and `/batches`.

Sources: platform.openai.com/docs/guides/batch, console.groq.com/docs/batch, learn.microsoft.com “Getting
started with Azure OpenAI batch deployments”, docs.together.ai/docs/batch-inference. They differ in the case
of a status, in whether an answer is wrapped, and in what is left out; all of that is read here.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

import aiohttp

from selfinstruct.errors import (
    AuthenticationError,
    BatchRefusedError,
    ConfigError,
    MalformedReplyError,
    RequestError,
    SelfInstructError,
)
from selfinstruct.models.base import Api
from selfinstruct.models.batching import BatchRow, BatchTerms, RemoteBatch
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import parse_json, read_error_body
from selfinstruct.models.http.error_mapping import refusal
from selfinstruct.models.http.replies import read_reply
from selfinstruct.models.http.transport import environment_proxy, open_session, transport_error
from selfinstruct.records import Completion, Request, Stage

__all__ = ["MOST_PAGES", "PAGE", "HttpBatches"]

PAGE = 100  # batches a call, where they are listed
MOST_PAGES = 20  # of them: a batch that is looked for was created minutes or days ago
METADATA = "selfinstruct"
NO_BATCHES = "Send requests one by one: `batch=False`"
_STATES = {
    "completed": "ended", "expired": "ended", "failed": "failed", "cancelled": "cancelled",
    "canceled": "cancelled",
}  # fmt: skip
_UNPROCESSED = frozenset({"batch_expired", "batch_cancelled"})
_STREAMED = ("stream", "stream_options")  # a batch's replies are whole
_SAYS_ALL = (ConfigError, AuthenticationError, BatchRefusedError)


class HttpBatches:
    """Satisfies `Batches`.

    body, api: those of the model, so that a request is the same in a batch as alone.
    timeout_seconds: without a byte of an answer; how long a file takes depends on its size.
    """

    jobs = "/batches"
    """Where they are created, listed and looked at."""

    def __init__(
        self,
        endpoint: Endpoint,
        terms: BatchTerms,
        *,
        body: Callable[[Request], dict[str, Any]],
        api: Callable[[Stage], Api],
        timeout_seconds: float,
    ) -> None:
        self._endpoint, self._body, self._api = endpoint, body, api
        self._timeout_seconds = timeout_seconds
        self._session: aiohttp.ClientSession | None = None
        self._proxy: str | None = None
        self.terms = terms

    @property
    def model(self) -> str:
        """As the endpoint calls it."""
        return self._endpoint.model

    @property
    def address(self) -> str:
        """The base URL."""
        return self._endpoint.base_url

    def api(self, stage: Stage) -> Api:
        """See `Batches`."""
        return self._api(stage)

    def line(self, custom_id: str, request: Request) -> bytes:
        """See `Batches`."""
        row = self.row(custom_id, request)
        try:
            return json.dumps(row, ensure_ascii=False).encode() + b"\n"
        except UnicodeEncodeError:  # half a character, which JSON can carry
            return json.dumps(row).encode() + b"\n"

    def row(self, custom_id: str, request: Request) -> dict[str, Any]:
        """What a line holds."""
        body = {name: value for name, value in self._body(request).items() if name not in _STREAMED}
        url = _call(self._api(request.stage))
        return {"custom_id": custom_id, "method": "POST", "url": url, "body": body}

    async def upload(self, name: str, lines: bytes) -> str:
        """See `Batches`."""
        form = aiohttp.FormData()
        form.add_field("purpose", self.terms.purpose)
        form.add_field("file_name", name) if self.terms.upload != "/files" else None
        form.add_field("file", lines, filename=name, content_type="application/jsonl")
        value = await self.call("POST", self.terms.upload, data=form)
        return self._id(value, "file")

    async def create(self, file: str, api: Api, *, window: str, key: str) -> RemoteBatch:
        """See `Batches`."""
        return self.read(await self.call("POST", self.jobs, json=self.job(file, api, window=window, key=key)))

    def job(self, file: str, api: Api, *, window: str, key: str) -> dict[str, Any]:
        """What a creation sends."""
        return {
            "input_file_id": file,
            "endpoint": _call(api),
            "completion_window": window,
            "metadata": {METADATA: key},
        }

    async def find(self, file: str, key: str) -> RemoteBatch | None:
        """See `Batches`. Listings begin with the latest."""
        after = ""
        for _ in range(MOST_PAGES):
            query = {"limit": str(PAGE)} | ({"after": after} if after else {})
            value = await self.call("GET", self.jobs, params=query)
            listed = self.listed(value)
            for batch in listed:
                if batch.key == key or batch.input_file == file:
                    return batch
            if not (isinstance(value, dict) and value.get("has_more") and listed) or listed[-1].id == after:
                return None
            after = listed[-1].id
        return None

    async def look(self, batch: str) -> RemoteBatch | None:
        """See `Batches`."""
        value = await self.call("GET", f"{self.jobs}/{batch}", may_miss=True)
        return None if value is None else self.read(value)

    async def rows(self, file: str) -> AsyncGenerator[BatchRow, None]:
        """See `Batches`. Lines without a row are skipped. If the provider has deleted the file, there are no
        rows, and their requests count as unanswered."""
        rest = b""
        try:
            async with self._request("GET", self.content(file)) as response:
                if not 200 <= response.status < 300:
                    said = await response.text()
                    if self.is_gone(response.status, said):
                        return
                    raise self._refused(response.status, response.headers, said)
                async for chunk in response.content.iter_any():
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines:
                        if (row := self.read_row(line)) is not None:
                            yield row
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            raise transport_error(error, self._endpoint) from None
        if (row := self.read_row(rest)) is not None:
            yield row

    async def owns(self, remote: RemoteBatch, key: str) -> bool:  # noqa: ARG002
        """See `Batches`. A batch is found by its file or its key, which leave no doubt."""
        return True

    def completion(self, row: BatchRow, request: Request, seconds: float) -> Completion:
        """See `Batches`."""
        if 200 <= row.status < 300:
            return read_reply({}, row.body, request.prompt, seconds, self._endpoint)
        raise refusal(row.status or 500, {}, row.body, self._endpoint)

    async def aclose(self) -> None:
        """See `Batches`."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    # ------------------------------------------------------------------- calls

    async def call(self, method: str, path: str, *, may_miss: bool = False, **content: Any) -> Any:
        """What one of its calls answers, parsed. may_miss: None for a 404."""
        answer = await self.exchange(method, path, may_miss=may_miss, **content)
        if answer is None:
            return None
        value = parse_json(answer[1])
        if not isinstance(value, dict | list):
            raise self.malformed(answer[1])
        return value

    async def exchange(
        self, method: str, path: str, *, may_miss: bool = False, **content: Any
    ) -> tuple[Mapping[str, str], str] | None:
        """The headers and the text that one of its calls answers. may_miss: None for a 404."""
        try:
            async with self._request(method, path, **content) as response:
                text = (await response.read()).decode("utf-8-sig", "replace")
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            raise transport_error(error, self._endpoint) from None  # as in `HttpModel.complete`
        if may_miss and response.status == 404:
            return None
        if not 200 <= response.status < 300:
            raise self._refused(response.status, response.headers, text)
        return response.headers, text

    def _request(self, method: str, path: str, **content: Any) -> Any:
        if self._session is None:
            self._proxy = environment_proxy(self._endpoint.base_url)
            self._session = open_session(self._endpoint, silent_seconds=self._timeout_seconds)
        url = self._endpoint.at(path)
        return self._session.request(method, url, allow_redirects=False, proxy=self._proxy, **content)

    def _refused(self, status: int, headers: Mapping[str, str], text: str) -> SelfInstructError:
        """Of the errors that a request may meet, only some say the same of a batch."""
        error = refusal(status, headers, text, self._endpoint)
        if isinstance(error, _SAYS_ALL) or (isinstance(error, RequestError) and error.retryable):
            return error
        told = self._endpoint.quote(read_error_body(text).message) or "(nothing)"
        said = f"{self._endpoint.base_url} answered {status}: {told}"
        if status in (404, 405, 501):
            return BatchRefusedError(f"The endpoint has no batch API. {said}", NO_BATCHES)
        hint = "Send smaller batches: lower endpoint.batch.megabytes." if status == 413 else NO_BATCHES
        return BatchRefusedError(f"The endpoint rejected the batch. {said}", hint)

    # ----------------------------------------------------------------- answers

    def content(self, file: str) -> str:
        """The path at which a file's lines are."""
        return f"/files/{file}/content"

    def is_gone(self, status: int, said: str) -> bool:  # noqa: ARG002 - some say it in words
        """Whether this answer means that the provider has deleted the file."""
        return status == 404

    def read_row(self, line: bytes) -> BatchRow | None:
        """What a line of results holds; None where it is no row."""
        return _row(line)

    def listed(self, value: Any) -> list[RemoteBatch]:
        """The batches of one page, whatever is around them."""
        rows = value.get("data") if isinstance(value, dict) else value
        return [self.read(row) for row in rows or () if isinstance(row, dict)]

    def read(self, value: Any) -> RemoteBatch:
        """A batch as an answer holds it. Raises MalformedReplyError."""
        if isinstance(value, dict) and isinstance(value.get("job"), dict):  # Together's
            value = value["job"]
        if not isinstance(value, dict):
            raise self.malformed(json.dumps(value))
        status = str(value.get("status") or "").lower()
        counts = value.get("request_counts")
        counts = counts if isinstance(counts, dict) else {}
        problem = _problem(value)
        metadata = value.get("metadata")
        files = (value.get("output_file_id"), value.get("error_file_id"))
        return RemoteBatch(
            id=self._id(value, "batch"),
            state=_STATES.get(status, "waiting"),  # type: ignore[arg-type]  # the table's are these
            status=status,
            total=_count(counts.get("total")),
            done=_count(counts.get("completed")),
            failed=_count(counts.get("failed")),
            files=tuple(file for file in files if isinstance(file, str) and file),
            code=str(problem.get("code") or ""),
            message=self._endpoint.quote(str(problem.get("message") or "")),
            input_file=str(value.get("input_file_id") or ""),
            key=str(metadata.get(METADATA) or "") if isinstance(metadata, dict) else "",
        )

    def _id(self, value: Any, what: str) -> str:
        found = value.get("id") if isinstance(value, dict) else None
        if not isinstance(found, str) or not found:
            raise self.malformed(f"a {what} without an id")
        return found

    def malformed(self, said: str) -> MalformedReplyError:
        """The error for an answer that is none of a batch API's."""
        where = self._endpoint
        return MalformedReplyError(f"{where.base_url} does not answer as batches do: {where.quote(said)}")


def _call(api: Api) -> str:
    """As batches name it, whatever the base URL's own path is."""
    return "/v1/chat/completions" if api == "chat" else "/v1/completions"


def _problem(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first of the errors, in whichever shape they come."""
    errors = value.get("errors") or value.get("error")
    if isinstance(errors, dict):
        errors = errors.get("data", [errors])
    if isinstance(errors, str):
        return {"message": errors}
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, dict) else {"message": first or ""}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _row(line: bytes) -> BatchRow | None:
    value = parse_json(line.decode("utf-8-sig", "replace")) if line.strip() else None
    if not isinstance(value, dict) or not isinstance(custom_id := value.get("custom_id"), str):
        return None
    response, error = value.get("response"), value.get("error")
    if isinstance(response, dict) and response.get("body") is not None:
        body = response["body"]
        status = _count(response.get("status_code"))
        return BatchRow(custom_id, status, body if isinstance(body, str) else json.dumps(body))
    error = error if isinstance(error, dict) else {"message": error or "no reply"}
    return BatchRow(custom_id, 0, json.dumps({"error": error}), str(error.get("code")) in _UNPROCESSED)
