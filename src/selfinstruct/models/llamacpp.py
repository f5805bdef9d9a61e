"""llama.cpp in this process: any GGUF file as a `Model`.

As many servers as cores, nothing shared between them, each in a thread of its own: see llamacpp_server.py
for how a reply comes to depend on the file and the request alone.

One difference to the OpenAI API remains: llama.cpp's penalties look at a window of tokens that reaches
back into the prompt, the API's at the reply only. The window is max_tokens here, the shortest that always
holds the whole reply, so the end of the prompt counts as well while the reply is shorter.

What xllamacpp does not say: a server holds Python's lock while it loads (0.1 s for 400 MB that the system
has cached), listens on a loopback port whether one wants it or not (locked with a random key here), and
crashes an interpreter that exits while it writes (hence the stop at exit).
"""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import os
import queue
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError, ContextLengthError, EndpointFailedError
from selfinstruct.models.gguf import choose_context
from selfinstruct.models.llamacpp_server import serve, server_parameters
from selfinstruct.records import Completion, Request

__all__ = ["LlamaCppModel"]


class LlamaCppModel:
    """A GGUF file as a `Model`. Servers are loaded one by one, as simultaneous requests call for them.

    servers: requests written at the same time, at most; one for each core where not given.
    context_window: tokens of prompt and reply, rounded up to llama.cpp's steps of 256; where not given
        the context the model was trained for, at most 8192.

    Raises UnknownModelError where there is no such file, ConfigError for one that cannot be run; a file
    that turns out to be damaged while llama.cpp loads it raises from `complete`.
    """

    def __init__(
        self, path: str | Path, *, servers: int | None = None, context_window: int | None = None
    ) -> None:
        if servers is not None and servers < 1:
            raise ConfigError(f"A model needs at least one server, not {servers}.")
        self._path = Path(path).expanduser()
        self._context_window = choose_context(self._path, context_window)
        self._servers = servers or _cores()
        self._jobs: queue.SimpleQueue[tuple[Request, Future[Completion]] | None] = queue.SimpleQueue()
        self._pending: set[Future[Completion]] = set()
        self._workers: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)

    @property
    def default_concurrency(self) -> int:
        """As many requests as there are servers."""
        return self._servers

    @property
    def context_window(self) -> int:
        """Tokens of prompt and reply together; known before the model is loaded."""
        return self._context_window

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal. Reads all of it once: not for the event loop."""
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    async def complete(self, request: Request) -> Completion:
        """One reply. When cancelled, writing stops at the next token and the server is free again.

        Raises ContextLengthError for a prompt that leaves no room for a reply, ConfigError when the file
        cannot be loaded, EndpointFailedError when llama.cpp fails otherwise.
        """
        future: Future[Completion] = Future()
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        self._jobs.put((request, future))
        if not self._idle.acquire(blocking=False) and len(self._workers) < self._servers:
            self._start_worker()
        return await asyncio.wrap_future(future)

    async def aclose(self) -> None:
        """Abandon what is being written and free the memory. A later `complete` would load anew."""
        await asyncio.to_thread(self._stop)

    def _start_worker(self) -> None:
        # Daemons, and stopped by atexit: Python waits for other threads before it calls atexit, so that
        # a long reply that nobody awaits any more would hold up the end of the process.
        atexit.register(self._stop)
        worker = threading.Thread(target=self._work, name="llama.cpp", daemon=True)
        self._workers.append(worker)
        worker.start()

    def _stop(self) -> None:
        atexit.unregister(self._stop)
        for future in list(self._pending):
            future.cancel()
        for _ in self._workers:
            self._jobs.put(None)
        for worker in self._workers:
            worker.join()
        self._workers.clear()
        self._idle = threading.Semaphore(0)

    def _work(self) -> None:
        """Owns one server for as long as it runs.

        A future stays pending while its reply is written, so that it can be cancelled at any time.
        """
        server: Any = None
        while (job := self._jobs.get()) is not None:
            request, future = job
            try:
                if future.cancelled():
                    raise CancelledError
                server = server or self._load()
                settle = partial(future.set_result, _write(server, request, future.cancelled))
            except BaseException as error:  # noqa: BLE001 - raised where the reply is awaited
                settle = partial(future.set_exception, error)
            self._idle.release()  # first, or the next request would find no idle server and load another
            if future.set_running_or_notify_cancel():
                settle()

    def _load(self) -> Any:
        import xllamacpp

        parameters = server_parameters(self._path, self._context_window)
        parameters.verbosity = -1  # llama.cpp writes to file descriptor 2, whatever is displayed there
        parameters.api_keys = [secrets.token_hex()]
        parameters.n_threads_http = 1
        try:
            return xllamacpp.Server(parameters)
        except RuntimeError as error:
            # Its message is always the same. The reason goes to standard error, so ask a child process.
            with serve(self._path, context_window=self._context_window):
                raise ConfigError(
                    f"llama.cpp cannot load {self._path} beside what is already loaded.",
                    "Allow fewer requests at the same time, or a smaller context window.",
                ) from error


def _body(request: Request) -> dict[str, Any]:
    sampling = request.prompt.sampling
    prompt = request.prompt.preamble + request.prompt.body
    return {
        "prompt": prompt.encode("utf-8", "replace").decode(),  # llama.cpp's JSON refuses lone surrogates
        "temperature": sampling.temperature,
        "top_p": sampling.top_p if sampling.temperature > 0 else 1.0,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "repeat_last_n": sampling.max_tokens,
        "max_tokens": sampling.max_tokens,
        "seed": request.seed % 0xFFFFFFFF,  # 32 bits, the last of which would mean: a random one
        "stream": True,
        "timings_per_token": True,  # the only count of tokens in a stream that ends early
    }


class _Writing:
    """A reply as it comes, token by token; what llama.cpp calls with each, until it returns True.

    Looks for the stops itself: llama.cpp keeps back what may be the beginning of one and, in a stream,
    never delivers it when the reply is cut at max_tokens instead. (A stream it must be, since nothing
    else can be ended early.)
    """

    def __init__(self, stops: Sequence[str], abandoned: Callable[[], bool]) -> None:
        self.text = ""
        self.stopped = False
        self.last: dict[str, Any] = {}
        self._stops = stops
        self._overlap = max((len(stop) - 1 for stop in stops), default=0)
        self._abandoned = abandoned

    def __call__(self, chunk: dict[str, Any]) -> bool:
        # An exception in here would vanish without a trace: nothing that could raise.
        self.last = chunk
        if "choices" in chunk:
            start = max(0, len(self.text) - self._overlap)
            self.text += chunk["choices"][0]["text"]
            found = [place for stop in self._stops if (place := self.text.find(stop, start)) >= 0]
            if found:
                self.text, self.stopped = self.text[: min(found)], True
        return self.stopped or self._abandoned()


def _write(server: Any, request: Request, abandoned: Callable[[], bool]) -> Completion:
    """Write one reply. Raises CancelledError at the first token after which `abandoned` is true."""
    writing = _Writing(request.prompt.sampling.stop, abandoned)
    started = time.perf_counter()
    try:
        server.handle_completions(_body(request), writing)
    except RuntimeError as error:
        raise EndpointFailedError(f"llama.cpp failed: {error}.") from error
    seconds = time.perf_counter() - started
    if abandoned():
        raise CancelledError
    if "error" in writing.last:
        raise _translated(writing.last["error"])
    timings = writing.last["timings"]
    return Completion(
        text=writing.text,
        finish_reason="stop" if writing.stopped else writing.last["choices"][0]["finish_reason"],
        prompt_tokens=timings["prompt_n"],
        completion_tokens=timings["predicted_n"],
        estimated=False,
        seconds=seconds,
    )


def _translated(error: dict[str, Any]) -> ContextLengthError | EndpointFailedError:
    if error.get("type") == "exceed_context_size_error":
        return ContextLengthError(
            f"The prompt has {error['n_prompt_tokens']} tokens, which leaves no room for a reply in the"
            f" model's context window of {error['n_ctx']}.",
            "Take a model with a longer context.",
        )
    return EndpointFailedError(f"llama.cpp failed: {error.get('message')}.")


def _cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
