"""From a model's name on the command line to the model: a visible table, each entry opened lazily."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from selfinstruct.config import Config, EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError, UnknownModelError
from selfinstruct.models.base import Model

if TYPE_CHECKING:
    from selfinstruct.models.scripted import ScriptedModel

__all__ = [
    "DEFAULT_KEY_VARIABLE",
    "PROVIDERS",
    "endpoint_warning",
    "is_local",
    "open_model",
    "parse_spec",
    "scripted_warning",
]

DEFAULT_KEY_VARIABLE = "OPENAI_API_KEY"

PROVIDERS: Mapping[str, str] = {
    "scripted": "scripted, or scripted/FILE.jsonl: canned replies, no model at all; for trying things out",
    "gguf": "gguf/FILE: a GGUF file, run by llama.cpp in this process",
    "http": "--base-url URL --model NAME: any OpenAI-compatible endpoint",
}
"""What a SPEC can be: provider to how it is written."""


def parse_spec(spec: str, context_window: int | None = None) -> ModelConfig:
    """`provider/name` as a config section, with the digest of whatever file decides its replies.

    context_window: as the user gave it; where not, a GGUF file's own.

    Raises `UnknownModelError` for a provider that is not in the table, `ConfigError` for a file that
    cannot be used.
    """
    provider, _, name = spec.partition("/")
    if provider == "scripted":
        digest = _open_scripted(name).digest
        return ModelConfig(
            provider="scripted", name=name or "demo", digest=digest, context_window=context_window
        )
    if provider == "gguf":
        from selfinstruct.models.llamacpp import LlamaCppModel

        path = Path(name).expanduser().absolute()
        model = LlamaCppModel(path, context_window=context_window)
        return ModelConfig(
            provider="gguf", name=str(path), digest=model.digest, context_window=model.context_window
        )
    known = "\n  ".join(PROVIDERS.values())
    raise UnknownModelError(
        f"Unknown model {spec!r}: no provider {provider!r}.", f"A model is one of:\n  {known}"
    )


def is_local(spec: str | None) -> bool:
    """Whether a SPEC names a model that needs no endpoint."""
    return spec is not None and spec.partition("/")[0] in _OPENERS.keys() - {"http"}


def open_model(config: Config) -> Model:
    """The model that a resolved config names. Nothing is sent and nothing large is loaded yet.

    The key is read from the environment here, and kept nowhere else.
    """
    return _OPENERS[config.model.provider](config)


def endpoint_warning(endpoint: EndpointConfig) -> str | None:
    """A sentence for the user where a key would cross a network unencrypted, else None."""
    parts = urlsplit(endpoint.base_url or "")
    variable = endpoint.api_key_env or DEFAULT_KEY_VARIABLE
    loopback = parts.hostname in {"localhost", "::1"} or (parts.hostname or "").startswith("127.")
    if parts.scheme != "http" or loopback or not os.environ.get(variable):
        return None
    return f"Warning: {endpoint.base_url} is plain http, and the key in {variable} is sent to it unencrypted."


def scripted_warning(model: ModelConfig) -> str | None:
    """A sentence for the user who gets the built-in replies, perhaps without having asked, else None."""
    if (model.provider, model.name) != ("scripted", "demo"):
        return None
    return "These tasks are filled-in templates, for trying the program out. A model is chosen with --model."


def _open_http(config: Config) -> Model:
    from selfinstruct.models.http import HttpModel

    endpoint = config.endpoint
    if not endpoint.base_url:
        raise ConfigError("The endpoint's address is missing.", "Give it as --base-url http://HOST:PORT/v1")
    variable = endpoint.api_key_env or DEFAULT_KEY_VARIABLE
    key = os.environ.get(variable) or None
    if endpoint.api_key_env and key is None:
        raise ConfigError(f"The environment variable {variable} is not set.", "It should hold the API key.")
    return HttpModel(
        base_url=endpoint.base_url,
        model=config.model.name,
        api_key=key,
        timeout_seconds=endpoint.timeout_seconds,
        context_window=config.model.context_window,
        key_hint=f"The key is read from the environment variable {variable}.",
    )


def _open_gguf(config: Config) -> Model:
    from selfinstruct.models.llamacpp import LlamaCppModel

    # As many servers as cores, whatever the concurrency: more would only share them.
    return LlamaCppModel(Path(config.model.name), context_window=config.model.context_window)


def _open_scripted_model(config: Config) -> Model:
    return _open_scripted("" if config.model.name == "demo" else config.model.name)


def _open_scripted(name: str) -> ScriptedModel:
    from selfinstruct.models.scripted import ScriptedModel

    return ScriptedModel.from_file(Path(name).expanduser()) if name else ScriptedModel()


_OPENERS: Mapping[str, Callable[[Config], Model]] = {
    "scripted": _open_scripted_model,
    "gguf": _open_gguf,
    "http": _open_http,
}
