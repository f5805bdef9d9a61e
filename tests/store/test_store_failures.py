"""Disks that are full, folders that cannot be written, files that are damaged."""

import asyncio
import os
import pickle
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from store_examples import CONFIG, SEEDS, small_run

from selfinstruct.errors import NotARunError, StorageError
from selfinstruct.store.commit import GroupCommit
from selfinstruct.store.connection import connect, use_write_ahead_log
from selfinstruct.store.reader import RunReader
from selfinstruct.store.schema import VERSION
from selfinstruct.store.writer import RunWriter


def full_database(directory: Path) -> GroupCommit:
    """A real connection to a database that may not grow."""
    connection = connect(directory / "run.db")
    connection.execute("CREATE TABLE t (text)")
    connection.execute("PRAGMA max_page_count = 5")
    return GroupCommit(connection, directory / "run.db")


def test_a_full_disk_reaches_everyone_who_waits_and_the_next_call(tmp_path: Path) -> None:
    async def write() -> None:
        commit = full_database(tmp_path)
        insert = ("INSERT INTO t VALUES (?)", ("x" * 10_000,))
        results = await asyncio.gather(*(commit.commit(insert) for _ in range(5)), return_exceptions=True)
        failures = [result for result in results if result is not None]
        assert failures
        assert all(isinstance(failure, StorageError) for failure in failures)
        assert "The disk is full: " in str(failures[-1])
        assert "run the same command again" in str(failures[-1])
        assert str(pickle.loads(pickle.dumps(failures[-1]))) == str(failures[-1])
        with pytest.raises(StorageError, match="The disk is full"):
            commit.enqueue(insert)
        with pytest.raises(StorageError, match="The disk is full"):
            await commit.commit(insert)
        commit.close()  # nobody needs to be told again

    asyncio.run(write())


def test_a_failure_that_nobody_waited_for_is_raised_by_close(tmp_path: Path) -> None:
    commit = full_database(tmp_path)
    commit.enqueue(("INSERT INTO t VALUES (?)", ("x" * 50_000,)))
    with pytest.raises(StorageError, match="The disk is full"):
        commit.close()


def test_a_failed_transaction_leaves_nothing_of_itself(tmp_path: Path) -> None:
    commit = full_database(tmp_path)
    insert = "INSERT INTO t VALUES (?)"
    commit.enqueue((insert, ("small",)), (insert, ("x" * 50_000,)))
    with pytest.raises(StorageError):
        commit.close()
    database = sqlite3.connect(tmp_path / "run.db")
    assert database.execute("SELECT count(*) FROM t").fetchone() == (0,)
    database.close()


WRITE_UNTIL_IT_FAILS = """
import asyncio, resource, signal, sys
from pathlib import Path
from selfinstruct.config import Config
from selfinstruct.errors import StorageError
from selfinstruct.store.writer import RunWriter

async def main():
    writer = RunWriter.open(Path(sys.argv[1]), Config(), [])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    written = 0
    try:
        while True:
            writer.note(f"{written}", "x" * 10_000)
            await writer.flush()
            written += 1
    except StorageError as error:
        print(written, error, sep="\\n")
    await writer.aclose()

asyncio.run(main())
"""


def test_after_a_write_error_the_run_goes_on_from_what_was_promised(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITE_UNTIL_IT_FAILS, tmp_path], capture_output=True, text=True, check=True
    )
    written, message = done.stdout.splitlines()
    assert "run.db could not be read or written: disk I/O error" in message
    assert "run the same command again" in message
    notes = RunReader.open(tmp_path).notes()
    assert int(written) > 5
    assert set(notes) >= {str(number) for number in range(int(written))}


def test_where_there_is_no_shared_memory_the_journal_is_another_one(tmp_path: Path) -> None:
    address = f"{(tmp_path / 'run.db').as_uri()}?vfs=unix-dotfile"  # as network file systems are
    connection = sqlite3.connect(address, uri=True)
    assert use_write_ahead_log(connection) == "delete"
    connection.close()


def read_everything(directory: Path) -> None:
    reader = RunReader.open(directory)
    reader.summary()
    for rows in (reader.seeds(), reader.notes(), reader.tasks(), reader.candidates(), reader.requests()):
        list(rows)


@pytest.mark.parametrize(("offset", "length"), [(0, 16), (4096, 4096), (8192, 4096), (12288, 20_000)])
def test_a_damaged_file_is_named(tmp_path: Path, offset: int, length: int) -> None:
    database = small_run(tmp_path) / "run.db"
    with database.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xa5" * length)
    with pytest.raises(StorageError, match=r"run\.db is damaged") as caught:
        read_everything(tmp_path)
    assert "Restore it" in caught.value.hint
    assert caught.value.exit_code == 6


@pytest.mark.parametrize("column", ["'{torn'", "CAST(x'ff' AS TEXT)"])
def test_a_column_that_cannot_be_read_is_damage(tmp_path: Path, column: str) -> None:
    database = sqlite3.connect(small_run(tmp_path) / "run.db")
    database.execute(f"UPDATE notes SET value = {column}")
    database.commit()
    database.close()
    with pytest.raises(StorageError, match=r"run\.db is damaged"):
        read_everything(tmp_path)


def test_a_truncated_file_is_damaged(tmp_path: Path) -> None:
    database = small_run(tmp_path) / "run.db"
    os.truncate(database, 50)
    with pytest.raises(StorageError, match=r"run\.db is damaged"):
        RunReader.open(tmp_path)


@contextmanager
def read_only_folder() -> Iterator[Path]:
    """A folder with a finished run, and a user who may not write there; permissions do not bind root."""
    with tempfile.TemporaryDirectory() as name:
        outer = Path(name)
        outer.chmod(0o755)  # for the other user to get in
        run = small_run(outer / "run")
        run.chmod(0o555)
        for path in run.iterdir():
            path.chmod(0o444)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield run
        finally:
            os.seteuid(user)
            run.chmod(0o755)


def test_a_finished_run_reads_from_a_folder_that_cannot_be_written() -> None:
    with read_only_folder() as run:
        reader = RunReader.open(run)
        assert [task.id for task in reader.tasks()] == ["task_0", "task_2"]
        assert sorted(path.name for path in run.iterdir()) == [".lock", "config.toml", "run.db"]


def test_writing_there_fails_with_the_reason() -> None:
    with read_only_folder() as run, pytest.raises(StorageError, match="Permission denied") as caught:
        RunWriter.open(run, CONFIG, SEEDS)
    assert "may write there" in caught.value.hint


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir, Path.touch])
def test_what_is_not_a_run_cannot_be_read(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "run")
    with pytest.raises(NotARunError, match=r"holds no run|is a file") as caught:
        RunReader.open(tmp_path / "run")
    assert caught.value.exit_code == 2


def test_a_run_of_a_newer_version_says_which_one_wrote_it(tmp_path: Path) -> None:
    database = sqlite3.connect(small_run(tmp_path) / "run.db")
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.execute("UPDATE run SET version = '7.0', config = '{}'")
    database.commit()
    database.close()
    written = rf"was written by selfinstruct 7\.0 \(run format {VERSION + 1}\)"
    with pytest.raises(NotARunError, match=written) as caught:
        RunReader.open(tmp_path)
    assert caught.value.hint == "Upgrade selfinstruct to read it."
    with pytest.raises(NotARunError, match=r"7\.0"):
        RunWriter.open(tmp_path, CONFIG, SEEDS)


def test_a_run_of_an_earlier_format_says_how_to_finish_it(tmp_path: Path) -> None:
    database = sqlite3.connect(small_run(tmp_path) / "run.db")
    database.execute("PRAGMA user_version = 1")
    database.execute("UPDATE run SET version = '0.0.9'")
    for trigger in ("count_attempt", "recount_attempt", "uncount_attempt"):  # format 1 had none
        database.execute(f"DROP TRIGGER {trigger}")
    for column in ("cached_tokens", "cache_write_tokens", "reasoning_tokens"):
        database.execute(f"ALTER TABLE attempts DROP COLUMN {column}")
    database.commit()
    database.close()
    written = r"run\.db was written by an earlier selfinstruct, 0\.0\.9 \(run format 1\); .* reads format 3"
    with pytest.raises(NotARunError, match=written) as caught:
        RunReader.open(tmp_path)
    assert "with the version that wrote it, or start a new run" in caught.value.hint
    with pytest.raises(NotARunError, match=written):
        RunWriter.open(tmp_path, CONFIG, SEEDS)


def test_a_config_field_of_a_newer_version_is_named(tmp_path: Path) -> None:
    database = sqlite3.connect(small_run(tmp_path) / "run.db")
    database.execute("""UPDATE run SET version = '0.9', config = '{"flavour": "mint"}'""")
    database.commit()
    database.close()
    with pytest.raises(NotARunError, match=r"selfinstruct 0\.9; .*\(flavour: Extra inputs"):
        RunReader.open(tmp_path)
