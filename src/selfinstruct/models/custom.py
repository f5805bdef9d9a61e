"""A model of the user's own: an object that completes requests (`base.Model`), passed in Python.

What it does wrong ends in one message that names it. A run keeps its name, version and settings, and not the
object: resuming takes it again.
"""

from __future__ import annotations

from selfinstruct.config import CustomConfig, ModelConfig
from selfinstruct.errors import ConfigError, SelfInstructError, UserError
from selfinstruct.models.base import Api, Model
from selfinstruct.records import Completion, Request

__all__ = ["CUSTOM", "CustomModel", "api_of", "custom_model_config", "described"]

CUSTOM = "custom"
"""The provider of such a model."""

_NEEDED = ("default_concurrency", "context_window", "count_tokens", "complete", "aclose")


def described(given: object, what: str) -> CustomConfig:
    """What tells an object from others: its attributes `name` (its class's, where it has none), `version` and
    `settings`. what: `model` or `recipe`.

    Raises `ConfigError` where they cannot be kept.
    """
    name = getattr(given, "name", None) or type(given).__name__
    version, settings = getattr(given, "version", ""), getattr(given, "settings", {})
    try:
        return CustomConfig(
            name=name, version=str(version), settings=dict(settings), flaws=tuple(getattr(given, "flaws", ()))
        )
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"The {what} {type(given).__name__} does not say what it is: {error}.",
            "Its attributes 'name' and 'version' should be texts, 'settings' a mapping that JSON can hold.",
        ) from None


def custom_model_config(given: object, context_window: int | None) -> ModelConfig:
    """The config section of such a model. Raises `ConfigError` for an object that is none."""
    missing = [name for name in _NEEDED if not hasattr(given, name)]
    if isinstance(given, type) or missing:
        what = f"a class, {given.__name__}" if isinstance(given, type) else repr(given)
        lacks = f" It lacks {', '.join(missing)}." if missing and not isinstance(given, type) else ""
        raise ConfigError(
            f"`model` is {what}, and not a model.{lacks}",
            "Pass PROVIDER/NAME as `selfinstruct models` lists them, or an object as selfinstruct.Model"
            " describes.",
        )
    about = described(given, "model")
    window = context_window or getattr(given, "context_window", None)
    return ModelConfig(provider=CUSTOM, name=about.name, context_window=window, custom=about)


def api_of(given: object) -> Api:
    """The call that an object wants its requests made for: its attribute `api`, else chat."""
    return "completions" if getattr(given, "api", "chat") == "completions" else "chat"


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
