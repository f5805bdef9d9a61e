"""The data set as people have reviewed it: what they rejected left out, what they edited as they wrote it.

The run itself is never changed; `ignore` gives what the model wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from selfinstruct.errors import ConfigError
from selfinstruct.ratings.decisions import Decision, Reviews, read_reviews
from selfinstruct.ratings.questions import EDIT, REJECT
from selfinstruct.records import Instance, Task
from selfinstruct.store.improved import ORIGINAL, chosen_tasks
from selfinstruct.store.reader import RunReader

__all__ = [
    "PlacedTask",
    "ReviewEffect",
    "ReviewPolicy",
    "no_tasks",
    "review_effect",
    "reviewed_places",
    "reviewed_tasks",
]

PlacedTask = tuple[Task, tuple[int, ...]]
"""A task, and the place that each of its instances has in the task as it was generated."""

ReviewPolicy = Literal["apply", "ignore", "only"]
"""apply: leave out and edit as reviewers decided. only: and leave out what nobody has reviewed. ignore:
neither."""


@dataclass(frozen=True, slots=True)
class ReviewEffect:
    """What reviews change in a data set. All but `tasks` count instances.

    reviewed: somebody rated them. edited: of those that stay. tasks: rejected as a whole, or with all their
    instances. rejected: of tasks that stay. unreviewed: left out since nobody rated them.
    """

    reviewed: int = 0
    edited: int = 0
    tasks: int = 0
    rejected: int = 0
    unreviewed: int = 0

    def __add__(self, other: ReviewEffect) -> ReviewEffect:
        return ReviewEffect(
            self.reviewed + other.reviewed,
            self.edited + other.edited,
            self.tasks + other.tasks,
            self.rejected + other.rejected,
            self.unreviewed + other.unreviewed,
        )

    def sentence(self) -> str:
        """For people; empty where nothing is changed."""
        changes = {
            "instances edited": self.edited,
            "tasks left out as rejected": self.tasks,
            "instances of other tasks left out as rejected": self.rejected,
            "instances left out as not reviewed": self.unreviewed,
        }
        return ", ".join(f"{name}: {count:,}" for name, count in changes.items() if count)


def reviewed_tasks(
    reader: RunReader, outputs: str = ORIGINAL, reviews: ReviewPolicy = "apply"
) -> Iterator[Task]:
    """The data set with the outputs of that name.

    Raises, before the first task, what `chosen_tasks` and `read_reviews` raise, and ConfigError where only
    what was reviewed is wanted and nothing was.
    """
    return (task for task, _ in reviewed_places(reader, outputs, reviews))


def reviewed_places(
    reader: RunReader, outputs: str = ORIGINAL, reviews: ReviewPolicy = "apply"
) -> Iterator[PlacedTask]:
    """The same, with where each instance stands in the task as it was generated. Raises the same."""
    tasks = chosen_tasks(reader, outputs)
    decided = None if reviews == "ignore" else read_reviews(reader.directory, outputs)
    if not decided:
        if reviews == "only":
            raise ConfigError(
                f"Nobody has reviewed {reader.directory} yet.",
                f"Start with: selfinstruct review {reader.directory}",
            )
        return ((task, tuple(range(len(task.instances)))) for task in tasks)
    reviewed = (_review(task, decided, only=reviews == "only")[0] for task in tasks)
    return (placed for placed in reviewed if placed is not None)


def review_effect(
    reader: RunReader, outputs: str = ORIGINAL, reviews: ReviewPolicy = "apply"
) -> ReviewEffect:
    """What `reviewed_tasks` changes; of `ignore` only how much was reviewed. Goes through the data set once
    where there are reviews."""
    decided = read_reviews(reader.directory, outputs)
    if not decided:
        return ReviewEffect()
    total = ReviewEffect()
    for task in chosen_tasks(reader, outputs):
        total += _review(task, decided, only=reviews == "only")[1]
    return ReviewEffect(reviewed=total.reviewed) if reviews == "ignore" else total


def no_tasks(reader: RunReader, outputs: str = ORIGINAL, reviews: ReviewPolicy = "apply") -> ConfigError:
    """Why `reviewed_tasks` gives none: the run has none yet, or its review left none."""
    changed = review_effect(reader, outputs, reviews).sentence()
    if not changed:
        return ConfigError(f"{reader.directory} has no tasks yet.", "Resume it with `selfinstruct generate`.")
    return ConfigError(
        f"The review of {reader.directory} leaves no task ({changed}).",
        "Ignore the reviews to export what the model wrote.",
    )


def _review(task: Task, reviews: Reviews, *, only: bool) -> tuple[PlacedTask | None, ReviewEffect]:
    """The task as it is to be, None for out, and what was done to it."""
    decisions = reviews.of(task)
    reviewed = sum(decision is not None for decision in decisions)
    if reviews.rejects_task(task):
        return None, ReviewEffect(reviewed=reviewed, tasks=1)
    kept = [
        (place, instance, decision)
        for place, (instance, decision) in enumerate(zip(task.instances, decisions, strict=True))
        if (not only if decision is None else decision.kind != REJECT)
    ]
    rejected = sum(decision is not None and decision.kind == REJECT for decision in decisions)
    unreviewed = len(decisions) - reviewed if only else 0
    if not kept:
        out = ReviewEffect(reviewed=reviewed, unreviewed=unreviewed)
        return None, out + ReviewEffect(tasks=1 if rejected else 0)
    edits = [decision for *_, decision in kept if decision is not None and decision.kind == EDIT]
    effect = ReviewEffect(reviewed=reviewed, edited=len(edits), rejected=rejected, unreviewed=unreviewed)
    instructions = [decision for decision in edits if "instruction" in decision.edit]
    latest = max(instructions, key=lambda decision: decision.edited, default=None)
    as_reviewed = replace(
        task,
        instruction=latest.edit["instruction"] if latest else task.instruction,
        instances=tuple(_edited(instance, decision) for _, instance, decision in kept),
    )
    return (as_reviewed, tuple(place for place, *_ in kept)), effect


def _edited(instance: Instance, decision: Decision | None) -> Instance:
    if decision is None:
        return instance
    return Instance(decision.edit.get("input", instance.input), decision.edit.get("output", instance.output))
