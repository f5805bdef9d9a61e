"""Where programs of a model run: which kinds of fence this system has, and one program in one of them.

`namespaces`: Linux. The program sees a root of its own with Python and the system's libraries, read-only, and
a folder in memory; it has no network, no other processes, no rights. `process`: the limits alone, on any
POSIX system. `docker`: a container without a network, with the same limits inside.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.code import keeper

__all__ = ["AUTO", "Limits", "Ran", "Sandbox", "open_sandbox"]

AUTO = "auto"
KINDS = "auto, namespaces, process, docker or docker:IMAGE"
IMAGE = "python:3-slim"
TEMPORARY = "/tmp"  # noqa: S108 - in the container
CONTAINER_PYTHON = "/usr/local/bin/python"  # where the images of python: have it
STARTING_SECONDS = 30.0
"""What a container or a busy machine may take before a program's own time begins, at most."""

SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/etc/ld.so.cache",
    "/etc/localtime",
)  # fmt: skip
"""What a program may read besides Python's own folders."""

_TRIES = (
    ("assert sum(range(5)) == 10", "passed"),
    ("open('/tmp/a', 'w').write('b'); assert open('/tmp/a').read() == 'c'", "wrong_answer"),
)
_ELSEWHERE = (
    'On a machine that may come to harm, such as a container: `sandbox="process"`. '
    'With Docker: `sandbox="docker"`'
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one program. cpu_seconds, memory_bytes: of each of its processes. wall_seconds: many more, since a
    busy machine may give it little time. file_bytes: of each file. disk_bytes: of its folder, which lies in
    memory (not with `process`). output_bytes: printed, both streams together."""

    cpu_seconds: float = 10.0
    wall_seconds: float = 60.0
    memory_bytes: int = 1 << 30
    processes: int = 16
    file_bytes: int = 16 << 20
    disk_bytes: int = 64 << 20
    open_files: int = 64
    output_bytes: int = 1 << 20


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended.

    reason: `passed`, or why it failed: `wrong_answer`, `syntax_error`, `error`, `timeout`, `out_of_memory`,
    `too_much_output`, `exited` (before its tests ended), `killed`, `left_processes`. said: the error, or the
    test that failed, in one line; may be empty.
    """

    reason: str
    said: str = ""

    @property
    def passed(self) -> bool:
        """Whether all tests did."""
        return self.reason == "passed"


class Sandbox(Protocol):
    """Runs programs, any number at a time, from any thread."""

    @property
    def description(self) -> str:
        """For people, after “Programs run”: where, and what that stops."""

    def run(self, program: str) -> Ran:
        """To its end. Raises ConfigError where the fence itself fails."""


def open_sandbox(kind: str, limits: Limits | None = None) -> Sandbox:
    """The fence of that name, tried on two small programs. `auto` is `namespaces`.

    Raises ConfigError for a name that is none, and where this system does not have it.
    """
    limits = limits or Limits()
    name, _, image = kind.partition(":")
    match name:
        case "auto" | "namespaces":
            found: Sandbox = _Processes(isolated=True, limits=limits)
            missing = "" if sys.platform == "linux" else "only Linux has name spaces"
            advice = _ELSEWHERE
        case "process":
            found = _Processes(isolated=False, limits=limits)
            missing = "" if os.name == "posix" else "this system has no limits for processes"
            advice = 'With Docker: `sandbox="docker"`'
        case "docker":
            found = _Docker(image or IMAGE, limits)
            missing = "" if shutil.which("docker") else "there is no command `docker`"
            advice = f"Install Docker, start it, and fetch the image: `docker pull {image or IMAGE}`"
        case _:
            raise ConfigError(f"There is no sandbox named {kind!r}.", f"There are: {KINDS}.")
    if not missing:
        missing = _problem(found)
    if missing:
        raise ConfigError(f"Programs cannot be sandboxed here by {name}: {missing}.", advice)
    return found


def _problem(sandbox: Sandbox) -> str:
    """What is wrong with it; empty where it works."""
    try:
        for program, expected in _TRIES:
            ran = sandbox.run(program)
            if ran.reason != expected:
                return f"a try ended as {ran.reason} ({ran.said})"
    except ConfigError as error:
        return error.message.rstrip(".")
    return ""


@dataclass(frozen=True, slots=True)
class _Processes:
    isolated: bool
    limits: Limits
    paths: tuple[str, ...] = field(default_factory=lambda: _readable_paths())

    @property
    def description(self) -> str:
        if self.isolated:
            return "in name spaces: no network, no other processes, nothing of the disk but Python"
        return "with limits alone: they see the network, this user's files and processes"

    def run(self, program: str) -> Ran:
        with _folder() as folder:
            job = {
                "program": program,
                "token": secrets.token_hex(16),
                "limits": asdict(self.limits),
                "isolated": self.isolated,
                "paths": self.paths,
                "python": sys.executable,
                "folder": folder,
            }
            command = [sys.executable, "-I", "-S", str(Path(keeper.__file__))]
            return _kept(command, job, self.limits.wall_seconds)


@dataclass(frozen=True, slots=True)
class _Docker:
    image: str
    limits: Limits

    @property
    def description(self) -> str:
        return f"in a container of {self.image} without a network"

    def run(self, program: str) -> Ran:
        limits, name = self.limits, f"selfinstruct-{secrets.token_hex(8)}"
        # The keeper and its boss are processes too; the container's memory is that of all together. Without
        # `--init` the keeper is the first process, which no other in the container can kill or look into.
        command = [
            "docker", "run", "--rm", "--pull", "never", "--interactive", "--name", name, "--network", "none",
            "--user", "65534:65534", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            "--pids-limit", str(limits.processes + 8), "--memory", str(2 * limits.memory_bytes),
            "--memory-swap", str(2 * limits.memory_bytes), "--cpus", "1", "--read-only",
            "--tmpfs", f"{TEMPORARY}:size={limits.disk_bytes},mode=1777", "--workdir", TEMPORARY, self.image,
            "python", "-I", "-S", "-c", Path(keeper.__file__).read_text(encoding="utf-8"),
        ]  # fmt: skip
        job = {
            "program": program,
            "token": secrets.token_hex(16),
            # `--pids-limit` holds instead: the system would count this user's processes of all containers.
            "limits": {**asdict(limits), "processes": None},
            "isolated": False,
            "paths": (),
            "python": CONTAINER_PYTHON,
            "folder": TEMPORARY,
        }
        try:
            return _kept(command, job, limits.wall_seconds, docker=True)
        finally:
            subprocess.run(  # noqa: S603
                ["docker", "rm", "--force", name],  # noqa: S607
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )


def _kept(command: list[str], job: dict[str, object], seconds: float, *, docker: bool = False) -> Ran:
    """The keeper's word. Where it has none, the program killed it."""
    environment = dict(os.environ) if docker else {}  # Docker's client finds its server by it
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            said, errors = process.communicate(json.dumps(job).encode(), timeout=seconds + STARTING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Ran("timeout", f"{seconds:g} s")
        except BaseException:
            process.kill()  # what it runs ends with it
            raise
    try:
        told = json.loads(said)
    except ValueError:
        if errors.strip() and (not docker or process.returncode in (125, 126, 127)):
            raise ConfigError(f"A program could not be run: {_error_line(errors, docker=docker)}.") from None
        return Ran("killed", "it killed the process that ran it")
    if told["reason"] == "sandbox":
        raise ConfigError(f"{told['said']}.")
    return Ran(told["reason"], told["said"])


def _error_line(errors: bytes, *, docker: bool) -> str:
    """The one that says what is wrong. Docker's client puts advice after its own, and progress before it."""
    lines = errors.decode(errors="replace").strip().splitlines()
    told = [line.removeprefix("docker: ") for line in lines if docker and line.startswith("docker: ")]
    return re.sub(r"\. [^.?]*\?$", "", (told or lines)[-1])[:300].rstrip(". ")  # without its question


@contextmanager
def _folder() -> Iterator[str]:
    """An empty one, gone afterwards, whatever a program made of its rights."""
    path = tempfile.mkdtemp(prefix="selfinstruct-")
    try:
        yield os.path.realpath(path)
    finally:
        for folder, _, _ in os.walk(path):
            Path(folder).chmod(0o700)
        shutil.rmtree(path, ignore_errors=True)


def _readable_paths() -> tuple[str, ...]:
    """Python's folders and the system's, outer ones first; links and what they lead to."""
    python = Path(sys.executable)
    own = [sys.prefix, sys.base_prefix, str(python.resolve().parent.parent)]
    own += [str(Path(path).resolve()) for path in own]
    wanted = [
        path for path in own if not path.startswith(("/usr/", "/nix/store/")) and path not in ("/", "/usr")
    ]
    return tuple(dict.fromkeys([*SYSTEM, *sorted(wanted)]))
