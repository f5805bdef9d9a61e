"""What every kind of model is to the rest: what a SPEC of it means, by which call it is asked, how it is
opened, and what it can tell. One implementation a kind, in that kind's folder; catalog.py looks them up.

A module that has one imports its engine only when that is needed: `selfinstruct models` lists all kinds.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal, Protocol

from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError, EndpointMismatchError, RunMismatchError
from selfinstruct.models.base import Api, Model
from selfinstruct.models.provider import Provider

__all__ = ["Backend", "Likelihoods", "check_digest", "no_chat_template", "no_embeddings", "require_name"]

Likelihoods = Literal["none", "answers", "texts"]
"""How likely a text is: not told, told of what may follow a prompt, or of whole texts too."""


class Backend(Protocol):
    """One kind of model. It keeps nothing between calls: what it was asked for stands in the config.

    tunable: its weights can be tuned here. for_trial: it comes with this package, for trying that out, and
    what it writes is not worth training on. embeds: it makes embeddings. likelihoods: what it tells of them,
    where an endpoint has what that takes. replicable: whether copies of it can run on a cluster; uses_gpus:
    and whether each of them uses a graphics card.
    """

    tunable: ClassVar[bool] = False
    for_trial: ClassVar[bool] = False
    embeds: ClassVar[bool] = False
    likelihoods: ClassVar[Likelihoods] = "none"
    replicable: ClassVar[bool] = False
    uses_gpus: ClassVar[bool] = False

    def config(self, provider: Provider, name: str, context_window: int | None) -> ModelConfig:
        """The section that stands for `provider/name`, with the digest of whatever file decides its
        replies.

        name: may be empty. context_window: as the user gave it, None where not. Raises `ConfigError` for a
        name that is missing and a file that cannot be used.
        """

    def api(self, model: ModelConfig) -> Api | None:
        """The call that suits it; None where only its first answer tells. Raises `ConfigError` for a file
        that cannot be read."""

    def only_chat(self, model: ModelConfig) -> bool:
        """Whether it has no completions call that continues a text as it stands."""
        return False

    def open(self, model: ModelConfig, endpoint: EndpointConfig) -> Model:
        """Nothing is sent and nothing large is loaded yet. It is asked by the call that `model.api` names, by
        completions where that names none.

        Raises `ConfigError` for what is missing, `EndpointMismatchError` for a call that it does not have,
        `RunMismatchError` for a file that is no longer what the digest says.
        """

    def replica(self, model: ModelConfig, endpoint: EndpointConfig, cores: int) -> Model:
        """As `open`, in a process of a cluster that holds nothing else. cores: of the processor, that are
        its own."""
        return self.open(model, endpoint)

    def slots(self, model: ModelConfig, endpoint: EndpointConfig, cores: int, gpus: int) -> int:
        """Requests that a replica with so many cores and graphics cards is given at once."""
        return 1

    def open_embedder(self, model: ModelConfig, endpoint: EndpointConfig) -> Model:
        """A model whose completions are embeddings (models.embeddings); nothing is sent and nothing large is
        loaded yet. Raises as `open`, and `ConfigError` for a kind of model that makes none here."""
        raise no_embeddings(model)

    def embedding_notice(self, model: ModelConfig) -> str | None:
        """A sentence for the user whose model was not made for embeddings, else None."""
        return None

    def file(self, name: str) -> Path | None:
        """The file that llama.cpp runs in this process; it may be missing. None for any other model."""
        return None

    def notice(self, model: ModelConfig) -> str | None:
        """A sentence for the user whose tasks are for trying the program out only, else None."""
        return None


def require_name(provider: Provider, name: str) -> None:
    """Raises `ConfigError` for an empty one."""
    if not name.strip():
        raise ConfigError(f"Which model of {provider.name}?", f"Name it, as in {provider.example}")


def check_digest(what: str, kept: str, found: str) -> None:
    """A file that is another one by now, or another version's bundled model, must not go on with the data.

    kept: of the config; empty where there is none. Raises `RunMismatchError`.
    """
    if kept and found != kept:
        raise RunMismatchError(
            f"The {what} is not the one that the run was started with: its content has changed.",
            "Restore it, or start a new run.",
        )


def no_embeddings(model: ModelConfig) -> ConfigError:
    """For a model that was to make some."""
    return ConfigError(
        f"{model.provider}/{model.name} makes no embeddings here.",
        "Name an endpoint's model, such as ollama/nomic-embed-text, or a file: gguf/FILE",
    )


def no_chat_template(name: str) -> EndpointMismatchError:
    """For a model that was to be asked by chat."""
    return EndpointMismatchError(
        f"{name} has no chat template: it is not a model for chat.", wants="completions"
    )
