"""The command as users run it: a subprocess, its output, its signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from answering import ACCESS_VARIABLES

__all__ = ["Finished", "Started", "generate", "run", "start", "start_generate"]

COMMAND = [sys.executable, "-m", "selfinstruct"]


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has ended."""

    code: int
    stdout: str
    stderr: str
    seconds: float

    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output, whatever the exit code."""
        (line,) = self.stdout.splitlines()
        value = json.loads(line)
        assert isinstance(value, dict)
        return value

    def error(self) -> str:
        """The one line that tells of a mistake."""
        assert "Traceback" not in self.stderr, self.stderr
        (line,) = [line for line in self.stderr.splitlines() if line.startswith("Error: ")]
        return line


class Started:
    """A command that runs."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment() | environment,
        )

    def interrupt(self) -> None:
        """As Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        self.process.communicate()

    def wait(self, timeout: float = 120) -> Finished:
        """Its end."""
        try:
            stdout, stderr = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return Finished(self.process.returncode, stdout, stderr, time.monotonic() - self.began)


def clean_environment() -> dict[str, str]:
    """Ours, without keys and proxies, which would change what the command does."""
    unwanted = ("_API_KEY", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", *ACCESS_VARIABLES)
    return {name: value for name, value in os.environ.items() if not name.upper().endswith(unwanted)}


def start(*arguments: object, **environment: str) -> Started:
    """Start `selfinstruct ARGUMENTS`."""
    return Started([str(argument) for argument in arguments], environment)


def run(*arguments: object, **environment: str) -> Finished:
    """Run `selfinstruct ARGUMENTS` to its end."""
    return start(*arguments, **environment).wait()


def start_generate(directory: Path, base_url: str, *arguments: object, **environment: str) -> Started:
    """Start `selfinstruct generate DIRECTORY` against an endpoint, with `--json`."""
    endpoint = ("--base-url", base_url, "--model", "m", "--recipe", "paper", "--json")
    return start("generate", directory, *endpoint, *arguments, **environment)


def generate(directory: Path, base_url: str, *arguments: object, **environment: str) -> Finished:
    """Run `selfinstruct generate DIRECTORY` to its end."""
    return start_generate(directory, base_url, *arguments, **environment).wait()
