"""Runs with given tasks (tests/support/made_run.py), and the library that reads what is exported."""

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when `datasets` is imported

import datasets
from made_run import SEEDS, TASKS, make_run, many_tasks

__all__ = ["SEEDS", "TASKS", "load", "make_run", "many_tasks"]


def load(cache: Path, *arguments: Any, **options: Any) -> datasets.DatasetDict:
    """What `datasets.load_dataset` makes of it."""
    datasets.disable_progress_bars()
    loaded = datasets.load_dataset(*map(str, arguments), cache_dir=str(cache), **options)
    assert isinstance(loaded, datasets.DatasetDict)
    return loaded
