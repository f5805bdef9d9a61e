"""Several workers that learn one tuning together: processes that a launcher or Ray has started.

Each reads the data and the model by itself. An update is the mean over the same examples, however many
workers compute it; only the first one writes files and speaks.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from selfinstruct.errors import ConfigError

__all__ = ["ALONE", "Workers", "launched"]


@dataclass(frozen=True, slots=True)
class Workers:
    """place: of the one in this process, from 0. count: of all. stop: set where this one is told to stop by
    other means than a signal."""

    place: int = 0
    count: int = 1
    stop: Event | None = field(default=None, compare=False)

    @property
    def first(self) -> bool:
        """Whether it is the one that writes and speaks."""
        return self.place == 0

    @property
    def told_to_stop(self) -> bool:
        """Whether `stop` is set."""
        return self.stop is not None and self.stop.is_set()

    def share(self, batch: int) -> int:
        """Examples of an update that each computes. Raises ConfigError where that is no whole number."""
        if batch % self.count:
            raise ConfigError(
                f"`batch_size={batch}` cannot be shared equally by {self.count} workers.",
                "Start as many as divide it, or begin a new tuning with another batch size.",
            )
        return batch // self.count

    def any(self, flags: Sequence[bool], device: Any) -> list[bool]:
        """Each flag, true where it is with any worker. All have to ask at the same time."""
        if self.count == 1:
            return list(flags)
        import torch

        raised = torch.tensor([float(flag) for flag in flags], device=device)
        torch.distributed.all_reduce(raised, torch.distributed.ReduceOp.MAX)
        return [bool(flag) for flag in raised.tolist()]

    def leave(self) -> None:
        """Nothing is done together any more."""
        if self.count > 1:
            import torch

            if torch.distributed.is_initialized():
                torch.distributed.destroy_process_group()


ALONE = Workers()


def launched(environment: Mapping[str, str] = os.environ) -> Workers:
    """As the launcher says; alone where there is none."""
    names = ("RANK", "WORLD_SIZE", "MASTER_ADDR")
    if not all(environment.get(name) for name in names):
        return ALONE
    return Workers(int(environment["RANK"]), int(environment["WORLD_SIZE"]))
