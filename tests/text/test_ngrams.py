from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.text import ngrams
from selfinstruct.text.ngrams import RUN, SHORTEST, RunIndex, SharedRun
from selfinstruct.text.tokens import tokenize

LONG = "in this task you are given two long sentences and asked to tell whether the second follows"


def find(references, texts):
    return list(RunIndex(references).find(texts))


def test_thirteen_words_are_found_whatever_their_case_and_punctuation():
    text = "Before. In THIS task, you are given two long sentences; and asked to tell, after."
    assert find(["other", LONG], ["nothing", text]) == [SharedRun(1, " ".join(LONG.split()[:13]), (1,))]


def test_twelve_words_of_a_longer_text_are_none():
    assert find([LONG], ["in this task you are given two long sentences and asked to"]) == []
    assert find([LONG], ["x this task you are given two long sentences and asked to tell x"]) == []


def test_a_shorter_text_counts_as_a_whole_a_very_short_one_not():
    references = ["Write a tweet about the weather today.", "Summarize the text."]
    found = find(references, ["Please write a tweet about the weather today!"])
    assert found == [SharedRun(0, "write a tweet about the weather today", (0,))]
    assert find(references, ["Write a tweet about the weather. Summarize the text."]) == []


def test_every_place_is_found_in_the_order_of_the_text():
    runs = find([LONG], [f"{LONG} {LONG}"])
    assert [run.words.split()[0] for run in runs] == LONG.split()[:5] * 2
    assert {run.text for run in runs} == {0}


def test_a_run_names_every_reference_that_has_it_once():
    (first, *_) = find([LONG, "none", f"{LONG} {LONG}"], [LONG])
    assert first.references == (0, 2)


def test_no_run_goes_from_one_text_or_reference_into_the_next():
    words = LONG.split()
    assert find([LONG], [" ".join(words[:8]), " ".join(words[8:])]) == []
    assert find([" ".join(words[:5]), " ".join(words[5:10])], [LONG]) == []


def test_words_alone_do_not_make_a_run_and_nothing_holds_nothing():
    assert find([LONG], [" ".join(reversed(LONG.split())), ""]) == []
    assert find([], [LONG]) == []
    assert find([LONG], []) == []


def test_scripts_without_spaces_have_a_word_a_character():
    assert find(["请把下面的句子翻译成英语然后解释"], ["好的请把下面的句子翻译成英语然后解释它的意思"])
    assert find(["请把下面的句子翻译成英语然后解释"], ["请把下面的句子翻译成法语"]) == []


def test_equal_sums_of_other_words_are_no_run(monkeypatch):
    monkeypatch.setattr(ngrams, "_FACTORS", (1,) * RUN)  # a sum that does not see the order
    assert find([LONG], [" ".join(reversed(LONG.split()))]) == []
    assert find([LONG], [LONG])


texts = st.lists(st.lists(st.sampled_from("abcde"), max_size=20).map(" ".join), max_size=5)


def by_hand(references, texts):
    runs: dict[Any, Any] = {}
    for number, words in enumerate(map(tokenize, references)):
        length = min(RUN, len(words))
        if length >= SHORTEST:
            for at in range(len(words) - length + 1):
                runs.setdefault(tuple(words[at : at + length]), set()).add(number)
    return [
        SharedRun(number, " ".join(run), tuple(sorted(runs[run])))
        for number, words in enumerate(map(tokenize, texts))
        for at in range(len(words))
        for length in range(SHORTEST, RUN + 1)
        if len(run := tuple(words[at : at + length])) == length and run in runs
    ]


@given(texts, texts, st.integers(1, 30))
def test_equal_to_looking_everywhere(references, texts, at_a_time):
    before, ngrams._AT_A_TIME = ngrams._AT_A_TIME, at_a_time
    try:
        assert find(references, texts + references) == by_hand(references, texts + references)
    finally:
        ngrams._AT_A_TIME = before
