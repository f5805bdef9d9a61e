"""The connection of this process to Ray: one, which all models here share.

`RAY_ADDRESS` names the cluster, `auto` the one that runs on this machine. Without it one is started here,
which ends with the last model. A cluster that was there before is only left.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from typing import Any

from selfinstruct import __version__
from selfinstruct.errors import ConfigError, MissingExtraError
from selfinstruct.models.ray.shares import Node, Share

__all__ = [
    "check_free",
    "cluster_nodes",
    "first_line",
    "join",
    "leave",
    "not_loadable",
    "require_ray",
    "require_same_version",
]

OBJECT_STORE_BYTES = 100 * 2**20
"""Of a cluster started here. Prompts and replies pass through calls; the store holds chunks of files."""
REACHED_SECONDS = 10.0
FREE_SECONDS = 5.0
"""What earlier replicas held is given back a moment after they end."""

AUTH_MODE = "RAY_AUTH_MODE"
"""Ray sets it where it starts a cluster of its own; the next one that is joined may have no token."""

_lock = threading.Lock()
_users = 0
_connected_here = False
_mode_before: str | None = None


def require_ray() -> None:
    """Raises MissingExtraError where Ray is not installed."""
    if find_spec("ray") is None:
        raise MissingExtraError(
            '`engine="ray"` needs the package ray, which is not installed.',
            "Install it with: pip install 'selfinstruct[ray]'",
        )


def join() -> None:
    """Connect, unless this process is; each call is undone by one of `leave`. Takes some seconds.

    Raises ConfigError for a cluster that cannot be reached, or that has another version of Ray or Python.
    """
    global _users, _connected_here, _mode_before
    require_ray()
    import ray

    with _lock:
        if not ray.is_initialized():
            _mode_before = os.environ.get(AUTH_MODE)
            _connect()
            _connected_here = True
        _users += 1


def leave() -> None:
    """With the last call, end the connection that `join` made, and the cluster if it was started here."""
    global _users, _connected_here
    import ray

    with _lock:
        _users -= 1
        if _users == 0 and _connected_here:
            _connected_here = False
            ray.shutdown()
            if _mode_before is None:
                os.environ.pop(AUTH_MODE, None)


def cluster_nodes() -> list[Node]:
    """Those that are alive."""
    import ray

    nodes: Callable[[], list[dict[str, Any]]] = ray.nodes
    resources = [node["Resources"] for node in nodes() if node["Alive"]]
    return [Node(int(each.get("CPU", 0)), int(each.get("GPU", 0))) for each in resources]


def check_free(share: Share, noun: str = "replica") -> None:
    """Raises ConfigError where other jobs hold what the replicas need. noun: for the message; the option has
    that name in the plural."""
    import ray

    available: Callable[[], dict[str, float]] = ray.available_resources
    needed = {"CPU": share.replicas * share.cores, "GPU": share.replicas * share.gpus}
    until = time.monotonic() + FREE_SECONDS
    while True:
        free = available()
        short = [name for name, amount in needed.items() if free.get(name, 0) < amount]
        if not short:
            return
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    said = " and ".join(f"{needed[name]} {name}s, of which {free.get(name, 0):g} are free" for name in short)
    raise ConfigError(
        f"Other jobs use the Ray cluster: {share.replicas} {noun}s of {share.of_each()} need {said}.",
        f"Wait for those jobs, or ask for fewer {noun}s (`{noun}s`).",
    )


def require_same_version(node: str, version: str) -> None:
    """Raises ConfigError where a node has another version of this package."""
    if version != __version__:
        raise ConfigError(
            f"The node {node} has selfinstruct {version}, this process {__version__}.",
            "Install the same version on every node.",
        )


def not_loadable(error: object) -> ConfigError:
    """The error for a node on which this package cannot be imported. error: Ray's, which may be a page."""
    return ConfigError(
        f"A node of the cluster cannot load selfinstruct: {_lines(error)[-1]}.",
        "Install the same version, in the same kind of environment, on every node.",
    )


def first_line(error: object) -> str:
    """Of what Ray says, which may be a page."""
    return _lines(error)[0]


def _lines(error: object) -> list[str]:
    return [line.strip().rstrip(".") for line in str(error).splitlines() if line.strip()] or [repr(error)]


def _connect() -> None:
    import ray

    address = os.environ.get("RAY_ADDRESS", "")
    if address.startswith("ray://"):
        raise ConfigError(
            f"RAY_ADDRESS is {address}, of Ray's client protocol, which is not supported.",
            "Start selfinstruct on a machine of the cluster, for example with `ray job submit`, and leave"
            " RAY_ADDRESS to Ray.",
        )
    handler = signal.getsignal(signal.SIGTERM)
    start = partial(ray.init, log_to_driver=False, logging_level=logging.CRITICAL)
    try:
        if address:
            _require_listening(address)
            start(address=address)
        else:
            start(address="local", include_dashboard=False, object_store_memory=OBJECT_STORE_BYTES)
        _stop_printing()
    except ConnectionError as error:
        if "InvalidAuthToken" in f"{error.__cause__}":
            raise ConfigError(
                f"The Ray cluster at {address} did not accept this process's token.",
                "Set RAY_AUTH_MODE=token, and take the token from the machine that started the cluster: Ray"
                " reads it from RAY_AUTH_TOKEN or ~/.ray/auth_token.",
            ) from error
        raise ConfigError(
            f"RAY_ADDRESS is {address}, and no Ray cluster answers there.",
            "Start one, or unset RAY_ADDRESS to use this machine alone.",
        ) from error
    except Exception as error:
        if not isinstance(error, RuntimeError) and type(error) is not Exception:
            raise  # of that bare class is the one that says that a node did not start in time
        reason = " ".join(str(error).split())
        raise ConfigError(f"Ray cannot be joined: {reason}.".replace("..", ".")) from error
    finally:
        if threading.current_thread() is threading.main_thread():
            with suppress(TypeError):  # one that was not set from Python
                signal.signal(signal.SIGTERM, handler)  # Ray sets its own


def _require_listening(address: str) -> None:
    """Ray itself tries for minutes. Raises ConnectionError where nothing listens at HOST:PORT."""
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()):
        return  # `auto`
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=REACHED_SECONDS).close()
    except OSError as error:
        raise ConnectionError(address) from error


def _stop_printing() -> None:
    """Ray prints on standard output that a node has died, whatever `log_to_driver` says, and with --json that
    output is ours. There is no setting for it: the thread that does it is stopped as Ray itself stops it."""
    from ray._private.worker import global_worker

    global_worker.threads_stopped.set()
    global_worker.gcs_error_subscriber.close()  # type: ignore[attr-defined] # set where it connects
