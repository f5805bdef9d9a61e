"""A replica: an ordinary model in a process of its own, somewhere in the cluster.

Errors of errors.py are returned, not raised: Ray would wrap them.
"""

from __future__ import annotations

import asyncio
import os
import platform
import tempfile
from pathlib import Path
from typing import IO

from selfinstruct import __version__
from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError, SelfInstructError
from selfinstruct.models.backend import Backend
from selfinstruct.models.base import Capabilities, Model, NegotiableModel
from selfinstruct.models.ray.shares import Share
from selfinstruct.records import Completion, Request

__all__ = ["Replica"]


class Replica:
    """The class of Ray's actor: what is called here runs on the node. Nothing is loaded before `load`.

    share: what it has to itself.
    """

    def __init__(self, backend: Backend, model: ModelConfig, endpoint: EndpointConfig, share: Share) -> None:
        self._backend, self._config, self._endpoint, self._share = backend, model, endpoint, share
        self._model: Model | None = None
        self._file: IO[bytes] | None = None

    async def about(self) -> tuple[str, str]:
        """The version of this package there, and the node's name."""
        return __version__, platform.node()

    async def lacks_file(self) -> bool:
        """Whether the model's file or folder is missing there, and so is an earlier copy of the file."""
        path = Path(self._config.name)
        if not path.is_absolute() or path.exists():
            return False
        if not self._copy.is_file():
            return True
        self._use_copy()
        return False

    async def receive(self, chunk: bytes) -> None:
        """The next bytes of the model's file; none after the last. Kept in the node's temporary folder, under
        a name made of the file's digest, which `load` checks."""
        if self._file is None:
            self._file = tempfile.NamedTemporaryFile(dir=self._copy.parent, delete=False)  # noqa: SIM115 - over calls
        if chunk:
            self._file.write(chunk)
            return
        self._file.close()
        os.replace(self._file.name, self._copy)  # noqa: PTH105 - whole, or not at all
        self._use_copy()

    async def load(self) -> SelfInstructError | None:
        """Open the model; what is wrong with it there, else None."""
        if not self._share.gpus:
            os.environ["CUDA_VISIBLE_DEVICES"] = ""  # Ray leaves all of the node's visible
        try:
            self._model = await asyncio.to_thread(
                self._backend.replica, self._config, self._endpoint, self._share.cores
            )
        except SelfInstructError as error:
            return ConfigError(f"On the node {platform.node()}: {error.message}", error.hint)
        return None

    async def complete(self, request: Request, capabilities: Capabilities) -> Completion | SelfInstructError:
        """As `Model.complete`, asked by what the capabilities say."""
        assert self._model is not None
        if isinstance(self._model, NegotiableModel):
            self._model.adopt(request.stage, capabilities)
        try:
            return await self._model.complete(request)
        except SelfInstructError as error:
            return error

    async def close(self) -> None:
        """Free what is outside the process: temporary files, a server."""
        if self._model is not None:
            await self._model.aclose()

    @property
    def _copy(self) -> Path:
        return Path(tempfile.gettempdir()) / f"selfinstruct-{self._config.digest[:32]}.gguf"

    def _use_copy(self) -> None:
        self._config = self._config.model_copy(update={"name": str(self._copy)})
