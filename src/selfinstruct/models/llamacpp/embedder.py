"""Embeddings of a GGUF file by llama.cpp in this process.

One server of one slot and, unless told otherwise, one thread, as in model.py, so that a vector depends on the
file and the text alone. Texts are read one at a time: batching them together changes floating-point sums. A
file that names no way to make one vector of its tokens' (`pooling`), as models that were not made for it
do, takes their mean.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from selfinstruct.config import LlamaCppConfig
from selfinstruct.errors import ConfigError, ContextLengthError, EndpointFailedError
from selfinstruct.models.embeddings import asked_texts, vectors_text
from selfinstruct.models.llamacpp.gguf import choose_context, pooling
from selfinstruct.models.llamacpp.server import server_parameters, start_server
from selfinstruct.models.reply_text import without_surrogates
from selfinstruct.records import Completion, Request

__all__ = ["LlamaCppEmbedder"]


class LlamaCppEmbedder:
    """A GGUF file as a `Model` whose completions are embeddings. Loaded with the first request.

    context_window: tokens of one text; where not given, what the file was trained for, at most 8192.
    hardware: threads and layers on a card; there is one slot, whatever it says. Raises what `choose_context`
    does; a file that turns out to be damaged raises ConfigError from `complete`.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        context_window: int | None = None,
        hardware: LlamaCppConfig = LlamaCppConfig(),  # noqa: B008 - frozen
    ) -> None:
        self._hardware = hardware.model_copy(update={"slots": 1})
        self._path = Path(path).expanduser()
        self._context_window = choose_context(self._path, context_window)
        self._server: Any = None
        self._turn = threading.Lock()

    @property
    def default_concurrency(self) -> int:
        """One at a time, and one that waits for it."""
        return 2

    @property
    def context_window(self) -> int:
        """Tokens of one text."""
        return self._context_window

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal. Reads all of it once: not for the event loop."""
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def count_tokens(self, text: str) -> int:
        """At most so many: a token is a byte or more."""
        return len(text.encode(errors="replace"))

    async def complete(self, request: Request) -> Completion:
        """The vectors of a request's texts. Raises ContextLengthError where one is longer than the model
        reads, ConfigError where the file cannot be loaded, EndpointFailedError where llama.cpp fails."""
        return await asyncio.to_thread(self._embed, request)

    async def aclose(self) -> None:
        """Free the memory. A later `complete` would load anew."""
        await asyncio.to_thread(self._unload)

    def _unload(self) -> None:
        with self._turn:
            self._server = None

    def _embed(self, request: Request) -> Completion:
        started, vectors, tokens = time.perf_counter(), [], 0
        with self._turn:
            self._server = self._server or self._load()
            for _, text in asked_texts(request.prompt.body):
                try:
                    reply = self._server.handle_embeddings({"input": without_surrogates(text) or " "})
                except RuntimeError as error:
                    raise EndpointFailedError(f"llama.cpp failed: {error}.") from error
                if "error" in reply:
                    raise _translated(reply["error"])
                vectors.append(reply["data"][0]["embedding"])
                tokens += reply["usage"]["prompt_tokens"]
        return Completion(
            text=vectors_text(np.array(vectors)),
            finish_reason="stop",
            prompt_tokens=tokens,
            completion_tokens=0,
            estimated=False,
            seconds=time.perf_counter() - started,
        )

    def _load(self) -> Any:
        import xllamacpp

        parameters = server_parameters(self._path, self._context_window, self._hardware)
        parameters.embedding = True
        parameters.n_batch = parameters.n_ubatch = self._context_window  # a text is read as a whole
        if not pooling(self._path):
            parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
        refusal = ConfigError(
            f"llama.cpp cannot load {self._path} for embeddings.",
            "Use a model made for embeddings, or a smaller one.",
        )
        server, _ = start_server(parameters, self._path, self._context_window, refusal)
        return server


def _translated(error: dict[str, Any]) -> ContextLengthError | EndpointFailedError:
    message = str(error.get("message"))
    if error.get("type") == "exceed_context_size_error" or "too large to process" in message:
        return ContextLengthError(f"A text is longer than the embedding model reads: {message}.")
    return EndpointFailedError(f"llama.cpp failed: {message}.")
