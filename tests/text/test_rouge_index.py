import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.text import posting_lists, rouge_index
from selfinstruct.text.rouge import rouge_l, rouge_l_f1, rouge_l_f1_of
from selfinstruct.text.rouge_bounds import LONGEST, bounds, least_overlap, prefix_length
from selfinstruct.text.rouge_index import Hit, RougeIndex
from selfinstruct.text.token_lists import TokenLists

THRESHOLDS = [0.0, 0.3, 0.5, 0.7, 0.9, 1.0]


@pytest.fixture(autouse=True)
def early_postings(monkeypatch):
    """Posting lists from the third entry on, so that small examples have both parts of the index."""
    monkeypatch.setattr(rouge_index, "LEAST_PENDING", 2)


def brute_force(entries, query, threshold):
    scored = [Hit(place, rouge_l(query, entry)) for place, entry in enumerate(entries)]
    return sorted((hit for hit in scored if hit.score > threshold), key=lambda hit: (-hit.score, hit.entry))


def check(entries, calls, threshold, most=100):
    """Calls of queries that then become entries; every hit is brute force's, the same double."""
    lists = TokenLists()
    index = RougeIndex(lists, threshold)
    entries = list(entries)
    for entry in entries:
        lists.append(lists.number(entry))
    hits = 0
    for queries in calls:
        found = index.find(queries, most=most, each_other=True)
        alone = index.find(queries, most=most)
        for place, query in enumerate(queries):
            assert found[place] == brute_force(entries + queries[:place], query, threshold)[:most]
            assert alone[place] == brute_force(entries, query, threshold)[:most]
            hits += len(found[place])
        for query in queries:
            lists.append(lists.number(query))
        entries += queries
    return hits


tokens = st.lists(st.sampled_from(["a", "b", "c", "d", "写", "诗"]), max_size=8)


@settings(max_examples=50)
@given(
    st.lists(tokens, max_size=12),
    st.lists(st.lists(tokens, max_size=5), max_size=4),
    st.sampled_from(THRESHOLDS),
    st.integers(1, 4),
)
def test_equal_to_brute_force_with_few_words_that_repeat(entries, calls, threshold, most):
    check(entries, calls, threshold, most)


@pytest.mark.parametrize("threshold", THRESHOLDS[1:5])
@pytest.mark.parametrize("longest", [12, 60, 200])
def test_equal_to_brute_force_with_near_copies(threshold, longest):
    rng = random.Random(longest)
    words = [f"w{number}" for number in range(300)]
    weights = [1 / (rank + 1) for rank in range(len(words))]

    def altered(entry):
        share = rng.choice([0, 0.02, 0.2, 0.4])
        return [rng.choice(words) if rng.random() < share else word for word in entry if rng.random() < 0.95]

    entries = [rng.choices(words, weights, k=rng.randint(0, longest)) for _ in range(25)]
    calls = [[altered(rng.choice(entries)) for _ in range(6)] for _ in range(2)]
    assert check(entries, calls, threshold)


def test_lengths_on_both_sides_of_a_byte():
    rng = random.Random(5)
    words = [f"w{number}" for number in range(2000)]
    long = [rng.choices(words, k=length) for length in (150, 254, 255, 256, 300, 380, 600)]
    cut = [entry[: len(entry) * share // 100] for entry in long for share in (54, 70, 100)]
    assert check(long, [cut], 0.7) > 30
    few, others = [*"c" * 296, "a", "b", "d", "e"], [*"c" * 296, "p", "q", "r", "s"]
    assert check([few, ["x"], ["y"]], [[others]], 0.985) == 1  # eight bits apart, one more than 255 may be


def test_ties_with_the_threshold_are_decided_by_rouge_scores_doubles():
    decided = set()
    for a, b in [(5, 5), (8, 12), (9, 11), (10, 10), (15, 25), (19, 21), (20, 20), (18, 22)]:
        lcs = 7 * (a + b) // 20
        entry, query = ["c"] * lcs + ["r"] * (b - lcs), ["c"] * lcs + ["l"] * (a - lcs)
        decided.add(check([entry, ["x"], ["y"]], [[query]], 0.7))
    assert decided == {0, 1}


def test_more_distinct_words_than_ranks(monkeypatch):
    monkeypatch.setattr(posting_lists, "_RANK_BITS", 3)
    rng = random.Random(7)
    words = [f"w{number}" for number in range(60)]
    entries = [rng.choices(words, k=rng.randint(1, 12)) for _ in range(40)]
    near = [[*entry[:-1], rng.choice(words)] for entry in entries]
    assert check(entries, [near], 0.7) > 30


def test_growing_changes_nothing(monkeypatch):
    monkeypatch.setattr(rouge_index, "MOST_PENDING", 30)
    monkeypatch.setattr(posting_lists, "_SHORT", 3)
    rng = random.Random(11)
    words = [f"w{number}" for number in range(40)]
    calls = [[rng.choices(words, k=rng.randint(0, 6)) for _ in range(8)] for _ in range(30)]
    assert check([], calls, 0.6) > 50


def test_nothing_is_above_one_or_near_an_empty_text():
    assert check([["a"], [], ["a"], ["a", "b"]], [[["a"], [], ["a", "b"]]], 1.0) == 0
    assert check([[], [], []], [[[], ["a"]]], 0.0) == 0
    assert RougeIndex(TokenLists(), 0.7).find([["a"]], most=1) == [[]]
    assert RougeIndex(TokenLists(), 0.7).find([], most=1) == []


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_no_score_above_the_threshold_lies_beyond_a_bound(threshold):
    for a in range(1, 60):
        limit = bounds(threshold, a)
        for b in range(1, 60):
            scoring = [m for m in range(1, min(a, b) + 1) if rouge_l_f1(m, a, b) > threshold]
            if not scoring:
                continue
            least = scoring[0]
            assert least >= int(least_overlap(threshold, a + b))
            assert limit.shortest <= b
            assert limit.reach[a - least] >= b  # the last place that the prefix lemma allows
            assert int(prefix_length(threshold, np.array([a]))[0]) >= a - least + 1
            assert limit.room[min(b, LONGEST)] > min(a + b - 2 * least, 64)


def test_scores_of_many_are_the_same_doubles():
    sizes = [(lcs, a, b) for a in range(1, 40) for b in range(1, 40) for lcs in range(1, min(a, b) + 1)]
    for a in range(1, 40):
        rows = [(lcs, b) for lcs, of_a, b in sizes if of_a == a]
        scores = rouge_l_f1_of(np.array([lcs for lcs, _ in rows]), a, np.array([b for _, b in rows]))
        assert scores.tolist() == [rouge_l_f1(lcs, a, b) for lcs, b in rows]
