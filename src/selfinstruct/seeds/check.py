"""Everything there is to say about a seeds file: what is wrong, what is near to what, what could be better.

What the filters would say of a seed is the caller's to tell: this room is below them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from selfinstruct.config import FilterConfig
from selfinstruct.records import SeedTask, Verdict
from selfinstruct.seeds.balance import Advice, SeedStatistics, balance_advice, measure
from selfinstruct.seeds.duplicates import near_pairs
from selfinstruct.seeds.load import SeedsFile, open_seeds

__all__ = ["NearSeeds", "SeedsReport", "check_seeds"]

_QUOTED = ("keyword", "prefix", "punctuation")  # reasons whose detail is a piece of the instruction
_GENERATED_ID = re.compile(r"task_\d+|\d+\.\d+")


@dataclass(frozen=True, slots=True)
class NearSeeds:
    """A seed that nearly repeats an earlier one, both by line and id. `score` is their ROUGE-L F1."""

    line: int
    id: str
    instruction: str
    earlier_line: int
    earlier_id: str
    earlier_instruction: str
    score: float


@dataclass(frozen=True, slots=True)
class SeedsReport:
    """`duplicates`, `advice` and `statistics` are about the readable seeds, whatever else is wrong."""

    file: SeedsFile
    duplicates: tuple[NearSeeds, ...]
    advice: tuple[Advice, ...]
    statistics: SeedStatistics

    @property
    def usable(self) -> bool:
        """Whether `generate` would take the file: no problem; advice does not count."""
        return not self.file.problems

    def to_json(self) -> dict[str, Any]:
        """As `seeds check --json` prints it."""
        return {
            "file": str(self.file.path),
            "format": self.file.format,
            "usable": self.usable,
            "problems": [asdict(problem) for problem in self.file.problems],
            "duplicates": [asdict(near) for near in self.duplicates],
            "advice": [asdict(advice) for advice in self.advice],
            "notes": list(self.file.notes),
            "statistics": asdict(self.statistics),
        }


def check_seeds(
    path: Path, judge: Callable[[str], Verdict], progress: Callable[[int], None] | None = None
) -> SeedsReport:
    """Read a file and look at all that is readable in it.

    judge: what the filters say of an instruction that a model wrote.
    progress: called now and then with the number of seeds compared with those before them.
    Raises `SeedsError` where the file cannot be opened.
    """
    file = open_seeds(path)
    statistics = measure(file.tasks)
    advice = (
        *balance_advice(statistics),
        *(each for line, task in zip(file.lines, file.tasks, strict=True) for each in _about(task, line)),
        *_rejections(file, judge),
    )
    return SeedsReport(file, _near(file, progress), advice if file.tasks else (), statistics)


def _near(file: SeedsFile, progress: Callable[[int], None] | None) -> tuple[NearSeeds, ...]:
    tasks, lines = file.tasks, file.lines
    pairs = near_pairs([task.instruction for task in tasks], FilterConfig().max_similarity, progress)
    return tuple(
        NearSeeds(
            lines[pair.later], tasks[pair.later].id, tasks[pair.later].instruction,
            lines[pair.earlier], tasks[pair.earlier].id, tasks[pair.earlier].instruction,
            pair.score,
        )
        for pair in pairs
    )  # fmt: skip


def _about(task: SeedTask, line: int) -> Iterator[Advice]:
    if any(not instance.output.strip() for instance in task.instances):
        yield Advice(
            "no_output", line, "an instance without an output",
            "Add the output if you want to export the seeds with the data; generation does not need it.",
        )  # fmt: skip
    if _GENERATED_ID.fullmatch(task.id):
        yield Advice(
            "id", line, f"id {task.id!r} looks like the id of a generated task",
            "Give it another, such as seed_1, so that `explain` can find it.",
        )  # fmt: skip


def _rejections(file: SeedsFile, judge: Callable[[str], Verdict]) -> Iterator[Advice]:
    for line, task in zip(file.lines, file.tasks, strict=True):
        verdict = judge(task.instruction)
        if verdict.reason is not None:
            detail = f" {verdict.detail!r}" if verdict.reason in _QUOTED else f" ({verdict.detail})"
            yield Advice(
                "rejected", line,
                f"would be rejected if a model wrote it: {verdict.reason}{detail if verdict.detail else ''}",
                "Seeds are used as they are, but the model imitates them, and its instructions would be "
                "rejected. "
                "Reword them, or change [filters] in a config file.",
            )  # fmt: skip
