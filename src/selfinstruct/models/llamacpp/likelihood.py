"""How probable a model finds a given text: what multiple-choice tests ask, and no completion tells.

llama.cpp gives the probabilities of all tokens that may come next, but none of a text that is there already.
So a continuation takes a request for each of its tokens, of which the whole text before is read anew: a few
tokens, as most answers of such tests are, are quick, long ones are not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selfinstruct.errors import EndpointFailedError
from selfinstruct.models.llamacpp.gguf import choose_context
from selfinstruct.models.llamacpp.server import serve

__all__ = ["Likelihood", "LikelihoodServer", "serve_likelihoods"]

ALL_TOKENS = 10_000_000


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Of a continuation. log_probability: natural, of all its tokens together. is_greedy: whether each of
    them is the likeliest, so that greedy decoding would write it."""

    log_probability: float
    is_greedy: bool


@contextmanager
def serve_likelihoods(path: Path, context_window: int | None = None) -> Iterator[LikelihoodServer]:
    """A server for one request at a time, as `serve`. Raises what that raises."""
    window = choose_context(path, context_window)
    with serve(path, context_window=window) as served:
        server = LikelihoodServer(served.base_url.removesuffix("/v1"), window)
        try:
            yield server
        finally:
            server.close()


class LikelihoodServer:
    """A llama.cpp server that is running. Its methods raise EndpointFailedError where it does not answer."""

    def __init__(self, address: str, context_window: int) -> None:
        self._connection = HTTPConnection(urlsplit(address).netloc)
        self._window = context_window

    def close(self) -> None:
        """The connection."""
        self._connection.close()

    def of_continuations(self, context: str, continuations: Iterable[str]) -> list[Likelihood]:
        """Of each, after the same context, which may be empty. What they have in common is read once. Where
        the whole is longer than the model's window, its beginning is left out.

        Spaces at the end of the context belong to the words that follow them, and are scored with these.
        """
        trimmed = context.rstrip(" ")
        spaces = context[len(trimmed) :]
        before = self._tokenize(trimmed)
        known: dict[tuple[int, ...], _Next] = {}
        found = []
        for continuation in continuations:
            whole = self._tokenize(f"{trimmed}{spaces}{continuation}")
            beginning = before or [self._first_token()]
            tokens = [*beginning, *whole[len(before) :]]
            found.append(self._score(tokens, len(beginning), known))
        return found

    def _score(self, tokens: Sequence[int], start: int, known: dict[tuple[int, ...], _Next]) -> Likelihood:
        total, is_greedy = 0.0, True
        for place in range(start, len(tokens)):
            seen = tuple(tokens[:place][1 - self._window :])  # one place is for the token itself
            if seen not in known:
                known[seen] = self._next(seen)
            total += known[seen].log_probabilities[tokens[place]]
            is_greedy = is_greedy and known[seen].likeliest == tokens[place]
        return Likelihood(total, is_greedy)

    def _next(self, seen: Sequence[int]) -> _Next:
        request = {"prompt": list(seen), "n_predict": 1, "temperature": 0.0, "n_probs": ALL_TOKENS}
        (place,) = self._post("/completion", request)["completion_probabilities"]
        return _Next(
            likeliest=place["top_logprobs"][0]["id"],
            log_probabilities={each["id"]: each["logprob"] for each in place["top_logprobs"]},
        )

    def _tokenize(self, text: str, **options: bool) -> list[int]:
        request = {"content": text, "add_special": True, **options}
        tokens: list[int] = self._post("/tokenize", request)["tokens"]
        return tokens

    def _first_token(self) -> int:
        """What stands before a text where nothing else does."""
        properties = self._ask("GET", "/props", None)
        marker = properties.get("bos_token") or properties.get("eos_token") or "\n"
        return self._tokenize(marker, parse_special=True)[0]

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._ask("POST", path, json.dumps(body))

    def _ask(self, method: str, path: str, body: str | None) -> dict[str, Any]:
        try:
            self._connection.request(method, path, body, {"Content-Type": "application/json"})
            reply = self._connection.getresponse()
            content = reply.read()
        except (OSError, HTTPException) as error:
            raise EndpointFailedError(f"llama.cpp's server does not answer ({error}).") from error
        if reply.status != 200:
            said = content[:200].decode(errors="replace")
            raise EndpointFailedError(f"llama.cpp's server refuses a request: {said}")
        value: dict[str, Any] = json.loads(content)
        return value


@dataclass(frozen=True, slots=True)
class _Next:
    """What may come next: natural logarithms of the probabilities of all tokens."""

    likeliest: int
    log_probabilities: dict[int, float]
