"""A reader that has read enough: `| head -1`."""

import os
import subprocess
from pathlib import Path

import pytest
from command import COMMAND, clean_environment

import selfinstruct as si
from selfinstruct.cli import PIPE_CLOSED

COMMANDS = ["status run", "status run --json", "export run --format alpaca", "generate --help"]
"""By rich, by our own writing, as data, and by click."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pipes")
    si.generate(folder / "run", model="scripted", tasks=12)
    return folder


def ended(folder: Path, command: str, *, both: bool = False) -> tuple[int, bytes]:
    """The exit code, and what was said on standard error. both: errors go to the closed pipe too."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [*COMMAND, *command.split()],
            cwd=folder,
            env=clean_environment(),
            stdout=writer,
            stderr=writer if both else subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writer)
    return done.returncode, done.stderr or b""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_pipe_ends_a_command_in_silence(folder: Path, command: str) -> None:
    code, said = ended(folder, command)
    assert code == PIPE_CLOSED == 128 + 13
    assert b"Traceback" not in said
    assert b"Error" not in said
    assert b"Exception" not in said


def test_an_error_message_that_nobody_reads(folder: Path) -> None:
    assert ended(folder, "status nowhere", both=True) == (PIPE_CLOSED, b"")
