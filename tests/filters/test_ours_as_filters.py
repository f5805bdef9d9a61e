"""Ours that look at one text alone are what a user's own may be."""

import pytest

import selfinstruct as si
from selfinstruct.filters.custom import CustomFilter
from selfinstruct.filters.heuristics import Heuristics
from selfinstruct.filters.instances import Form


@pytest.mark.parametrize(
    ("ours", "looks_at", "bad"),
    [
        (Heuristics(), "instruction", "Draw a cat on paper."),
        (Form(), "instance", si.Instance("What is 2 + 2?", "The answer is:")),
    ],
)
def test_they_satisfy_the_protocol(ours: si.Filter, looks_at: str, bad: object) -> None:
    assert isinstance(ours, si.Filter)
    own = CustomFilter.of(ours)
    assert (own.name, own.looks_at, own.reasons) == (ours.name, looks_at, ours.reasons)
    reason = own.judge(bad, frozenset()).reason  # type: ignore[arg-type]
    assert reason is not None
    assert reason in ours.reasons
    assert own.config().settings == own.settings != {}
