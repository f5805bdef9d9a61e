"""Which models can be tuned here: `pocket`, a GGUF file, a Hugging Face model."""

from __future__ import annotations

from selfinstruct.errors import ConfigError
from selfinstruct.models.catalog import can_be_tuned, parse_spec
from selfinstruct.models.huggingface.checkpoint import find_checkpoint
from selfinstruct.training.settings import ModelSettings

__all__ = ["TUNABLE", "spec_of", "tunable"]

TUNABLE = "pocket, gguf/FILE or hf/FOLDER-OR-NAME"


def tunable(spec: str) -> ModelSettings:
    """The model that a SPEC names.

    Raises ConfigError for one that cannot be tuned here, and what `parse_spec` raises.
    """
    if not can_be_tuned(spec):
        raise ConfigError(
            f"{spec!r} cannot be tuned here.",
            f'Name a model as {TUNABLE}; one of OpenAI with `provider="openai"`.',
        )
    model = parse_spec(spec)
    if model.provider == "hf" and find_checkpoint(model.name, model.digest).base is not None:
        raise ConfigError(
            f"{model.name} holds a LoRA adapter, not a whole model.",
            "Merge it first (`selfinstruct finetune … --merge`), and tune what that gives.",
        )
    return ModelSettings.model_validate(model.model_dump(include={"provider", "name", "digest"}))


def spec_of(model: ModelSettings) -> str:
    """The inverse of `tunable`."""
    return "pocket" if model.provider == "pocket" else f"{model.provider}/{model.name}"
