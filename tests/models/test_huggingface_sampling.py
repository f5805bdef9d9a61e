"""Which token is drawn, against the definitions of OpenAI's API computed by hand."""

import math
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.models.huggingface.sampling import Sampler, TokenSource
from selfinstruct.records import Sampling


def source(
    seed: int = 0,
    *,
    temperature: float = 1.0,
    top_p: float = 1.0,
    frequency_penalty: float = 0.0,
    presence_penalty: float = 0.0,
) -> TokenSource:
    return TokenSource.of(Sampling(temperature, top_p, frequency_penalty, presence_penalty, 100), seed)


def drawn(token_source: TokenSource, scores: list[float], tokens: int) -> list[int]:
    sampler = Sampler()
    sampler.add(token_source)
    return [sampler.draw(torch.tensor([scores], dtype=torch.float64))[0] for _ in range(tokens)]


def test_greedy_takes_the_best_whatever_the_seed_and_top_p() -> None:
    for seed in range(3):
        assert drawn(source(seed, temperature=0, top_p=seed / 2), [0.1, 0.9, 0.5], 5) == [1] * 5


def test_presence_is_taken_off_once_and_frequency_every_time() -> None:
    # presence: 1.0 and 0.7 and 0.5 begin; each falls by 0.4 when first written, and no further
    assert drawn(source(temperature=0, presence_penalty=0.4), [1.0, 0.7, 0.5], 5) == [0, 1, 0, 0, 0]
    # frequency: 1.0, 0.8, 0.6, 0.4 … against 0.75, 0.55, 0.35 … and 0.5, 0.3 …
    assert drawn(source(temperature=0, frequency_penalty=0.2), [1.0, 0.75, 0.5], 7) == [0, 0, 1, 0, 1, 2, 0]
    # both: 1.0 - 0.1 - 0.2 n
    assert drawn(source(temperature=0, presence_penalty=0.1, frequency_penalty=0.2), [1.0, 0.75], 3) == [
        0,
        1,
        0,
    ]
    # negative ones reward what was written
    assert drawn(source(temperature=0, presence_penalty=-2), [1.0, 1.5], 3) == [1, 1, 1]


def test_a_penalty_counts_only_what_its_own_row_wrote() -> None:
    sampler, scores = Sampler(), torch.tensor([[1.0, 0.9]] * 2, dtype=torch.float64)
    sampler.add(source(temperature=0))
    assert sampler.draw(scores[:1]) == [0]
    sampler.add(source(temperature=0, presence_penalty=0.5))
    assert [sampler.draw(scores) for _ in range(2)] == [[0, 0], [0, 1]]
    sampler.keep([1])
    sampler.add(source(temperature=0, presence_penalty=0.5))
    assert [sampler.draw(scores) for _ in range(2)] == [[0, 0], [0, 1]]


def test_tokens_come_as_often_as_temperature_says() -> None:
    scores, temperature, rows, draws = [2.0, 1.0, 0.0, -1.0], 0.7, 500, 10
    weights = [math.exp(score / temperature) for score in scores]
    sampler = Sampler()
    for seed in range(rows):
        sampler.add(source(seed, temperature=temperature))
    counted = Counter(token for _ in range(draws) for token in sampler.draw(torch.tensor([scores] * rows)))
    for token, weight in enumerate(weights):
        share = weight / sum(weights)
        assert counted[token] / (rows * draws) == pytest.approx(
            share, abs=4 * math.sqrt(share / (rows * draws))
        )


@pytest.mark.parametrize(
    ("top_p", "kept"),
    [(0.0, {0}), (0.49, {0}), (0.51, {0, 1}), (0.79, {0, 1}), (0.81, {0, 1, 2}), (1.0, {0, 1, 2, 3})],
)  # fmt: skip
def test_top_p_keeps_the_fewest_that_reach_it(top_p: float, kept: set[int]) -> None:
    scores = [math.log(share) for share in (0.5, 0.3, 0.15, 0.05)]
    assert set(drawn(source(1, top_p=top_p), scores, 200)) == kept


def test_top_p_is_taken_of_what_temperature_left() -> None:
    scores = [math.log(share) for share in (0.5, 0.3, 0.15, 0.05)]  # squared: 0.685, 0.247, 0.062, 0.007
    assert set(drawn(source(1, temperature=0.5, top_p=0.9), scores, 200)) == {0, 1}


def test_half_precision_is_drawn_from_in_single() -> None:
    sampler = Sampler()
    sampler.add(source(2, temperature=0.5))
    assert sampler.draw(torch.tensor([[0.0, 9.0]], dtype=torch.bfloat16)) == [1]


def test_any_integer_is_a_seed() -> None:
    scores = [0.0] * 50
    seeds = [0, 1, -1, 2**64 - 1, 2**70, -(2**63)]
    texts = [tuple(drawn(source(seed), scores, 10)) for seed in seeds]
    assert texts[2] == texts[3]
    assert len(set(texts)) == len(seeds) - 2  # 2^70 is 0 modulo 2^64
    assert all(drawn(source(seed), scores, 10) == list(text) for seed, text in zip(seeds, texts, strict=True))


sources = st.builds(
    source,
    st.integers(),
    temperature=st.sampled_from([0.0, 1e-9, 0.7, 2.0]),
    top_p=st.sampled_from([0.0, 0.5, 1.0]),
    frequency_penalty=st.sampled_from([0.0, 0.5]),
    presence_penalty=st.sampled_from([0.0, 2.0, -1.0]),
)


@settings(deadline=None)
@given(st.lists(st.tuples(sources, st.integers(0, 5), st.integers(1, 6)), min_size=1, max_size=5))
def test_a_row_draws_the_same_in_any_company(rows: list[tuple[TokenSource, int, int]]) -> None:
    """Rows join at their step and leave after so many tokens."""
    scores = torch.rand((6, 12, 9), generator=torch.Generator().manual_seed(3), dtype=torch.float64) * 3

    def restarted(each: TokenSource) -> TokenSource:
        twin = TokenSource.of(each.sampling, 0)
        twin.uniform.setstate(each.uniform.getstate())
        return twin

    alone = []
    for place, (each, _, length) in enumerate(rows):
        sampler = Sampler()
        sampler.add(restarted(each))
        alone.append([sampler.draw(scores[place, step : step + 1])[0] for step in range(length)])

    sampler, present = Sampler(), []
    together: list[list[int]] = [[] for _ in rows]
    for step in range(12):
        for place, (each, joins, _) in enumerate(rows):
            if joins == step:
                sampler.add(restarted(each))
                present.append(place)
        if present:
            seen = torch.stack([scores[place, len(together[place])] for place in present])
            for place, token in zip(present, sampler.draw(seen), strict=True):
                together[place].append(token)
        staying = [row for row, place in enumerate(present) if len(together[place]) < rows[place][2]]
        if len(staying) < len(present):
            sampler.keep(staying)
            present = [present[row] for row in staying]
    assert together == alone
