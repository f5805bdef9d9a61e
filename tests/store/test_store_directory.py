import errno
from pathlib import Path

import pytest
from made_run import make_run

import selfinstruct as si
from selfinstruct.errors import StorageError, UserError
from selfinstruct.store.directory import atomic_write


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text("old", encoding="utf-8")
    with atomic_write(path) as file:
        file.write("neu\nä")
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_bytes() == "neu\nä".encode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["data.jsonl"]


def test_a_block_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text("old", encoding="utf-8")

    def fail() -> None:
        with atomic_write(path) as file:
            file.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text(encoding="utf-8") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["data.jsonl"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with atomic_write(tmp_path / "link") as file:
        file.write("x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".", "is not a regular file"),
        ("/dev/null", "is not a regular file"),
        ("missing/data.jsonl", "does not exist"),
    ],
)
def test_a_path_that_cannot_be_a_file_is_the_users_mistake(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason), atomic_write(tmp_path / name):
        pass


def test_a_full_disk_is_said_to_be_full(tmp_path: Path) -> None:
    def fill() -> None:
        with atomic_write(tmp_path / "data.jsonl"), Path("/dev/full").open("w") as full:
            full.write("x")

    with pytest.raises(StorageError, match=r"The disk is full: .*data\.jsonl") as caught:
        fill()
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


OWN = [
    "run.db", "run.db-wal", "ratings.db", "config.toml", "dataset.jsonl", ".lock", "improved/a.jsonl",
    "judge/openai/verdicts.jsonl", "data/../run.db", "../link/run.db", "../link.jsonl",
]  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_no_output_takes_the_place_of_a_runs_own_file(name: str, tmp_path: Path) -> None:
    directory = tmp_path / "run"
    make_run(directory)
    (directory / "data").mkdir()
    (tmp_path / "link").symlink_to(directory)
    (tmp_path / "link.jsonl").symlink_to(directory / "dataset.jsonl")
    (tmp_path / "link.jsonl").touch()
    before = (directory / "run.db").read_bytes()
    run, path = si.Run(directory), directory / name
    for write in (
        lambda: run.export(path),
        lambda: run.export(path, format="candidates"),
        lambda: run.report(path),
        lambda: si.check(directory, out=path),
        lambda: si.check(directory, rest=path),
    ):
        with pytest.raises(UserError, match=r"is a file of the run|is not a selfinstruct report"):
            write()
    assert (directory / "run.db").read_bytes() == before
    assert len(run.tasks) == 3


def test_other_files_may_lie_in_a_runs_folder(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    make_run(directory)
    run = si.Run(directory)
    assert run.export(directory / "alpaca.jsonl", format="alpaca") == (directory / "alpaca.jsonl",)
    assert si.check(directory, rest=directory / "flagged.jsonl").rest
    assert run.export(tmp_path / "run.db"), "no run there"
    assert len(run.tasks) == 3


def test_a_side_of_a_split_is_an_output_too(tmp_path: Path) -> None:
    make_run(tmp_path / "run")
    link = tmp_path / "data-train.jsonl"
    link.symlink_to(tmp_path / "run" / "run.db")
    with pytest.raises(UserError, match="is a file of the run"):
        si.Run(tmp_path / "run").export(tmp_path / "data.jsonl", split="0.5")
