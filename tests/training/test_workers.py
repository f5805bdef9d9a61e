"""A tuning by two workers, as a launcher starts them, beside the same by one."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import clean_environment

from selfinstruct.errors import ConfigError
from selfinstruct.training.workers import ALONE, Workers, launched


class Commands:
    """Processes of `selfinstruct finetune`, started by forked_commands.py."""

    def __init__(self, program: subprocess.Popen[str], folder: Path) -> None:
        self._program, self._folder = program, folder
        self._started = 0

    def start(self, *arguments: object, **environment: str) -> int:
        self._started += 1
        output = str(self._folder / str(self._started))
        asked = ["finetune", *map(str, arguments)]
        return self._tell({"arguments": asked, "environment": environment, "output": output})

    def workers(self, *arguments: object) -> list[int]:
        """Two of them, with what a launcher tells them."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        return [
            self.start(*arguments, RANK=str(place), LOCAL_RANK=str(place), **shared) for place in range(2)
        ]

    def wait(self, pid: int) -> int:
        return self._tell({"wait": pid})

    def output(self, number: int) -> str:
        """Of the command that was started as the so-manieth, both streams."""
        return (self._folder / str(number)).read_text()

    def _tell(self, what: dict[str, object]) -> int:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(json.dumps(what) + "\n")
        self._program.stdin.flush()
        return int(self._program.stdout.readline())


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    (tmp_path / "output").mkdir()
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("forked_commands.py"))],
        env=clean_environment() | {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"},  # both read at import
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        yield Commands(program, tmp_path / "output")


def wait_for_a_checkpoint(out: Path) -> None:
    until = time.monotonic() + 300
    while not list(out.glob("checkpoints/*/complete")):
        assert time.monotonic() < until
        time.sleep(0.01)


def losses(out: Path, name: str) -> list[float]:
    rows = map(json.loads, (out / "losses.jsonl").read_text().splitlines())
    return [row[name] for row in rows if name in row]


def test_two_workers_learn_what_one_learns_and_resume_after_a_kill(
    tasks: Path, tiny: Path, tmp_path: Path, commands: Commands
) -> None:
    together, alone = tmp_path / "together", tmp_path / "alone"
    asked = (tasks, "--model", f"gguf/{tiny}", "--batch-size", 6, "--epochs", 2, "--out")
    killed = commands.workers(*asked, together, "--checkpoint-minutes", 0)
    wait_for_a_checkpoint(together)
    for each in killed:
        os.kill(each, signal.SIGKILL)
    assert [commands.wait(each) for each in killed] == [-9, -9]
    assert not (together / "model").exists()

    codes = [commands.wait(each) for each in commands.workers(*asked, together)]
    assert codes == [0, 0], commands.output(3) + commands.output(4)
    assert "6 an update by 2 workers" in commands.output(3)
    assert commands.output(4) == "", "only the first one speaks"

    assert commands.wait(commands.start(*asked, alone, "--micro-batch", 3)) == 0
    assert losses(together, "loss") == pytest.approx(losses(alone, "loss"), rel=1e-5)
    # Measured batch by batch, where each worker has batches of its own.
    assert losses(together, "held_out_loss") == pytest.approx(losses(alone, "held_out_loss"), rel=0.02)
    told, expected = (json.loads((out / "result.json").read_text()) for out in (together, alone))
    assert (told["steps"], told["tokens"]) == (expected["steps"], expected["tokens"])


def test_the_launcher_says_who_they_are() -> None:
    assert launched({}) == launched({"RANK": "1", "WORLD_SIZE": "2"}) == ALONE
    assert launched({"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "head"}) == Workers(1, 2)
    assert Workers(0, 4).share(16) == 4
    with pytest.raises(ConfigError, match="`batch_size=16` cannot be shared equally by 3 workers"):
        Workers(0, 3).share(16)
