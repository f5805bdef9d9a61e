from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.requests.pacing import LEEWAY_SECONDS, RateLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_without_limits_nothing_waits() -> None:
    limiter = RateLimiter(None, None, Clock())

    assert [limiter.book(10_000) for _ in range(100)] == [0.0] * 100


def test_requests_flow_evenly_after_the_leeway() -> None:
    clock = Clock()
    limiter = RateLimiter(60, None, clock)

    waits = [limiter.book(1) for _ in range(8)]

    assert waits == [0, 0, 0, 0, 0, 0, 1, 2], "one a second, five seconds' worth ahead"
    clock.now += 3
    assert limiter.book(1) == 0


def test_tokens_are_booked_and_corrected() -> None:
    limiter = RateLimiter(None, 6000, Clock())  # 100 a second

    assert limiter.book(500) == 0
    assert limiter.book(300) == 0
    assert limiter.book(1) == 3
    limiter.correct(-301)
    assert limiter.book(1) == 0


@given(
    st.integers(1, 1000),
    st.lists(st.floats(0, 2, allow_nan=False), min_size=1, max_size=60),
)
def test_no_minute_ever_sees_more_than_its_share(per_minute: int, pauses: list[float]) -> None:
    clock = Clock()
    limiter = RateLimiter(per_minute, None, clock)
    sent = []
    for pause in pauses:
        clock.now += pause
        sent.append(clock.now + limiter.book(1))

    leeway = LEEWAY_SECONDS * per_minute / 60 + 1
    for start in sent:
        assert sum(start <= moment < start + 60 for moment in sent) <= per_minute + leeway
