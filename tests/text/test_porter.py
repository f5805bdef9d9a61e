"""The stemmer is NLTK's, which rouge_score uses, word for word."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer

from selfinstruct.text.porter import stem

NLTK = PorterStemmer()

ENDINGS = (
    "ational tional enci anci izer bli alli entli eli ousli ization ation ator alism iveness fulness ousness "
    "aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al ance ence er ic able ible ant "
    "ement ment ent ion sion tion ou ism ate iti ous ive ize ed eed ied ing s ies sses ss e ll y"
)
BEGINNINGS = "abeiouysltzdnwx3"


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=14))
def test_any_word(word: str) -> None:
    assert stem(word) == NLTK.stem(word)


def test_words_with_the_endings_that_rules_are_about() -> None:
    rng = random.Random(7)
    endings = ENDINGS.split(" ")
    for _ in range(40_000):
        begun = "".join(rng.choices(BEGINNINGS, k=rng.randint(0, 5)))
        word = begun + "".join(rng.choices(endings, k=rng.randint(0, 3)))
        assert stem(word) == NLTK.stem(word), word


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("walked", "walk"), ("hopping", "hop"), ("falling", "fall"), ("filing", "file"), ("ties", "tie"),
        ("flies", "fli"), ("dying", "die"), ("agreed", "agre"), ("happy", "happi"), ("enjoy", "enjoy"),
        ("relational", "relat"), ("rationally", "ration"), ("generalizations", "gener"),
        ("adoption", "adopt"), ("controlling", "control"), ("geology", "geolog"), ("news", "news"),
        ("was", "wa"), ("is", "is"),
    ],
)  # fmt: skip
def test_by_hand(word: str, expected: str) -> None:
    assert stem(word) == expected == NLTK.stem(word)
