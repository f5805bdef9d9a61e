"""One writer at a time, whatever happens to it; readers only look."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import portalocker
import pytest

from selfinstruct.errors import RunInUseError, StorageError
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.lock import RunLock, is_held

HOLD = """
import sys
from pathlib import Path
from selfinstruct.store.lock import RunLock
lock = RunLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def test_a_lock_dies_with_its_process_after_sigkill_too(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with another_holder(path) as process:
        assert is_held(path)
        with pytest.raises(RunInUseError) as caught:
            RunLock(path)
        assert caught.value.message == f"Process {process.pid} is writing the run {tmp_path}."
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert not is_held(path)
    RunLock(path).release()


def test_a_released_lock_is_free_and_its_file_stays(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    for _ in range(3):
        lock = RunLock(path)
        assert is_held(path)
        lock.release()
        assert not is_held(path)
    assert path.read_text(encoding="ascii") == f"{os.getpid()}\n"


def test_a_holder_that_has_not_written_its_number_yet(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with path.open("wb") as file:
        portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE)
        with pytest.raises(RunInUseError, match=r"Process \(just starting\) is writing the run"):
            RunLock(path)


def test_a_look_at_a_file_that_is_not_there_creates_nothing(tmp_path: Path) -> None:
    assert not is_held(tmp_path / ".lock")
    assert list(tmp_path.iterdir()) == []


def test_readers_do_not_take_each_other_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    path.touch()
    with path.open("rb") as looking:
        portalocker.lock(looking, portalocker.LockFlags.SHARED)
        assert not is_held(path)
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(lambda _: is_held(path), range(400)))


def test_a_writer_waits_for_a_reader_that_is_just_looking(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    path.touch()
    with ThreadPoolExecutor(4) as pool:
        looks = pool.map(lambda _: [is_held(path) for _ in range(50)], range(4))
        for _ in range(50):
            RunLock(path).release()
        assert len(list(looks)) == 4


def test_a_file_system_without_locks_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def no_locks(descriptor: int, flags: int) -> None:
        asked.append(descriptor)
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("portalocker.portalocker.LOCKER", no_locks)
    said = f"could not be read or written: {os.strerror(errno.ENOLCK)}"
    with pytest.raises(StorageError, match=said), storage_errors(tmp_path):
        RunLock(tmp_path / ".lock")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(asked[0])
