"""A replica that is vLLM: its own server on a free port of the node, asked over HTTP like any other endpoint.

Its command line and its HTTP API change less between versions than its engine's classes do. Not tested with
vLLM itself, which needs a graphics card: the tests put a stand-in for `vllm serve` in its place.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError, MissingExtraError
from selfinstruct.models.base import Capabilities, Model
from selfinstruct.models.http.model import HttpModel
from selfinstruct.models.huggingface.backend import HuggingFaceBackend
from selfinstruct.models.ray import keeper

__all__ = ["VllmBackend", "VllmModel"]

SLOTS = 128
"""Requests that one replica is given at once, where the user does not say."""
SAID_BYTES = 4000


class VllmBackend(HuggingFaceBackend):
    """See `Backend`: a model of hf/, opened here as usual, by vLLM in a replica."""

    def replica(self, model: ModelConfig, endpoint: EndpointConfig, cores: int) -> Model:
        """Returns when the server answers. Raises `ConfigError` where it ends before."""
        import ray

        checkpoint = self._checkpoint(model)
        if checkpoint.base is not None:
            raise ConfigError(
                f"{checkpoint.name} is a LoRA adapter, which vLLM is not started with here.",
                "Merge it (`selfinstruct finetune --merge`), or leave out `backend`.",
            )
        options = ["--tensor-parallel-size", str(max(len(ray.get_gpu_ids()), 1))]
        if model.context_window is not None:
            options += ["--max-model-len", str(model.context_window)]
        if checkpoint.commit:
            options += ["--revision", checkpoint.commit]
        return VllmModel(model, checkpoint.name, options, endpoint)

    def slots(self, model: ModelConfig, endpoint: EndpointConfig, cores: int, gpus: int) -> int:
        """See `Backend`. vLLM batches by itself."""
        return SLOTS


class VllmModel(HttpModel):
    """A server that runs until `aclose`, or until this process ends.

    path: the folder of the model, or its name on the Hub. options: of `vllm serve`.
    """

    def __init__(self, model: ModelConfig, path: str, options: list[str], endpoint: EndpointConfig) -> None:
        program = shutil.which("vllm") or shutil.which("vllm", path=str(Path(sys.executable).parent))
        if program is None:
            raise MissingExtraError(
                '`backend="vllm"` needs vLLM, which is not installed there.',
                "Install it on every node, in selfinstruct's environment: pip install vllm",
            )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        super().__init__(
            base_url=f"http://127.0.0.1:{port}/v1",
            model=path,
            api_key=None,
            timeout_seconds=endpoint.timeout_seconds,
            context_window=model.context_window,
            capabilities=Capabilities(api=model.api or "completions"),
            extra_body=model.extra_body,
        )
        served = ("serve", path, "--host", "127.0.0.1", "--port", str(port))
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - the server's, for as long as it runs
        self._server = subprocess.Popen(  # noqa: S603 - what was asked for
            [sys.executable, str(keeper.__file__), program, *served, *options],
            stdin=subprocess.PIPE,
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )
        try:
            self._wait_for(f"http://127.0.0.1:{port}/v1/models", path)
        except BaseException:
            self._end()
            raise

    async def aclose(self) -> None:
        """End the server."""
        await super().aclose()
        await asyncio.to_thread(self._end)

    def _wait_for(self, url: str, path: str) -> None:
        while not _answers(url):
            if self._server.poll() is not None:
                raise ConfigError(f"vLLM cannot serve {path}: {_last_line(self._said)}")
            time.sleep(1)

    def _end(self) -> None:
        if self._server.stdin is not None:
            self._server.stdin.close()
        self._server.wait()
        self._said.close()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server
            return True
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _last_line(said: IO[bytes]) -> str:
    size = said.seek(0, 2)
    said.seek(max(0, size - SAID_BYTES))
    lines = said.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it does not say why.")
