"""A run's data set as a sequence that is read on access."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from operator import index
from typing import overload

from selfinstruct.errors import ConfigError
from selfinstruct.records import Task
from selfinstruct.store.reader import RunReader

__all__ = ["Tasks"]


class Tasks(Sequence[Task]):
    """The tasks of a data set, in order. Each access reads the run, so the sequence grows while the run is
    generated, and nothing is kept in memory. To go through a large data set more than once, make a list.
    """

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader

    def __len__(self) -> int:
        return self._reader.task_count()

    def __iter__(self) -> Iterator[Task]:
        return self._reader.tasks()

    @overload
    def __getitem__(self, place: int) -> Task: ...

    @overload
    def __getitem__(self, place: slice) -> list[Task]: ...

    @overload
    def __getitem__(self, place: str) -> Task: ...

    def __getitem__(self, place: int | slice | str) -> Task | list[Task]:
        """A task by its place or its id, or a list of them. Raises IndexError as lists do, and `ConfigError`
        for an id that the data set does not have."""
        if isinstance(place, str):
            return self._with_id(place)
        if isinstance(place, slice):
            places = range(len(self))[place]
            if not places:
                return []
            least, most = min(places), max(places)
            found = list(self._reader.tasks(least, most - least + 1))
            return [found[each - least] for each in places]
        try:
            number = index(place)
        except TypeError:
            raise ConfigError(
                f"`tasks` has no place {place!r:.80}.",
                'Give a whole number, a slice, or an id such as "task_17".',
            ) from None
        number += len(self) if number < 0 else 0
        if number >= 0:
            for task in islice(self._reader.tasks(number, 1), 1):
                return task
        raise IndexError(f"There is no task at {place}: the data set has {len(self):,}.")

    def _with_id(self, name: str) -> Task:
        if (task := self._reader.task(name)) is not None:
            return task
        raise ConfigError(
            f"The data set has no task {name!r:.80}.", "Ids are as in `dataset.jsonl`, such as task_17."
        )

    def __repr__(self) -> str:
        return f"<{len(self):,} tasks of {self._reader.directory}>"
