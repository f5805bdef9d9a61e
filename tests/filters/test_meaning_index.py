"""Comparison by meaning agrees with brute force over all pairs, in small and in large pools."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from selfinstruct.filters.meaning import MeaningIndex
from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.models.embeddings import told_vectors, vectors_text
from selfinstruct.records import Neighbour


def cosine(one: NDArray[np.int8], other: NDArray[np.int8]) -> float:
    a, b = one.tolist(), other.tolist()
    lengths = sqrt(sum(x * x for x in a)) * sqrt(sum(x * x for x in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / lengths if lengths else 0.0


def brute(
    tickets: list[list[NDArray[np.int8] | None]], threshold: float
) -> list[tuple[bool, Neighbour | None]]:
    pool: list[NDArray[np.int8] | None] = []
    found = []
    for ticket in tickets:
        for vector in ticket:
            best = None
            for number, entry in enumerate(pool):
                if vector is not None and entry is not None and any(entry) and any(vector):
                    score = cosine(vector, entry)
                    if best is None or score > best.score:
                        best = Neighbour(number, score)
            accepted = best is None or best.score <= threshold
            found.append((accepted, best))
            if accepted:
                pool.append(vector)
    return found


def drawn(rng: np.random.Generator, count: int, numbers: int) -> list[NDArray[np.int8] | None]:
    """Around a few topics, some repeated nearly, some of zeros, some lost."""
    topics = rng.standard_normal((5, numbers))
    vectors: list[NDArray[np.int8] | None] = []
    for _ in range(count):
        near = topics[rng.integers(5)] + rng.choice([0.1, 0.5, 1.0]) * rng.standard_normal(numbers)
        told = told_vectors(vectors_text((0.0 if rng.random() < 0.05 else 1.0) * near[None]))
        assert told is not None
        vectors.append(None if rng.random() < 0.05 else told[0])
    return vectors


@given(
    st.integers(0, 2**32), st.integers(1, 60), st.sampled_from((1, 3, 40, 200)),
    st.sampled_from((0.0, 0.5, 0.8, 0.95, 1.0)), st.sampled_from((0, 10, 10_000)),
)  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_verdicts_are_those_of_brute_force(
    seed: int, count: int, numbers: int, threshold: float, complete_up_to: int
) -> None:
    rng = np.random.default_rng(seed)
    vectors = drawn(rng, count, numbers)
    tickets = [vectors[start : start + 7] for start in range(0, count, 7)]
    index = MeaningIndex(threshold=threshold, complete_up_to=complete_up_to)
    expected = iter(brute(tickets, threshold))
    for ticket in tickets:
        complete = len(index) <= complete_up_to
        meanings = index.compare(ticket)
        for place in range(len(ticket)):
            accepted, nearest = next(expected)
            assert meanings.judge(place).accepted is accepted
            if complete or not accepted:
                assert meanings.results[place] == nearest
            else:
                assert meanings.results[place] is None


def test_long_vectors_are_summed_exactly() -> None:
    rng = np.random.default_rng(5)
    one, other = rng.integers(-127, 128, (2, 5000)).astype(np.int8)
    other[:4000] = one[:4000]
    index = MeaningIndex(threshold=0.5)
    index.add(one)
    (near,) = index.nearest(other[None], [-1])
    assert near == Neighbour(0, cosine(one, other))


def test_at_exactly_the_threshold_it_is_kept() -> None:
    one, other = np.array([3, 4], dtype=np.int8), np.array([4, 3], dtype=np.int8)
    for threshold, accepted in ((24 / 25, True), (0.9599, False)):
        index = MeaningIndex(threshold=threshold)
        index.add(one)
        verdict = index.compare([other]).judge(0)
        assert verdict.accepted is accepted
        assert accepted or (verdict.reason, "0.960" in verdict.detail) == ("same_meaning", True)


def test_vectors_of_another_length_are_refused() -> None:
    index = MeaningIndex(threshold=0.9)
    index.add(np.ones(3, dtype=np.int8))
    with pytest.raises(ValueError, match="4 numbers among vectors of 3"):
        index.compare([np.ones(4, dtype=np.int8)])


@pytest.mark.parametrize("complete_up_to", [0, 100])
def test_what_another_filter_rejects_is_not_in_the_pool_of_words(complete_up_to: int) -> None:
    index = NoveltyIndex(max_similarity=0.7, neighbours=1, ascii_tokens=False, complete_up_to=complete_up_to)
    asked: list[int] = []

    def then(place: int):
        asked.append(place)
        meaning = MeaningIndex(threshold=0.9)
        return meaning.verdict(Neighbour(0, 0.95 if place == 1 else 0.1))

    texts = [
        "name a colour of the sky",
        "write a poem on spring",
        "name a colour of the sky today",
        "sort it",
    ]
    judged = index.judge([*texts, "write a poem on spring"], then)
    assert [each.verdict.reason for each in judged] == [None, "same_meaning", "similar", None, None]
    assert asked == [0, 1, 3, 4]
    assert len(index) == 3
