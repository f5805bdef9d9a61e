"""What each replica gets of a cluster, without one."""

from typing import Any

import pytest

from selfinstruct.config import (
    Config,
    EndpointConfig,
    EngineConfig,
    LlamaCppConfig,
    ModelConfig,
    StageConfig,
    StagesConfig,
)
from selfinstruct.errors import ConfigError, MissingExtraError
from selfinstruct.models.catalog import parse_spec, require_engine
from selfinstruct.models.llamacpp.backend import GgufBackend
from selfinstruct.models.ray import cluster
from selfinstruct.models.ray.opening import open_on_ray
from selfinstruct.models.ray.shares import Node, Share, share_out

THREE = [Node(16, 0), Node(16, 0), Node(4, 0)]
CARDS = [Node(32, 4), Node(32, 4), Node(8, 0)]


@pytest.mark.parametrize(
    ("nodes", "asked", "share"),
    [
        (THREE, {}, Share(3, 8, 0)),  # as many as nodes, all of one size
        ([Node(0, 0), *THREE], {}, Share(3, 8, 0)),  # a head that runs nothing
        (THREE, {"replicas": 2}, Share(2, 16, 0)),
        (THREE, {"replicas": 4}, Share(4, 8, 0)),
        (THREE, {"cores_per_replica": 2}, Share(18, 2, 0)),
        (THREE, {"replicas": 36}, Share(36, 1, 0)),
        (CARDS, {"backend": "vllm"}, Share(8, 8, 1)),
        (CARDS, {"backend": "vllm", "gpus_per_replica": 4}, Share(2, 32, 4)),
        (CARDS, {}, Share(8, 8, 1)),
        (CARDS, {"gpus_per_replica": 3}, Share(2, 32, 3)),
        (CARDS, {"gpus_per_replica": 0, "replicas": 3}, Share(3, 16, 0)),
    ],
)
def test_replicas_get_the_largest_equal_share(nodes: list[Node], asked: dict[str, Any], share: Share) -> None:
    assert share_out(nodes, EngineConfig.model_validate({"name": "ray", **asked}), uses_gpus=True) == share


@pytest.mark.parametrize(
    ("nodes", "asked", "message"),
    [
        (
            THREE,
            {"replicas": 37},
            "no room for 37 replicas of 1 core, only for 36. Its nodes: 16 cores, 16 cores",
        ),
        (THREE, {"backend": "vllm"}, "no room for 1 replica of 1 GPU and 1 core, only for 0"),
        (CARDS, {"gpus_per_replica": 8}, "no room for 1 replica of 8 GPUs and 1 core, only for 0"),
        ([], {}, "Its nodes: none"),
    ],
)
def test_what_does_not_fit_is_said(nodes: list[Node], asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        share_out(nodes, EngineConfig.model_validate({"name": "ray", **asked}), uses_gpus=True)


def config(provider: str, engine: dict[str, Any], stage: str = "") -> Config:
    own = StageConfig(model=ModelConfig(provider=stage, name="m")) if stage else None
    return Config(
        model=ModelConfig(provider=provider, name="m"),
        engine=EngineConfig.model_validate(engine),
        stages=StagesConfig(answers=own),
    )


def test_an_engine_has_a_model_to_run() -> None:
    on_ray = {"name": "ray"}
    require_engine(config("pocket", on_ray))
    require_engine(config("openai", on_ray, stage="hf"))
    with pytest.raises(ConfigError, match="openai/m is not one that can be copied"):
        require_engine(config("openai", on_ray))
    with pytest.raises(ConfigError, match="vLLM runs models of hf/, not gguf"):
        require_engine(config("gguf", {**on_ray, "backend": "vllm"}))
    with pytest.raises(ConfigError, match=r"`replicas` is a setting of Ray\. Add `engine=\"ray\"`"):
        require_engine(config("pocket", {"replicas": 2}))


def test_ray_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'selfinstruct\[ray\]'"):
        require_engine(config("pocket", {"name": "ray"}))


def test_the_engine_is_no_part_of_what_a_run_is() -> None:
    assert config("pocket", {"name": "ray", "replicas": 9}).identity() == config("pocket", {}).identity()


def test_llamacpp_takes_no_card_on_ray() -> None:
    """Refused before a cluster is joined."""
    model, engine = parse_spec("pocket"), EngineConfig(name="ray")
    on_a_card = EndpointConfig(llamacpp=LlamaCppConfig(gpu_layers=-1))
    with pytest.raises(ConfigError, match=r"On Ray, llama\.cpp runs on the processor.*gpu_layers"):
        open_on_ray(GgufBackend(), model, on_a_card, engine)
