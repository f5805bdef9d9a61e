"""A tuning by two workers on a Ray cluster of three nodes on this machine."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ray.cluster_utils import Cluster
from ray_nodes import SMALL, three_nodes

import selfinstruct
from selfinstruct.errors import ConfigError, EndpointUnavailableError
from selfinstruct.requests.signals import taking_signals
from selfinstruct.training.on_ray import asked_of
from selfinstruct.training.plan import plan_finetuning


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    with three_nodes() as running:
        yield running


@pytest.fixture(autouse=True)
def cluster(nodes: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setenv("RAY_ADDRESS", nodes.address)
    return nodes


def losses(out: Path, name: str) -> list[float]:
    rows = map(json.loads, (out / "losses.jsonl").read_text().splitlines())
    return [row[name] for row in rows if name in row]


def once(there: Path, pattern: str, then: object) -> None:
    """Call it in a thread when such a file is there."""

    def wait() -> None:
        until = time.monotonic() + 300
        while not list(there.glob(pattern)) and time.monotonic() < until:
            time.sleep(0.02)
        assert callable(then)
        then()

    threading.Thread(target=wait, daemon=True).start()


def test_two_workers_learn_what_one_learns_and_are_stopped_and_resumed(
    tasks: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    together, alone = tmp_path / "together", tmp_path / "alone"
    asked: dict[str, Any] = {"model": f"gguf/{tiny}", "batch_size": 6, "epochs": 4.0}
    once(together, "checkpoints/*/complete", lambda: os.kill(os.getpid(), signal.SIGINT))
    with taking_signals():
        stopped = selfinstruct.finetune(
            tasks, together, **asked, checkpoint_minutes=0, engine="ray", workers=2, progress=True
        )
    assert (stopped.stopped, stopped.result) == ("interrupted", None)
    told = capsys.readouterr()
    assert "6 an update by 2 workers" in told.err
    assert "Finishing this step and saving; Ctrl-C again to stop at once." in told.err
    assert told.out == ""
    learnt = len(losses(together, "loss"))
    assert learnt == stopped.steps > 0

    resumed = selfinstruct.finetune(tasks, together)
    whole = selfinstruct.finetune(tasks, alone, **asked, micro_batch=3)
    assert (resumed.stopped, resumed.steps) == ("done", whole.steps)
    assert learnt < whole.steps, "it was stopped before its end"
    assert losses(together, "loss") == pytest.approx(losses(alone, "loss"), rel=1e-5)


def test_a_node_that_dies_ends_the_tuning_and_says_how_to_resume(
    cluster: Cluster, tasks: Path, tiny: Path, tmp_path: Path
) -> None:
    once(tmp_path, "out/.lock", lambda: cluster.remove_node(cluster.worker_nodes.copy().pop(), False))
    with pytest.raises(EndpointUnavailableError, match=r"Worker [01] on the node .* ended: .*to resume from"):
        selfinstruct.finetune(tasks, tmp_path / "out", model=f"gguf/{tiny}", engine="ray", workers=2)
    cluster.add_node(num_cpus=1, **SMALL)


def test_workers_plan_the_same_from_a_folder_of_shards(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "shards" / "data").mkdir(parents=True)
    for number in (1, 2):
        row = {"instruction": f"Say {number}.", "input": "", "output": f"{number}"}
        shard = tmp_path / "shards" / "data" / f"train-{number:05}-of-00002.jsonl"
        shard.write_text(json.dumps(row) + "\n")
    out = tmp_path / "out"
    plan = plan_finetuning(tmp_path / "shards", out, model_spec=f"gguf/{tiny}", options={"epochs": 1.0})
    asked = asked_of(plan, {})
    again = plan_finetuning(asked.data, asked.out, **asked.arguments)
    assert (again.source.digest, again.model.digest) == asked.digests
    assert again.options == plan.options


def test_what_cannot_be_started_says_so(
    tasks: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tune(**asked: object) -> None:
        selfinstruct.finetune(tasks, tmp_path / "out", model=f"gguf/{tiny}", **asked)  # type: ignore[arg-type]

    with pytest.raises(ConfigError, match="`batch_size=5` cannot be shared equally by 2 workers"):
        tune(engine="ray", workers=2, batch_size=5)
    with pytest.raises(ConfigError, match=r"no room for 3 workers of 1 core, only for 2.*\(`workers`\)"):
        tune(engine="ray", workers=3)
    with pytest.raises(
        ConfigError, match=r'works only with `engine="ray"`\. Add `engine="ray"`, or use torchrun'
    ):
        tune(workers=2)
    for name, value in {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "head"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match="a launcher has started this process"):
        tune(engine="ray", workers=2)
    assert not (tmp_path / "out").exists()
