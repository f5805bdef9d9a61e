"""What several people's reviews of generated data come to.

Of each instance the latest rating of every rater counts:

    rejected   more of them reject it than keep it (accept or edit); at a tie it stays
    edited     it stays, and no more of them accept it as it is than edit it; the latest edit is taken
    accepted   otherwise

A whole task goes where one of its instances is rejected and most who rated that say that the instruction
describes no valid task; of whichever outputs, since they have the instruction in common. Otherwise only the
instance goes. A rating of a text that has changed since, as improved outputs may, does not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from selfinstruct.ratings.questions import ACCEPT, DECISION, EDIT, REJECT
from selfinstruct.records import Instance, Task
from selfinstruct.store.improved import ORIGINAL
from selfinstruct.store.rating_log import read_events
from selfinstruct.store.ratings import Event, Standing, digest

__all__ = ["Decision", "Reviews", "decide", "instance_digest", "instance_id", "read_reviews"]


@dataclass(frozen=True, slots=True)
class Decision:
    """kind: `accept`, `edit` or `reject`. no_task: rejected because the instruction is none. edit: by field,
    where it is an edit; edited: the number of that event, greater for a later one."""

    kind: str
    no_task: bool = False
    edit: Mapping[str, str] = field(default_factory=dict)
    edited: int = 0


def instance_id(task: str, place: int) -> str:
    """What ratings call an instance: `task_17/0`, its task and its place there."""
    return f"{task}/{place}"


def instance_digest(instruction: str, instance: Instance) -> str:
    """Of all that a rater sees."""
    return digest(instruction, instance.input, instance.output)


def decide(ratings: Sequence[Event]) -> Decision:
    """The latest of every rater, of one instance; at least one."""
    rejects = sum(rating.answers[DECISION] == REJECT for rating in ratings)
    edits = [rating for rating in ratings if rating.answers[DECISION] == EDIT and rating.edit]
    if 2 * rejects > len(ratings):
        no_task = sum(not rating.answers["task"] for rating in ratings)
        return Decision(REJECT, no_task=2 * no_task > len(ratings))
    accepts = len(ratings) - rejects - len(edits)
    if edits and len(edits) >= accepts:
        latest = max(edits, key=lambda rating: rating.number)
        return Decision(EDIT, edit=latest.edit, edited=latest.number)
    return Decision(ACCEPT)


class Reviews:
    """All decisions on a run's tasks with outputs of one name."""

    def __init__(self, ratings: Iterable[Event], outputs: str = ORIGINAL) -> None:
        """ratings: of each rater and instance the one that holds."""
        grouped: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
        for rating in ratings:
            if DECISION in rating.answers:
                grouped[rating.item, rating.system, rating.digest].append(rating)
        self._decisions = {}
        self._no_tasks = set()
        for (item, system, of), group in grouped.items():
            decision = decide(group)
            if decision.no_task:
                self._no_tasks.add(item.rpartition("/")[0])
            if system == outputs:
                self._decisions[item, of] = decision

    def __bool__(self) -> bool:
        return bool(self._decisions or self._no_tasks)

    def of(self, task: Task) -> tuple[Decision | None, ...]:
        """One for each of its instances; None where nobody rated it as it is now."""
        return tuple(
            self._decisions.get((instance_id(task.id, place), instance_digest(task.instruction, instance)))
            for place, instance in enumerate(task.instances)
        )

    def rejects_task(self, task: Task) -> bool:
        """Whether its instruction is held to be no valid task."""
        return task.id in self._no_tasks


def read_reviews(run: Path, outputs: str = ORIGINAL) -> Reviews:
    """None of it where nobody has rated. Raises what `read_events` raises."""
    return Reviews(Standing(read_events(run)).ratings(), outputs)
