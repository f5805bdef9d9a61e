"""llama.cpp in this process: any GGUF file as a `Model`.

As many servers as cores, each in a thread of its own. They share what a preamble leaves a model with, and
nothing else: see server.py and prefixes.py for how a reply comes to depend on the file and the request alone.
A graphics card, several slots or several threads are faster where there is room for them, and give that up:
see `LlamaCppConfig`.

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
import threading
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path

from selfinstruct.config import LlamaCppConfig
from selfinstruct.errors import ConfigError
from selfinstruct.models.base import Capabilities
from selfinstruct.models.llamacpp.gguf import choose_context
from selfinstruct.models.llamacpp.prefixes import PrefixStates
from selfinstruct.models.llamacpp.reply import LoadedServer
from selfinstruct.models.llamacpp.server import server_parameters, start_server
from selfinstruct.records import Completion, Request, Stage

__all__ = ["LlamaCppModel"]


class LlamaCppModel:
    """A GGUF file as a `Model`. Servers are loaded one by one, as simultaneous requests call for them.

    servers: copies of the model, each with its own context; where not given, one for as many cores as it has
        threads, or one on a graphics card. Each writes as many replies at a time as it has slots.
    hardware: what each server takes.
    context_window: tokens of prompt and reply, rounded up to llama.cpp's steps of 256; where not given
        the context the model was trained for, at most 8192.

    capabilities: which of the two calls is used; nothing else in them matters here.

    Raises UnknownModelError where there is no such file, ConfigError for one that cannot be run; a file
    that turns out to be damaged while llama.cpp loads it raises from `complete`.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        servers: int | None = None,
        context_window: int | None = None,
        capabilities: Capabilities = Capabilities(),  # noqa: B008 - a frozen value
        hardware: LlamaCppConfig = LlamaCppConfig(),  # noqa: B008
    ) -> None:
        if servers is not None and servers < 1:
            raise ConfigError(f"A model needs at least one server, not {servers}.")
        self._path = Path(path).expanduser()
        self._context_window = choose_context(self._path, context_window)
        self._hardware = hardware
        self._servers = servers or (1 if hardware.gpu_layers else max(1, _cores() // hardware.threads))
        self._capabilities = dict.fromkeys(Stage, capabilities)
        self._loaded: queue.SimpleQueue[LoadedServer] = queue.SimpleQueue()
        self._loading = threading.Lock()
        self._jobs: queue.SimpleQueue[tuple[Request, Future[Completion]] | None] = queue.SimpleQueue()
        self._pending: set[Future[Completion]] = set()
        self._workers: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)
        self._ready = False
        self._states = PrefixStates()

    @property
    def default_concurrency(self) -> int:
        """As many requests as there are slots, of all servers."""
        return self._servers * self._hardware.slots

    @property
    def context_window(self) -> int:
        """Tokens of prompt and reply together; known before the model is loaded."""
        return self._context_window

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal. Reads all of it once: not for the event loop."""
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def capabilities(self, stage: Stage) -> Capabilities:
        """Everything; which of the two calls is used is up to `adopt`."""
        return self._capabilities[stage]

    def adopt(self, stage: Stage, capabilities: Capabilities) -> None:
        """Use the call that these name in this stage from now on."""
        self._capabilities[stage] = capabilities

    def count_tokens(self, text: str) -> int:
        """The model's own count, the beginning-of-text token included. Loads a first server, which later
        requests use: not for the event loop. Raises ConfigError when the file cannot be loaded."""
        server = self._load() if self._loaded.empty() else self._loaded.get()
        try:
            return server.count_tokens(text)
        finally:
            self._loaded.put(server)

    async def complete(self, request: Request) -> Completion:
        """One reply. When cancelled, writing stops at the next token and the server is free again.

        Raises ContextLengthError for a prompt that leaves no room for a reply, ConfigError when the file
        cannot be loaded, EndpointFailedError when llama.cpp fails otherwise.
        """
        future: Future[Completion] = Future()
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        self._jobs.put((request, future))
        if not self._idle.acquire(blocking=False) and len(self._workers) < self.default_concurrency:
            self._start_worker()
        return await asyncio.wrap_future(future)

    @property
    def is_loading(self) -> bool:
        """Whether the first requests wait for a first server to be loaded."""
        return bool(self._workers) and not self._ready

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
        self._states.close()
        self._ready = False
        self._loaded = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)

    def _work(self) -> None:
        """Owns one slot of a server for as long as it runs.

        A future stays pending while its reply is written, so that it can be cancelled at any time.
        """
        server: LoadedServer | None = None
        while (job := self._jobs.get()) is not None:
            request, future = job
            try:
                if future.cancelled():
                    raise CancelledError
                server = server or self._load()
                self._ready = True
                reply = server.write(request, self._capabilities[request.stage], future.cancelled)
                settle = partial(future.set_result, reply)
            except BaseException as error:  # noqa: BLE001 - raised where the reply is awaited
                settle = partial(future.set_exception, error)
            self._idle.release()  # first, or the next request would find no idle server and load another
            if future.set_running_or_notify_cancel():
                settle()

    def _load(self) -> LoadedServer:
        """A server with a free slot: a loaded one, or a new one, whose other slots are then there to take."""
        with self._loading:
            with suppress(queue.Empty):
                return self._loaded.get_nowait()
            server = self._new_server()
            for _ in range(self._hardware.slots - 1):
                self._loaded.put(server)
            return server

    def _new_server(self) -> LoadedServer:
        parameters = server_parameters(self._path, self._context_window, self._hardware)
        states = None
        if self._hardware.slots == 1:
            states = self._states
            # Layers with a sliding window (Gemma 3) would forget the tokens before it, and llama.cpp then
            # reads a whole prompt anew rather than go on from a state.
            parameters.swa_full = True
            parameters.endpoint_slots, parameters.slot_save_path = True, f"{states.folder}{os.sep}"
        refusal = ConfigError(
            f"llama.cpp cannot load {self._path} beside what is already loaded.",
            "Allow fewer requests at the same time, or a smaller context window.",
        )
        return LoadedServer(*start_server(parameters, self._path, self._context_window, refusal), states)


def _cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
