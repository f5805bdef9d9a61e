"""What is known of a job at OpenAI, as kept in the folder of a tuning, and the rows that it learns from.

Written anew before and after every call that leaves something behind at the endpoint, so that whatever stops
the program, the next invocation knows what may be there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import damaged, storage_errors
from selfinstruct.training.examples import Conversation, Example, Instructed, Rendered

__all__ = [
    "EVENTS",
    "JOB",
    "ROWS",
    "JobRecord",
    "JobSettings",
    "UploadedRows",
    "read_record",
    "rows_of",
    "write_record",
]

JOB, ROWS, EVENTS = "job.json", "training.jsonl", "events.jsonl"
ENDED = ("succeeded", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class JobSettings:
    """What decides the result. None and empty: the endpoint's own choice.

    data: SHA-256 of the rows. base_url: of another server than OpenAI's. learning_rate_multiplier: times what
    the endpoint takes by itself.
    """

    data: str
    model: str
    base_url: str = ""
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate_multiplier: float | None = None
    seed: int | None = None
    suffix: str = ""

    def fields(self, training_file: str) -> dict[str, Any]:
        """Of the request that creates the job."""
        wanted = {
            "n_epochs": self.epochs,
            "batch_size": self.batch_size,
            "learning_rate_multiplier": self.learning_rate_multiplier,
        }
        chosen = {name: value for name, value in wanted.items() if value is not None}
        method = {"type": "supervised", "supervised": {"hyperparameters": chosen}}
        return {
            "model": self.model,
            "training_file": training_file,
            **({"method": method} if chosen else {}),
            **({} if self.seed is None else {"seed": self.seed}),
            **({"suffix": self.suffix} if self.suffix else {}),
        }


@dataclass(frozen=True, slots=True)
class JobRecord:
    """How far it is.

    file_name: what the rows are called there, like nothing else. uploading: whether they may be there without
        our knowing their id. file_id: their id there; empty before.
    creating: when the job was asked for, in seconds since 1970, while it may exist without our knowing its
        id; None otherwise. job_id: empty before. status: as the endpoint has it.
    """

    settings: JobSettings
    examples: int
    left_out: Mapping[str, int]
    file_name: str
    uploading: bool = False
    file_id: str = ""
    creating: float | None = None
    job_id: str = ""
    status: str = ""
    tuned_model: str = ""
    trained_tokens: int | None = None
    error: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ENDED

    def to_json(self) -> dict[str, Any]:
        """One object."""
        return asdict(self)


def read_record(folder: Path) -> JobRecord | None:
    """None where there is none. Raises StorageError for a damaged file."""
    path = folder / JOB
    if not path.exists():
        return None
    with storage_errors(path):
        value = json.loads(path.read_text(encoding="utf-8"))
        try:
            return JobRecord(**{**value, "settings": JobSettings(**value["settings"])})
        except (KeyError, TypeError) as error:
            raise damaged(path, f"it is not the record of a job ({error})") from error


def write_record(folder: Path, record: JobRecord) -> JobRecord:
    """Replace the file; the record itself. Raises what `atomic_write` raises."""
    with atomic_write(folder / JOB) as file:
        file.write(json.dumps(record.to_json(), indent=1, ensure_ascii=False) + "\n")
    return record


@dataclass(frozen=True, slots=True)
class UploadedRows:
    """lines: of a JSONL file, `{"messages": […]}` each. left_out: numbers of examples without a line, by
    reason."""

    lines: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256("".join(self.lines).encode()).hexdigest()


def rows_of(examples: Iterable[Example]) -> UploadedRows:
    """As chats. Left out are examples that are in a template already (`rendered`), have nothing to learn in
    them (`empty`), or came before (`duplicate`)."""
    lines: dict[str, None] = {}
    left_out: dict[str, int] = {}
    for example in examples:
        reason, line = _line(example)
        if not reason and line in lines:
            reason = "duplicate"
        if reason:
            left_out[reason] = left_out.get(reason, 0) + 1
        else:
            lines[line] = None
    return UploadedRows(tuple(lines), left_out)


def _line(example: Example) -> tuple[str, str]:
    """The reason why there is none, or the line."""
    match example:
        case Rendered():
            return "rendered", ""
        case Conversation():
            turns = example.turns
        case Instructed():
            asked = f"{example.instruction}\n\n{example.input}" if example.input else example.instruction
            turns = (("user", asked), ("assistant", example.output))
    if not turns[-1][1].strip():
        return "empty", ""
    messages = [{"role": role, "content": text} for role, text in turns]
    text = json.dumps({"messages": messages}, ensure_ascii=False)
    return "", text.encode("utf-8", "replace").decode() + "\n"
