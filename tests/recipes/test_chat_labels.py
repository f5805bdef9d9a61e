import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.recipes.chat.labels import names_labels, said_label


@pytest.mark.parametrize(
    "instruction",
    [
        "Is the review positive or negative?",
        "Classify the comment as praise, complaint, or question.",
        "Choose one shelf: cooking, travel, history.",
        "Label the email spam/ham.",
        'Answer "yes" or "no".',
        "Label each line with 'fact' and 'opinion'.",
        "Entscheide, ob der Satz wahr oder falsch ist.",
        "Cette phrase est-elle vraie ou fausse ?",
        "¿Es la reseña positiva o negativa?",
        "这条评论是正面还是负面？",
        "このレビューは肯定的または否定的ですか。",
        "Is it true or false that the sun is a star?",
    ],
)
def test_labels_that_an_instruction_names(instruction: str) -> None:
    assert names_labels(instruction)


@pytest.mark.parametrize(
    "instruction",
    [
        "Create a report in APA format with title, abstract, introduction and results.",
        "Convert a string to lowercase and return the result.",
        "Find the number of days in a leap year.",
        "Summarize the article.",
        "Decide which category the product belongs to.",
        "Explain TCP at 10:30.",
        "Write an ordinary letter for Oregon.",
        "Don't use the writer's own words, and don't add any.",
        "",
    ],
)
def test_instructions_that_name_none(instruction: str) -> None:
    assert not names_labels(instruction)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("positive", "positive"),
        (" Positive. ", "positive"),
        ("**Negative**", "negative"),
        ("The sentiment of the review is positive.", "positive"),
        ("Label: `not positive`", "not positive"),
        ("Negative. It is not positive, since the guest left early.", "negative"),
        ("Is it positive or negative? It is **negative**, not positive.", "negative"),
        ("It could be positive or negative.\n\nAll in all: negative", "negative"),
        ("It could be positive or negative.", None),
        (f"Let me see. {'It is long. ' * 20}Some of it is positive. {'It is long. ' * 20}", None),
        (f"{'It is long. ' * 20}So it is positive.", "positive"),
        ("mixed", None),
        ("", None),
        ("positively", None),
    ],
)
def test_the_label_that_an_answer_says(answer: str, expected: str | None) -> None:
    assert said_label(answer, ["positive", "negative", "not positive"]) == expected


def test_labels_of_any_kind() -> None:
    assert said_label("The shape is C++.", ["C++", "C"]) is not None
    assert said_label("anything", []) is None
    assert said_label("anything", ["", "!"]) is None
    assert said_label("正面", ["正面", "负面"]) == "正面"


@given(st.text(), st.lists(st.text()))
def test_what_is_said_is_one_of_the_labels(answer: str, labels: list[str]) -> None:
    assert said_label(answer, labels) in (None, *labels)
    assert names_labels(answer) in (True, False)


@pytest.mark.parametrize("piece", ["a or ", "a, ", ": a", "'a", "/a", "a/", "**", "- ", '"'])
def test_neither_takes_long(piece: str) -> None:
    began = time.perf_counter()
    names_labels(piece * 20_000)
    said_label(piece * 20_000, ["a or a", "a"])
    assert time.perf_counter() - began < 2
