"""Runs a server for as long as its standard input is open, and then ends it with all that it started.

A process that Ray kills says nothing to its children. A program of its own: `keeper.py COMMAND ARGUMENT…`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

__all__ = ["keep"]


def keep(command: list[str]) -> int:
    """The command's exit code, or 0 where standard input was closed before it ended."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as server:  # noqa: S603 - ours
        threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
        code = server.wait()
    return code if code >= 0 else 0


def _end_with_stdin(server: subprocess.Popen[bytes]) -> None:
    sys.stdin.read()
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(keep(sys.argv[1:]))
