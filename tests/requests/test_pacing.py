"""Pacing: slots, when the limit falls, how long to wait."""

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.requests.pacing import (
    FIRST_WAIT,
    LONGEST_CALM_WAIT,
    LONGEST_WAIT,
    Pacer,
    backoff_seconds,
)


class Clock:
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def drive(pacer: Pacer, clock: Clock, rounds: int, refused_of_ten: int) -> list[int]:
    """Round trips of 0.2 s in which so many of ten replies are refusals; the limit after each."""
    limits = []
    for _ in range(rounds):
        for number in range(40):
            clock.now += 0.2 / 40
            pacer.observe(refused=number % 10 < refused_of_ten, seconds=0.2)
        limits.append(pacer.limit)
    return limits


def test_one_refusal_in_ten_costs_no_concurrency() -> None:
    clock = Clock()
    assert set(drive(Pacer(50, clock), clock, 50, refused_of_ten=1)) == {50}


def test_many_refusals_halve_the_limit_at_most_once_a_round_trip() -> None:
    clock = Clock()
    pacer = Pacer(64, clock)
    limits = drive(pacer, clock, 8, refused_of_ten=5)
    assert limits[-1] == 8
    assert all(after >= before // 2 for before, after in pairwise([64, *limits]))
    assert set(drive(pacer, clock, 20, refused_of_ten=9)) == {8}, "never below an eighth"
    assert min(drive(Pacer(3, clock), clock, 20, refused_of_ten=9)) == 1, "nor below one"


def test_the_limit_comes_back_when_refusals_stop() -> None:
    clock = Clock()
    pacer = Pacer(50, clock)
    drive(pacer, clock, 6, refused_of_ten=8)
    assert drive(pacer, clock, 30, refused_of_ten=0)[-1] == 50


def test_slots_are_handed_over_in_order_and_never_exceed_the_limit() -> None:
    async def scenario() -> list[int]:
        pacer = Pacer(3, asyncio.get_running_loop().time)
        order: list[int] = []
        most = 0

        async def worker(number: int) -> None:
            nonlocal most
            await pacer.acquire()
            order.append(number)
            most = max(most, pacer.in_flight)
            await asyncio.sleep(0.001)
            pacer.release()

        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(worker(number))
        assert most == 3
        assert pacer.in_flight == 0
        return order

    assert asyncio.run(scenario()) == list(range(20))


def test_no_slot_is_given_while_the_endpoint_asks_to_wait() -> None:
    async def scenario() -> list[float]:
        loop = asyncio.get_running_loop()
        pacer = Pacer(8, loop.time)
        began = loop.time()
        given: list[float] = []

        async def worker() -> None:
            await pacer.acquire()
            given.append(loop.time() - began)
            pacer.release()

        await worker()
        pacer.hold(0.3)
        pacer.hold(0.1)  # of the two the longer one counts
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(worker())
        pacer.hold(60)
        loop.call_later(0.05, pacer.resume)
        await worker()
        return given

    first, *held, resumed = asyncio.run(scenario())
    assert first < 0.3
    assert all(each >= 0.3 for each in held)
    assert resumed < 30


def test_a_cancelled_waiter_leaves_no_slot_behind() -> None:
    async def scenario() -> None:
        pacer = Pacer(1, asyncio.get_running_loop().time)
        await pacer.acquire()
        waiting = asyncio.create_task(pacer.acquire())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        handed_over = asyncio.create_task(pacer.acquire())
        await asyncio.sleep(0)
        pacer.release()
        handed_over.cancel()  # after the slot was handed over, before the waiter could run
        await asyncio.wait([handed_over])
        assert pacer.in_flight == 0
        await asyncio.wait_for(pacer.acquire(), 1)

    asyncio.run(scenario())


@given(st.integers(1, 10_000), st.floats(0, 1), st.booleans())
def test_waits_grow_are_jittered_and_bounded(failures: int, jitter: float, calm: bool) -> None:
    wait = backoff_seconds(failures, None, jitter, calm=calm)
    assert FIRST_WAIT / 2 <= wait <= (LONGEST_CALM_WAIT if calm else LONGEST_WAIT)
    assert backoff_seconds(failures + 1, None, jitter, calm=calm) >= wait


@given(st.integers(1, 20), st.floats(0, 3600), st.floats(0, 1), st.booleans())
def test_what_the_endpoint_asks_for_is_the_least_wait(
    failures: int, asked: float, jitter: float, calm: bool
) -> None:
    assert asked <= backoff_seconds(failures, asked, jitter, calm=calm) <= max(LONGEST_WAIT, asked * 1.1)
