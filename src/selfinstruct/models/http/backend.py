"""Models behind an OpenAI-compatible endpoint, on this machine or elsewhere: every row of providers.py that
runs in another process."""

from __future__ import annotations

import re

from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.errors import EndpointMismatchError
from selfinstruct.models.access import find_endpoint
from selfinstruct.models.backend import Backend, require_name
from selfinstruct.models.base import Api, Model
from selfinstruct.models.provider import Provider
from selfinstruct.models.providers import provider_of

__all__ = ["HttpBackend"]

_BASE_MODEL = re.compile(r"(^|/)(davinci|babbage)-002$|[-_](base|pt)(?![a-z])", re.IGNORECASE)
"""What names of base models end in or hold: `davinci-002`, `Qwen3-8B-Base`, `gemma-3-270m-pt`."""


class HttpBackend(Backend):
    """See `Backend`."""

    likelihoods = "texts"
    embeds = True

    def config(self, provider: Provider, name: str, context_window: int | None) -> ModelConfig:
        """See `Backend`. A name may hold slashes of its own."""
        require_name(provider, name)
        return ModelConfig(provider=provider.name, name=name, context_window=context_window)

    def api(self, model: ModelConfig) -> Api | None:
        """Chat where there is no other, completions for what is known as a base model."""
        if self.only_chat(model):
            return "chat"
        return "completions" if _BASE_MODEL.search(model.name) else None

    def only_chat(self, model: ModelConfig) -> bool:
        """See `Backend`: as the provider's row says."""
        return provider_of(model).api == "chat"

    def open(self, model: ModelConfig, endpoint: EndpointConfig) -> Model:
        """The key, and the variables that its headers name, are read from the environment here, and kept
        nowhere else."""
        from selfinstruct.models.http.model import HttpModel

        provider = provider_of(model)
        api = model.api or "completions"
        if api == "completions" and provider.api == "chat":
            raise EndpointMismatchError(f"{provider.title} supports chat requests only.", wants="chat")
        found = find_endpoint(model, endpoint)
        return HttpModel(
            base_url=found.base_url,
            model=found.model,
            api_key=found.api_key,
            timeout_seconds=endpoint.timeout_seconds,
            context_window=model.context_window,
            capabilities=provider.capabilities(api),
            key_hint=found.key_hint,
            headers=found.headers,
            secrets=found.secrets,
            extra_body={**provider.fields_for(model.name), **model.extra_body},
            renamed=found.renamed,
            key_header=found.key_header,
            batch_terms=provider.batch,
        )

    def open_embedder(self, model: ModelConfig, endpoint: EndpointConfig) -> Model:
        """See `Backend`. The key is read as in `open`."""
        from selfinstruct.models.http.embeddings import HttpEmbedder

        return HttpEmbedder(
            find_endpoint(model, endpoint),
            timeout_seconds=endpoint.timeout_seconds,
            extra_body=model.extra_body,
        )
