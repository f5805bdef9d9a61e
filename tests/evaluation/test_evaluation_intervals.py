"""Bootstrap intervals: reproducible, as wide as theory has them, by whole tasks where there are tasks."""

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.evaluation.intervals import intervals


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30), st.integers(0, 2**32 - 1))
def test_bounds_hold_the_mean_and_lie_within_the_values(values: list[float], seed: int) -> None:
    (found,) = intervals([values], [""] * len(values), seed)
    assert found.mean == pytest.approx(statistics.fmean(values))
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert (found,) == intervals([values], [""] * len(values), seed)


def test_as_wide_as_the_standard_error_says() -> None:
    rng = random.Random(5)
    values = [rng.gauss(50, 10) for _ in range(400)]
    (found,) = intervals([values], [""] * 400, 42)
    half = 1.96 * statistics.stdev(values) / 400**0.5
    assert found.low == pytest.approx(found.mean - half, abs=0.1 * half)
    assert found.high == pytest.approx(found.mean + half, abs=0.1 * half)
    assert intervals([values], [""] * 400, 43) != (found,)


def test_whole_tasks_are_drawn() -> None:
    """Ten tasks whose answers are all alike say no more than ten answers."""
    tasks = [f"task {number // 50}" for number in range(500)]
    values = [float(10 * (number // 50)) for number in range(500)]
    (by_task,) = intervals([values], tasks, 42)
    (by_item,) = intervals([values], [""] * 500, 42)
    (of_ten,) = intervals([values[::50]], [""] * 10, 42)
    assert by_task == of_ten
    assert by_task.high - by_task.low > 5 * (by_item.high - by_item.low)


def test_tasks_of_unequal_size_and_items_of_none() -> None:
    values, tasks = [100.0, 0.0, 0.0, 50.0], ["t", "u", "u", ""]
    (found,) = intervals([values], tasks, 1)
    assert found.mean == 37.5
    assert (found.low, found.high) == (0, 100)  # u alone, t alone


def test_a_single_group_has_no_spread() -> None:
    (found,) = intervals([[0.0, 100.0]], ["t", "t"], 1)
    assert (found.low, found.mean, found.high) == (50, 50, 50)
