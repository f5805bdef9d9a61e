"""A model behind an OpenAI-compatible HTTP API, completions or chat.

Only sends and receives: what a reply means is in replies.py and refusals.py, what prevents one in
transport.py.
"""

from __future__ import annotations

import time
from typing import Any

import aiohttp

from selfinstruct import __version__
from selfinstruct.models.base import Capabilities
from selfinstruct.models.endpoint import Endpoint
from selfinstruct.models.refusals import refusal
from selfinstruct.models.replies import read_reply
from selfinstruct.models.transport import environment_proxy, transport_error
from selfinstruct.records import Completion, Prompt, Request

__all__ = ["HttpModel", "payload"]

CONNECT_SECONDS = 10.0


class HttpModel:
    """Satisfies `NegotiableModel`. Raises `ConfigError` for a base URL or a key that cannot work.

    base_url: with or without a trailing slash, up to and without `/completions`.
    api_key: sent in the Authorization header and found nowhere else: in no message, repr or log.
    key_hint: a sentence that says where the key is looked for, for the message when it is refused.
    timeout_seconds: for one whole reply.
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
    ) -> None:
        self._endpoint = Endpoint(base_url, model, api_key, key_hint)
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, sock_connect=CONNECT_SECONDS)
        self._context_window = context_window
        self._capabilities = capabilities
        self._session: aiohttp.ClientSession | None = None
        self._proxy: str | None = None

    @property
    def default_concurrency(self) -> int:
        """What common accounts and servers bear."""
        return 50

    @property
    def context_window(self) -> int | None:
        """As given: the API has no call that tells."""
        return self._context_window

    @property
    def capabilities(self) -> Capabilities:
        """What is sent at present."""
        return self._capabilities

    def adopt(self, capabilities: Capabilities) -> None:
        """Send what these say from now on."""
        self._capabilities = capabilities

    async def complete(self, request: Request) -> Completion:
        """One attempt, as `Model.complete` says."""
        session = self._session or self._open()
        url = self._endpoint.url(self._capabilities.api)
        body = payload(self._endpoint.model, request, self._capabilities)
        started = time.perf_counter()
        try:
            async with session.post(url, json=body, allow_redirects=False, proxy=self._proxy) as response:
                reply = (await response.read()).decode("utf-8", "replace")
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            # from None: aiohttp's errors hold the request's headers, and so the key
            raise transport_error(error, self._endpoint) from None
        if not 200 <= response.status < 300:
            raise refusal(response.status, response.headers, reply, self._endpoint)
        seconds = time.perf_counter() - started
        return read_reply(response.headers, reply, request.prompt, seconds, self._endpoint)

    async def aclose(self) -> None:
        """Close the connections. A later request would open new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        headers = {"Accept": "application/json", "User-Agent": f"selfinstruct/{__version__}"}
        if self._endpoint.api_key is not None:
            headers["Authorization"] = f"Bearer {self._endpoint.api_key}"
        self._proxy = environment_proxy(self._endpoint.base_url)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),  # how many are in flight is the pipeline's to decide
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            timeout=self._timeout,
        )
        return self._session


def payload(model: str, request: Request, capabilities: Capabilities) -> dict[str, Any]:
    """The JSON body. Left out: what the endpoint does not take, and what is the API's default anywhere.

    top_p is sent with sampling even where it is 1, since some servers have another default; not in greedy
    decoding, where it changes nothing and some reject it.
    """
    sampling = request.prompt.sampling
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
    return {
        "model": model,
        **_text(request.prompt, capabilities),
        capabilities.max_tokens_field: sampling.max_tokens,
        **{name: value for name, value in optional.items() if name not in capabilities.unsupported},
    }


def _text(prompt: Prompt, capabilities: Capabilities) -> dict[str, Any]:
    if capabilities.api == "completions":
        return {"prompt": prompt.preamble + prompt.body}
    system = [{"role": "system", "content": prompt.preamble}] if prompt.preamble else []
    return {"messages": [*system, {"role": "user", "content": prompt.body}]}
