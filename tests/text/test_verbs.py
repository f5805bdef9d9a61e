"""Verbs and objects: the convention case by case, and how often the rules are right on labelled instructions.

Of the 200 labelled instructions, 100 were written for the purpose, 50 are bundled seeds and 50 were written
by the bundled model, nonsense included. They were labelled before the rules were tuned. Every other one was
held out: its mistakes were looked at once, when the rules were done, and stand. Right were 98 verbs, 98
objects and 97 pairs of the 100 held out, and all of the 100 to develop on.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.text.verbs import find_verb_and_object

LABELS = Path(__file__).with_name("verb_labels.jsonl")


def both(instruction: str) -> tuple[str | None, str | None]:
    found = find_verb_and_object(instruction)
    return found.verb, found.object


@pytest.mark.parametrize(
    ("instruction", "verb", "noun"),
    [
        ("Write a short story about a lighthouse.", "write", "story"),
        ("WRITE A LETTER TO MY BANK", "write", "letter"),
        ("Please briefly summarize the passage.", "summarize", "passage"),
        ("1. List three rivers.", "list", "river"),
        ("Task: Sort the words by length.", "sort", "word"),
        ("Do the sum in your head.", "do", "sum"),
        ("Dream up a name for a goat.", "dream", "name"),
        ("Research the history of the zip.", "research", "history"),
    ],
)
def test_a_plain_command(instruction: str, verb: str, noun: str) -> None:
    assert both(instruction) == (verb, noun)


@pytest.mark.parametrize(
    ("instruction", "verb", "noun"),
    [
        ("Given a list of numbers, sort the list.", "sort", "list"),
        ("Using the table, name the oldest city.", "name", "city"),
        ("If the claim is false, correct the claim.", "correct", "claim"),
        ("In your own words explain the term.", "explain", "term"),
        ("You are a baker. Describe your oven.", "describe", "oven"),
        ("You are given a tweet and you should label the tweet.", "label", "tweet"),
        ("In this task you will be given two texts, and your job is to find the author.", "find", "author"),
        ("I want you to write a toast.", "write", "toast"),
        ("You will be asked to draft a memo.", "draft", "memo"),
        ("Can you please rewrite the sentence?", "rewrite", "sentence"),
        ("Help me to write a eulogy.", "write", "eulogy"),
        ("Try to guess the word.", "guess", "word"),
        ("Imagine you run a zoo and write an ad.", "write", "ad"),
        ("Imagine a city under the sea.", "imagine", "city"),
        ("Act out a quarrel.", "act", "quarrel"),
        ("Ice floats, although it is solid. Explain the reason.", "explain", "reason"),
    ],
)
def test_what_stands_before_the_command(instruction: str, verb: str, noun: str) -> None:
    assert both(instruction) == (verb, noun)


@pytest.mark.parametrize(
    "instruction",
    [
        "",
        "42?!",
        "What is the capital of Peru?",
        "Which word is longer? Answer with the word.",
        "Is it true? Show your steps.",
        "Do the two words rhyme?",
        "Imagine a train leaves at noon. When does it arrive?",
        "Do not use the letter e.",
        "The cat sleeps on the mat.",
        "Research shows the opposite.",
        "You will be given a text.",
        "Answer:",
        "Übersetze den Satz ins Englische.",
        "Describe la casa de tu abuela.",
        "总结这篇文章。",
    ],
)
def test_text_that_commands_nothing(instruction: str) -> None:
    assert both(instruction) == (None, None)


def test_a_question_about_the_reader_is_passed_over() -> None:
    assert both("Have you ever seen a glacier? Describe one glacier.") == ("describe", "glacier")


@pytest.mark.parametrize(
    ("instruction", "noun"),
    [
        ("Write a cover letter.", "letter"),
        ("Make a list of cities.", "list"),
        ("Name two of the cities.", "city"),
        ("Suggest a couple of games.", "game"),
        ("Find the number of vowels.", "number"),
        ("Give me three examples.", "example"),
        ("Give the brand a motto.", "motto"),
        ("Provide us with a plan.", "plan"),
        ("Come up with a riddle.", "riddle"),
        ("Fill in the blanks.", "blank"),
        ("Calculate the mean and the median.", "mean"),
        ("Tell a short, funny story.", "story"),
        ("Write a healthy and easy recipe.", "recipe"),
        ("Answer the student's question.", "question"),
        ("Write a story that contains the word.", "story"),
        ("Write a function named is_even.", "function"),
        ("Tell a story set in Rome.", "story"),
        ("Write a paragraph using the words.", "paragraph"),
        ("Draft a marketing plan for a zoo.", "plan"),
        ("Make the sentence negative.", "sentence"),
        ("Sort the list alphabetically.", "list"),
        ("Choose the best emojis.", "emoji"),
        ("Analyze the data.", "data"),
        ("Create a template for a memo.", "template"),
        ("Replace the <mask> token.", "token"),
    ],
)
def test_the_object_is_the_head_of_its_phrase(instruction: str, noun: str) -> None:
    assert find_verb_and_object(instruction).object == noun


@pytest.mark.parametrize(
    "instruction",
    [
        "Explain why the sky is blue.",
        "Tell me whether the claim is true.",
        "Show a beginner how the knot is tied.",
        "Prove that the sum is even.",
        "Try coming up with a rhyme.",
        "Translate it into Danish.",
        "Translate “good morning” into Danish.",
        "Write about your day.",
        "Add 3 and 5.",
        "Translate the following into Danish.",
    ],
)
def test_no_object_where_it_is_no_noun(instruction: str) -> None:
    found = find_verb_and_object(instruction)
    assert found.verb is not None
    assert found.object is None


@given(st.text(alphabet=st.one_of(st.sampled_from("write a the, .:?\"'`<>()[]1-\n"), st.characters())))
def test_any_text_is_read_and_an_object_has_a_verb(text: str) -> None:
    found = find_verb_and_object(text)
    assert found.verb is not None or found.object is None
    for word in (found.verb, found.object):
        assert word is None or (word and word == word.lower())


@dataclass(frozen=True, slots=True)
class Rates:
    verb: float
    object: float
    both: float


def rates(split: str) -> Rates:
    labels = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    labels = [label for label in labels if label["split"] == split]
    assert len(labels) == 100
    found = [find_verb_and_object(label["instruction"]) for label in labels]
    pairs = list(zip(found, labels, strict=True))
    return Rates(
        verb=sum(one.verb == label["verb"] for one, label in pairs) / 100,
        object=sum(one.object == label["object"] for one, label in pairs) / 100,
        both=sum((one.verb, one.object) == (label["verb"], label["object"]) for one, label in pairs) / 100,
    )


def test_the_held_out_half_is_read_about_as_well_as_it_was_measured() -> None:
    held_out = rates("held_out")
    assert held_out.verb >= 0.96
    assert held_out.object >= 0.96
    assert held_out.both >= 0.95


def test_the_developed_half_stays_right() -> None:
    assert rates("develop").both >= 0.99
