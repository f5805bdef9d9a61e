"""A model of the user's own: an object that completes requests (`base.Model`), passed in Python or loaded by
name.

What it does wrong ends in one message that names it. A run keeps its name, version and settings, and not the
object: resuming takes it again, unless an installed package offers it.
"""

from __future__ import annotations

from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError, RunMismatchError, SelfInstructError, UserError
from selfinstruct.extensions import INSTALLED, described, is_reference, load, load_installed, made, offered
from selfinstruct.models.backend import Backend
from selfinstruct.models.base import Api, Model
from selfinstruct.models.provider import Provider
from selfinstruct.models.providers import CUSTOM, PROVIDERS
from selfinstruct.records import Completion, Request

__all__ = [
    "CustomBackend",
    "CustomModel",
    "api_of",
    "custom_model_config",
    "is_installed",
    "load_model",
    "names_own_model",
]

_NEEDED = ("default_concurrency", "context_window", "count_tokens", "complete", "aclose")


def is_installed(spec: str) -> bool:
    """Whether a SPEC is no provider's, and an installed package offers a model of this name."""
    return spec not in PROVIDERS and "/" not in spec and spec in offered("model")


def names_own_model(spec: str) -> bool:
    """Whether a SPEC names a model of the user's own: `module:name`, `file.py:name` or an installed one."""
    return is_installed(spec) or (spec.partition("/")[0] not in PROVIDERS and is_reference(spec))


def load_model(spec: str) -> tuple[Model, str]:
    """The model of such a name, and its source.

    Raises `ConfigError` where there is nothing of that name or it is no model, `UserError` where its code
    fails to load.
    """
    source = spec if ":" in spec else INSTALLED
    return _as_model(made("model", load("model", spec), spec), spec), source


def custom_model_config(given: object, context_window: int | None, source: str = "") -> ModelConfig:
    """The config section of such a model. Raises `ConfigError` for an object that is none.

    source: as the user named it; empty for an object that was passed.
    """
    model = _as_model(given, source)
    about = described(model, "model", source)
    window = context_window or getattr(model, "context_window", None)
    return ModelConfig(provider=CUSTOM, name=about.name, context_window=window, custom=about)


def api_of(given: object) -> Api:
    """The call that an object wants its requests made for: its attribute `api`, else chat."""
    return "completions" if getattr(given, "api", "chat") == "completions" else "chat"


class CustomBackend(Backend):
    """See `Backend`: models that installed packages offer. An object that was passed is at hand where it is
    needed, and not found by its config.
    """

    def config(self, provider: Provider, name: str, context_window: int | None) -> ModelConfig:
        """See `Backend`."""
        return custom_model_config(load_model(name)[0], context_window, INSTALLED)

    def api(self, model: ModelConfig) -> Api | None:
        """As the object says."""
        return api_of(self._installed(model))

    def only_chat(self, model: ModelConfig) -> bool:
        """Whether the object asks for that."""
        return self.api(model) == "chat"

    def open(self, model: ModelConfig, endpoint: EndpointConfig) -> Model:
        """See `Backend`. Raises `RunMismatchError` for another version or other settings than before."""
        own = self._installed(model)
        if model.custom is not None and described(own, "model", INSTALLED) != model.custom:
            raise RunMismatchError(
                f"The installed model {model.name!r} is not the one that the run was started with: its "
                f"version"
                " or its settings have changed.",
                "Restore it, or start a new run.",
            )
        return CustomModel(own, model.name)

    def _installed(self, model: ModelConfig) -> Model:
        if model.custom is None or model.custom.source != INSTALLED:
            raise ConfigError(
                f"The model {model.name!r} is the user's own, and missing here.", "Give it as `model`."
            )
        return _as_model(made("model", load_installed("model", model.name), model.name), model.name)


def _as_model(given: object, source: str) -> Model:
    missing = [name for name in _NEEDED if not hasattr(given, name)]
    if isinstance(given, Model) and not isinstance(given, type) and not missing:
        return given
    what = f"a class, {given.__name__}" if isinstance(given, type) else repr(given)
    lacks = f" It lacks {', '.join(missing)}." if missing and not isinstance(given, type) else ""
    raise ConfigError(
        f"{source or '`model`'} is {what}, not a model.{lacks}",
        "Pass PROVIDER/NAME as `selfinstruct models` lists them, or an object as selfinstruct.Model"
        " describes.",
    )


class CustomModel:
    """The object as everybody here knows models. `aclose` closes it; it may be asked again afterwards."""

    def __init__(self, model: Model, name: str) -> None:
        self._model = model
        self._name = name

    @property
    def default_concurrency(self) -> int:
        """See `Model`."""
        return self._model.default_concurrency

    @property
    def context_window(self) -> int | None:
        """See `Model`."""
        return self._model.context_window

    def count_tokens(self, text: str) -> int:
        """See `Model`."""
        return self._model.count_tokens(text)

    async def complete(self, request: Request) -> Completion:
        """See `Model`. Raises `UserError` for any error that is not one of errors.py, and for any other
        answer than a completion."""
        try:
            completion = await self._model.complete(request)
        except SelfInstructError:
            raise
        except Exception as error:
            raise UserError(
                f"The model {self._name!r} raised {type(error).__name__}: {error}.",
                "Where a request may succeed later, raise one of selfinstruct.errors.RequestError.",
            ) from error
        if not isinstance(completion, Completion):
            raise UserError(
                f"The model {self._name!r} returned {completion!r:.80}.",
                "Return a selfinstruct.Completion.",
            )
        return completion

    async def aclose(self) -> None:
        """See `Model`."""
        await self._model.aclose()
