"""Verbs and objects: one case a convention."""

import pytest

from selfinstruct.text.verbs import find_verb_and_object


@pytest.mark.parametrize(
    ("instruction", "verb", "noun"),
    [
        ("Write a short story about a lighthouse.", "write", "story"),
        ("Please list the names of three rivers.", "list", "name"),
        ("Given a sentence in English, translate the sentence into Danish.", "translate", "sentence"),
        ("Can you rewrite the paragraph more politely?", "rewrite", "paragraph"),
        ("Give me three examples of irony.", "give", "example"),
        ("What is the capital of Peru?", None, None),
        ("", None, None),
    ],
)
def test_convention(instruction: str, verb: str | None, noun: str | None) -> None:
    found = find_verb_and_object(instruction)
    assert (found.verb, found.object) == (verb, noun)
