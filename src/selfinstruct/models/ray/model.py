"""A model whose requests go to replicas on a Ray cluster.

Everything that a run promises stays in this process: a replica gets one attempt and returns one completion.
A replica that dies, alone or with its node, fails the attempts that it had, as a broken connection does, so
that they are made again elsewhere; another is started in its place wherever there is room.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError, ConnectionBrokenError, ConnectionFailedError, SelfInstructError
from selfinstruct.models.backend import Backend
from selfinstruct.models.base import Capabilities, Model
from selfinstruct.models.ray.cluster import first_line, join, leave, not_loadable, require_same_version
from selfinstruct.models.ray.replica import Replica
from selfinstruct.models.ray.shares import Share
from selfinstruct.records import Completion, Request, Stage

__all__ = ["RayModel"]

PLACING_SECONDS = 30.0
"""For a node to start a replica's process, once there is room for it."""
CLOSING_SECONDS = 5.0
LONGEST_PAUSE = 60.0
"""Between two attempts to start a replica, in seconds."""
CHUNK_BYTES = 16 * 2**20
CREATION = "in its creation task"
"""What Ray says of an actor whose class could not be imported; its constructor cannot fail."""
LARGEST_SENT = 2 * 2**30
"""Bytes of a file that is sent to nodes that lack it."""


@dataclass(eq=False, slots=True)
class _Slot:
    """Where a replica is, or will be again.

    actor: Ray's handle; None before the first. ready: whether it takes requests. failure: why the latest
    attempt to start it failed; empty while one may still succeed. gone: set when it has died.
    """

    actor: Any = None
    node: str = ""
    ready: bool = False
    in_flight: int = 0
    failure: str = ""
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class RayModel:
    """Satisfies `NegotiableModel` and `LoadingModel`. This process has joined the cluster; replicas are
    started by the first request.

    backend, model, endpoint: of the model in each replica. local: the same model here, which counts tokens.
    share: how many replicas, each of what size. slots: requests that one replica takes at once.
    """

    def __init__(
        self,
        backend: Backend,
        model: ModelConfig,
        endpoint: EndpointConfig,
        *,
        local: Model,
        share: Share,
        slots: int,
        capabilities: Capabilities,
    ) -> None:
        self._backend, self._model, self._endpoint = backend, model, endpoint
        self._local, self._share, self._each = local, share, slots
        self._capabilities = dict.fromkeys(Stage, capabilities)
        self._joined = True
        self._slots: list[_Slot] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self._fatal: BaseException | None = None

    @property
    def default_concurrency(self) -> int:
        """As many as all replicas take at once."""
        return self._share.replicas * self._each

    @property
    def context_window(self) -> int | None:
        """The model's own."""
        return self._local.context_window

    @property
    def is_loading(self) -> bool:
        """Whether requests wait for a first replica."""
        return bool(self._slots) and not any(slot.ready for slot in self._slots)

    def capabilities(self, stage: Stage) -> Capabilities:
        """See `NegotiableModel`."""
        return self._capabilities[stage]

    def adopt(self, stage: Stage, capabilities: Capabilities) -> None:
        """See `NegotiableModel`. They are sent with each request."""
        self._capabilities[stage] = capabilities

    def count_tokens(self, text: str) -> int:
        """The model's own count, made here. Not for the event loop."""
        return self._local.count_tokens(text)

    async def complete(self, request: Request) -> Completion:
        """One attempt on the replica that has least to do. When cancelled, it is abandoned there.

        Raises ConnectionBrokenError where the replica dies, ConnectionFailedError while none can be started,
        ConfigError where a node cannot run the model, and what the model itself raises.
        """
        import ray
        from ray.exceptions import RayError, RayTaskError

        await self._begin()
        slot = await self._least_busy()
        actor = slot.actor
        slot.in_flight += 1
        reply = actor.complete.remote(request, self._capabilities[request.stage])
        try:
            outcome = await reply
        except asyncio.CancelledError:
            with suppress(RayError):
                ray.cancel(reply)
            raise
        except RayTaskError as error:
            raise error.cause if isinstance(error.cause, Exception) else error from None
        except RayError as error:
            if slot.actor is actor:
                slot.ready = False
                slot.gone.set()
            raise ConnectionBrokenError(
                f"The replica on the node {slot.node} ended: {first_line(error)}"
            ) from None
        finally:
            if slot.actor is actor:
                slot.in_flight -= 1
        if isinstance(outcome, SelfInstructError):
            raise outcome
        completion: Completion = outcome
        return completion

    async def aclose(self) -> None:
        """End the replicas and leave the cluster. A later `complete` would join it anew."""
        import ray
        from ray.exceptions import RayError

        await self._local.aclose()
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        actors = [slot.actor for slot in self._slots if slot.actor is not None]
        closing = [
            asyncio.ensure_future(_settled(slot.actor.close.remote())) for slot in self._slots if slot.ready
        ]
        if closing:
            await asyncio.wait(closing, timeout=CLOSING_SECONDS)
        for task in closing:
            task.cancel()
        for actor in actors:
            with suppress(RayError):
                ray.kill(actor)
        self._slots, self._keepers = [], []
        if self._joined:
            self._joined = False
            leave()

    async def _begin(self) -> None:
        """Start the replicas, once."""
        if self._slots:
            return
        if not self._joined:
            join()
            self._joined = True
        self._changed, self._fatal = asyncio.Event(), None
        self._slots = [_Slot() for _ in range(self._share.replicas)]
        for slot in self._slots:
            keeper = asyncio.create_task(self._keep(slot))
            keeper.add_done_callback(self._kept)
            self._keepers.append(keeper)
        await self._local.aclose()  # it has counted what it had to; the replicas need the memory

    async def _least_busy(self) -> _Slot:
        while True:
            if self._fatal is not None:
                raise self._fatal
            ready = [slot for slot in self._slots if slot.ready]
            if ready:
                return min(ready, key=lambda slot: slot.in_flight)
            if all(slot.failure for slot in self._slots):
                raise ConnectionFailedError(f"No replica is running: {self._slots[0].failure}")
            self._changed.clear()
            await self._changed.wait()

    async def _keep(self, slot: _Slot) -> None:
        """Have a replica there: start one, and another whenever it has died."""
        from ray.exceptions import RayError, RayTaskError

        failures = 0
        while True:
            slot.gone.clear()
            slot.actor = self._start()
            slot.in_flight = 0
            try:
                await self._prepare(slot)
            except RayTaskError as error:
                raise ConfigError(f"A replica cannot be started: {first_line(error.cause)}.") from error
            except TimeoutError:
                each = self._share.of_each()
                slot.failure = f"the cluster has had no room for {each} for {PLACING_SECONDS:.0f} seconds"
            except RayError as error:
                if CREATION in str(error):
                    raise not_loadable(error) from error
                slot.failure = first_line(error)
            else:
                failures, slot.failure, slot.ready = 0, "", True
                self._changed.set()
                await slot.gone.wait()
            self._end(slot)
            if slot.failure:
                self._changed.set()
                await asyncio.sleep(min(2.0**failures, LONGEST_PAUSE))
                failures += 1

    def _kept(self, keeper: asyncio.Task[None]) -> None:
        """It ends only by an error that no other replica would be spared."""
        if not keeper.cancelled():
            self._fatal = keeper.exception()
            self._changed.set()

    def _start(self) -> Any:
        import ray

        actor = ray.remote(Replica).options(
            num_cpus=self._share.cores,
            num_gpus=self._share.gpus,
            max_restarts=0,
            scheduling_strategy="SPREAD",
        )
        return actor.remote(self._backend, self._model, self._endpoint, self._share)

    async def _prepare(self, slot: _Slot) -> None:
        async with asyncio.timeout(PLACING_SECONDS):
            version, slot.node = await slot.actor.about.remote()
        require_same_version(slot.node, version)
        if await slot.actor.lacks_file.remote():
            await self._send_file(slot)
        failure = await slot.actor.load.remote()
        if failure is not None:
            raise failure

    async def _send_file(self, slot: _Slot) -> None:
        """Raises ConfigError for a folder, and for a file that is too large."""
        path = Path(self._model.name)
        if not path.is_file() or path.stat().st_size > LARGEST_SENT:
            large = (
                f", and {LARGEST_SENT >> 30} GiB is the most that is sent to nodes" if path.is_file() else ""
            )
            raise ConfigError(
                f"The node {slot.node} has no {path}{large}.",
                "Put it where every node finds it under this path: on shared storage, or copied to each.",
            )
        with await asyncio.to_thread(path.open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                await slot.actor.receive.remote(chunk)
        await slot.actor.receive.remote(b"")

    @staticmethod
    def _end(slot: _Slot) -> None:
        import ray
        from ray.exceptions import RayError

        slot.ready = False
        with suppress(RayError):
            ray.kill(slot.actor)


async def _settled(call: Any) -> None:
    from ray.exceptions import RayError

    with suppress(RayError):
        await call
