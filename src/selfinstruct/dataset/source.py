"""What an export is made of: the run's data set, or it and the seed tasks, in one of the formats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from selfinstruct.dataset.formats import ExportedRow, Rendering, TaskFormat
from selfinstruct.dataset.reviewed import ReviewPolicy, reviewed_tasks
from selfinstruct.errors import ConfigError
from selfinstruct.records import SeedTask, Task
from selfinstruct.store.improved import ORIGINAL
from selfinstruct.store.reader import RunReader

__all__ = ["Source", "usable_seeds"]

SEED_PREFIX = "seed_task_"


@dataclass(frozen=True, slots=True)
class Source:
    """include_seeds: seed tasks that have instances come first, as in the pool.

    system: what conversations begin with; empty for nothing.
    outputs: the run's own, or those that `improve` wrote under this name.
    reviews: whether people's edits and rejections apply.
    """

    reader: RunReader
    format: TaskFormat
    include_seeds: bool = False
    system: str = ""
    outputs: str = ORIGINAL
    reviews: ReviewPolicy = "apply"

    def __post_init__(self) -> None:
        """Raises ConfigError for a system message in a format without a place for it."""
        if self.system and not self.format.takes_system:
            raise ConfigError(
                "This format has no place for `system`.", "Leave it out, or use chat, openai or sharegpt."
            )

    def tasks(self) -> Iterator[Task]:
        """Seeds first, then tasks as they were admitted."""
        if self.include_seeds:
            yield from usable_seeds(self.reader.seeds())
        yield from reviewed_tasks(self.reader, self.outputs, self.reviews)

    def rows(self) -> Iterator[tuple[Task, Iterator[ExportedRow]]]:
        """Each task with its rows."""
        rendering = Rendering(seed=self.reader.config().seed, system=self.system)
        for task in self.tasks():
            yield task, self.format.rows(task, rendering)


def usable_seeds(seeds: tuple[SeedTask, ...]) -> Iterator[Task]:
    """Seed tasks that have an instance with an output, as tasks; from the others there is nothing to
    learn. Their ids begin with `seed_task_`, put before those of a user's own where they do not."""
    for seed in seeds:
        instances = tuple(instance for instance in seed.instances if instance.output.strip())
        if instances:
            name = seed.id if seed.id.startswith(SEED_PREFIX) else SEED_PREFIX + seed.id
            yield Task(name, seed.instruction, seed.is_classification, instances)
