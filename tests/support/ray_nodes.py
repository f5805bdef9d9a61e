"""A Ray cluster of three nodes on this machine."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ray.cluster_utils import Cluster

__all__ = ["SMALL", "three_nodes"]

SMALL: dict[str, Any] = {"object_store_memory": 80 * 2**20, "include_log_monitor": False}
"""What a node needs."""


@contextmanager
def three_nodes() -> Iterator[Cluster]:
    """A head that runs nothing, and two nodes with a core each."""
    handler = signal.getsignal(signal.SIGTERM)
    head = {"num_cpus": 0, "include_dashboard": False, "_system_config": {"health_check_period_ms": 500}}
    running = Cluster(initialize_head=True, head_node_args={**head, **SMALL})
    for _ in range(2):
        running.add_node(num_cpus=1, **SMALL)
    yield running
    running.shutdown()
    signal.signal(signal.SIGTERM, handler)
