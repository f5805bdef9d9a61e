import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from selfinstruct.filters.novelty import COMPLETE_UP_TO, NoveltyIndex
from selfinstruct.records import Neighbour

SCORER = RougeScorer(["rougeL"])


def index_of(*pool, max_similarity=0.7, neighbours=10, ascii_tokens=False, complete_up_to=COMPLETE_UP_TO):
    index = NoveltyIndex(
        max_similarity=max_similarity,
        neighbours=neighbours,
        ascii_tokens=ascii_tokens,
        complete_up_to=complete_up_to,
    )
    for text in pool:
        index.add(text)
    return index


def brute_force(pool, candidates, max_similarity, neighbours):
    """What the reference code computes, one candidate after the other; extends the pool."""
    results = []
    for candidate in candidates:
        scores = [SCORER.score(candidate, entry)["rougeL"].fmeasure for entry in pool]
        order = sorted(range(len(pool)), key=lambda entry: (-scores[entry], entry))[:neighbours]
        accepted = not scores or not max(scores) > max_similarity
        mean = pytest.approx(np.mean(scores)) if scores else None
        results.append((accepted, tuple(Neighbour(entry, scores[entry]) for entry in order), mean))
        if accepted:
            pool.append(candidate)
    return results


def as_results(judged):
    return [(one.verdict.accepted, one.neighbours, one.mean_similarity) for one in judged]


few_words = st.lists(st.sampled_from("abcd!"), max_size=7).map(" ".join)
tickets = st.lists(
    st.lists(few_words | st.text(st.characters(max_codepoint=127), max_size=9), max_size=6), max_size=4
)


@given(st.lists(few_words, max_size=5), tickets, st.sampled_from([0.0, 0.5, 0.7, 1.0]), st.integers(1, 12))
def test_equal_to_brute_force(seeds, tickets, max_similarity, neighbours):
    index = index_of(*seeds, max_similarity=max_similarity, neighbours=neighbours)
    pool = list(seeds)
    for ticket in tickets:
        judged = index.judge(ticket)
        assert [one.text for one in judged] == ticket
        assert as_results(judged) == brute_force(pool, ticket, max_similarity, neighbours)
        assert len(index) == len(pool)


@settings(max_examples=50)
@given(
    st.lists(few_words, max_size=5),
    tickets,
    st.sampled_from([0.0, 0.5, 0.7, 1.0]),
    st.integers(1, 4),
    st.integers(0, 6),
)
def test_beyond_the_switch_verdicts_stay_and_neighbours_are_those_above(
    seeds, tickets, max_similarity, neighbours, complete_up_to
):
    options = {"max_similarity": max_similarity, "neighbours": neighbours}
    small, large = index_of(*seeds, **options), index_of(*seeds, complete_up_to=complete_up_to, **options)
    for ticket in tickets:
        switched = len(large) > complete_up_to
        whole, judged = small.judge(ticket), large.judge(ticket)
        assert len(small) == len(large)
        if not switched:
            assert judged == whole
            continue
        assert [one.verdict for one in judged] == [one.verdict for one in whole]
        for one, known in zip(judged, whole, strict=True):
            assert one.neighbours == tuple(near for near in known.neighbours if near.score > max_similarity)
            assert one.mean_similarity is None


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_equal_to_brute_force_on_long_and_tied_texts(rng):
    words = [f"w{number}" for number in range(400)]  # codes on both sides of U+00FF, texts beyond 64 tokens
    pool = [" ".join(rng.choices(words, k=rng.randint(0, 90))) for _ in range(12)]
    near = [rng.choice(pool).split() for _ in range(6)]
    ticket = [" ".join(word if rng.random() < 0.75 else rng.choice(words) for word in text) for text in near]
    assert as_results(index_of(*pool).judge(ticket)) == brute_force(pool, ticket, 0.7, 10)


@pytest.mark.parametrize("distinct", [253, 254, 255, 60_000])
def test_any_number_of_distinct_words_in_a_ticket(distinct):
    words = [f"w{number}" for number in range(distinct)]
    texts = [" ".join(words[start : start + 50]) for start in range(0, distinct, 50)]
    index = index_of(*texts[-3:], "none of these words", neighbours=1)
    judged = index.judge(texts)
    assert [one.verdict.reason for one in judged] == [None] * (len(texts) - 3) + ["similar"] * 3
    assert [one.neighbours[0] for one in judged[-3:]] == [Neighbour(entry, 1.0) for entry in range(3)]


def test_exact_ties_fall_as_in_rouge_score():
    decisions = set()
    for a, b in [(5, 5), (8, 12), (9, 11), (10, 10), (15, 25), (19, 21), (20, 20), (18, 22)]:
        lcs = 7 * (a + b) // 20
        entry = " ".join(["c"] * lcs + ["r"] * (b - lcs))
        candidate = " ".join(["c"] * lcs + ["l"] * (a - lcs))
        (judged,) = index_of(entry).judge([candidate])
        reference = SCORER.score(candidate, entry)["rougeL"].fmeasure
        assert judged.neighbours == (Neighbour(0, reference),)
        assert judged.verdict.accepted == (not reference > 0.7)
        decisions.add(judged.verdict.accepted)
    assert decisions == {True, False}


def test_a_near_copy_names_its_nearest_entry():
    pool = ["Name three fruits.", "Write a short poem about the sea.", "Write a short poem about the moon."]
    (judged,) = index_of(*pool, neighbours=2).judge(["Write a short poem about the sun."])
    assert judged.verdict.reason == "similar"
    assert judged.verdict.detail == "ROUGE-L 0.857 with its nearest neighbour"
    assert [near.index for near in judged.neighbours] == [1, 2]
    assert judged.mean_similarity == pytest.approx((0 + 6 / 7 + 6 / 7) / 3)


def test_an_empty_pool_accepts_without_neighbours():
    (judged,) = index_of().judge(["anything at all"])
    assert judged.verdict.accepted
    assert (judged.neighbours, judged.mean_similarity) == ((), None)
    assert index_of().judge([]) == []


def test_admission_within_a_ticket_depends_on_the_order():
    first, bridge, last = "a b c d e f", "a b c d e z", "a b c d y z"
    forwards, backwards = index_of(), index_of()
    assert [one.verdict.reason for one in forwards.judge([first, bridge, last])] == [None, "similar", None]
    assert [one.verdict.reason for one in backwards.judge([bridge, first, last])] == [
        None,
        "similar",
        "similar",
    ]
    assert (len(forwards), len(backwards)) == (2, 1)
    (again,) = forwards.judge([last])
    assert again.verdict.detail == "ROUGE-L 1.000 with its nearest neighbour"


def test_how_candidates_are_cut_into_tickets_changes_nothing():
    rng = random.Random(3)
    texts = [" ".join(rng.choices("abcdefg", k=rng.randint(1, 9))) for _ in range(60)]
    together, apart = index_of(), index_of()
    assert together.judge(texts) == [judged for text in texts for judged in apart.judge([text])]


SENTENCES = {
    "Chinese": ("写一首关于春天的短诗。", "写一首关于秋天的短诗", "把下面的句子翻译成英语。"),
    "Japanese": (
        "春についての短い詩を書いてください。",
        "秋についての短い詩を書いてください",
        "次の文を英語に訳しなさい。",
    ),
    "Thai": ("เขียนบทกวีสั้นเกี่ยวกับฤดูใบไม้ผลิ", "เขียนบทกวีสั้นเกี่ยวกับฤดูใบไม้ร่วง", "จงแปลประโยคต่อไปนี้"),
    "Hindi": (
        "वसंत के बारे में एक छोटी कविता लिखो।",
        "वर्षा के बारे में एक छोटी कविता लिखो",
        "नीचे दिए वाक्य का अनुवाद करो।",
    ),
    "Arabic": (
        "اكتب قصيدة قصيرة جدا عن فصل الربيع",
        "اكتب قصيدة قصيرة جدا عن فصل الخريف",
        "ترجم الجملة التالية إلى الفرنسية",
    ),
    "Russian": (
        "Напиши короткое стихотворение о ранней весне",
        "Напиши короткое стихотворение о поздней весне",
        "Переведи следующее предложение на французский",
    ),
}


@pytest.mark.parametrize("language", SENTENCES)
def test_near_copies_are_caught_in_any_script(language):
    original, near_copy, other = SENTENCES[language]
    reasons = [one.verdict.reason for one in index_of(original).judge([original, near_copy, other])]
    assert reasons == ["similar", "similar", None]


@pytest.mark.parametrize("language", SENTENCES)
def test_the_references_tokens_miss_them(language):
    original = SENTENCES[language][0]
    (judged,) = index_of(original, ascii_tokens=True).judge([original])
    assert judged.verdict.accepted
    assert judged.neighbours == (Neighbour(0, 0.0),)


@given(st.lists(few_words, max_size=9), st.lists(few_words, max_size=20), st.integers(1, 4))
def test_looking_up_finds_the_nearest_and_changes_nothing(pool, texts, neighbours):
    index = index_of(*pool, neighbours=neighbours)
    found = list(index.look_up(texts))
    assert found == [index_of(*pool, neighbours=neighbours).judge([text])[0].neighbours for text in texts]
    assert len(index) == len(pool)


@given(st.lists(few_words, max_size=9), st.lists(few_words, max_size=20), st.integers(1, 4))
def test_looking_up_similar_ones_finds_those_above(pool, texts, neighbours):
    index = index_of(*pool, neighbours=neighbours, max_similarity=0.5)
    found = [tuple(near for near in all_of_it if near.score > 0.5) for all_of_it in index.look_up(texts)]
    assert list(index.look_up_similar(texts)) == found
    assert len(index) == len(pool)


def test_looking_up_among_the_first_entries_of_the_pool():
    index = index_of("a b c", "a b d", "a b c d", neighbours=2)
    found = list(index.look_up(["a b c d"] * 4, [0, 1, 2, 3]))
    assert [[near.index for near in each] for each in found] == [[], [0], [0, 1], [2, 0]]
