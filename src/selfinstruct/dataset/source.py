"""What an export is made of: the run's data set, or it and the seed tasks, in one of the formats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from selfinstruct.dataset.attributes import AskedAttributes, asked_attributes
from selfinstruct.dataset.formats import Columns, ExportedRow, Rendering, TaskFormat
from selfinstruct.dataset.pairs import find_pairs
from selfinstruct.dataset.preference import pair_columns, pair_rows
from selfinstruct.dataset.reviewed import PlacedTask, ReviewPolicy
from selfinstruct.dataset.scored import Extras, check_min_score, chosen_by_score, needed_scores
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
    min_score: leave out instances whose mean score over judges is lower, or that have none; None for all.
        Seed tasks, which people wrote, stay.
    with_scores: put judges' scores beside the rows. with_ids: put ids beside them.
    conversational: preference pairs as messages.
    with_attributes: put what each task was asked to be beside its rows.
    """

    reader: RunReader
    format: TaskFormat
    include_seeds: bool = False
    system: str = ""
    outputs: str = ORIGINAL
    reviews: ReviewPolicy = "apply"
    min_score: float | None = None
    with_scores: bool = False
    with_ids: bool = False
    conversational: bool = False
    with_attributes: bool = False

    def __post_init__(self) -> None:
        """Raises ConfigError for an option that has no place in this format."""
        check_min_score(self.min_score)
        if self.conversational and not self.format.pairs:
            raise ConfigError("`conversational` belongs to preference pairs.", "Leave it out, or use chat.")
        if self.system and not (self.format.takes_system or self.conversational):
            raise ConfigError(
                "This format has no place for `system`.", "Leave it out, or use chat, openai or sharegpt."
            )
        if self.format.pairs and self.include_seeds:
            raise ConfigError("Seed tasks have one output, and no pairs.", "Leave out `include_seeds`.")

    @property
    def columns(self) -> Columns:
        """Of the rows."""
        if self.format.pairs:
            return self.asked.columns(pair_columns(self.extras, conversational=self.conversational))
        return self.asked.columns(self.extras.columns(self.format.columns))

    @property
    def asked(self) -> AskedAttributes:
        """Raises ConfigError where attributes are wanted and the run has none."""
        return asked_attributes(self.reader) if self.with_attributes else AskedAttributes()

    @property
    def extras(self) -> Extras:
        """Raises ConfigError where scores are wanted and there are none."""
        scores = needed_scores(self.reader, "`with_scores`") if self.with_scores else None
        return Extras(ids=self.with_ids, scores=scores)

    def tasks(self) -> Iterator[Task]:
        """Seeds first, then tasks as they were admitted."""
        return (task for task, _ in self.placed_tasks())

    def placed_tasks(self) -> Iterator[PlacedTask]:
        """The same, with where each instance stands in the task as it was generated."""
        if self.include_seeds:
            for task in usable_seeds(self.reader.seeds()):
                yield task, tuple(range(len(task.instances)))
        yield from chosen_by_score(self.reader, self.outputs, self.reviews, self.min_score)

    def rows(self) -> Iterator[tuple[Task, Iterator[ExportedRow]]]:
        """Each task with its rows."""
        extras, asked = self.extras, self.asked
        rendering = Rendering(
            seed=self.reader.config().seed, system=self.system, conversational=self.conversational
        )
        if self.format.pairs:
            found = find_pairs(self.reader, self.reviews, self.min_score)
            for task, pairs in found:
                yield task, asked.rows(task, pair_rows(task, pairs, rendering, extras))
            return
        for task, places in self.placed_tasks():
            yield task, asked.rows(task, extras.rows(task, places, self.format.rows(task, rendering)))


def usable_seeds(seeds: tuple[SeedTask, ...]) -> Iterator[Task]:
    """Seed tasks that have an instance with an output, as tasks; from the others there is nothing to
    learn. Their ids begin with `seed_task_`, put before those of a user's own where they do not."""
    for seed in seeds:
        instances = tuple(instance for instance in seed.instances if instance.output.strip())
        if instances:
            name = seed.id if seed.id.startswith(SEED_PREFIX) else SEED_PREFIX + seed.id
            yield Task(name, seed.instruction, seed.is_classification, instances)
