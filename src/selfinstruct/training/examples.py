"""What there is to learn from: one example an instance, whatever it was read from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from selfinstruct.records import Task
from selfinstruct.store.reader import RunReader

__all__ = ["Conversation", "Data", "Example", "Instructed", "Rendered", "digest_of", "instances_of"]


@dataclass(frozen=True, slots=True)
class Instructed:
    """An instance with its instruction, still to be put into a template.

    key: names the example among all of its data. group: what it shares with the other instances of its task.
    """

    key: str
    group: str
    instruction: str
    input: str
    output: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """turns: (role, text), the last one the assistant's, which is what is learnt."""

    key: str
    group: str
    turns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """Text that is in its template already."""

    key: str
    group: str
    prompt: str
    completion: str


Example = Instructed | Conversation | Rendered


@dataclass(frozen=True, slots=True)
class Data:
    """All examples of one source.

    kind: `run`, or the format of the rows. path: where they were read.
    tasks: machine-written tasks, or None where the rows do not tell tasks apart. seeds: seed tasks among the
        examples.
    run: for what its card says; None for a file.
    """

    kind: str
    path: Path
    examples: tuple[Example, ...]
    tasks: int | None
    seeds: int = 0
    include_seeds: bool = False
    outputs: str = ""
    min_score: float | None = None
    run: RunReader | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the examples in their order."""
        return digest_of(self.examples)


def digest_of(examples: Iterable[Example]) -> str:
    """SHA-256, in hexadecimal."""
    told = hashlib.sha256()
    for example in examples:
        told.update(json.dumps(asdict(example), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
    return told.hexdigest()


def instances_of(task: Task) -> list[Instructed]:
    """An example each."""
    return [
        Instructed(f"{task.id}.{place}", task.id, task.instruction, instance.input, instance.output)
        for place, instance in enumerate(task.instances)
    ]
