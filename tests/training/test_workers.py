"""A tuning by two workers, as a launcher starts them, beside the same by one."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Started, start

from selfinstruct.errors import ConfigError
from selfinstruct.training.finetune import finetune
from selfinstruct.training.plan import plan_finetuning
from selfinstruct.training.workers import ALONE, Workers, launched

pytestmark = pytest.mark.filterwarnings("default")  # what torch and transformers say is theirs


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def start_workers(*arguments: object) -> list[Started]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
    return [
        start("finetune", *arguments, "--json", RANK=str(place), LOCAL_RANK=str(place), **shared)
        for place in range(2)
    ]


def checkpoints(out: Path) -> list[Path]:
    return list(out.glob("checkpoints/*/complete"))


def losses(out: Path, name: str) -> list[float]:
    rows = map(json.loads, (out / "losses.jsonl").read_text().splitlines())
    return [row[name] for row in rows if name in row]


def test_two_workers_learn_what_one_learns_and_resume_after_a_kill(
    tasks: Path, tiny: Path, tmp_path: Path
) -> None:
    together, alone = tmp_path / "together", tmp_path / "alone"
    asked = (tasks, "--out", together, "--model", f"gguf/{tiny}", "--batch-size", 6, "--epochs", 1)
    killed = start_workers(*asked, "--checkpoint-minutes", 0)
    while not checkpoints(together):
        assert [each.process.poll() for each in killed] == [None, None], killed[0].wait()
    for each in killed:
        each.kill()
    assert not (together / "model").exists()

    first, second = (each.wait() for each in start_workers(*asked))
    assert (first.code, second.code) == (0, 0), first.stderr + second.stderr
    assert (second.stdout, second.stderr) == ("", ""), "only the first one speaks"
    assert "6 an update by 2 workers" in first.stderr
    assert set(first.stderr.splitlines()[1:]) == {
        line for line in first.stderr.splitlines() if line.startswith("step ")
    }

    options = {"batch_size": 6, "epochs": 1.0}
    finetune(plan_finetuning(tasks, alone, model_spec=f"gguf/{tiny}", options=options), micro_batch=3)
    assert losses(together, "loss") == pytest.approx(losses(alone, "loss"), rel=1e-5)
    # Measured batch by batch, where each worker has batches of its own.
    assert losses(together, "held_out_loss") == pytest.approx(losses(alone, "held_out_loss"), rel=0.02)
    assert first.json()["tokens"] == json.loads((alone / "result.json").read_text())["tokens"]


def test_the_launcher_says_who_they_are() -> None:
    assert launched({}) == launched({"RANK": "1", "WORLD_SIZE": "2"}) == ALONE
    assert launched({"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "head"}) == Workers(1, 2)
    assert Workers(0, 4).share(16) == 4
    with pytest.raises(ConfigError, match="`batch_size=16` cannot be shared equally by 3 workers"):
        Workers(0, 3).share(16)
