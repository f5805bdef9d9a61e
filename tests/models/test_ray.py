"""Replicas on a Ray cluster of three nodes on this machine, which is started once for all tests here."""

import asyncio
import importlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import ray
from llamacpp_examples import ask, replies
from ray.cluster_utils import Cluster
from ray_nodes import SMALL, three_nodes
from tiny_gguf import write_tiny_gguf
from tiny_llama import write_tiny_llama

import selfinstruct
from selfinstruct.config import EndpointConfig, EngineConfig
from selfinstruct.errors import ConfigError, ConnectionBrokenError, ConnectionFailedError
from selfinstruct.models.base import Model
from selfinstruct.models.catalog import open_model, parse_spec
from selfinstruct.models.ray import cluster as connection
from selfinstruct.models.ray import model as ray_model
from selfinstruct.models.ray.replica import Replica
from selfinstruct.records import Completion, Request
from selfinstruct.store.directory import holds_run
from selfinstruct.store.reader import RunReader


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    with three_nodes() as running:
        yield running


@pytest.fixture(autouse=True)
def cluster(nodes: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setenv("RAY_ADDRESS", nodes.address)
    return nodes


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny_gguf(tmp_path / "tiny.gguf")


def opened(spec: str, **engine: Any) -> Model:
    return open_model(parse_spec(spec), EndpointConfig(), EngineConfig(name="ray", **engine))


async def answers(model: Model, requests: Sequence[Request]) -> list[Completion]:
    try:
        return await asyncio.gather(*map(model.complete, requests))
    finally:
        await model.aclose()


def texts(completions: Sequence[Completion]) -> list[str]:
    return [each.text for each in completions]


def test_replies_do_not_depend_on_where_they_are_written(tiny: Path) -> None:
    requests = [ask(f"{number} bottles of", seed=number) for number in range(12)]
    on_ray = asyncio.run(answers(opened(f"gguf/{tiny}"), requests))
    assert texts(on_ray) == texts(replies(tiny, requests))
    assert not ray.is_initialized()


def test_a_hugging_face_model_has_replicas_too(tmp_path: Path) -> None:
    spec = f"hf/{write_tiny_llama(tmp_path / 'tiny')}"
    requests = [ask(seed=number, max_tokens=8) for number in range(4)]
    here = open_model(parse_spec(spec), EndpointConfig())
    assert texts(asyncio.run(answers(opened(spec, replicas=1), requests))) == texts(
        asyncio.run(answers(here, requests))
    )


def test_a_node_that_dies_costs_its_replies_in_flight_and_nothing_else(
    cluster: Cluster, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def run_and_lose_a_node() -> None:
        run = asyncio.create_task(
            selfinstruct.agenerate(tmp_path / "ray", tasks=3, model="pocket", engine="ray", replicas=2)
        )
        while not holds_run(tmp_path / "ray") or RunReader(tmp_path / "ray").summary().requests < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await asyncio.to_thread(cluster.remove_node, min(cluster.worker_nodes, key=id), allow_graceful=False)
        await run

    asyncio.run(run_and_lose_a_node())
    cluster.add_node(num_cpus=1, **SMALL)
    summary = RunReader(tmp_path / "ray").summary()
    assert summary.errors == {"ConnectionBrokenError": 1}
    assert not summary.lost
    assert capfd.readouterr() == ("", "")
    here = selfinstruct.generate(tmp_path / "here", tasks=5, model="pocket")
    assert here.dataset.read_bytes().startswith((tmp_path / "ray" / "dataset.jsonl").read_bytes())
    resumed = selfinstruct.generate(tmp_path / "ray", tasks=5, engine="local")
    assert resumed.dataset.read_bytes() == here.dataset.read_bytes()


def test_a_replica_that_dies_is_replaced(tiny: Path) -> None:
    async def kill_and_ask_again() -> None:
        model = opened(f"gguf/{tiny}", replicas=1)
        assert isinstance(model, ray_model.RayModel)
        assert model.default_concurrency == 1
        first = await model.complete(ask())
        ray.kill(model._slots[0].actor)
        with pytest.raises(ConnectionBrokenError, match=r"The replica on the node .* ended"):
            await model.complete(ask())
        assert texts(await answers(model, [ask()])) == [first.text]
        assert texts(await answers(model, [ask()])) == [first.text]  # closed, and asked again

    asyncio.run(kill_and_ask_again())


class FarReplica(Replica):
    """On a node that shares no disk with this process."""

    async def lacks_file(self) -> bool:
        self._config = self._config.model_copy(update={"name": "/far/away.gguf"})
        return await super().lacks_file()


def test_a_node_without_the_file_is_sent_it(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the nodes cannot import tests
    monkeypatch.setattr(ray_model, "Replica", FarReplica)
    monkeypatch.setattr(ray_model, "CHUNK_BYTES", 100_000)
    assert texts(asyncio.run(answers(opened(f"gguf/{tiny}", replicas=1), [ask()]))) == texts(
        replies(tiny, [ask()])
    )
    digest = parse_spec(f"gguf/{tiny}").digest
    (Path(tempfile.gettempdir()) / f"selfinstruct-{digest[:32]}.gguf").unlink()  # kept for the next run
    monkeypatch.setattr(ray_model, "LARGEST_SENT", 1)
    other = write_tiny_gguf(tiny.with_name("other.gguf"), seed=1)
    with pytest.raises(ConfigError, match=r"The node .* has no .*other\.gguf.*on shared storage"):
        asyncio.run(answers(opened(f"gguf/{other}", replicas=1), [ask()]))


def test_a_node_without_this_package_is_said(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "from selfinstruct.models.ray.replica import Replica\nclass Unknown(Replica): ...\n"
    (tiny.parent / "only_here.py").write_text(module)
    model = opened(f"gguf/{tiny}", replicas=1)  # from here on, the nodes know where to look for modules
    monkeypatch.syspath_prepend(tiny.parent)
    monkeypatch.setattr(ray_model, "Replica", importlib.import_module("only_here").Unknown)
    with pytest.raises(
        ConfigError, match=r"cannot load selfinstruct: .*'only_here'.*Install the same version"
    ):
        asyncio.run(answers(model, [ask()]))


def test_what_is_wrong_with_a_request_is_said_as_without_a_cluster(tiny: Path) -> None:
    with pytest.raises(selfinstruct.errors.ContextLengthError):
        asyncio.run(answers(opened(f"gguf/{tiny}", replicas=1), [ask("long " * 2000)]))


def test_a_cluster_without_room_says_so(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ConfigError, match=r"no room for 3 replicas of 1 core, only for 2\. Its nodes: .*1 core"
    ):
        opened(f"gguf/{tiny}", replicas=3)
    monkeypatch.setattr(connection, "FREE_SECONDS", 0.0)

    async def ask_beside_another_job() -> None:
        model = opened(f"gguf/{tiny}", replicas=2)
        await model.complete(ask())
        with pytest.raises(
            ConfigError, match="Other jobs use the Ray cluster: 2 replicas of 1 core need 2 CPUs"
        ):
            opened(f"gguf/{tiny}", replicas=2)
        await model.aclose()

    asyncio.run(ask_beside_another_job())


def test_replicas_that_never_start_are_failed_connections(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_model, "PLACING_SECONDS", 0.0)
    with pytest.raises(ConnectionFailedError, match="the cluster has had no room for 1 core"):
        asyncio.run(answers(opened(f"gguf/{tiny}", replicas=1), [ask()]))


def test_an_address_that_does_not_work_is_said(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(ConfigError, match=r"RAY_ADDRESS is 127\.0\.0\.1:1, and no Ray cluster answers there"):
        opened(f"gguf/{tiny}")
    monkeypatch.setenv("RAY_ADDRESS", "ray://head:10001")
    with pytest.raises(ConfigError, match="Ray's client protocol"):
        opened(f"gguf/{tiny}")
