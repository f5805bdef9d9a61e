"""Topics and histograms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.report.distribution import bins_for, histogram, spread
from selfinstruct.report.topics import content_words

WHOLE = st.lists(st.integers(0, 10_000), min_size=1, max_size=50)


def test_topics_leave_out_what_every_instruction_may_say() -> None:
    words = content_words(
        "Write a short paragraph that explains the following tides to two children.", "write"
    )
    assert words == {"tide", "child"}
    assert content_words("用一句话描述海洋。", None) == set()
    assert content_words("Does it list cities, buses and glasses?", None) == {"city", "bus", "glass"}


@given(WHOLE, WHOLE)
def test_a_histogram_counts_every_value_once(ours: list[int], theirs: list[int]) -> None:
    edges = bins_for(ours, theirs)
    for values in (ours, theirs):
        counted = histogram(values, edges, open_ended=True)
        assert counted.total == len(values)
        assert len(counted.labels()) == len(counted.counts) <= 32
        for low, high, count in zip(counted.edges, counted.edges[1:-1], counted.counts, strict=False):
            assert count == sum(low <= value < high for value in values)


def test_labels_of_bins() -> None:
    assert histogram([1, 7], [0, 5, 10], open_ended=True).labels() == ["0–4", "5+"]
    assert histogram([1, 1], [0, 1, 2, 3], open_ended=True).labels() == ["0", "1", "2+"]
    assert histogram([0.5, 1.0], [0, 0.5, 1.0]).labels() == ["0.00–0.50", "0.50–1.00"]
    assert histogram([0.5, 1.0], [0, 0.5, 1.0]).counts == (0, 2)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_spread(values: list[float]) -> None:
    found = spread(values)
    assert found.median == pytest.approx(np.median(values))
    assert found.p95 is not None
    assert sum(value <= found.p95 + 1e-6 for value in values) >= 0.95 * len(values) - 1
    assert found.largest == max(values)


def test_no_values_have_no_spread() -> None:
    assert (spread([]).count, spread([]).mean, spread([]).p95) == (0, None, None)
