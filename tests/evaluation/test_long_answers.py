"""∞Bench's metrics: decisions of its program, on answers made up here, and the cutting of long texts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.evalsets.infinitebench import INFINITEBENCH_TASKS
from selfinstruct.evaluation.benchmarks.fitting import (
    LONGEST_TOKEN,
    careful_tokens,
    cut_middle,
    most_that_fit,
)
from selfinstruct.evaluation.benchmarks.infinitebench import LIMITS
from selfinstruct.evaluation.benchmarks.long_answers import METRICS, score_answer

CHOICE = ("The mill", "B")


@pytest.mark.parametrize(
    ("task", "answer", "references", "score"),
    [
        ("passkey", "The key is 71432.", ("71432",), 1),
        ("passkey", "7 1432", ("71432",), 0),
        ("number_string", "none", ("12",), 0),
        ("kv_retrieval", 'It is: "ab-1".', ("ab-1",), 1),
        ("kv_retrieval", "ab-12", ("ab-1",), 0),
        ("longdialogue_qa_eng", "Ann.", ("ANN", "ANN LEE"), 1),
        ("longdialogue_qa_eng", "Mia", ("ANN",), 0),
        ("longbook_choice_eng", "B. The mill", CHOICE, 1),
        ("longbook_choice_eng", "A mill, B", CHOICE, 0),
        ("longbook_choice_eng", "The mill", CHOICE, 1),
        ("longbook_choice_eng", "I think the answer is: B", CHOICE, 1),
        ("longbook_choice_eng", "I think the Answer is: C, not B", CHOICE, 0),
        ("longbook_choice_eng", "it says AB", CHOICE, 0),
        ("longbook_choice_eng", "it is answer:", CHOICE, 0),
        ("longbook_choice_eng", "", CHOICE, 0),
        ("code_debug", "B: load", ("load", "B"), 1),
        ("code_debug", "B", ("load", "B"), 0),
        ("code_debug", "So the answer is: **Option B**", ("load", "B"), 1),
        ("code_debug", "The correct option is: save", ("load", "B"), 0),
        ("code_run", "It is 1 + 3 = -4.", ("-4",), 1),
        ("code_run", "It is 4, I think", ("4",), 0),
        ("math_find", "the 49.50 of it", ("49.5",), 1),
        ("math_find", "88.0", ("88",), 1),
        ("math_find", "no", ("88",), 0),
        ("math_calc", "[3, 1, 9]", ("[3, 1, 2, 4]",), 0.5),
        ("math_calc", "", ("[3]",), 0),
        ("longbook_qa_eng", "The Old mill!", ("an old mill", "x"), 1),
        ("longbook_qa_eng", "old house", ("old mill",), 0.5),
        ("longbook_qa_chn", "老磨坊。", ("老 磨坊",), 1),
        ("longbook_qa_chn", "老屋", ("老磨坊",), 0.4),
        ("longbook_sum_eng", "Ann walks.\nMia stays.", ("Mia stays.\nAnn walks.",), 1),
        ("longbook_sum_eng", "Ann walks", ("Ann walked",), 0.5),
    ],
)
def test_decisions(task: str, answer: str, references: tuple[str, ...], score: float) -> None:
    assert score_answer(task, answer, references) == pytest.approx(score)


def test_every_task_has_a_metric_and_a_limit() -> None:
    assert set(METRICS) == set(LIMITS) == set(INFINITEBENCH_TASKS)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(METRICS)), st.text(max_size=40))
def test_any_answer_has_a_score_between_0_and_1(task: str, answer: str) -> None:
    right = {"math_calc": (json.dumps([1, 2]),), "code_run": ("3",), "math_find": ("2.5",)}.get(task, CHOICE)
    assert 0 <= score_answer(task, answer, right) <= 1


@settings(max_examples=50, deadline=None)
@given(
    st.text(alphabet="ab 1é漢\n", max_size=400),
    st.integers(1, 60),
    st.sampled_from([len, careful_tokens, lambda text: len(text.split()), lambda text: 3 * len(text)]),
)
def test_what_is_cut_fits_and_keeps_both_ends(text: str, most: int, count: object) -> None:
    assert callable(count)
    kept = cut_middle(text, most, count)
    assert not kept or count(kept) <= most
    if kept != text:
        half = len(kept) // 2
        assert text.startswith(kept[:half])
        assert text.endswith(kept[half:])
        assert count(text) > most or len(text) > LONGEST_TOKEN * most


def test_a_cut_text_fills_most_of_the_room() -> None:
    text = "The grass is wet and 12 hills are far away. " * 20_000
    kept = cut_middle(text, 8_000, careful_tokens)
    assert 7_600 <= careful_tokens(kept) <= 8_000


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30))
def test_the_most_that_fit(many: int, limit: int) -> None:
    assert most_that_fit(many, lambda count: count <= limit) == min(many, limit)
