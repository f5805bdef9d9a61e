"""Fixtures that several rooms need."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))
# Workers share the cores. Two threads of torch that wait for each other on busy cores are ten times slower
# than one; set before anything imports it, and for subprocesses too.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from browser import browser, page, pytest_pyfunc_call, visit
from endpoint import RunningEndpoint, running_endpoint

# A busy machine, or one that measures coverage, is slow at times; how fast something is, benchmarks say.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

__all__ = ["browser", "endpoint", "page", "pytest_pyfunc_call", "visit"]


@pytest.fixture
def endpoint() -> Iterator[Callable[..., RunningEndpoint]]:
    """Starts an endpoint with the given options; see tests/support/endpoint.py."""
    with ExitStack() as running:
        yield lambda **options: running.enter_context(running_endpoint(**options))
