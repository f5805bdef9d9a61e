"""What `finetune` is to do, checked as far as that goes without loading a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError
from selfinstruct.store.failures import storage_errors
from selfinstruct.training.checkpoints import latest_checkpoint
from selfinstruct.training.data import is_run, read_data
from selfinstruct.training.examples import Data
from selfinstruct.training.loading import TUNABLE, tunable
from selfinstruct.training.settings import (
    CHECKPOINTS,
    CONFIG,
    RESULT,
    DataSettings,
    ModelSettings,
    Settings,
    check_same,
    read_settings,
    validated,
)

__all__ = ["FinetunePlan", "plan_finetuning"]


@dataclass(frozen=True, slots=True)
class FinetunePlan:
    """named: what the data was read from, as the user named it. source: the data, as the settings have it.
    options: of `TuningSettings`, those that were given. before: the settings that the tuning in `out` was
    started with; None for a new one."""

    data: Data
    named: Path
    source: DataSettings
    model: ModelSettings
    out: Path
    options: Mapping[str, Any]
    before: Settings | None

    @property
    def lora(self) -> bool:
        """Whether an adapter is learned rather than all weights."""
        return bool(self.options.get("lora", self.before is not None and self.before.tuning.lora))


def plan_finetuning(
    data: Path,
    out: Path,
    *,
    model_spec: str | None,
    tasks: int | None = None,
    include_seeds: bool | None = None,
    outputs: str | None = None,
    min_score: float | None = None,
    options: Mapping[str, Any],
) -> FinetunePlan:
    """What is to be done, checked as far as that goes without loading a model. Nothing is written.

    options: of `TuningSettings`; None for those that were not given. What is not given comes from an earlier
    invocation, or is what suits the model.

    Raises ConfigError for what cannot be done, RunMismatchError for what was begun otherwise, and what
    `read_data` and `tunable` raise.
    """
    before = _begun(out)
    if before is not None:
        tasks = before.data.tasks if tasks is None else tasks
        if is_run(data) and before.data.kind == "run":
            include_seeds = before.data.include_seeds if include_seeds is None else include_seeds
            outputs = before.data.outputs if outputs is None else outputs
            min_score = before.data.min_score if min_score is None else min_score
    if model_spec is None and before is None:
        raise ConfigError("Which model should be fine-tuned?", f"Name it: `model={TUNABLE}`")
    read = read_data(data, tasks=tasks, include_seeds=include_seeds, outputs=outputs, min_score=min_score)
    model = before.model if model_spec is None and before is not None else tunable(model_spec or "")
    given = {name: value for name, value in options.items() if value is not None}
    if given.get("template") == "auto":
        del given["template"]
    lora = given.get("lora", before.tuning.lora if before is not None else False)
    if "lora_rank" in given and not lora:
        raise ConfigError("`lora_rank` applies to an adapter, but all weights are trained.", "Add `lora`.")
    source = DataSettings(
        kind=read.kind,
        path=str(read.path.absolute()),
        tasks=tasks,
        include_seeds=read.include_seeds,
        outputs=read.outputs,
        min_score=read.min_score,
        digest=read.digest,
    )
    if before is not None:
        if source.digest == before.data.digest:  # the same of a run that has grown since, by `tasks`
            source = source.model_copy(update={"tasks": before.data.tasks})
        now = Settings(data=source, model=model, tuning=before.tuning).identity()
        check_same(before.identity(), now | {f"tuning.{name}": value for name, value in given.items()}, out)
    else:
        # Placeholders for what depends on the model: what was given is checked before anything is loaded.
        validated({"learning_rate": 1.0, "max_length": 512, "bf16": False, **given})
    return FinetunePlan(read, data, source, model, out, given, before)


def _begun(out: Path) -> Settings | None:
    """The settings of the tuning in this folder; None where a new one can begin. One that never came to a
    checkpoint may be asked for something else.

    Raises ConfigError where the folder is somebody else's.
    """
    hint = "Name a new or empty folder, or that of an earlier tuning."
    with storage_errors(out):
        if out.exists() and not out.is_dir():
            raise ConfigError(f"{out} is a file, not a folder.", hint)
        if not out.exists() or not any(out.iterdir()):
            return None
        if not (out / CONFIG).exists():
            if all(path.name in (".lock", CHECKPOINTS) for path in out.iterdir()):
                return None
            raise ConfigError(f"{out} holds files, but no tuning.", hint)
    settings = read_settings(out / CONFIG)
    begun = latest_checkpoint(out / CHECKPOINTS) is not None or (out / RESULT).exists()
    return settings if begun else None
