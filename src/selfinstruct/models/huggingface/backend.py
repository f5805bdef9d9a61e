"""Hugging Face models and LoRA adapters, a folder or a name on the Hub, that transformers runs here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.models.backend import Backend, no_chat_template, require_name
from selfinstruct.models.base import Api, Capabilities, Model
from selfinstruct.models.provider import Provider

if TYPE_CHECKING:
    from selfinstruct.models.huggingface.checkpoint import Checkpoint

__all__ = ["HuggingFaceBackend"]


class HuggingFaceBackend(Backend):
    """See `Backend`."""

    tunable = True
    likelihoods = "texts"
    replicable = True
    uses_gpus = True

    def config(self, provider: Provider, name: str, context_window: int | None) -> ModelConfig:
        """See `Backend`. context_window: where not given, the model's own."""
        from selfinstruct.models.huggingface.checkpoint import find_checkpoint

        require_name(provider, name)
        found = find_checkpoint(name)
        return ModelConfig(
            provider=provider.name,
            name=found.name,
            digest=found.digest,
            context_window=found.context_window(context_window),
        )

    def api(self, model: ModelConfig) -> Api | None:
        """Chat where there is a chat template."""
        return "chat" if self._checkpoint(model).has_chat_template else "completions"

    def open(self, model: ModelConfig, endpoint: EndpointConfig) -> Model:
        """See `Backend`. endpoint: its concurrency is the size of a batch."""
        from selfinstruct.models.huggingface.model import HuggingFaceModel

        checkpoint = self._checkpoint(model)
        if model.api == "chat" and not checkpoint.has_chat_template:
            raise no_chat_template(checkpoint.name)
        return HuggingFaceModel(
            checkpoint,
            batch=endpoint.concurrency,
            context_window=model.context_window,
            capabilities=Capabilities(api=model.api or "completions", unsupported=("response_format",)),
        )

    def replica(self, model: ModelConfig, endpoint: EndpointConfig, cores: int) -> Model:
        """See `Backend`."""
        opened = self.open(model, endpoint)
        import torch

        # Ray sets it to the replica's cores, where the user's own would mean something else: see loading.py.
        os.environ.pop("OMP_NUM_THREADS", None)
        torch.set_num_threads(cores)
        return opened

    def slots(self, model: ModelConfig, endpoint: EndpointConfig, cores: int, gpus: int) -> int:
        """See `Backend`: a batch."""
        from selfinstruct.models.huggingface.model import BATCH

        return BATCH if gpus or self._checkpoint(model).is_small else 1

    def _checkpoint(self, model: ModelConfig) -> Checkpoint:
        """Refuses a folder whose weights are not those of the digest any more."""
        from selfinstruct.models.huggingface.checkpoint import find_checkpoint

        return find_checkpoint(model.name, model.digest)
