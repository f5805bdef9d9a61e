import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from selfinstruct.text.rouge import rouge_l_f1, similarity

SCORER = RougeScorer(["rougeL"])


def rouge(target, prediction):
    return SCORER.score(target, prediction)["rougeL"].fmeasure


def test_equal_to_rouge_score_on_random_pairs_many_near_the_threshold():
    rng = random.Random(20)
    above = below = 0
    for _ in range(100_000):
        words = "abcdefgh"[: rng.randint(2, 8)]
        a = rng.choices(words, k=rng.randint(0, 9))
        b = [rng.choice(words) if rng.random() < 0.25 else word for word in a if rng.random() < 0.9]
        left, right = " ".join(a), " ".join(b)
        reference = rouge(left, right)
        assert similarity(left, right) == reference  # the same double, so every decision is the same
        above += 0.7 < reference < 0.8
        below += 0.6 < reference <= 0.7
    assert min(above, below) > 10_000


def tied_lengths():
    """Every (LCS, |a|, |b|) up to 60 tokens whose score is 0.7 in exact arithmetic."""
    pairs = ((a, b) for a in range(1, 61) for b in range(1, 61) if 7 * (a + b) % 20 == 0)
    return [(7 * (a + b) // 20, a, b) for a, b in pairs if 7 * (a + b) // 20 <= min(a, b)]


def test_exact_ties_fall_as_in_rouge_score():
    decisions = {}
    for lcs, a, b in tied_lengths():
        common = ["c"] * lcs
        left, right = " ".join(common + ["l"] * (a - lcs)), " ".join(["r"] * (b - lcs) + common)
        assert similarity(left, right) == rouge(left, right) == rouge_l_f1(lcs, a, b)
        assert similarity(left, right) == pytest.approx(0.7, abs=1e-15)
        decisions[a, b] = similarity(left, right) > 0.7
    assert not decisions[10, 10]
    assert sum(decisions.values()) > len(decisions) / 3  # rounding pushes many above


def test_either_text_may_be_the_target():
    sizes = [(a, b) for a in range(1, 70) for b in range(1, 70)]
    assert all(
        rouge_l_f1(lcs, a, b) == rouge_l_f1(lcs, b, a) for a, b in sizes for lcs in range(min(a, b) + 1)
    )


@given(st.text(st.characters(max_codepoint=127)), st.text(st.characters(max_codepoint=127)))
def test_equal_to_rouge_score_on_any_ascii_text(a, b):
    assert similarity(a, b) == rouge(a, b)


@given(st.text(), st.text())
def test_ascii_only_is_equal_on_any_text(a, b):
    assert similarity(a, b, ascii_only=True) == rouge(a, b)


@pytest.mark.parametrize(("a", "b"), [("", ""), ("a", ""), ("", "a"), ("...", "a")])
def test_nothing_is_like_nothing(a, b):
    assert similarity(a, b) == 0.0


def test_identical_texts_of_other_scripts_score_one():
    assert similarity("写一首诗", "写一首诗。") == 1.0
    assert similarity("写一首诗", "写一首诗。", ascii_only=True) == 0.0
