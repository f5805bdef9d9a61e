"""`finetune` by workers on a Ray cluster, each an actor with a share of its cores or a card.

What `torchrun` does on one machine is done here on all nodes: every worker is told its place and where the
first one is, and calls `finetune`. Nothing is learnt in this process: it shows what the first worker tells,
passes on Ctrl-C, and ends all of them where one fails. Checkpoints are those of any tuning, so that the same
call resumes.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from selfinstruct.config import EngineConfig
from selfinstruct.errors import ConfigError, EndpointUnavailableError, SelfInstructError
from selfinstruct.models.ray.cluster import (
    check_free,
    cluster_nodes,
    first_line,
    join,
    leave,
    not_loadable,
    require_same_version,
)
from selfinstruct.models.ray.shares import Share, share_out
from selfinstruct.training.display import LossDisplay
from selfinstruct.training.finetune import finetune
from selfinstruct.training.loading import spec_of
from selfinstruct.training.outcome import TuningResult
from selfinstruct.training.plan import FinetunePlan
from selfinstruct.training.ray_worker import Asked, RayWorker
from selfinstruct.training.settings import TuningSettings
from selfinstruct.training.stopping import stop_signals
from selfinstruct.training.workers import Workers, launched

__all__ = ["asked_of", "finetune_on_ray", "tuner"]

PLACING_SECONDS = 60.0
"""For the nodes to start all workers' processes, once there is room for them."""
NEWS_SECONDS = 1.0
"""After which the first worker answers without news; Ctrl-C is noticed as late."""
DEATH_SECONDS = 10.0
"""In which Ray tells that a worker has died, after another one has lost its connection to it."""
PASSED_ON = ("ACCELERATE_", "FSDP_", "GLOO_", "NCCL_")
"""How the variables begin that every worker gets from this process."""


def tuner(engine: str, workers: int | None) -> Callable[..., TuningResult]:
    """`finetune`, or the same by workers on Ray. Raises ConfigError for workers that nothing would start."""
    if engine == "ray":
        return partial(finetune_on_ray, workers=workers)
    if workers is not None:
        raise ConfigError(
            '`workers` works only with `engine="ray"`.',
            'Add `engine="ray"`, or use torchrun or accelerate launch.',
        )
    return finetune


def finetune_on_ray(
    plan: FinetunePlan, *, workers: int | None = None, display: LossDisplay | None = None, **options: Any
) -> TuningResult:
    """As `finetune`, whose options it takes. workers: None for one a card, or one a node without cards.

    Raises MissingExtraError without Ray, ConfigError for a cluster that cannot be reached or has no room,
    EndpointUnavailableError where a worker dies, and what `finetune` raises.
    """
    if launched().count > 1:
        raise ConfigError(
            '`engine="ray"` starts the workers itself, but a launcher has started this process.',
            "Use one of the two.",
        )
    join()
    try:
        share = share_out(
            cluster_nodes(),
            EngineConfig(name="ray", replicas=workers),
            uses_gpus=True,
            noun="worker",
            hint="Ask for fewer (`workers`), or add nodes first.",
        )
        check_free(share, "worker")
        tuning = plan.options if plan.before is None else plan.before.tuning.model_dump()
        batch = tuning.get("batch_size", TuningSettings.model_fields["batch_size"].default)
        Workers(0, share.replicas).share(batch)
        return _tune(asked_of(plan, options), share, display or LossDisplay(None))
    finally:
        leave()


def asked_of(plan: FinetunePlan, options: Mapping[str, Any]) -> Asked:
    """From which a worker on any node makes the same plan again. options: of `finetune`."""
    source = plan.source
    of_a_run = {
        "include_seeds": source.include_seeds,
        "outputs": source.outputs,
        "min_score": source.min_score,
    }
    arguments = {
        "model_spec": spec_of(plan.model),
        "tasks": source.tasks,
        "options": plan.options,
        **(of_a_run if source.kind == "run" else {}),
    }
    digests = source.digest, plan.model.digest
    return Asked(plan.named.absolute(), plan.out.absolute(), arguments, options, digests)


def _tune(asked: Asked, share: Share, display: LossDisplay) -> TuningResult:
    import ray

    actor: Any = ray.remote(RayWorker).options(
        num_cpus=share.cores,
        num_gpus=share.gpus,
        max_restarts=0,
        max_concurrency=3,  # its calls
        scheduling_strategy="SPREAD",
    )
    actors = [actor.remote(share.gpus) for _ in range(share.replicas)]
    try:
        nodes, environment = _placed(actors)
        calls = {}
        for place, worker in enumerate(actors):
            own = {"RANK": f"{place}", "LOCAL_RANK": "0" if share.gpus else f"{place}"}
            calls[worker.tune.remote(asked, place, share.replicas, environment | own)] = place
        return _followed(calls, nodes, actors[0], display)
    finally:
        for worker in actors:
            ray.kill(worker)


def _placed(actors: list[Any]) -> tuple[list[str], dict[str, str]]:
    """The nodes that they are on, and the variables that they share."""
    import ray
    from ray.exceptions import GetTimeoutError, RayError

    try:
        told = ray.get([worker.about.remote() for worker in actors], timeout=PLACING_SECONDS)
    except GetTimeoutError:
        raise ConfigError(
            f"The Ray cluster has not started {len(actors)} workers within {PLACING_SECONDS:.0f} seconds.",
            "Wait for other jobs, or ask for fewer (`workers`).",
        ) from None
    except RayError as error:
        raise not_loadable(error) from error
    for version, node, _, _ in told:
        require_same_version(node, version)
    passed_on = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    _, _, address, port = told[0]
    together = {"WORLD_SIZE": f"{len(actors)}", "MASTER_ADDR": address, "MASTER_PORT": f"{port}"}
    return [node for _, node, _, _ in told], passed_on | together


def _followed(calls: dict[Any, int], nodes: list[str], first: Any, display: LossDisplay) -> TuningResult:
    """What the first worker returns, once all have ended. calls: each worker's, with its place."""
    import ray
    from ray.exceptions import RayError

    asked_to_stop = told_to_stop = False
    results: dict[int, TuningResult] = {}

    def stop() -> None:
        nonlocal asked_to_stop
        asked_to_stop = True
        display.say("Finishing this step and saving; Ctrl-C again to stop at once.")

    with display.showing(), stop_signals(stop, again=True):
        news = first.news.remote(NEWS_SECONDS)
        while calls:
            done, _ = ray.wait([*calls, news], num_returns=1)
            if asked_to_stop and not told_to_stop:
                first.stop.remote()
                told_to_stop = True
            if done[0] in calls:
                place = calls.pop(done[0])
                results[place] = _result(done[0], place, calls, nodes)
            else:
                try:
                    _show(ray.get(news), display)
                except RayError:  # its other call says why
                    news = ray.put([])
                else:
                    news = first.news.remote(NEWS_SECONDS)
        for left in (news, first.news.remote(0)):
            _show(ray.get(left), display)
    return results[0]


def _show(news: list[tuple[str, Any]], display: LossDisplay) -> None:
    for name, value in news:
        getattr(display, name)(value)


def _result(call: Any, place: int, others: Mapping[Any, int], nodes: list[str]) -> TuningResult:
    """Of one worker. Where it failed, that is raised; but where another one has died, that."""
    import ray
    from ray.exceptions import RayError, RayTaskError

    try:
        outcome = ray.get(call)
    except RayTaskError as error:
        for other in ray.wait([*others], num_returns=len(others), timeout=DEATH_SECONDS)[0] if others else ():
            _result(other, others[other], {}, nodes)
        raise error.cause if isinstance(error.cause, Exception) else error from None
    except RayError as error:
        raise EndpointUnavailableError(
            f"Worker {place} on the node {nodes[place]} ended: {first_line(error)}.",
            "Run the same command again to resume from the last checkpoint.",
        ) from None
    if isinstance(outcome, SelfInstructError):
        if nodes[place] == platform.node():
            raise outcome
        raise type(outcome)(f"On the node {nodes[place]}: {outcome.message}", outcome.hint)
    result: TuningResult = outcome
    return result
