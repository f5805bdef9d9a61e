"""llama.cpp: any GGUF file, run on this machine's processor, in this process or served over HTTP.

A reply is a function of the file and the request alone, never of what else runs or ran. Hence servers of
one slot and one thread, one for each core, nothing shared between them and nothing kept between requests:
batching requests together, reusing another prompt's cache or splitting a sum over threads each change
floating-point sums, and now and then a token. (Another processor or llama.cpp version may still differ.)

Sampling is the OpenAI API's: penalties, then temperature, then top_p of what temperature left, and none of
llama.cpp's own additions. One difference remains: llama.cpp's penalties look at a window of tokens that
reaches back into the prompt, the API's at the reply only. The window is max_tokens here, the shortest that
always holds the whole reply, so the end of the prompt counts as well while the reply is shorter.

What xllamacpp does not say: a server holds Python's lock while it loads (0.1 s for 400 MB that the system
has cached), listens on a loopback port whether one wants it or not (locked with a random key here),
cannot be destroyed while it answers over HTTP (it waits for ever; hence `serve` in a child process), and
crashes an interpreter that exits while it writes (hence the stop at exit).
"""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import os
import queue
import secrets
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any

from selfinstruct.errors import (
    ConfigError,
    ContextLengthError,
    EndpointFailedError,
    UnknownModelError,
)
from selfinstruct.records import Completion, Request

__all__ = ["Endpoint", "LlamaCppModel", "serve"]

LARGEST_DEFAULT_CONTEXT = 8192
"""Tokens. Models trained for 128 K would take many GB a server for a window that no recipe fills."""


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
        self._context_window = _context_window(self._path, context_window)
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

        parameters = _parameters(self._path, self._context_window)
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
            "Show fewer demonstrations, or give the model a larger context window.",
        )
    return EndpointFailedError(f"llama.cpp failed: {error.get('message')}.")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a served model answers. `base_url` ends in /v1; `model` is its name there, any other will do."""

    base_url: str
    model: str


@contextmanager
def serve(path: str | Path, *, port: int = 0, context_window: int | None = None) -> Iterator[Endpoint]:
    """The model as an OpenAI-compatible HTTP endpoint on loopback, while the context lasts.

    It runs in a child process, which also ends when this one does, however that happens. It writes one
    reply at a time, with the arithmetic and the defaults of `LlamaCppModel`; only its penalties look at
    the whole context. port: 0 takes a free one. Raises what `LlamaCppModel` does, and ConfigError with
    llama.cpp's own words for a damaged file or a port in use.
    """
    path = Path(path).expanduser()
    window = _context_window(path, context_window)
    command = [sys.executable, "-P", "-m", __spec__.name, str(path), str(window), str(port)]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603 - this interpreter, this module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,  # an interrupt at the terminal is this process's to handle
        ) as child,
    ):
        try:
            assert child.stdout is not None
            address = child.stdout.readline().decode().strip()
            if not address:
                raise ConfigError(
                    f"llama.cpp cannot run {path}: {_reason(said)}.",
                    f"Fetch the file again if it is damaged{', or choose another port' if port else ''}.",
                )
            yield Endpoint(base_url=f"{address}/v1", model=path.stem)
        finally:
            child.kill()


def _reason(said: IO[bytes]) -> str:
    """The first error in llama.cpp's log, whose lines read `TIME E FUNCTION: MESSAGE`."""
    said.seek(0)
    for line in said.read().decode(errors="replace").splitlines():
        _, is_error, message = line.partition(" E ")
        if is_error:
            return message.partition(": ")[2].strip()
    return "it does not say why"


def _serve_until_stdin_closes(path: str, context_window: str, port: str) -> None:
    """The child process of `serve`: writes its address, then waits for its parent to end."""
    import xllamacpp

    parameters = _parameters(Path(path), int(context_window))
    parameters.verbosity = 1  # errors only
    parameters.port = int(port)
    try:
        server = xllamacpp.Server(parameters)
    except RuntimeError:
        sys.exit(1)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # destroying a server waits for its replies


def _parameters(path: Path, context_window: int) -> Any:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.model_alias = {path.stem}
    parameters.n_ctx = context_window
    parameters.fit_params = False  # would choose a context by the memory that happens to be free
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.n_gpu_layers = 0
    parameters.no_kv_offload = parameters.no_op_offload = True
    parameters.warmup = False
    parameters.cache_prompt = parameters.cache_idle_slots = parameters.ctx_shift = False
    parameters.cache_ram_mib = parameters.n_ctx_checkpoints = 0
    parameters.endpoint_slots = parameters.ui = False
    parameters.cors_origins, parameters.cors_origins_explicit = "", True  # no web page may read replies
    sampling = parameters.sampling
    sampling.samplers = "penalties;temperature;top_p"
    sampling.temp = sampling.top_p = 1.0
    sampling.penalty_last_n = context_window
    # A GGUF may bring sampling defaults of its own; all bits set says that each was chosen here.
    sampling.user_sampling_config = sum(xllamacpp.common_params_sampling_config)
    return parameters


def _context_window(path: Path, wanted: int | None) -> int:
    """Check what can be checked without loading; the window that a server of this file will have."""
    hint = "Give the path of a GGUF file."
    if path.is_dir():
        raise ConfigError(f"{path} is a folder, not a model file.", hint)
    try:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ConfigError(f"{path} is not a GGUF file.", hint)
            trained = _trained_context(file)
    except FileNotFoundError as error:
        raise UnknownModelError(f"There is no model file {path}.", hint) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", hint) from error
    except (struct.error, KeyError, OverflowError, UnicodeDecodeError) as error:
        raise ConfigError(f"The header of {path} is damaged or cut off.", "Fetch the file again.") from error
    size, available = path.stat().st_size, _available_memory()
    if available is not None and size > available:
        raise ConfigError(
            f"{path} is {size / 1e9:.1f} GB; {available / 1e9:.1f} GB of memory are available.",
            "Use a smaller model, or a smaller quantization of this one.",
        )
    if wanted is None:
        return min(trained, LARGEST_DEFAULT_CONTEXT)
    if not 1 <= wanted <= trained:
        raise ConfigError(
            f"A context window of {wanted} tokens does not fit {path}.",
            f"The model was trained for {trained}: choose 1 to {trained}.",
        )
    return min(trained, -(-wanted // 256) * 256)


# GGUF: magic, version, number of tensors, number of fields; a field is a name, a type and a value. A
# string is its length and its bytes; an array its items' type, their number and the items.
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9


def _trained_context(file: IO[bytes]) -> int:
    """Tokens, from the field `ARCHITECTURE.context_length`; `file` stands behind the magic.

    Raises struct.error where the file ends too early, KeyError where there is no such field or type.
    """
    _version, _tensors, fields = _unpack(file, "IQQ")
    for _ in range(fields):
        name = file.read(min(_unpack(file, "Q")[0], 2**16)).decode()
        kind = _unpack(file, "I")[0]
        if name.endswith(".context_length"):
            return int(_unpack(file, _SCALARS[kind])[0])
        _skip(file, kind, 1)
    raise KeyError("context_length")


def _skip(file: IO[bytes], kind: int, count: int) -> None:
    if kind == _STRING:
        for _ in range(count):
            file.seek(_unpack(file, "Q")[0], os.SEEK_CUR)
    elif kind == _ARRAY:
        for _ in range(count):
            _skip(file, *_unpack(file, "IQ"))
    else:
        file.seek(count * struct.calcsize(_SCALARS[kind]), os.SEEK_CUR)


def _unpack(file: IO[bytes], layout: str) -> tuple[Any, ...]:
    return struct.unpack(f"<{layout}", file.read(struct.calcsize(f"<{layout}")))


def _available_memory() -> int | None:
    """Bytes that can be had without swapping, or where that is not told all there are, or None."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if __name__ == "__main__":
    _serve_until_stdin_closes(*sys.argv[1:])
