"""Which models can be tuned here: `pocket`, a GGUF file, a Hugging Face model."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from selfinstruct.errors import ConfigError, UnknownModelError
from selfinstruct.models.catalog import parse_spec
from selfinstruct.store.failures import storage_errors
from selfinstruct.training.settings import ModelSettings

__all__ = ["TUNABLE", "tunable"]

TUNABLE = "pocket, gguf/FILE or hf/FOLDER-OR-NAME"

HUB_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)?")
SAMPLE = 2**20
"""Bytes of each end of a file of weights that go into a folder's digest."""


def tunable(spec: str) -> ModelSettings:
    """The model that a SPEC names. A name on the Hub is looked up when it is loaded.

    Raises ConfigError for a provider whose models cannot be tuned here, and for a folder that holds no model;
    UnknownModelError where there is none; what `parse_spec` raises for files.
    """
    provider, _, name = spec.partition("/")
    if provider == "hf" and name:
        return _hugging_face(name)
    if provider in ("pocket", "gguf"):
        model = parse_spec(spec)
        return ModelSettings.model_validate(model.model_dump(include={"provider", "name", "digest"}))
    raise ConfigError(f"{spec!r} cannot be tuned here.", f"Name a model as {TUNABLE}.")


def _hugging_face(name: str) -> ModelSettings:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if folder.is_absolute() or name.startswith((".", "~")) or not HUB_NAME.fullmatch(name):
            raise UnknownModelError(f"There is no folder {name}.", f"Name a model as {TUNABLE}.")
        return ModelSettings(provider="hf", name=name, digest="")
    if (folder / "adapter_config.json").exists():
        raise ConfigError(
            f"{name} holds a LoRA adapter, not a whole model.",
            "Merge it first (`selfinstruct finetune … --merge`), and tune what that gives.",
        )
    if not (folder / "config.json").exists():
        raise ConfigError(f"{name} holds no model: there is no config.json.", f"Name a model as {TUNABLE}.")
    return ModelSettings(provider="hf", name=str(folder.absolute()), digest=_digest(folder))


def _digest(folder: Path) -> str:
    """Of configuration and tokenizer whole; of weights, which may be many gigabytes, their names, their sizes
    and both ends."""
    told = hashlib.sha256()
    with storage_errors(folder):
        for path in sorted(folder.glob("*.json")):
            told.update(path.name.encode() + path.read_bytes())
        for path in sorted((*folder.glob("*.safetensors"), *folder.glob("*.bin"))):
            size = path.stat().st_size
            told.update(f"{path.name} {size}".encode())
            with path.open("rb") as file:
                told.update(file.read(SAMPLE))
                file.seek(max(0, size - SAMPLE))
                told.update(file.read(SAMPLE))
    return told.hexdigest()
