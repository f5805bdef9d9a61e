"""Output on terminals and pipes that cannot encode all of it."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import COMMAND, clean_environment

from selfinstruct.cli.output import print_json, print_text, tolerate_narrow_streams

SEEDS = "Erzähle eine Geschichte über 日本語.\nFasse den Text „Öl“ zusammen.\n"
NARROW = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "C": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""},
}
ENCODING = {"ascii": "ascii", "latin-1": "latin-1", "C": "ascii"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeds file in German, and a run made from the bundled ones."""
    folder = tmp_path_factory.mktemp("narrow")
    (folder / "seeds.txt").write_text(SEEDS, encoding="utf-8")
    done = run(folder, {}, "generate", "run", "--model", "scripted", "--tasks", "12")
    assert done.returncode == 0, done.stderr
    return folder


def run(folder: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=clean_environment() | environment,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("narrow", "arguments"),
    [
        ("ascii", "generate run --model scripted --tasks 13"),
        ("ascii", "explain run 1.0"),
        ("ascii", "seeds check seeds.txt"),
        ("ascii", "report run"),
        ("ascii", "export run --format chat --out card/"),
        ("ascii", "generate --help"),
        ("latin-1", "filter run --novelty 0.4"),
        ("C", "filter run --novelty 0.4"),
    ],
)
def test_what_cannot_be_shown_is_replaced(folder: Path, narrow: str, arguments: str) -> None:
    done = run(folder, NARROW[narrow], *arguments.split())
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    for stream in (done.stdout, done.stderr):
        stream.decode(ENCODING[narrow])


def test_arrows_and_quotation_marks_have_likenesses(folder: Path) -> None:
    shown = run(folder, NARROW["ascii"], "filter", "run", "--novelty", "0.4").stdout.decode("ascii")
    assert " -> " in shown
    told = run(folder, NARROW["latin-1"], "seeds", "list", "seeds.txt").stdout.decode("latin-1")
    assert "Erzähle eine Geschichte über ???." in told


@pytest.mark.parametrize("narrow", NARROW)
def test_json_is_escaped_and_loses_nothing(folder: Path, narrow: str) -> None:
    done = run(folder, NARROW[narrow], "seeds", "list", "seeds.txt", "--json")
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout.decode(ENCODING[narrow]))
    assert [seed["instruction"] for seed in listed] == SEEDS.splitlines()


def test_an_error_message_too(folder: Path) -> None:
    done = run(folder, NARROW["ascii"], "status", "Прогон-ü")
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: ??????-? holds no run.")


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems refuse names that are not UTF-8")
def test_a_run_whose_name_is_not_utf_8(folder: Path) -> None:
    name = os.fsdecode(b"r\xff")
    for arguments in ("generate {} --model scripted --tasks 3", "status {}", "report {}", "report run {}",
                      "export {} --out {}-card/"):  # fmt: skip
        words = [word.replace("{}", name) for word in arguments.split()]
        done = run(folder, {"PYTHONIOENCODING": "utf-8"}, *words)
        assert done.returncode == 0, done.stderr
    assert (
        b"run: " + os.fsencode(folder.resolve() / name)
        in run(
            folder, {"PYTHONIOENCODING": "utf-8"}, "generate", name, "--model", "scripted", "--tasks", "3"
        ).stdout
    )
    status = run(folder, {"PYTHONIOENCODING": "utf-8"}, "generate", name, "--json", "--model", "scripted")
    assert json.loads(status.stdout)["stopped"] == "done"


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", '{"a": "\\u2192"}'), ("utf-8", '{"a": "→"}')])
def test_streams_of_either_kind(encoding: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(buffer, encoding=encoding))
    tolerate_narrow_streams()
    print_json({"a": "→"})
    print_text("1 → 2 \udcff")
    told = "1 -> 2 " if encoding == "ascii" else "1 → 2 "
    assert buffer.getvalue() == f"{shown}\n{told}".encode() + b"\xff\n"
