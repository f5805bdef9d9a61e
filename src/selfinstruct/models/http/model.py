"""A model behind an OpenAI-compatible HTTP API, completions or chat.

Only sends and receives: what a reply means is in replies.py and refusals.py, what prevents one in
transport.py.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

import aiohttp

from selfinstruct.errors import ConfigError
from selfinstruct.models.base import Capabilities
from selfinstruct.models.batching import BatchTerms
from selfinstruct.models.choices import LIKELIEST
from selfinstruct.models.http.anthropic_batches import AnthropicBatches
from selfinstruct.models.http.batches import HttpBatches
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import parse_json
from selfinstruct.models.http.error_mapping import refusal
from selfinstruct.models.http.events import DONE
from selfinstruct.models.http.gemini_batches import GeminiBatches
from selfinstruct.models.http.mistral_batches import MistralBatches
from selfinstruct.models.http.replies import read_reply
from selfinstruct.models.http.transport import environment_proxy, open_session, transport_error
from selfinstruct.models.reply_text import as_messages
from selfinstruct.records import Completion, Prompt, Request, Stage
from selfinstruct.text.tokens import estimate_tokens

__all__ = ["HttpModel", "list_models", "payload"]

LONGEST_DONE = 32  # bytes of the line that ends a stream, and more
CLOSING_SECONDS = 0.5
OURS_ALONE = frozenset({"messages", "model", "prompt", "stream"})
_BATCHES: Mapping[str, type[HttpBatches]] = {
    "openai": HttpBatches,
    "mistral": MistralBatches,
    "anthropic": AnthropicBatches,
    "gemini": GeminiBatches,
}


class HttpModel:
    """Satisfies `NegotiableModel` and `BatchingModel`. Raises `ConfigError` for a base URL, a key, a header
    or an extra field that cannot work.

    base_url: with or without a trailing slash, up to and without `/completions`.
    api_key: sent in a header and found nowhere else: in no message, repr or log.
    key_hint: a sentence that says where the key is looked for, for the message when it is refused.
    timeout_seconds: for one whole reply.
    headers, secrets, renamed, key_header: as `Endpoint` has them.
    extra_body: fields added to every request as they are.
    batch_terms: what is known of its batches.
    """

    def __init__(
        self,
        *,
        base_url: str,
        model: str,
        api_key: str | None,
        timeout_seconds: float,
        context_window: int | None = None,
        capabilities: Capabilities = Capabilities(),  # noqa: B008 - a frozen value
        key_hint: str = "",
        headers: Mapping[str, str] = {},
        secrets: tuple[str, ...] = (),
        extra_body: Mapping[str, Any] = {},
        renamed: Mapping[str, str] = {},
        key_header: str = "Authorization",
        batch_terms: BatchTerms = BatchTerms(),  # noqa: B008 - a frozen value
    ) -> None:
        self._extra_body = _checked(extra_body)
        extra_fields = tuple(self._extra_body)
        self._endpoint = Endpoint(
            base_url, model, api_key, key_hint, headers, secrets, renamed, key_header, extra_fields
        )
        self._timeout_seconds = timeout_seconds
        self._context_window = context_window
        self._capabilities = dict.fromkeys(Stage, capabilities)
        self._session: aiohttp.ClientSession | None = None
        self._proxy: str | None = None
        self.batches = _BATCHES[batch_terms.kind](
            self._endpoint,
            batch_terms,
            body=self._body,
            api=lambda stage: self._capabilities[stage].api,
            timeout_seconds=timeout_seconds,
        )

    @property
    def default_concurrency(self) -> int:
        """What common accounts and servers bear."""
        return 50

    @property
    def context_window(self) -> int | None:
        """As given: the API has no call that tells."""
        return self._context_window

    def capabilities(self, stage: Stage) -> Capabilities:
        """What is sent at present in this stage."""
        return self._capabilities[stage]

    def adopt(self, stage: Stage, capabilities: Capabilities) -> None:
        """Send what these say in this stage from now on."""
        self._capabilities[stage] = capabilities

    def count_tokens(self, text: str) -> int:
        """An estimate: the tokenizer is the endpoint's."""
        return estimate_tokens(text)

    async def complete(self, request: Request) -> Completion:
        """One attempt, as `Model.complete` says."""
        session = self._session or self._open()
        url = self._endpoint.url(self._capabilities[request.stage].api)
        body = self._body(request)
        started = time.perf_counter()
        try:
            async with session.post(url, json=body, allow_redirects=False, proxy=self._proxy) as response:
                reply = (await _read(response)).decode("utf-8-sig", "replace")
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            # from None: aiohttp's errors hold the request's headers, and so the key
            raise transport_error(error, self._endpoint, self._timeout_seconds) from None
        if not 200 <= response.status < 300:
            raise refusal(response.status, response.headers, reply, self._endpoint)
        seconds = time.perf_counter() - started
        return read_reply(response.headers, reply, request.prompt, seconds, self._endpoint)

    async def aclose(self) -> None:
        """Close the connections. A later request would open new ones."""
        await self.batches.aclose()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _body(self, request: Request) -> dict[str, Any]:
        return payload(
            self._endpoint.model,
            request,
            self._capabilities[request.stage],
            extra_body=self._extra_body,
            renamed=self._endpoint.renamed,
        )

    def _open(self) -> aiohttp.ClientSession:
        self._proxy = environment_proxy(self._endpoint.base_url)
        self._session = open_session(self._endpoint, total_seconds=self._timeout_seconds)
        return self._session


async def list_models(endpoint: Endpoint, *, seconds: float) -> tuple[str, ...] | None:
    """The models that an endpoint offers (`GET /models`); None where it does not answer so in time, whatever
    the reason."""
    try:
        async with (
            open_session(endpoint, total_seconds=seconds) as session,
            session.get(endpoint.at("/models"), proxy=environment_proxy(endpoint.base_url)) as response,
        ):
            value = parse_json((await response.read()).decode("utf-8", "replace"))
    except (aiohttp.ClientError, OSError, UnicodeError):
        return None
    rows = value.get("data") if isinstance(value, dict) else None
    if not isinstance(rows, list):
        return None
    names = (row.get("id") for row in rows if isinstance(row, dict))
    return tuple(name for name in names if isinstance(name, str))


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """A whole reply; of a stream what comes before its end, though the connection may stay open then."""
    if response.content_type != "text/event-stream":
        return await response.read()
    body = bytearray()
    async for chunk in response.content.iter_any():
        overlap = max(0, len(body) - LONGEST_DONE)
        body += chunk
        if DONE.search(body, overlap):
            with suppress(TimeoutError):  # what is read to its end leaves a connection to use again
                await asyncio.wait_for(response.read(), CLOSING_SECONDS)
            break
    return bytes(body)


def payload(
    model: str,
    request: Request,
    capabilities: Capabilities,
    *,
    extra_body: Mapping[str, Any] = {},
    renamed: Mapping[str, str] = {},
) -> dict[str, Any]:
    """The JSON body. Left out: what the endpoint does not take, and what is the API's default anywhere.

    top_p is sent with sampling even where it is 1, since some servers have another default; not in greedy
    decoding, where it changes nothing and some reject it.
    """
    sampling = capabilities.sampling(request.prompt.sampling)
    optional: dict[str, Any] = {"temperature": sampling.temperature}
    if sampling.temperature > 0:
        optional["top_p"] = sampling.top_p
    if sampling.presence_penalty:
        optional["presence_penalty"] = sampling.presence_penalty
    if sampling.frequency_penalty:
        optional["frequency_penalty"] = sampling.frequency_penalty
    if sampling.stop:
        optional["stop"] = list(sampling.stop)
    optional["seed"] = request.seed
    if sampling.echo:
        optional |= {"echo": True, "logprobs": 1}
    if sampling.choices and capabilities.api == "completions":
        optional["logprobs"] = LIKELIEST
    if sampling.response_schema and capabilities.api == "chat":
        optional["response_format"] = _response_format(request.stage, sampling.response_schema)
    if capabilities.stream:
        optional["stream"] = True
        optional["stream_options"] = {"include_usage": True}  # else none of the events counts tokens
    return {
        "model": model,
        **_text(request.prompt, capabilities),
        capabilities.max_tokens_field: sampling.max_tokens,
        **{
            renamed.get(name, name): value
            for name, value in optional.items()
            if name not in capabilities.unsupported
        },
        **extra_body,
    }


def _text(prompt: Prompt, capabilities: Capabilities) -> dict[str, Any]:
    if capabilities.api == "completions":
        return {"prompt": prompt.preamble + prompt.body}
    return {"messages": as_messages(prompt, system="system" not in capabilities.unsupported)}


@lru_cache(maxsize=16)  # a recipe has one schema a stage, and a run thousands of requests
def _response_format(stage: str, schema: str) -> dict[str, Any]:
    return {
        "type": "json_schema",
        "json_schema": {"name": str(stage), "strict": True, "schema": json.loads(schema)},
    }


def _checked(extra_body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises `ConfigError` for a field that would undo the request, or is not JSON, as a date in TOML."""
    undoing = sorted(OURS_ALONE & extra_body.keys())
    if undoing:
        raise ConfigError(f"model.extra_body may not set {', '.join(undoing)}.", "Leave it out.")
    for name, value in extra_body.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"model.extra_body.{name} is not a JSON value ({error}).") from None
    return extra_body
