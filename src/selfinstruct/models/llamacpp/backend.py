"""GGUF files that llama.cpp runs in this process, and the one that comes with the package."""

from __future__ import annotations

from pathlib import Path

from selfinstruct.config import EndpointConfig, LlamaCppConfig, ModelConfig
from selfinstruct.models.backend import Backend, check_digest, no_chat_template, require_name
from selfinstruct.models.base import Api, Capabilities, Model
from selfinstruct.models.provider import Provider

__all__ = ["GgufBackend", "PocketBackend"]

_POCKET = Path(__file__).parents[1] / "pocket.gguf"


class GgufBackend(Backend):
    """See `Backend`. A model's name in its config is the path of its file."""

    tunable = True
    likelihoods = "answers"
    replicable = True
    embeds = True

    def config(self, provider: Provider, name: str, context_window: int | None) -> ModelConfig:
        """See `Backend`. context_window: where not given, the file's own."""
        require_name(provider, name)
        path = _absolute(name)
        return _described(provider, str(path), path, context_window)

    def api(self, model: ModelConfig) -> Api | None:
        """Chat for a file with a chat template, completions for others."""
        return "chat" if _takes_chat(Path(model.name)) else "completions"

    def open(self, model: ModelConfig, endpoint: EndpointConfig) -> Model:
        """See `Backend`."""
        return _opened(Path(model.name), model, f"model {model.name}", endpoint.llamacpp)

    def replica(self, model: ModelConfig, endpoint: EndpointConfig, cores: int) -> Model:
        """See `Backend`: a server for each core."""
        return _opened(Path(model.name), model, f"model {model.name}", endpoint.llamacpp, cores)

    def slots(self, model: ModelConfig, endpoint: EndpointConfig, cores: int, gpus: int) -> int:
        """See `Backend`."""
        return max(1, cores // endpoint.llamacpp.threads) * endpoint.llamacpp.slots

    def open_embedder(self, model: ModelConfig, endpoint: EndpointConfig) -> Model:
        """See `Backend`."""
        return _embedder(Path(model.name), model, f"model {model.name}", endpoint.llamacpp)

    def embedding_notice(self, model: ModelConfig) -> str | None:
        """See `Backend`."""
        return _not_for_embeddings(Path(model.name), f"The model {model.name}")

    def file(self, name: str) -> Path | None:
        """See `Backend`."""
        return _absolute(name) if name else None


class PocketBackend(Backend):
    """See `Backend`. The bundled model: its SPEC names no file."""

    tunable = True
    for_trial = True
    likelihoods = "answers"
    replicable = True
    embeds = True

    def config(self, provider: Provider, name: str, context_window: int | None) -> ModelConfig:
        """See `Backend`."""
        return _described(provider, provider.name, _POCKET, context_window)

    def api(self, model: ModelConfig) -> Api | None:
        """Completions: it was made for the paper's prompts."""
        return "completions"

    def open(self, model: ModelConfig, endpoint: EndpointConfig) -> Model:
        """See `Backend`."""
        return _opened(_POCKET, model, "bundled model", LlamaCppConfig())

    def replica(self, model: ModelConfig, endpoint: EndpointConfig, cores: int) -> Model:
        """See `Backend`: a server for each core."""
        return _opened(_POCKET, model, "bundled model", LlamaCppConfig(), cores)

    def slots(self, model: ModelConfig, endpoint: EndpointConfig, cores: int, gpus: int) -> int:
        """See `Backend`."""
        return cores

    def open_embedder(self, model: ModelConfig, endpoint: EndpointConfig) -> Model:
        """See `Backend`. It was not made for them: good for a trial."""
        return _embedder(_POCKET, model, "bundled model", endpoint.llamacpp)

    def embedding_notice(self, model: ModelConfig) -> str | None:
        """See `Backend`."""
        return _not_for_embeddings(_POCKET, "The bundled model")

    def file(self, name: str) -> Path | None:
        """See `Backend`."""
        return _POCKET

    def notice(self, model: ModelConfig) -> str | None:
        """See `Backend`."""
        return (
            "The bundled model is small: good for a first run, not for training data. "
            "Other models: selfinstruct models"
        )


def _described(provider: Provider, name: str, path: Path, context_window: int | None) -> ModelConfig:
    from selfinstruct.models.llamacpp.model import LlamaCppModel

    model = LlamaCppModel(path, context_window=context_window)
    return ModelConfig(
        provider=provider.name, name=name, digest=model.digest, context_window=model.context_window
    )


def _opened(
    path: Path, model: ModelConfig, what: str, hardware: LlamaCppConfig, cores: int | None = None
) -> Model:
    """As many servers as cores, whatever the endpoint's concurrency: more would only share them. cores: all
    of this machine where not given."""
    from selfinstruct.models.llamacpp.model import LlamaCppModel
    from selfinstruct.models.llamacpp.server import require_card

    if model.api == "chat" and not _takes_chat(path):
        raise no_chat_template(path.name)
    if hardware.gpu_layers:
        require_card()
    local = LlamaCppModel(
        path,
        servers=None if cores is None or hardware.gpu_layers else max(1, cores // hardware.threads),
        context_window=model.context_window,
        capabilities=Capabilities(api=model.api or "completions"),
        hardware=hardware,
    )
    check_digest(what, model.digest, local.digest)
    return local


def _embedder(path: Path, model: ModelConfig, what: str, hardware: LlamaCppConfig) -> Model:
    from selfinstruct.models.llamacpp.embedder import LlamaCppEmbedder
    from selfinstruct.models.llamacpp.server import require_card

    if hardware.gpu_layers:
        require_card()
    local = LlamaCppEmbedder(path, context_window=model.context_window, hardware=hardware)
    check_digest(what, model.digest, local.digest)
    return local


def _not_for_embeddings(path: Path, what: str) -> str | None:
    from selfinstruct.models.llamacpp.gguf import pooling

    if pooling(path):
        return None
    return (
        f"{what} was not made for embeddings: the mean over a text's tokens is taken, which hardly tells"
        " paraphrases from other texts."
    )


def _takes_chat(path: Path) -> bool:
    from selfinstruct.models.llamacpp.gguf import has_chat_template

    return has_chat_template(path)


def _absolute(name: str) -> Path:
    return Path(name).expanduser().absolute()
