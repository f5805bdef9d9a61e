"""Budgets: what fits, what is reserved, what survives a kill."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.config import Config, EndpointConfig, LimitsConfig, ModelConfig, StageConfig, StagesConfig
from selfinstruct.errors import ConfigError
from selfinstruct.records import Completion, Prompt, Request, Sampling, Stage
from selfinstruct.requests.budget import Budget, Spending
from selfinstruct.store.state import TokenUse

FREE, NOTHING = EndpointConfig(), Spending()
PRICED = EndpointConfig(price_in=1.0, price_out=2.0)


def request(characters: int = 400, max_tokens: int = 100) -> Request:
    sampling = Sampling(0.7, 0.5, 0, 2, max_tokens)
    return Request(Stage.INSTRUCTIONS, 0, Prompt("", "word " * (characters // 5), sampling, 8), seed=1)


def completion(prompt_tokens: int, completion_tokens: int, cached: int = 0, written: int = 0) -> Completion:
    return Completion("text", "stop", prompt_tokens, completion_tokens, False, 0.1, cached, written)


def budget(endpoint: EndpointConfig = FREE, spent: Spending = NOTHING, **limits: float) -> Budget:
    config = Config(limits=LimitsConfig(**limits), endpoint=endpoint)  # type: ignore[arg-type]
    return Budget(config, spent)


def test_a_cost_limit_without_prices_is_the_users_mistake() -> None:
    with pytest.raises(ConfigError, match=r"`price_in=.*` `price_out"):
        budget(max_cost=1.0)
    with pytest.raises(ConfigError, match="`max_cost` needs to know"):
        budget(EndpointConfig(price_in=1.0), max_cost=1.0)


def test_a_budget_too_small_for_one_request_says_what_that_may_take() -> None:
    counted = budget(PRICED, max_cost=0.0001)
    held = counted.reservation(request())
    assert not counted.fits(held)
    tokens = held.prompt_tokens + held.completion_tokens
    assert f"up to {tokens:,} tokens, ${held.cost:,.4f}." in counted.shortfall(held)
    assert budget(PRICED, max_cost=0.0001, spent=Spending(attempts=1)).shortfall(held) == ""


def test_requests_count_when_they_are_sent_and_stay_counted_when_they_fail() -> None:
    counted = budget(max_requests=2, spent=Spending(attempts=1))
    held = counted.reservation(request())
    assert counted.fits(held)
    counted.reserve(held)
    assert not counted.fits(held)
    counted.release(held)
    assert not counted.fits(held), "a failed request was sent all the same"
    assert counted.requests_left() == 0


def test_a_request_that_was_never_sent_is_given_back() -> None:
    counted = budget(max_requests=1)
    held = counted.reservation(request())
    counted.reserve(held)
    counted.withdraw(held)
    assert counted.fits(held)


def test_attempts_of_a_killed_process_stay_reserved() -> None:
    killed = Spending(attempts=3, completed=1, used={Stage.INSTRUCTIONS: TokenUse(100, 50, 300, 200)})
    tokens = budget(max_total_tokens=1000, spent=killed)
    assert tokens.fits(tokens.reservation(request(max_tokens=100)))  # 650 + about 150 + 100
    assert not tokens.fits(tokens.reservation(request(max_tokens=300)))
    money = budget(PRICED, max_cost=0.001, spent=killed)
    assert money.cost == pytest.approx(0.0002)
    assert not money.fits(money.reservation(request(max_tokens=300)))


@given(st.lists(st.tuples(st.integers(5, 3000), st.integers(1, 400), st.floats(0, 1)), max_size=60))
def test_tokens_never_exceed_the_limit_while_prompts_are_no_longer_than_feared(
    requests: list[tuple[int, int, float]],
) -> None:
    limit = 5000
    counted = budget(max_total_tokens=limit)
    out: list[Any] = []
    for characters, max_tokens, share in requests:
        held = counted.reservation(request(characters, max_tokens))
        if not counted.fits(held):
            if not out:
                continue
            earlier, used = out.pop(0)
            counted.settle(earlier, completion(min(earlier.estimate, earlier.prompt_tokens), used))
            continue
        counted.reserve(held)
        out.append((held, round(max_tokens * share)))
    for held, used in out:
        counted.settle(held, completion(held.estimate, used))
    assert counted.prompt_tokens + counted.completion_tokens <= limit


def test_the_margin_learns_from_what_prompts_really_cost() -> None:
    counted = budget(max_total_tokens=100_000)
    first = counted.reservation(request())
    counted.reserve(first)
    counted.settle(first, completion(first.estimate * 3, 10))
    assert counted.reservation(request()).prompt_tokens >= first.estimate * 3


def test_the_margin_learns_from_thinking_that_max_tokens_does_not_hold() -> None:
    counted = budget(max_total_tokens=100_000)
    first = counted.reservation(request(max_tokens=100))
    assert first.completion_tokens == 100
    counted.reserve(first)
    counted.settle(first, completion(first.estimate, 180))
    assert counted.reservation(request(max_tokens=3)).completion_tokens == 3 + 80


def test_without_limits_everything_fits() -> None:
    free = budget()
    assert free.requests_left() == float("inf")
    assert free.cost is None


def test_every_stage_costs_what_its_own_endpoint_asks() -> None:
    dearer = StageConfig(model=ModelConfig(), endpoint=EndpointConfig(price_in=10.0, price_out=20.0))
    config = Config(endpoint=PRICED, stages=StagesConfig(instances=dearer))
    used = {Stage.INSTRUCTIONS: TokenUse(1_000_000, 1_000_000), Stage.INSTANCES: TokenUse(1_000_000, 0)}

    assert Budget(config, Spending(used=used)).cost == pytest.approx(1 + 2 + 10)
    unpriced = StagesConfig(instances=StageConfig(model=ModelConfig()))
    assert Budget(config.model_copy(update={"stages": unpriced}), NOTHING).cost is None


CACHED = EndpointConfig(price_in=1.0, price_out=2.0, price_cached=0.1, price_cache_write=1.25)


def test_tokens_from_a_cache_cost_what_they_cost_there() -> None:
    counted = budget(CACHED)
    held = counted.reservation(request())
    counted.reserve(held)
    counted.settle(held, completion(1000, 100, cached=700, written=200))

    assert counted.cost == pytest.approx((100 * 1.0 + 700 * 0.1 + 200 * 1.25 + 100 * 2.0) / 1e6)
    restored = Spending(
        used={Stage.INSTRUCTIONS: TokenUse(1000, 100, cached_tokens=700, cache_write_tokens=200)}
    )
    assert budget(CACHED, restored).cost == counted.cost


def test_without_prices_of_their_own_they_cost_as_much_as_others() -> None:
    assert PRICED.cost(completion(1000, 100, cached=700, written=200)) == PRICED.cost(completion(1000, 100))


@given(st.integers(0, 9999), st.integers(0, 9999), st.floats(0, 1), st.floats(0, 1))
def test_no_completion_costs_more_than_was_reserved_for_its_tokens(
    prompt: int, written: int, cached_share: float, write_share: float
) -> None:
    cached = int(prompt * cached_share)
    used = completion(prompt, written, cached, int((prompt - cached) * write_share))
    for endpoint in (PRICED, CACHED, CACHED.model_copy(update={"price_cache_write": 0.5})):
        assert (endpoint.cost(used) or 0) <= (endpoint.highest_cost(prompt, written) or 0) + 1e-12


def test_a_reservation_fears_that_all_of_the_prompt_is_written_to_the_cache() -> None:
    held = budget(CACHED).reservation(request())
    assert held.cost == pytest.approx((held.prompt_tokens * 1.25 + held.completion_tokens * 2.0) / 1e6)
