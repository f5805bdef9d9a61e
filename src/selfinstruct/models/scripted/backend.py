"""Canned replies, the package's own or those of a script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.models.backend import Backend, check_digest
from selfinstruct.models.base import Api, Model
from selfinstruct.models.provider import Provider

if TYPE_CHECKING:
    from selfinstruct.models.scripted.model import ScriptedModel

__all__ = ["ScriptedBackend"]

_DEMO = "demo"
"""What a config calls the package's own replies."""


class ScriptedBackend(Backend):
    """See `Backend`."""

    for_trial = True

    def config(self, provider: Provider, name: str, context_window: int | None) -> ModelConfig:
        """See `Backend`. name: of a script, empty for the package's own replies."""
        digest = self._opened(name).digest
        return ModelConfig(
            provider=provider.name, name=name or _DEMO, digest=digest, context_window=context_window
        )

    def api(self, model: ModelConfig) -> Api | None:
        """Completions: it replies as a base model does."""
        return "completions"

    def open(self, model: ModelConfig, endpoint: EndpointConfig) -> Model:
        """See `Backend`."""
        scripted = self._opened("" if model.name == _DEMO else model.name)
        check_digest(f"model {model.name}", model.digest, scripted.digest)
        return scripted

    def notice(self, model: ModelConfig) -> str | None:
        """Of the package's own replies."""
        if model.name != _DEMO:
            return None
        return "These tasks are template text, not written by a model: for trial runs only."

    def _opened(self, name: str) -> ScriptedModel:
        from selfinstruct.models.scripted.model import ScriptedModel

        return ScriptedModel.from_file(Path(name).expanduser()) if name else ScriptedModel()
