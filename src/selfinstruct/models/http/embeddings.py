"""Embeddings from an OpenAI-compatible endpoint: `POST /embeddings`, a list of texts a request.

Ollama, vLLM, llama.cpp's server, text-embeddings-inference and OpenAI's API take and return it alike. The
prompt's body holds the texts, the completion's text the vectors (models.embeddings).
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
import numpy as np
from numpy.typing import NDArray

from selfinstruct.errors import ContextLengthError, MalformedReplyError
from selfinstruct.models.embeddings import MOST_NUMBERS, asked_texts, vectors_text
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import is_web_page, parse_json
from selfinstruct.models.http.error_mapping import refusal
from selfinstruct.models.http.hidden_errors import error_inside, page_instead
from selfinstruct.models.http.transport import environment_proxy, open_session, transport_error
from selfinstruct.models.http.usage import read_usage
from selfinstruct.records import Completion, Request
from selfinstruct.text.tokens import estimate_tokens

__all__ = ["HttpEmbedder", "read_embeddings"]

_TOO_LONG = "too large to process"
"""What llama.cpp's server says, with status 500, of a text that is longer than its batch."""


class HttpEmbedder:
    """Satisfies `Model`. Raises `ConfigError` for a base URL or a key that cannot work.

    timeout_seconds: for one whole reply. extra_body: fields added to every request as they are.
    """

    def __init__(
        self, endpoint: Endpoint, *, timeout_seconds: float, extra_body: Mapping[str, Any] = {}
    ) -> None:
        self._endpoint, self._timeout_seconds, self._extra_body = endpoint, timeout_seconds, extra_body
        self._session: aiohttp.ClientSession | None = None
        self._proxy: str | None = None

    @property
    def default_concurrency(self) -> int:
        """A request holds many texts: few are enough."""
        return 8

    @property
    def context_window(self) -> int | None:
        """The API has no call that tells."""
        return None

    def count_tokens(self, text: str) -> int:
        """An estimate: the tokenizer is the endpoint's."""
        return estimate_tokens(text)

    async def complete(self, request: Request) -> Completion:
        """One attempt, as `Model.complete` says."""
        if self._session is None:
            self._proxy = environment_proxy(self._endpoint.base_url)
            self._session = open_session(self._endpoint, total_seconds=self._timeout_seconds)
        texts = [text for _, text in asked_texts(request.prompt.body)]
        body = {"model": self._endpoint.model, "input": texts, **self._extra_body}
        started = time.perf_counter()
        try:
            async with self._session.post(
                self._endpoint.at("/embeddings"), json=body, allow_redirects=False, proxy=self._proxy
            ) as response:
                reply = (await response.read()).decode("utf-8-sig", "replace")
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            # from None: aiohttp's errors hold the request's headers, and so the key
            raise transport_error(error, self._endpoint, self._timeout_seconds) from None
        if not 200 <= response.status < 300:
            if _TOO_LONG in reply:
                raise ContextLengthError(f"{self._endpoint.base_url}: {self._endpoint.quote(reply)}")
            raise refusal(response.status, response.headers, reply, self._endpoint)
        seconds = time.perf_counter() - started
        return read_embeddings(response.headers, reply, texts, seconds, self._endpoint)

    async def aclose(self) -> None:
        """Close the connections. A later request would open new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def read_embeddings(
    headers: Mapping[str, str], body: str, texts: list[str], seconds: float, endpoint: Endpoint
) -> Completion:
    """The vectors of all texts, in their order, with the endpoint's count of tokens or, without one, our
    estimate.

    Raises what `error_inside` gives where the body carries an error in spite of its status,
    `MalformedReplyError` where there is not one vector for each text, all of one length and finite.
    """
    value = parse_json(body)
    if not isinstance(value, dict):
        if is_web_page(headers.get("Content-Type", ""), body):
            raise page_instead(body, endpoint)
        raise _malformed("the reply is not a JSON object", body, endpoint)
    rows = value.get("data")
    if not isinstance(rows, list):
        raise error_inside(value, headers, endpoint) or _malformed("it has no `data`", body, endpoint)
    vectors = _vectors(rows, len(texts))
    if vectors is None:
        what = f"{len(texts)} texts were sent, and the reply does not hold a vector for each"
        raise _malformed(what, body, endpoint)
    usage = read_usage(value)
    return Completion(
        text=vectors_text(vectors),
        finish_reason="stop",
        prompt_tokens=usage.prompt_tokens or sum(map(estimate_tokens, texts)),
        completion_tokens=0,
        estimated=not usage.prompt_tokens,
        seconds=seconds,
        cached_tokens=usage.cached_tokens,
    )


def _vectors(rows: list[Any], count: int) -> NDArray[np.float64] | None:
    """By `index`, by place where there is none."""
    found: dict[int, NDArray[np.float64]] = {}
    for place, row in enumerate(rows):
        given = row.get("embedding") if isinstance(row, dict) else None
        index = row.get("index", place) if isinstance(row, dict) else place
        vector = _vector(given)
        if vector is None or not isinstance(index, int):
            return None
        found[index] = vector
    if found.keys() != set(range(count)) or len({len(vector) for vector in found.values()}) != 1:
        return None
    return np.stack([found[place] for place in range(count)])


def _vector(given: Any) -> NDArray[np.float64] | None:
    """A list of numbers, or the base64 of little-endian float32, as OpenAI's API returns on request."""
    try:
        if isinstance(given, str):
            vector = np.frombuffer(base64.b64decode(given, validate=True), dtype="<f4").astype(np.float64)
        elif isinstance(given, list):
            vector = np.array(given, dtype=np.float64)
        else:
            return None
    except (ValueError, TypeError, binascii.Error):
        return None
    fits = vector.ndim == 1 and 0 < vector.size <= MOST_NUMBERS and bool(np.isfinite(vector).all())
    return vector if fits else None


def _malformed(what: str, body: str, endpoint: Endpoint) -> MalformedReplyError:
    return MalformedReplyError(f"{endpoint.base_url}: {what}: {endpoint.quote(body) or '(nothing)'}")
