import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from store_examples import CONFIG, SEEDS, small_run

from selfinstruct.config import Config, LimitsConfig, ModelConfig, SeedsConfig
from selfinstruct.errors import NotARunError, RunInUseError, RunMismatchError, StorageError
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.lock import is_held
from selfinstruct.store.writer import RunWriter

OPEN_AND_WAIT = """
import sys
from pathlib import Path
from selfinstruct.config import Config
from selfinstruct.store.writer import RunWriter
RunWriter.open(Path(sys.argv[1]), Config(), [])
print("open", flush=True)
sys.stdin.read()
"""


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_limits_and_endpoint_may_change_and_both_copies_follow(tmp_path: Path) -> None:
    small_run(tmp_path)
    further = CONFIG.model_copy(update={"limits": LimitsConfig(tasks=9, max_cost=1.5)})
    RunWriter.open(tmp_path, further, SEEDS).close()
    assert read_run_config(tmp_path) == further
    toml = tomllib.loads((tmp_path / "config.toml").read_text(encoding="utf-8"))
    assert Config.model_validate(toml) == further


def test_a_seeds_file_may_move(tmp_path: Path) -> None:
    RunWriter.open(tmp_path, Config(seeds=SeedsConfig(source="/a", digest="d")), SEEDS).close()
    RunWriter.open(tmp_path, Config(seeds=SeedsConfig(source="/b", digest="d")), SEEDS).close()
    moved = read_run_config(tmp_path)
    assert moved is not None
    assert moved.seeds.source == "/b"


def test_every_field_that_would_change_the_data_is_named_with_both_values(tmp_path: Path) -> None:
    small_run(tmp_path)
    before = contents(tmp_path)
    other = Config(seed=7, model=ModelConfig(name="bigger", context_window=2048), limits=CONFIG.limits)
    with pytest.raises(RunMismatchError) as caught:
        RunWriter.open(tmp_path, other, SEEDS)
    assert caught.value.message.endswith(
        'with other settings: model.context_window is null, not 2048; model.name is "pocket", not "bigger";'
        " seed is 42, not 7."
    )
    assert "keep the run's value" in caught.value.hint
    assert caught.value.exit_code == 2
    assert contents(tmp_path) | {".lock": b""} == before | {".lock": b""}


def test_a_second_writer_in_this_process_is_refused(tmp_path: Path) -> None:
    first = RunWriter.open(tmp_path, CONFIG, SEEDS)
    assert is_held(tmp_path / ".lock")
    with pytest.raises(RunInUseError, match=f"Process {os.getpid()} is writing"):
        RunWriter.open(tmp_path, CONFIG, SEEDS)
    first.close()
    assert not is_held(tmp_path / ".lock")
    RunWriter.open(tmp_path, CONFIG, SEEDS).close()


def test_a_writer_in_another_process_is_named_and_its_lock_dies_with_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_WAIT, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(RunInUseError, match=f"Process {other.pid} is writing"):
            RunWriter.open(tmp_path, Config(), [])
        other.kill()
    RunWriter.open(tmp_path, Config(), []).close()


@pytest.mark.parametrize("names", [[], [".lock"], [".lock", "config.toml"], ["config.toml", "run.db"]])
def test_a_run_whose_creation_was_cut_short_is_begun_again(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / ".config.toml.0123abcd.tmp").write_text("seed = ", encoding="utf-8")
    assert read_run_config(tmp_path) is None
    writer = RunWriter.open(tmp_path, CONFIG, SEEDS)
    assert writer.created
    assert writer.state().seeds == SEEDS
    writer.close()


def test_a_path_that_does_not_exist_is_no_run_yet(tmp_path: Path) -> None:
    assert read_run_config(tmp_path / "new") is None
    assert not (tmp_path / "new").exists()


def foreign_files(directory: Path) -> None:
    (directory / "thesis.tex").write_text("a year of work", encoding="utf-8")


def foreign_config(directory: Path) -> None:
    (directory / "config.toml").write_text("[server]\nport = 80\n", encoding="utf-8")


def foreign_database(directory: Path) -> None:
    database = sqlite3.connect(directory / "run.db")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE marathon (seconds)")
    database.close()


@pytest.mark.parametrize(
    ("fill", "reason"),
    [
        (foreign_files, "holds files, but no run"),
        (foreign_config, "its config.toml is not that of a run"),
        (foreign_database, "is a database, but not that of a run"),
    ],
)
def test_somebody_elses_folder_is_refused_and_not_touched(tmp_path: Path, fill: object, reason: str) -> None:
    assert callable(fill)
    fill(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(NotARunError, match=re.escape(reason)):
        RunWriter.open(tmp_path, CONFIG, SEEDS)
    with pytest.raises(NotARunError, match=re.escape(reason)):
        read_run_config(tmp_path)
    assert contents(tmp_path) == before


def test_a_file_is_not_the_folder_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("", encoding="utf-8")
    with pytest.raises(NotARunError, match="is a file, not the folder"):
        RunWriter.open(tmp_path / "run", CONFIG, SEEDS)


def test_a_damaged_database_is_not_begun_again(tmp_path: Path) -> None:
    (small_run(tmp_path) / "run.db").write_bytes(b"torn" * 5000)
    with pytest.raises(StorageError, match=r"run\.db is damaged"):
        RunWriter.open(tmp_path, CONFIG, SEEDS)


def test_a_deleted_config_file_comes_back(tmp_path: Path) -> None:
    (small_run(tmp_path) / "config.toml").unlink()
    RunWriter.open(tmp_path, CONFIG, SEEDS).close()
    assert "tasks = 2" in (tmp_path / "config.toml").read_text(encoding="utf-8")


def test_a_seeds_path_that_is_no_unicode_is_kept(tmp_path: Path) -> None:
    config = Config(seeds=SeedsConfig(source="/home/\udcff/seeds.jsonl", digest="d"))
    RunWriter.open(tmp_path, config, SEEDS).close()
    assert read_run_config(tmp_path) == config
