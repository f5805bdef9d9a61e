"""What a tuning came to, in numbers; kept as result.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import damaged, storage_errors
from selfinstruct.training.curve import Curve

__all__ = ["DataCounts", "Losses", "Result", "TuningResult", "read_result", "result_losses", "write_result"]


@dataclass(frozen=True, slots=True)
class DataCounts:
    """examples: as read. learnt, held_out: those that are used. left_out: the others' numbers, by reason,
    duplicates apart. tasks: None where the rows do not tell tasks apart."""

    tasks: int | None
    seeds: int
    examples: int
    learnt: int
    held_out: int
    duplicates: int
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Losses:
    """Nats a token. first, last: mean of the first and the last tenth of the updates. held_out_before,
    held_out_after: on examples that are not learnt from; None where there are none."""

    first: float
    last: float
    held_out_before: float | None
    held_out_after: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """steps: updates. tokens: learnt from, prompts included. seconds: of all invocations."""

    data: DataCounts
    parameters: int
    steps: int
    tokens: int
    seconds: float
    losses: Losses
    hardware: str
    software: str


@dataclass(frozen=True, slots=True)
class TuningResult:
    """Of one invocation. result: None where it was interrupted. files: what is there, by name."""

    out: Path
    model: str
    stopped: Literal["done", "interrupted"]
    steps: int
    result: Result | None
    settings: Mapping[str, Any]
    files: Mapping[str, Path]

    def to_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "out": str(self.out),
            "model": self.model,
            "stopped": self.stopped,
            "steps": self.steps,
            **({} if self.result is None else asdict(self.result)),
            "settings": dict(self.settings),
            "files": {name: str(path) for name, path in self.files.items()},
        }


def result_losses(curve: Curve) -> Losses:
    """Of a curve with at least one update."""
    learnt = [value for _, value in curve.losses("loss")]
    held_out = [value for _, value in curve.losses("held_out_loss")]
    tenth = max(1, len(learnt) // 10)
    return Losses(
        first=sum(learnt[:tenth]) / tenth,
        last=sum(learnt[-tenth:]) / tenth,
        held_out_before=held_out[0] if held_out else None,
        held_out_after=held_out[-1] if held_out else None,
    )


def write_result(path: Path, result: Result) -> None:
    """Replace the file. Raises what `atomic_write` raises."""
    with atomic_write(path) as file:
        file.write(json.dumps(asdict(result), indent=1, ensure_ascii=False) + "\n")


def read_result(path: Path) -> Result | None:
    """None where there is none yet. Raises StorageError for a damaged file."""
    if not path.exists():
        return None
    with storage_errors(path):
        values = json.loads(path.read_text(encoding="utf-8"))
        try:
            return Result(
                **{**values, "data": DataCounts(**values["data"]), "losses": Losses(**values["losses"])}
            )
        except (KeyError, TypeError) as error:
            raise damaged(path, f"it is not the result of a tuning ({error})") from error
