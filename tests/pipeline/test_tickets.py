"""Tickets: the lag, the draws, the seeds sent."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.pipeline.tickets import draw_demonstrations, lag
from selfinstruct.records import Stage, request_seed


@given(
    st.integers(0, 100_000), st.integers(1, 500), st.floats(0, 1, exclude_max=True), st.integers(0, 500)
)  # fmt: skip
def test_the_pool_a_ticket_sees_is_older_and_never_gets_younger(
    ticket: int, first: int, growth: float, most: int
) -> None:
    now, later = (lag(each, first=first, growth=growth, most=most) for each in (ticket, ticket + 1))
    assert now >= 1
    assert not most or now <= most
    assert ticket - now <= ticket + 1 - later


def test_the_lag_starts_small_and_grows_for_ever_unless_it_is_capped() -> None:
    tickets = (0, 1, 2, 3, 6, 30, 186, 10_000)
    assert [lag(ticket) for ticket in tickets] == [4, 4, 5, 5, 7, 19, 97, 5004]
    assert [lag(ticket, most=64) for ticket in tickets] == [4, 4, 5, 5, 7, 19, 64, 64]


@given(st.integers(8, 1_000_000))
def test_a_ticket_sees_nearly_half_of_the_tickets_before_it(ticket: int) -> None:
    assert ticket - lag(ticket) >= ticket // 2 - 4


@given(
    st.integers(), st.integers(0, 5000), st.integers(0, 300), st.integers(0, 300),
    st.integers(1, 20), st.integers(0, 5),
)  # fmt: skip
def test_a_draw_is_distinct_in_range_and_mixed_as_asked(
    seed: int, ticket: int, seeds: int, machine: int, count: int, machine_count: int
) -> None:
    drawn = draw_demonstrations(
        seed, ticket, seeds=seeds, machine=machine, count=count, machine_count=machine_count
    )
    assert len(set(drawn)) == len(drawn)
    assert all(0 <= index < seeds + machine for index in drawn)
    own = sum(index >= seeds for index in drawn)
    assert own == min(machine_count, machine, count)
    assert len(drawn) == own + min(count - own, seeds)


def test_a_draw_is_the_same_on_every_python_and_every_machine() -> None:
    # Known values: a change here would change every data set made so far.
    drawn = draw_demonstrations(42, 7, seeds=200, machine=50, count=8, machine_count=2)
    assert drawn == (236, 42, 128, 72, 11, 235, 57, 157)


def test_every_entry_is_drawn_about_equally_often_and_anywhere() -> None:
    places: Counter[tuple[int, int]] = Counter()
    for ticket in range(6000):
        drawn = draw_demonstrations(1, ticket, seeds=4, machine=2, count=4, machine_count=1)
        places.update((index, place) for place, index in enumerate(drawn))
    # Each of four seeds is shown 3 times in 4, each of two machine entries every second time, and
    # each is equally likely in each of the four places.
    for index in range(6):
        share = 3 / 4 if index < 4 else 1 / 2
        for place in range(4):
            assert abs(places[index, place] / 6000 - share / 4) < 0.02, (index, place)


def test_seeds_of_requests_differ_and_fit_31_bits() -> None:
    seeds = {request_seed(42, stage, subject) for stage in Stage for subject in range(2000)}
    assert len(seeds) > 5990
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert request_seed(42, Stage.INSTANCES, 3) != request_seed(43, Stage.INSTANCES, 3)
