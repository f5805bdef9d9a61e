"""What a run says while it waits: which wait is told, when there is none, and never too long a line."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import EndpointFailedError, RateLimitedError, RequestTimeoutError
from selfinstruct.records import Stage
from selfinstruct.requests.following import AGAIN_SECONDS, CALM_SECONDS, Trouble
from selfinstruct.requests.waits import Stall, Waits


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def waits(clock: Clock) -> Waits:
    return Waits("requests_per_minute = 10", clock)


INSTANCES = Stage.INSTANCES
Hold = Callable[[Waits], AbstractContextManager[None]]
LIMITED = RateLimitedError("http://127.0.0.1:8000/v1 answered 429: Rate limit reached.")


def told(waits: Waits) -> str:
    stall = waits.stall()
    return "" if stall is None else stall.sentence(200)


def test_nothing_is_told_while_replies_come(waits: Waits, clock: Clock) -> None:
    for _ in range(50):
        waits.failed(LIMITED)
        with waits.for_reply(Stage.INSTANCES, ahead=False):
            clock.now += 0.2
        waits.succeeded(0.2)
        assert waits.stall() is None


def test_a_wait_after_a_failure(waits: Waits, clock: Clock) -> None:
    waits.failed(LIMITED)
    with waits.to_send_again(12.0):
        clock.now += 0.5
        assert told(waits) == "waiting 12 s after 429: Rate limit reached (no success yet, 1 failure)"
        clock.now += 11.2
        assert told(waits).startswith("asking again after 429: Rate limit reached")
    with waits.for_reply(Stage.INSTRUCTIONS, ahead=True):
        clock.now += 7
        assert told(waits).startswith("asking again for 7 s after 429")
    waits.failed(EndpointFailedError("http://127.0.0.1:8000/v1 answered 500: (nothing)"))
    assert told(waits) == "asking again after 500: (nothing) (no success yet, 2 failures)"
    waits.succeeded(0.2)
    assert waits.stall() is None


def test_failures_after_a_success_say_for_how_long(waits: Waits, clock: Clock) -> None:
    waits.succeeded(0.2)
    clock.now += 2
    for _ in range(1234):
        waits.failed(RequestTimeoutError("No complete reply from http://h/v1 within the timeout."))
    clock.now += 65
    expected = "asking again after no complete reply from http://h/v1 within the timeout"
    assert told(waits) == f"{expected} (1,234 failures in 1 min 05 s)"
    stall = waits.stall()
    assert stall is not None
    assert (stall.kind, stall.over) == (
        "RequestTimeoutError",
        "Replies are arriving again, after 1,234 failures in 1 min 05 s.",
    )


@pytest.mark.parametrize(
    ("before", "held", "expected"),
    [
        (0, lambda waits: waits.for_reply(INSTANCES, ahead=True), "waiting for the first reply (25 s)"),
        (
            1,
            lambda waits: waits.for_reply(INSTANCES, ahead=True),
            "waiting for the first reply of the stage instances (25 s); others follow it",
        ),
        (1, lambda waits: waits.for_reply(INSTANCES, ahead=False), "no reply for 25 s, 1 request out"),
        (1, lambda waits: waits.for_rate(31), "next request in 6 s, to keep to requests_per_minute = 10"),
        (1, lambda waits: waits.for_budget(), ""),
    ],
)
def test_each_wait_in_words(waits: Waits, clock: Clock, before: int, held: Hold, expected: str) -> None:
    for _ in range(before):
        waits.succeeded(0.1)
    with held(waits):
        clock.now += 25
        assert told(waits) == expected
    assert waits.stall() is None


def test_a_budget_that_replies_have_to_free(waits: Waits, clock: Clock) -> None:
    waits.succeeded(0.1)
    with waits.for_reply(Stage.INSTANCES, ahead=False), waits.for_budget():
        clock.now += 9
        assert told(waits) == "waiting for replies (9 s); the rest of the budget is reserved for them"


def test_replies_that_usually_take_long_are_not_missed_early(waits: Waits, clock: Clock) -> None:
    waits.succeeded(10.0)
    with waits.for_reply(Stage.INSTANCES, ahead=False):
        clock.now += 29
        assert waits.stall() is None
        clock.now += 2
        assert told(waits) == "no reply for 31 s, 1 request out"


def test_a_model_that_is_loaded(waits: Waits, clock: Clock) -> None:
    with waits.for_reply(Stage.INSTRUCTIONS, ahead=True):
        clock.now += 3
        stall = waits.stall(loading=True)
        assert stall is not None
        assert (stall.doing, stall.over) == ("loading the model (3 s)", "The model is loaded, after 3 s.")


@given(
    message=st.text(max_size=400),
    width=st.integers(60, 300),
    out=st.integers(0, 3),
    failures=st.integers(1, 5),
    seconds=st.floats(0, 1e6),
)
def test_any_failure_fits_the_line(message: str, width: int, out: int, failures: int, seconds: float) -> None:
    clock = Clock()
    waits = Waits("", clock)
    with ExitStack() as open_:
        for _ in range(out):
            open_.enter_context(waits.for_reply(Stage.INSTANCES, ahead=False))
        for _ in range(failures):
            waits.failed(RateLimitedError(message))
        open_.enter_context(waits.to_send_again(seconds))
        clock.now += seconds / 2
        stall = waits.stall()
        assert stall is not None
        assert len(stall.sentence(width)) <= max(width, 120)
        assert f"{failures} failure" in stall.sentence(width)


def test_a_log_is_not_flooded_by_trouble_that_comes_and_goes() -> None:
    said: list[str] = []
    trouble = Trouble(said.append)
    limited = Stall("RateLimitedError", "waiting 2 s", "429", "3 failures in 2 s", over="Over.")
    for second in range(120):
        trouble.look(limited if second % 10 < 5 else None, completed=second, now=float(second))
    assert said == ["Waiting 2 s after 429 (3 failures in 2 s).", "Over."] * 2
    assert AGAIN_SECONDS == 60


def test_another_kind_is_told_at_once_and_nothing_is_over_without_a_reply() -> None:
    said: list[str] = []
    trouble = Trouble(said.append)
    trouble.look(Stall("first_reply", "waiting for the first reply (5 s)"), completed=0, now=0.0)
    trouble.look(Stall("RequestTimeoutError", "asking again", "x", "1 failure", over="Over."), 0, now=0.5)
    assert said == ["Waiting for the first reply (5 s).", "Asking again after x (1 failure)."]
    trouble.look(None, completed=0, now=1.0 + CALM_SECONDS)
    assert len(said) == 2
    trouble.look(None, completed=1, now=1.5 + CALM_SECONDS)
    assert said[2:] == ["Over."]
