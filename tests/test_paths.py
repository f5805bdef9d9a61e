"""Paths that nothing can have, and files that are none."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from selfinstruct import paths
from selfinstruct.cli import main
from selfinstruct.errors import ConfigError, NotARunError, SeedsError, UserError
from selfinstruct.paths import path_problem, read_bytes
from selfinstruct.seeds.load import load_seeds
from selfinstruct.store.directory import atomic_write, holds_run

Refused = Callable[..., str]

LONG = "ü" * 150  # 300 bytes


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a file, a folder, a loop, a link to nothing, and links to the first two."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("Name a river.\n")
    (tmp_path / "folder").mkdir()
    for link, target in {
        "loop": "loop", "there": "back", "back": "there", "broken": "gone", "link": "file", "way": "folder",
    }.items():  # fmt: skip
        (tmp_path / link).symlink_to(target)
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Runs the command and returns its message. It ends with exit code 2."""

    def run(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["selfinstruct", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        return capsys.readouterr().err

    return run


WRONG = [
    ("file/run", "file/run cannot be reached: file is a file, not a folder."),
    ("file/run/deeper", "file is a file, not a folder."),
    ("link/run", "link is a file, not a folder."),
    ("pipe/run", "pipe is a file, not a folder."),
    ("/dev/null/run", "/dev/null is a file, not a folder."),
    ("loop", "loop is in a loop of symbolic links."),
    ("there/run", "there is in a loop of symbolic links."),
    ("broken/run", "broken is a symbolic link to gone, where nothing is."),
    (LONG, f"The name {'ü' * 60}… has 300 bytes, and a file system takes 255."),
    (f"new/{LONG}/run", "has 300 bytes"),
    ("/".join(["folder/.."] * 600), "is too long for the system."),
    ("fold\0er", r"holds a NUL character."),
]


@pytest.mark.parametrize(("path", "said"), WRONG)
@pytest.mark.parametrize(
    "use",
    [
        lambda path: holds_run(path),
        lambda path: atomic_write(path).__enter__(),
        lambda path: load_seeds(path),
        lambda path: read_bytes(path, ConfigError, "the config file", at_most=10),
    ],
    ids=["run", "write", "seeds", "read"],
)
def test_what_is_wrong_is_said_wherever_a_path_is_used(
    folder: Path, path: str, said: str, use: Callable[[Path], object]
) -> None:
    with pytest.raises(UserError) as caught:
        use(Path(path))
    assert said in caught.value.message
    assert caught.value.hint
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "path", ["file", "folder", "new", "new/deeper", "link", "way/new", "broken", "pipe", "."]
)
def test_other_paths_may_be_used(folder: Path, path: str) -> None:
    assert path_problem(Path(path)) is None
    assert path_problem(folder / path) is None


def test_a_run_is_not_made_behind_a_link_to_nothing_but_a_file_is(folder: Path) -> None:
    with pytest.raises(NotARunError, match="broken is a symbolic link to gone"):
        holds_run(Path("broken"))
    with atomic_write(Path("broken")) as file:
        file.write("x")
    assert (folder / "gone").read_text() == "x"


@pytest.mark.parametrize(("path", "said"), [(path, said) for path, said in WRONG if "\0" not in path])
@pytest.mark.parametrize(
    "arguments",
    [
        "generate {} --model scripted",
        "generate new --model scripted --seeds {}",
        "generate new --model scripted --config {}",
        "generate new --model gguf/{}",
        "filter run --out {}",
        "export run --out {}/",
        "report run --out {}",
        "finetune file --model pocket --out {}",
        "evaluate --predictions file --suite jsonl --out {}",
    ],
)
def test_every_verb_says_so(folder: Path, path: str, said: str, arguments: str, refused: Refused) -> None:
    printed = refused(*(word.replace("{}", path) for word in arguments.split()))
    if arguments not in ("filter run --out {}", "export run --out {}/"):  # the run is looked for first
        assert said.split(": ")[-1] in printed
    assert "read-only" not in printed


@pytest.mark.parametrize("option", ["--seeds", "--config", "--decontaminate"])
@pytest.mark.parametrize(
    ("path", "said"),
    [("folder", "folder"), ("missing", "No such file or directory"), ("broken", "a symbolic link to gone")],
)
def test_what_cannot_be_read(folder: Path, option: str, path: str, said: str, refused: Refused) -> None:
    assert said in refused("generate", "new", "--model", "scripted", option, path)
    assert not (folder / "new").exists()


def test_a_pipe_is_read_to_its_end(folder: Path) -> None:
    writer = threading.Thread(target=(folder / "pipe").write_text, args=("Name a river.\n" * 20_000,))
    writer.start()
    assert len(load_seeds(folder / "pipe")) == 20_000
    writer.join()


def test_a_pipe_of_the_shell(folder: Path) -> None:
    command = f"{sys.executable} -m selfinstruct seeds list <(sleep 0.2; cat file)"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "Name a river." in done.stdout


def test_a_pipe_without_a_writer_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "PIPE_SECONDS", 0.05)
    with pytest.raises(SeedsError, match="Nothing writes to the seeds file pipe, which is a pipe"):
        load_seeds(Path("pipe"))


def test_a_writer_that_is_slow_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "PIPE_SECONDS", 0.05)
    command = ["bash", "-c", "exec 3>pipe; sleep 0.3; echo 'Name a river.' >&3"]
    with subprocess.Popen(command):
        while path_problem(Path("pipe")):
            pass
        found = read_when_opened(Path("pipe"))
    assert found == b"Name a river.\n"


def read_when_opened(pipe: Path) -> bytes:
    """The writer may take longer to start than a pipe is waited for."""
    for _ in range(100):
        try:
            return read_bytes(pipe, UserError)
        except UserError:
            continue
    raise AssertionError("nobody wrote")


def test_a_device_without_an_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST_BYTES", 1 << 20)
    with pytest.raises(SeedsError, match="Cannot read the seeds file /dev/zero: it goes on after 1 MiB"):
        load_seeds(Path("/dev/zero"))


def test_a_config_without_an_end(folder: Path, refused: Refused) -> None:
    with (folder / "large.toml").open("wb") as file:
        file.truncate(1 << 40)
    said = refused("generate", "new", "--model", "scripted", "--config", "large.toml")
    assert "it goes on after 16 MiB. Name a smaller file." in said
