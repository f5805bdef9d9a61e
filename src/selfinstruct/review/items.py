"""What is shown to raters, one item at a time, and which of them in what order.

An item is what was asked, with one response, or with those of several systems. Whatever is chosen at random
here is drawn by a hash (`ratings.drawing`), so that it is the same for all raters.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from selfinstruct.ratings.decisions import instance_digest, instance_id
from selfinstruct.ratings.drawing import draw, drawn_instances
from selfinstruct.records import Task
from selfinstruct.store.improved import ORIGINAL, chosen_tasks
from selfinstruct.store.reader import RunReader

__all__ = ["Material", "Response", "ReviewItem", "blind_order", "items_of_run"]


@dataclass(frozen=True, slots=True)
class Response:
    """system: whose it is. digest: of all that a rater sees with it."""

    system: str
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """references: answers that would be right, where somebody gave some. is_classification: None where that
    is not known."""

    id: str
    instruction: str
    input: str
    responses: tuple[Response, ...]
    references: tuple[str, ...] = ()
    is_classification: bool | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """What is to be rated.

    name: for people. directory: where the ratings are kept. items: in the order in which they are shown.
    total: how many there would have been; unit: what they are, in the plural. compares: whether systems are
    compared (levels), rather than generated data reviewed (questions). seed: of the sample and of blind
    orders.
    """

    name: str
    directory: Path
    items: tuple[ReviewItem, ...]
    total: int
    unit: str
    compares: bool
    seed: int

    def digests(self) -> dict[tuple[str, str], str]:
        """Of all texts, by item and system."""
        return {(item.id, each.system): each.digest for item in self.items for each in item.responses}


def items_of_run(
    reader: RunReader, *, outputs: str = ORIGINAL, sample: int | None = None, seed: int = 0
) -> Material:
    """Instances of the data set as it is now.

    sample: so many tasks, each with one of its instances, as in the paper's section 3.4; None for all
        instances of all tasks, those of a task one after another.

    Raises what `chosen_tasks` raises.
    """
    tasks = chosen_tasks(reader, outputs)
    if sample is None:
        items = [
            _instance(task, place, outputs)
            for task in sorted(tasks, key=lambda task: draw(seed, task.id))
            for place in range(len(task.instances))
        ]
        total, unit = len(items), "instances"
    else:
        drawn, total = drawn_instances(tasks, sample, seed)
        items, unit = [_instance(task, place, outputs) for task, place in drawn], "tasks"
    name = reader.directory.resolve().name
    return Material(name, reader.directory, tuple(items), total, unit, compares=False, seed=seed)


def blind_order(item: ReviewItem, rater: str, seed: int) -> tuple[Response, ...]:
    """The item's responses in an order of this rater's own, which tells nothing of the systems."""
    return tuple(sorted(item.responses, key=lambda response: draw(seed, item.id, rater, response.system)))


def _instance(task: Task, place: int, outputs: str) -> ReviewItem:
    instance = task.instances[place]
    response = Response(outputs, instance.output, instance_digest(task.instruction, instance))
    return ReviewItem(
        id=instance_id(task.id, place),
        instruction=task.instruction,
        input=instance.input,
        responses=(response,),
        is_classification=task.is_classification,
    )
