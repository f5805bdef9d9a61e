"""A tiny model with random weights, and data to tune it on."""

from pathlib import Path

import pytest
from tiny_gguf import write_tiny_gguf
from training_examples import write_run


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two layers of width 64."""
    return write_tiny_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf", seed=1, context=2048)


@pytest.fixture(scope="session")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 12 tasks with 24 instances."""
    return write_run(tmp_path_factory.mktemp("tasks") / "run")
