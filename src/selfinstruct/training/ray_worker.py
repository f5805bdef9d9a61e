"""A worker of a tuning on a Ray cluster: what an actor does on its node.

It plans the tuning by itself, as a worker that a launcher started does, so that data and folder have to be
where the node finds them. Errors of errors.py are returned, not raised: Ray would wrap them.
"""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any

from selfinstruct import __version__
from selfinstruct.errors import ConfigError, SelfInstructError
from selfinstruct.training.display import LossDisplay, TuningMoment
from selfinstruct.training.finetune import finetune
from selfinstruct.training.outcome import TuningResult
from selfinstruct.training.plan import FinetunePlan, plan_finetuning
from selfinstruct.training.workers import Workers

__all__ = ["Asked", "RayWorker"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What all workers are to do. arguments: of `plan_finetuning`; options: of `finetune`. digests: of the
    data and of the model, as the driver has them."""

    data: Path
    out: Path
    arguments: Mapping[str, Any]
    options: Mapping[str, Any]
    digests: tuple[str, str]


class RayWorker:
    """The class of the actor. Its calls run in threads: while one tunes, others bring news and tell it to
    stop."""

    def __init__(self, gpus: int) -> None:
        if not gpus:
            os.environ["CUDA_VISIBLE_DEVICES"] = ""  # Ray leaves all of the node's visible
        self._stop = Event()
        self._news: SimpleQueue[tuple[str, Any]] = SimpleQueue()

    def about(self) -> tuple[str, str, str, int]:
        """The version of this package there, the node's name and address, and a port that is free now."""
        import ray

        own_address: Callable[[], str] = ray.util.get_node_ip_address
        with socket.socket() as free:
            free.bind(("", 0))
            port = free.getsockname()[1]
        return __version__, platform.node(), own_address(), port

    def tune(
        self, asked: Asked, place: int, count: int, environment: Mapping[str, str]
    ) -> TuningResult | SelfInstructError:
        """As `finetune`. environment: by which the workers find each other."""
        os.environ.update(environment)
        try:
            plan = plan_finetuning(asked.data, asked.out, **asked.arguments)
            _require_same(plan, asked)
            workers = Workers(place, count, self._stop)
            return finetune(plan, display=_Relay(self._news), workers=workers, **asked.options)
        except SelfInstructError as error:
            return error

    def news(self, seconds: float) -> list[tuple[str, Any]]:
        """What is to be shown since the last time: methods of `LossDisplay`, each with its argument. Waits so
        long for the first."""
        found: list[tuple[str, Any]] = []
        with suppress(Empty):
            found.append(self._news.get(timeout=seconds))
            while True:
                found.append(self._news.get_nowait())
        return found

    def stop(self) -> None:
        """After this update, with a checkpoint."""
        self._stop.set()


class _Relay(LossDisplay):
    """Shows nothing, and keeps it for whoever asks."""

    def __init__(self, news: SimpleQueue[tuple[str, Any]]) -> None:
        super().__init__(None)
        self._news = news

    def say(self, message: str) -> None:
        self._news.put(("say", message))

    def update(self, now: TuningMoment) -> None:
        self._news.put(("update", now))


def _require_same(plan: FinetunePlan, asked: Asked) -> None:
    """Raises ConfigError where a path leads to something else on this node."""
    named = (str(asked.data), str(asked.arguments["model_spec"]))
    for what, here, there in zip(named, (plan.source.digest, plan.model.digest), asked.digests, strict=True):
        if here != there:
            raise ConfigError(
                f"{what} is not the same as where the command was started.", "Use shared storage."
            )
