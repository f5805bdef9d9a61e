"""A llama.cpp server: how every one is set up, and `serve`, which runs one in a child process over HTTP.

Unless `LlamaCppConfig` says otherwise, a reply is a function of the file and the request alone, never of what
else runs or ran. Hence servers of one slot and one thread, and nothing kept between requests but the states
of prefixes.py: batching requests together, reusing another prompt's cache or splitting a sum over threads
each change floating-point sums, and now and then a token. (Another processor or llama.cpp version may still
differ.)

Sampling is the OpenAI API's: penalties, then temperature, then top_p of what temperature left, and none of
llama.cpp's own additions.

The child process is there because a server that is answering over HTTP cannot be destroyed: xllamacpp
waits for ever. It runs this module as a program.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from selfinstruct.config import LlamaCppConfig
from selfinstruct.errors import ConfigError
from selfinstruct.models.llamacpp.gguf import choose_context

__all__ = ["ServedModel", "require_card", "serve", "server_parameters", "start_server"]

ALL_LAYERS = 9999
"""More than any model has."""
CONNECTIONS = 64
"""A connection keeps a thread as long as it is open; those beyond so many wait until another is closed. More
than a client has by default."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """Where a served model answers. `base_url` ends in /v1; `model` is its name there, any other will do."""

    base_url: str
    model: str


@contextmanager
def serve(path: str | Path, *, port: int = 0, context_window: int | None = None) -> Iterator[ServedModel]:
    """The model as an OpenAI-compatible HTTP endpoint on loopback, while the context lasts.

    It runs in a child process, which also ends when this one does, however that happens. It writes one
    reply at a time, with the arithmetic and the defaults of `LlamaCppModel`, except that its penalties look
    at the whole context, and that it reads every prompt whole: HTTP tells no preamble from the rest.
    port: 0 takes a free one. Raises what `choose_context` does, and ConfigError with llama.cpp's own words
    for a damaged file or a port in use.
    """
    path = Path(path).expanduser()
    window = choose_context(path, context_window)
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
                    f"Download the file again if it is damaged{', or choose another port' if port else ''}.",
                )
            yield ServedModel(base_url=f"{address}/v1", model=path.stem)
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

    parameters = server_parameters(Path(path), int(context_window))
    parameters.verbosity = 1  # errors only
    parameters.port = int(port)
    parameters.n_threads_http = CONNECTIONS
    try:
        server = xllamacpp.Server(parameters)
    except RuntimeError:
        sys.exit(1)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # destroying a server waits for its replies


def require_card() -> None:
    """Raises ConfigError where llama.cpp finds no graphics card that it was built for: it would say nothing
    and use the processor."""
    import xllamacpp

    devices = xllamacpp.get_device_info()
    if all(
        device["type"] == xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU for device in devices
    ):
        raise ConfigError(
            "endpoint.llamacpp.gpu_layers is set, but llama.cpp finds no graphics card here.",
            "Install a build of xllamacpp for your card, or leave the setting out.",
        )


def server_parameters(
    path: Path,
    context_window: int,
    hardware: LlamaCppConfig = LlamaCppConfig(),  # noqa: B008 - frozen
) -> Any:
    """An `xllamacpp.CommonParams`; how much it says, its port and its key are left to the caller.

    context_window: tokens of each slot, as `choose_context` gives them.
    """
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.model_alias = {path.stem}
    parameters.n_ctx = context_window * hardware.slots
    parameters.fit_params = False  # would choose a context by the memory that happens to be free
    parameters.n_parallel = hardware.slots
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = hardware.threads
    parameters.n_gpu_layers = ALL_LAYERS if hardware.gpu_layers < 0 else hardware.gpu_layers
    parameters.no_kv_offload = parameters.no_op_offload = hardware.gpu_layers == 0
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


def start_server(parameters: Any, path: Path, context_window: int, refusal: ConfigError) -> tuple[Any, str]:
    """An `xllamacpp.Server` in this process, and the key of its loopback port.

    Raises `refusal` where there is no room for it beside what is loaded, and ConfigError with llama.cpp's own
    words for a file that cannot be loaded at all.
    """
    import xllamacpp

    parameters.verbosity = -1  # llama.cpp writes to file descriptor 2, whatever is displayed there
    key = secrets.token_hex()
    parameters.api_keys = [key]
    parameters.n_threads_http = 1
    try:
        return xllamacpp.Server(parameters), key
    except RuntimeError as error:
        # Its message is always the same. The reason goes to standard error, so ask a child process.
        with serve(path, context_window=context_window):
            raise refusal from error


if __name__ == "__main__":
    _serve_until_stdin_closes(*sys.argv[1:])
