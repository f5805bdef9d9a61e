"""From a model's name on the command line to the model: a look-up of its kind, which does the rest. What can
be named is in providers.py, where an endpoint is reached and with which key in access.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from selfinstruct.config import (
    Config,
    EndpointConfig,
    EngineConfig,
    LlamaCppConfig,
    ModelConfig,
    StagesConfig,
)
from selfinstruct.errors import ConfigError
from selfinstruct.models.backend import Backend, Likelihoods, no_embeddings
from selfinstruct.models.base import Api, Model
from selfinstruct.models.custom import CustomBackend, is_installed
from selfinstruct.models.http.backend import HttpBackend
from selfinstruct.models.huggingface.backend import HuggingFaceBackend
from selfinstruct.models.llamacpp.backend import GgufBackend, PocketBackend
from selfinstruct.models.providers import CUSTOM, CUSTOM_ROW, PROVIDERS, provider_named, provider_of
from selfinstruct.models.scripted.backend import ScriptedBackend

__all__ = [
    "batch_price_factor",
    "can_be_tuned",
    "embedding_notice",
    "is_for_trial",
    "is_local",
    "likelihoods",
    "local_file",
    "model_notice",
    "only_chat",
    "open_embedder",
    "open_model",
    "parse_embedding_spec",
    "parse_spec",
    "require_embeddings",
    "require_engine",
    "suiting_api",
    "without_batches",
]

_BACKENDS: Mapping[str, Backend] = {
    "pocket": PocketBackend(),
    "gguf": GgufBackend(),
    "hf": HuggingFaceBackend(),
    "scripted": ScriptedBackend(),
    CUSTOM: CustomBackend(),
}
_ENDPOINTS = HttpBackend()
"""Of every other provider."""


def parse_spec(spec: str, context_window: int | None = None) -> ModelConfig:
    """`provider/name` as a config section, or the name under which an installed package offers a model; with
    the digest of whatever file decides its replies. A name may hold slashes of its own.

    context_window: as the user gave it; where not, a GGUF file's own.

    Raises `UnknownModelError` for a provider that is not in the table, `ConfigError` for a name that is
    missing or a file that cannot be used.
    """
    if is_installed(spec):
        return _BACKENDS[CUSTOM].config(CUSTOM_ROW, spec, context_window)
    name, _, rest = spec.partition("/")
    provider = provider_named(name, spec)
    return _backend(provider.name).config(provider, rest, context_window)


def is_local(spec: str | None) -> bool:
    """Whether a SPEC names a model that runs in this process, so that no base URL belongs to it."""
    provider = PROVIDERS.get((spec or "").partition("/")[0])
    return provider is not None and provider.place == "process"


def without_batches(model: ModelConfig) -> str | None:
    """Why its requests cannot go in batches; None where they may: its endpoint may still have none."""
    provider = provider_of(model)
    if provider.place == "process":
        return f"The model {model.provider}/{model.name} runs in this process and has no batch API."
    return None


def batch_price_factor(provider: str) -> float:
    """What a request in a batch costs, as a share of its price; 1 where nothing is known."""
    row = PROVIDERS.get(provider)
    return 1.0 if row is None else row.batch.price_factor


def local_file(spec: str) -> Path:
    """The file of a model that llama.cpp runs in this process; it may be missing. Raises `ConfigError` for
    any other model, `UnknownModelError` as `parse_spec`."""
    name, _, rest = spec.partition("/")
    file = _backend(provider_named(name, spec).name).file(rest)
    if file is None:
        raise ConfigError(f"{spec!r} names no model file.", "Give it as gguf/FILE, or take pocket.")
    return file


def suiting_api(model: ModelConfig) -> Api | None:
    """The call for a model about which that is known; None where only its first answer tells.

    Chat for a GGUF file or a folder with a chat template, and for providers that have no other call;
    completions for other files, and for models that are known as base models. Raises `UnknownModelError` for
    a provider that is not in the table, `ConfigError` for a file that cannot be read.
    """
    return _backend_of(model).api(model)


def only_chat(model: ModelConfig) -> bool:
    """Whether it has no completions call that continues a text as it stands. Raises `UnknownModelError` for a
    provider that is not in the table."""
    return _backend_of(model).only_chat(model)


def open_model(
    model: ModelConfig,
    endpoint: EndpointConfig,
    engine: EngineConfig = EngineConfig(),  # noqa: B008 - frozen
) -> Model:
    """The model that a resolved config names. Nothing is sent and nothing large is loaded yet.

    It is asked by the call that `model.api` names, by completions where it names none. engine: what runs it
    where it needs no endpoint; this process where not given.

    Raises `ConfigError` for a key or a variable that is missing, and for a cluster that cannot be reached or
    has no room, `EndpointMismatchError` for a call that the model does not have, `RunMismatchError` for a
    file that is no longer what the config's digest says, `UnknownModelError` as `parse_spec`.
    """
    _require_llamacpp(model, endpoint)
    backend = _backend_of(model)
    if engine.name == "ray" and backend.replicable:
        from selfinstruct.models.ray.opening import open_on_ray

        return open_on_ray(backend, model, endpoint, engine)
    return backend.open(model, endpoint)


def require_engine(config: Config) -> None:
    """Raises `ConfigError` for an engine that none of the config's models can use and for settings of
    another engine, `MissingExtraError` where Ray is not installed."""
    engine = config.engine
    if engine.name == "local":
        given = [
            name for name in ("backend", "replicas", "gpus_per_replica") if getattr(engine, name) is not None
        ]
        if given:
            raise ConfigError(f"`{given[0]}` is a setting of Ray.", 'Add `engine="ray"`.')
        return
    models = [own.model for own in map(config.for_stage, StagesConfig.model_fields)]
    on_ray = [model for model in models if _backend(model.provider).replicable]
    if not on_ray:
        model = config.model
        raise ConfigError(
            f'`engine="ray"` runs models of this machine, and {model.provider}/{model.name} is not one that'
            " can be copied to others.",
            "Use pocket, gguf/FILE or hf/NAME. For servers that already run, give their address as `base_url`"
            ' and `engine="local"`.',
        )
    if engine.backend == "vllm" and (other := next((each for each in on_ray if each.provider != "hf"), None)):
        raise ConfigError(f"vLLM runs models of hf/, not {other.provider}.", "Leave out `backend`.")
    from selfinstruct.models.ray.cluster import require_ray

    require_ray()


def open_embedder(model: ModelConfig, endpoint: EndpointConfig) -> Model:
    """The embedding model that a resolved config names: its completions are embeddings (models.embeddings).

    Raises as `open_model`, and `ConfigError` for a kind of model that makes none here.
    """
    _require_llamacpp(model, endpoint)
    return _backend_of(model).open_embedder(model, endpoint)


def embedding_notice(model: ModelConfig) -> str | None:
    """A sentence for the user whose model was not made for embeddings, else None. Raises `ConfigError` for a
    file that cannot be read."""
    return _backend_of(model).embedding_notice(model)


def parse_embedding_spec(spec: str) -> ModelConfig:
    """As `parse_spec`, of an embedding model. Raises `ConfigError` for a kind of model that makes none here,
    before it is looked for."""
    name, _, rest = spec.partition("/")
    if is_installed(spec) or (name in PROVIDERS and not _backend(name).embeds):
        raise no_embeddings(ModelConfig(provider=name, name=rest or name))
    return parse_spec(spec)


def require_embeddings(model: ModelConfig) -> None:
    """Raises `ConfigError` for a kind of model that makes no embeddings here."""
    if not _backend_of(model).embeds:
        raise no_embeddings(model)


def model_notice(model: ModelConfig) -> str | None:
    """A sentence for the user whose tasks are for trying the program out only, else None."""
    return _backend_of(model).notice(model)


def is_for_trial(model: ModelConfig) -> bool:
    """Whether it comes with this package, for trying that out."""
    return _backend(model.provider).for_trial


def likelihoods(model: ModelConfig) -> Likelihoods:
    """What it tells of how likely a text is."""
    return _backend(model.provider).likelihoods


def can_be_tuned(spec: str) -> bool:
    """Whether a SPEC names a kind of model whose weights can be tuned here."""
    provider = spec.partition("/")[0]
    return provider in PROVIDERS and _backend(provider).tunable


def _require_llamacpp(model: ModelConfig, endpoint: EndpointConfig) -> None:
    """Raises ConfigError for settings of llama.cpp with a model that it does not run, or that is exact."""
    if model.provider != "gguf" and endpoint.llamacpp != LlamaCppConfig():
        raise ConfigError(
            f"[endpoint.llamacpp] is for models of gguf/, and this is {model.provider}/{model.name}.",
            "Leave it out, or put it into the endpoint of the stage whose model is a GGUF file.",
        )


def _backend_of(model: ModelConfig) -> Backend:
    return _backend(provider_of(model).name)


def _backend(provider: str) -> Backend:
    return _BACKENDS.get(provider, _ENDPOINTS)
