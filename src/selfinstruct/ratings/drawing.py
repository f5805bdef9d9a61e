"""Which instances of a run a sample holds: the same for people and for judges, so that their ratings can be
compared.

Drawn by a hash of the seed and the item's name: a sample of 200 is the beginning of one of 400, keeps most of
its items when a run grows, and is the same for all raters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from heapq import nsmallest

from selfinstruct.records import Task

__all__ = ["DrawnInstances", "draw", "drawn_instances"]

DrawnInstances = tuple[list[tuple[Task, int]], int]
"""Tasks, each with the place of an instance, in a drawn order; and how many tasks there are."""


def draw(seed: int, *names: str) -> str:
    """64 hexadecimal digits, as good as random; to sort by."""
    return hashlib.sha256("\0".join((str(seed), *names)).encode("utf-8", "surrogatepass")).hexdigest()


def drawn_instances(tasks: Iterable[Task], sample: int, seed: int) -> DrawnInstances:
    """So many tasks, each with one of its instances, as in the paper's section 3.4; fewer where there are
    fewer."""
    counted = _Counted(tasks)
    chosen = nsmallest(sample, counted, key=lambda task: draw(seed, task.id))
    places = [int(draw(seed, task.id, "instance"), 16) % len(task.instances) for task in chosen]
    return list(zip(chosen, places, strict=True)), counted.count


class _Counted:
    """Counts the tasks that go through it, without holding them."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self.count = 0
        self._tasks = tasks

    def __iter__(self) -> Iterator[Task]:
        for task in self._tasks:
            self.count += 1
            yield task
