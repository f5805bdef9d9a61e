"""Programs in containers, where a Docker daemon answers and has an image with Python; skipped elsewhere.

The image is `python:3-slim`, or the one that SELFINSTRUCT_TEST_IMAGE names: `docker pull python:3-slim`.
"""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.code.sandbox import IMAGE, Limits, Sandbox, open_sandbox

KIND = f"docker:{os.environ.get('SELFINSTRUCT_TEST_IMAGE', IMAGE)}"
LIMITS = Limits(cpu_seconds=4, wall_seconds=8)

THREADS = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(6) as pool:
    assert sum(pool.map(int, "123456")) == 21
"""
DAEMON = """
import os, time
if not os.fork():
    os.setsid()
    if not os.fork():
        time.sleep(99)
    os._exit(0)
"""
PROGRAMS = {
    "assert sum(range(4)) == 6": "passed",
    THREADS: "passed",
    "x = 1\nassert x == 2": "wrong_answer",
    "def f(:": "syntax_error",
    "import os; os._exit(0)": "exited",
    "import ctypes; ctypes.string_at(0)": "killed",
    "x = bytearray(5 << 30)": "out_of_memory",
    "import sys\nfor _ in range(1024): sys.stdout.write('x' * (1 << 20))": "too_much_output",
    "import os\nassert not [name for name in os.environ if 'KEY' in name or name == 'HOME']": "passed",
    DAEMON: "left_processes",
    "import os\nos.kill(-1, 9)\nos.kill(os.getppid(), 9)\nassert 0": "killed",
    "open(f'/proc/{__import__(\"os\").getppid()}/environ').read()": "error",
    "open('/proc/1/environ').read()": "error",
    "open('/proc/1/mem', 'rb').read()": "error",
    "n = 0\nwhile True:\n    open(f'f{n}', 'wb').write(b'x' * 10**7)\n    n += 1": "error",
    "open('here', 'wb').write(b'x' * (17 << 20))": "error",
    "open('/usr/here', 'w')": "error",
    "import sys; open(sys.prefix + '/here', 'w')": "error",
    "import socket; socket.create_connection(('192.0.2.1', 9), 1)": "error",
    "import socket; socket.getaddrinfo('example.org', 80)": "error",
    f"open({str(Path(__file__).resolve())!r})": "error",
    "while True: pass": "timeout",
    "import time\nwhile True: time.sleep(9)": "timeout",
    "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass": "timeout",
}


@cache
def sandbox() -> Sandbox:
    try:
        return open_sandbox(KIND, LIMITS)
    except ConfigError as error:
        pytest.skip(str(error))


def containers() -> set[str]:
    names = ["docker", "ps", "--all", "--filter", "name=selfinstruct-", "--format", "{{.Names}}"]
    return set(subprocess.run(names, capture_output=True, check=True, text=True).stdout.split())


def test_programs_in_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-secret")
    opened, before = sandbox(), containers()
    with ThreadPoolExecutor(4) as pool:
        ended = dict(zip(PROGRAMS, pool.map(opened.run, PROGRAMS), strict=True))
    assert {program: ran.reason for program, ran in ended.items()} == PROGRAMS
    assert not [ran for ran in ended.values() if "sk-secret" in ran.said]
    assert containers() <= before, "no container is left"


def test_an_image_that_is_not_there() -> None:
    sandbox()
    with pytest.raises(ConfigError, match=r"No such image.*nowhere.*`docker pull selfinstruct-nowhere`"):
        open_sandbox("docker:selfinstruct-nowhere")


def test_dockers_own_words_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a stand-in for its client, which puts advice after what is wrong."""
    client = tmp_path / "docker"
    client.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "print('docker: Cannot connect to the Docker daemon. Is the docker daemon running?\\n\\n'\n"
        "      \"Run 'docker run --help' for more information\", file=sys.stderr)\nsys.exit(125)\n",
        encoding="utf-8",
    )
    client.chmod(client.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(
        ConfigError, match=r"run: Cannot connect to the Docker daemon\. Install.*pull an-image"
    ):
        open_sandbox("docker:an-image")
