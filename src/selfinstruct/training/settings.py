"""What a tuning was asked to do, resolved: its settings, the defaults for a model's size, and the names of
the files in its folder (`training/__init__.py` draws it). What decides the result never changes on resume.

Small models need far larger learning rates than large ones. `2e-5 × √(7 billion / parameters)` gives 2e-5
for seven billion parameters, 5e-5 for one, and 5e-4 for ten million. The first bundled model, which had that
many, learnt some 250 examples best at 3e-4 and 6e-4 (held-out losses of 2.25 and 2.26 nats per token, 3.99
before), less well at 1e-3 (2.42), and overfitted at 3e-3 (3.47). LoRA takes ten times the rate, at most 2e-3.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import ConfigDict, Field, ValidationError

from selfinstruct.config.checks import Typed
from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import damaged, storage_errors

__all__ = [
    "ADAPTER",
    "CARD",
    "CHECKPOINTS",
    "CONFIG",
    "FIELDS",
    "GGUF",
    "LOSSES",
    "LOSSES_DRAWN",
    "MODEL",
    "RESULT",
    "DataSettings",
    "ModelSettings",
    "Settings",
    "TuningSettings",
    "check_same",
    "read_settings",
    "suiting_learning_rate",
    "suiting_max_length",
    "suiting_micro_batch",
    "validated",
    "wants_recomputing",
    "write_settings",
]

CONFIG, RESULT, CARD = "tuning.toml", "result.json", "README.md"
CHECKPOINTS, MODEL, ADAPTER, GGUF = "checkpoints", "model", "adapter", "model.gguf"
LOSSES, LOSSES_DRAWN = "losses.jsonl", "losses.svg"


BILLION = 1_000_000_000


def suiting_learning_rate(parameters: int, *, lora: bool) -> float:
    """At its peak, at most 1e-3 without LoRA; rounded to two digits."""
    rate = 2e-5 * math.sqrt(7 * BILLION / max(1, parameters))
    return float(f"{min(rate * 10, 2e-3) if lora else min(rate, 1e-3):.1e}")


def suiting_max_length(parameters: int, context: int) -> int:
    """Tokens: 512 for models below 100 million parameters, 1024 for larger ones, and never more than the
    model's context."""
    return min(context, 512 if parameters < BILLION // 10 else 1024)


def suiting_micro_batch(parameters: int, batch: int, device: str) -> int:
    """Examples computed at a time: a divisor of `batch`. Changes memory and speed, not what is learnt."""
    wanted = 4 if device == "cpu" or parameters >= BILLION else 16
    return max(size for size in range(1, min(wanted, batch) + 1) if batch % size == 0)


def wants_recomputing(parameters: int) -> bool:
    """Whether activations are computed again for the backward pass rather than kept: a fifth slower, and far
    less memory."""
    return parameters >= BILLION


DIGESTS = ("data.digest", "data")  # of a tuning here, and of a job elsewhere
HEADER = "# What this tuning was asked to do, resolved. Changing it here is refused.\n\n"


class _Section(Typed):
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
                    f"The tuning {out} was started with different data.",
                    "Start a new one with another `out`. If the run has grown, `tasks=N` uses the first "
                    "N tasks.",
                )
            was, wanted = (json.dumps(each, ensure_ascii=False) for each in (before[name], value))
            raise RunMismatchError(
                f"The tuning {out} was started with other settings: {name} is {was}, not {wanted}.",
                "Start a new one with another `out`, or resume with the same settings.",
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
