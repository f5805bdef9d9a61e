import gc

import pytest

from selfinstruct.requests.collecting import RARE, rare_collections


@pytest.fixture
def thresholds():
    before = gc.get_threshold()
    yield gc.set_threshold
    gc.set_threshold(*before)


def test_thresholds_are_as_before_afterwards(thresholds):
    thresholds(700, 10, 10)
    with pytest.raises(ValueError), rare_collections():  # noqa: PT012 - what it is then, and that it passes
        assert gc.get_threshold() == RARE
        raise ValueError
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("others", [(0, 10, 10), (500_000, 10, 10), RARE])
def test_what_somebody_else_has_set_is_kept(thresholds, others):
    thresholds(*others)
    with rare_collections():
        assert gc.get_threshold() == others
    assert gc.get_threshold() == others
