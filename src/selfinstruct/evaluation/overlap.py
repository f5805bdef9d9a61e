"""How much of an evaluation set is in seed tasks or generated data (the paper's leakage check, section 4).

Two measures. Instructions: the largest ROUGE-L F1 of each with all of theirs. Against its 175 seeds the
paper's means are 0.34 for the user-oriented tasks, as here, and 0.21 for SuperNI's, whose definitions come to
0.26 here; which text it took is not said. Text: runs of 13 words (`text.ngrams`) of an item's instruction,
input or references that occur in a task's instruction, inputs or outputs.

Items that share an instruction, as those of a SuperNI task do, count once in the first measure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.records import SeedTask, Task
from selfinstruct.text.ngrams import RunIndex

__all__ = ["Nearest", "Overlap", "SharedText", "measure_overlap"]

SIMILAR = 0.7  # above it generation itself calls two instructions the same
BINS = 10
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Nearest:
    """The task nearest to an instruction, and the ROUGE-L F1 of the two, 0 to 1. `item` is the first that
    has the instruction."""

    item: str
    instruction: str
    task: str
    task_instruction: str
    score: float


@dataclass(frozen=True, slots=True)
class SharedText:
    """The first run of words of an item that a task has. Fields are `instruction`, `input`, `output`, and
    `reference` of items."""

    item: str
    item_field: str
    task: str
    task_field: str
    words: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """Of an evaluation set with some tasks.

    name: of the tasks, `seeds` say; tasks: how many they are. items: of the set.
    nearest: of each distinct instruction, in their order; none where there are no tasks.
    shared: of each item with such a run the first one, in the items' order.
    """

    name: str
    tasks: int
    items: int
    nearest: tuple[Nearest, ...]
    shared: tuple[SharedText, ...]

    @property
    def mean(self) -> float | None:
        """Of the largest scores; None where there are no tasks."""
        return sum(near.score for near in self.nearest) / len(self.nearest) if self.nearest else None

    @property
    def similar(self) -> int:
        """Instructions that generation would have called the same as a task's: above 0.7."""
        return sum(near.score > SIMILAR for near in self.nearest)

    def histogram(self) -> list[int]:
        """Instructions by their largest score: from 0 to below 0.1, …, from 0.9 to 1."""
        counts = [0] * BINS
        for near in self.nearest:
            counts[min(int(near.score * BINS), BINS - 1)] += 1
        return counts

    def nearest_pairs(self, count: int = EXAMPLES) -> list[Nearest]:
        """The highest scores, the highest first."""
        return sorted(self.nearest, key=lambda near: -near.score)[:count]

    def to_json(self) -> dict[str, Any]:
        """One object, with the nearest pairs and some of the shared text."""
        return {
            "name": self.name,
            "tasks": self.tasks,
            "items": self.items,
            "instructions": len(self.nearest),
            "rouge_l": {
                "mean": self.mean,
                "histogram": self.histogram(),
                "similar": self.similar,
                "nearest": [asdict(near) for near in self.nearest_pairs()],
            },
            "shared_text": {
                "items": len(self.shared),
                "examples": [asdict(shared) for shared in self.shared[:EXAMPLES]],
            },
        }


def measure_overlap(items: Sequence[EvaluationItem], tasks: Sequence[SeedTask | Task], name: str) -> Overlap:
    """Of a whole evaluation set with the seeds or the generated data of a run. 250 instructions against
    50,000 tasks take seconds."""
    return Overlap(name, len(tasks), len(items), _nearest(items, tasks), _shared(items, tasks))


def _nearest(items: Sequence[EvaluationItem], tasks: Sequence[SeedTask | Task]) -> tuple[Nearest, ...]:
    if not tasks:
        return ()
    index = NoveltyIndex(max_similarity=SIMILAR, neighbours=1, ascii_tokens=False)
    for task in tasks:
        index.add(task.instruction)
    first_items: dict[str, str] = {}
    for item in items:
        first_items.setdefault(item.instruction, item.id)
    found = []
    for (instruction, first), (near,) in zip(first_items.items(), index.look_up(first_items), strict=True):
        task = tasks[near.index]
        found.append(Nearest(first, instruction, task.id, task.instruction, near.score))
    return tuple(found)


def _shared(items: Sequence[EvaluationItem], tasks: Sequence[SeedTask | Task]) -> tuple[SharedText, ...]:
    owners: dict[str, list[tuple[int, str]]] = {}
    for number, item in enumerate(items):
        for field, text in item.texts():
            owners.setdefault(text, []).append((number, field))
    texts = list(owners)
    places = [(task.id, field, text) for task in tasks for field, text in _fields(task)]
    found: dict[int, SharedText] = {}
    for run in RunIndex(texts).find(text for _, _, text in places):
        task, task_field, _ = places[run.text]
        for reference in run.references:
            for number, field in owners[texts[reference]]:
                shared = SharedText(items[number].id, field, task, task_field, run.words)
                found.setdefault(number, shared)
    return tuple(found[number] for number in sorted(found))


def _fields(task: SeedTask | Task) -> Iterator[tuple[str, str]]:
    yield "instruction", task.instruction
    for instance in task.instances:
        yield "input", instance.input
        yield "output", instance.output
