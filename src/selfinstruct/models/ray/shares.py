"""What each replica gets of a cluster: cores and graphics cards, worked out before any is started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selfinstruct.config import EngineConfig
from selfinstruct.errors import ConfigError

__all__ = ["Node", "Share", "share_out"]


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the cluster: whole processor cores and graphics cards that Ray gives out there."""

    cores: int
    gpus: int


@dataclass(frozen=True, slots=True)
class Share:
    """So many replicas, each with so much of one node."""

    replicas: int
    cores: int
    gpus: int

    def of_each(self) -> str:
        """For people: what one replica takes."""
        cores = _counted(self.cores, "core")
        return f"{_counted(self.gpus, 'GPU')} and {cores}" if self.gpus else cores


def share_out(
    nodes: Sequence[Node],
    engine: EngineConfig,
    *,
    uses_gpus: bool,
    noun: str = "replica",
    hint: str = "Ask for fewer or smaller ones (`replicas`, `gpus_per_replica`), or add nodes first.",
) -> Share:
    """The replicas asked for, each with the largest equal share of cores with which all fit.

    Where no number is asked for: as many as the cards allow; without cards as many as `cores_per_replica`
    allows, or as many as there are nodes.

    uses_gpus: whether a replica gets a card where there are some and nothing else was asked for. noun, hint:
    for the message. Raises ConfigError where they do not fit, whatever else runs there.
    """
    gpus = engine.gpus_per_replica
    if gpus is None:
        gpus = int(engine.backend == "vllm" or (uses_gpus and any(node.gpus for node in nodes)))
    least = engine.cores_per_replica or 1
    wanted = engine.replicas
    if wanted is None:
        each_node = not gpus and engine.cores_per_replica is None
        wanted = sum(node.cores >= 1 for node in nodes) if each_node else _room(nodes, least, gpus)
    wanted = max(wanted, 1)
    room = _room(nodes, least, gpus)
    if room < wanted:
        has = ", ".join(_node(node) for node in nodes) or "none"
        raise ConfigError(
            f"The Ray cluster has no room for {_counted(wanted, noun)} of"
            f" {Share(wanted, least, gpus).of_each()}, only for {room}. Its nodes: {has}.",
            hint,
        )
    most = max(node.cores for node in nodes)
    cores = engine.cores_per_replica or max(
        each for each in range(1, most + 1) if _room(nodes, each, gpus) >= wanted
    )
    return Share(wanted, cores, gpus)


def _room(nodes: Sequence[Node], cores: int, gpus: int) -> int:
    by_cores = [node.cores // cores for node in nodes]
    if not gpus:
        return sum(by_cores)
    return sum(min(few, node.gpus // gpus) for few, node in zip(by_cores, nodes, strict=True))


def _node(node: Node) -> str:
    cores = _counted(node.cores, "core")
    return f"{cores} and {_counted(node.gpus, 'GPU')}" if node.gpus else cores


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
