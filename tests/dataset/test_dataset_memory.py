"""Exports are written row by row: memory does not grow with the run."""

import tracemalloc
from pathlib import Path

import pytest
from made_run import make_run, many_tasks

from selfinstruct.dataset.export import export
from selfinstruct.store.reader import RunReader


def peak(reader: RunReader, out: Path) -> int:
    tracemalloc.start()
    try:
        export(reader, "jsonl", out)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_the_tasks_take_no_more_memory(tmp_path: Path) -> None:
    few, many = (make_run(tmp_path / str(count), many_tasks(count)) for count in (300, 3_000))
    peak(few, tmp_path / "first")  # what is cached from now on
    assert peak(many, tmp_path / "out") < 1.5 * peak(few, tmp_path / "out") + 100_000


@pytest.mark.parametrize("name", ["task_0", "task_299"])
def test_a_task_is_found_by_its_id(name: str, tmp_path: Path) -> None:
    reader = make_run(tmp_path / "run", many_tasks(300))
    found = reader.task(name)
    assert found is not None
    assert found.id == name
    assert reader.task("task_300") is None
    assert reader.task("task_007") is None
    assert reader.task("seed_task_0") is None
