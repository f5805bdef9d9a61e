"""A model of this machine, opened as replicas on a Ray cluster instead of in this process."""

from __future__ import annotations

from selfinstruct.config import EndpointConfig, EngineConfig, ModelConfig
from selfinstruct.errors import ConfigError
from selfinstruct.models.backend import Backend
from selfinstruct.models.base import Capabilities, Model, NegotiableModel
from selfinstruct.models.ray.cluster import check_free, cluster_nodes, join, leave
from selfinstruct.models.ray.model import RayModel
from selfinstruct.models.ray.shares import share_out
from selfinstruct.models.ray.vllm import VllmBackend
from selfinstruct.records import Stage

__all__ = ["open_on_ray"]


def open_on_ray(
    backend: Backend, model: ModelConfig, endpoint: EndpointConfig, engine: EngineConfig
) -> Model:
    """The cluster is joined, and has room; nothing is started there yet.

    Raises MissingExtraError without Ray, ConfigError for a cluster that cannot be reached or has no room, and
    what opening the model here raises.
    """
    gpus = engine.gpus_per_replica or 0
    if gpus and not backend.uses_gpus:
        raise ConfigError(
            "On Ray, llama.cpp runs on the processor, not on GPUs.", "Leave out `gpus_per_replica`."
        )
    if gpus > 1 and engine.backend != "vllm":
        raise ConfigError(
            "Only vLLM uses several GPUs for one replica.",
            'Add `backend="vllm"`, or give `gpus_per_replica=1`.',
        )
    if endpoint.llamacpp.gpu_layers:
        raise ConfigError(
            "On Ray, llama.cpp runs on the processor, not on GPUs.",
            'Leave out endpoint.llamacpp.gpu_layers, or use `engine="local"`.',
        )
    local = backend.open(model, endpoint)
    replicated = VllmBackend() if engine.backend == "vllm" else backend
    join()
    try:
        share = share_out(cluster_nodes(), engine, uses_gpus=backend.uses_gpus)
        check_free(share)
    except BaseException:
        leave()
        raise
    if endpoint.concurrency is not None:
        each = -(-endpoint.concurrency // share.replicas)
        endpoint = endpoint.model_copy(update={"concurrency": each})
    capabilities = Capabilities(api=model.api or "completions")
    if engine.backend is None and isinstance(local, NegotiableModel):
        capabilities = local.capabilities(Stage.INSTRUCTIONS)
    return RayModel(
        replicated,
        model,
        endpoint,
        local=local,
        share=share,
        slots=replicated.slots(model, endpoint, share.cores, share.gpus),
        capabilities=capabilities,
    )
