"""What a tuning was asked to do, resolved; what decides its result never changes on resume."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import damaged, storage_errors

__all__ = [
    "FIELDS",
    "DataSettings",
    "ModelSettings",
    "Settings",
    "TuningSettings",
    "check_same",
    "read_settings",
    "validated",
    "write_settings",
]

DIGESTS = ("data.digest", "data")  # of a tuning here, and of a job elsewhere
HEADER = "# What this tuning was asked to do, resolved. Changing it here is refused.\n\n"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DataSettings(_Section):
    """What is learnt."""

    kind: str
    """`run`, or the format of a file's rows."""
    path: str
    """Absolute. The data may move, but not change."""
    tasks: int | None = None
    """Only the first so many; None for all."""
    include_seeds: bool = False
    outputs: str = ""
    """Of a run: whose outputs."""
    min_score: float | None = None
    """Of a run: the least mean score of its instances; None for all."""
    digest: str
    """SHA-256 of the examples."""


class ModelSettings(_Section):
    """What is tuned."""

    provider: Literal["pocket", "gguf", "hf"]
    name: str
    """An absolute path, or a name on the Hugging Face Hub."""
    digest: str
    """SHA-256 of a GGUF file, or of what tells a folder's weights apart; of a name on the Hub its commit."""


class TuningSettings(_Section):
    """How it is tuned. docs/guides/finetuning.md has the defaults that depend on the model."""

    template: Literal["mixture", "chat"] = "mixture"
    lora: bool = False
    lora_rank: Annotated[int, Field(ge=1)] = 16
    epochs: Annotated[float, Field(gt=0)] = 2.0
    learning_rate: Annotated[float, Field(gt=0)]
    batch_size: Annotated[int, Field(ge=1)] = 16
    """Examples that one update learns from."""
    max_length: Annotated[int, Field(ge=8)]
    """Tokens of prompt and completion; longer examples are left out."""
    bf16: bool
    """Matrices are multiplied in bfloat16. Weights and updates are in float32, the frozen ones of LoRA in
    bfloat16."""
    held_out: Annotated[float, Field(ge=0, le=0.5)] = 0.02
    """Share of the examples that is measured on, never learnt from."""
    seed: int = 42


class Settings(_Section):
    """All of it."""

    data: DataSettings
    model: ModelSettings
    tuning: TuningSettings

    def identity(self) -> dict[str, Any]:
        """What decides the result, by dotted name."""
        named = {
            f"{section}.{name}": value
            for section, values in self.model_dump(mode="json").items()
            for name, value in values.items()
        }
        return {name: value for name, value in named.items() if name not in ("data.path", "model.name")}


FIELDS = tuple(TuningSettings.model_fields)


def check_same(before: Mapping[str, Any], now: Mapping[str, Any], out: Path) -> None:
    """Raises RunMismatchError naming the first of the fields in `now` whose value is another one before."""
    for name, value in now.items():
        if name in before and before[name] != value:
            if name in DIGESTS:
                raise RunMismatchError(
                    f"The tuning {out} was begun with other data than there is now.",
                    "Begin another one with `out`. Of a run that has grown, `tasks=N` takes the first N.",
                )
            was, wanted = (json.dumps(each, ensure_ascii=False) for each in (before[name], value))
            raise RunMismatchError(
                f"The tuning {out} was begun with other settings: {name} is {was}, not {wanted}.",
                "Begin another one with `out`, or go on with what it was begun with.",
            )


def read_settings(path: Path) -> Settings:
    """Raises StorageError for a file that is none of ours."""
    with storage_errors(path):
        try:
            return Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (ValidationError, ValueError) as error:
            raise damaged(path, str(error).splitlines()[0]) from error


def write_settings(path: Path, settings: Settings) -> None:
    """Replace the file. Raises what `atomic_write` raises."""
    with atomic_write(path) as file:
        file.write(HEADER + tomli_w.dumps(settings.model_dump(mode="json", exclude_none=True)))


def validated(values: Mapping[str, Any]) -> TuningSettings:
    """Raises ConfigError naming the option that is wrong."""
    try:
        return TuningSettings.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        option = f"`{first['loc'][0]}={first['input']!r}`"
        raise ConfigError(f"{option}: {first['msg'][:1].lower()}{first['msg'][1:]}.") from None
