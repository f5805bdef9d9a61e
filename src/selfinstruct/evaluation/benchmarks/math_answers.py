"""Whether two answers in LaTeX are the same mathematics, by math-verify, in a process of its own.

What a model writes may keep algebra busy for ever, or ask for a number that no memory holds: the process is
ended then, after some seconds, and the answer counts as wrong. `main` is that process: on standard input a
JSON array `[reply, reference]` a line, on standard output `true` or `false` a line.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from contextlib import suppress
from importlib.util import find_spec
from typing import Self

from selfinstruct.errors import MissingExtraError

__all__ = ["MathJudge", "main", "require_math_verify"]

SECONDS = 20.0
"""For one pair, of the process that compares; math-verify ends its own steps after five, where it can."""
START_SECONDS = 120.0
MEMORY_BYTES = 4 << 30
MODULE = "selfinstruct.evaluation.benchmarks.math_answers"


def require_math_verify() -> None:
    """Raises MissingExtraError where it is not installed."""
    if find_spec("math_verify") is None:
        raise MissingExtraError(
            "The suite math needs the package math-verify, which is not installed.",
            "Install it with: pip install 'selfinstruct[math]'",
        )


class MathJudge:
    """Compares answers, one at a time. A context manager."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def same(self, reply: str, reference: str) -> bool | None:
        """None where that could not be found out in time, or not within the memory.

        reply: an answer with text around it; what math-verify finds in it counts. reference: a formula.
        """
        fresh = self._process is None
        process = self._process = self._process or _start()
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018
        late = threading.Timer(self._seconds + (START_SECONDS if fresh else 0), process.kill)
        late.start()
        try:
            process.stdin.write(json.dumps([reply, reference]) + "\n")
            process.stdin.flush()
            said = process.stdout.readline()
        except OSError:  # it ended
            said = ""
        finally:
            late.cancel()
        if said:
            return said.strip() == "true"
        self._end()
        return None

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        with suppress(OSError):
            self._process.communicate()
        self._process = None


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - this package's own module
        [sys.executable, "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def main() -> None:
    """Compare pairs until there are no more."""
    logging.disable(logging.CRITICAL)
    _limit_memory()
    for line in sys.stdin:
        reply, reference = json.loads(line)
        sys.stdout.write(json.dumps(_same(reply, reference)) + "\n")
        sys.stdout.flush()


def _same(reply: str, reference: str) -> bool:
    from math_verify import parse, verify

    try:
        right = parse(f"$\\boxed{{{reference}}}$")
        return bool(verify(right, parse(reply)))
    except MemoryError:
        sys.exit(1)
    except Exception:  # noqa: BLE001 - what math-verify, sympy and their parsers raise: it cannot be read
        return False


def _limit_memory() -> None:
    with suppress(ImportError, OSError, ValueError):  # Windows, macOS
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main()
