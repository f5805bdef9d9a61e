import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.recipes.chat.material import works_on_material
from selfinstruct.seeds.load import bundled_seeds


@pytest.mark.parametrize(
    "instruction",
    [
        "Read this text about a historical event and summarize it in one sentence.",
        "Which of the following sentences has an error?",
        "What is the programming language of the given code?",
        "Correct the grammar of the sentence below.",
        "Write a reply to these complaints.",
        "Complete the following code snippet:",
    ],
)
def test_instructions_that_leave_their_material_out(instruction: str) -> None:
    assert works_on_material(instruction) is True


@pytest.mark.parametrize(
    "instruction",
    [
        "What is the difference between a class and an object?",
        "Write a 3-line poem about a summer day.",
        "Which action should be taken when a patient presents with chest pain?",
        "Write a Python function to reverse the order of the characters in a given string.",
        "Translate the following sentence into French: 'The quick brown fox jumps over the lazy dog'",
        "Decide if the phrase 'He doesn't like coffee' is a question.",
        "Find the number of consonants in the following word: 'elephant'.",
        "Find the odd one in the following list of numbers: [2, 4, 7, 8].",
        "If two dice are rolled, how likely is a total of at least 10?",
    ],
)
def test_instructions_that_hold_all_that_is_needed(instruction: str) -> None:
    assert works_on_material(instruction) is False


@pytest.mark.parametrize(
    "instruction",
    [
        "Shorten the letter to five sentences.",
        "What does the author of the letter want?",
        "Write a function that does what this code does.",
        "Fasse den Brief zusammen.",
        "Was ist der Unterschied zwischen einer Klasse und einem Objekt?",
        "总结这篇文章。",
        "",
    ],
)
def test_words_that_do_not_plainly_say(instruction: str) -> None:
    assert works_on_material(instruction) is None


def test_seeds_are_mostly_told_apart_where_anything_is_said() -> None:
    said = [
        (seen, any(instance.input for instance in seed.instances))
        for seed in bundled_seeds()
        if (seen := works_on_material(seed.instruction)) is not None
    ]
    assert len(said) >= 70
    assert sum(seen is needed for seen, needed in said) >= 0.95 * len(said)


@given(st.text())
def test_any_text_is_looked_at(text: str) -> None:
    assert works_on_material(text) in (True, False, None)


@pytest.mark.parametrize("piece", ['" a ', "write ", "the ", "'a b c d ", "1, ", ": a ", "this "])
def test_no_text_takes_long(piece: str) -> None:
    began = time.perf_counter()
    works_on_material(piece * 20_000)
    assert time.perf_counter() - began < 2
