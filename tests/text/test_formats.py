"""Formats of outputs, each told from its neighbours."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.text.formats import Format, output_format

CASES = {
    Format.NUMBER: ["42", "-3.5", "$1,250", "12 %", "15 km", "1 000"],
    Format.WORD: ["kitchen", "Hassan.", "#DB7093"],
    Format.PHRASE: ["a quiet river", "South America", "phhw dw wkh odcb"],
    Format.SENTENCE: ["The tide turned before noon.", "Why did you leave?", "今天天气很好。"],
    Format.PARAGRAPH: [
        "The tide turned before noon. By one the boats lay on the sand.",
        "First comes the salt, then the flour; sugar is left to the end, when nobody minds. It melts.",
    ],
    Format.PARAGRAPHS: [
        "The tide turned before noon, and all of the boats lay dry.\n\nBy one the children "
        "were out on the sand with their buckets.",
    ],
    Format.LETTER: [
        "Dear Ms Okafor,\n\nYour chair is here.\n\nBest regards,\nTom",
        "Hi Sam!\n\nThe chair is here, and it fits.",
        "Subject: Your chair\nDear Sam,\nIt is here.",
        "Dear Olga, thank you for the lift.",
        "The chair is here and it fits.\n\nKind regards,\nTom",
    ],
    Format.LIST: ["flew, shoe, zoo, you", "Lisbon\nOslo\nQuito", "Qatar; the Arab world; Asia"],
    Format.BULLETS: [
        "- salt\n- flour",
        "For the dough:\n• salt\n• flour",
        "* a\n* b\n\nThat is all.",
        "-Salt: one\n-Flour: two",
    ],
    Format.STEPS: [
        "1. Peel it.\n2. Cut it.",
        "a) one\nb) two",
        "1. Chess 2. Go 3. Bridge",
        "1- Chess\n2- Go",
    ],
    Format.FIELDS: ["Mean: 7\nMedian: 6", "**Name:** Ana\n**City:** Oslo"],
    Format.DIALOGUE: ["Ana: Hello.\nBen: Hello.\nAna: Rain again.\nBen: Always."],
    Format.TABLE: [
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "Prices:\n| a | b |\n| 1 | 2 |\n| 3 | 4 |",
        "name\tage\nAna\t31",
        "name,city,age\nAna,Oslo,31",
    ],
    Format.JSON: ['{"a": 1}', "[1, 2]", '```json\n{"a": [1]}\n```'],
    Format.MARKUP: ["<p>Hello</p>", "<ul>\n<li>a</li>\n</ul>", "name: Ana\nitems:\n  - id: 3"],
    Format.CODE: [
        "def f(x):\n    return x",
        "SELECT name\nFROM cats\nWHERE age > 3",
        "Use this:\n```\nls -l\n```",
        "function f(x) {\n  return x;\n}",
        "class A:\n    def long(self):\n        '''Long.'''\n        self.x = 1",
    ],
}


@pytest.mark.parametrize(
    ("wanted", "output"), [(wanted, each) for wanted, outputs in CASES.items() for each in outputs]
)
def test_format(wanted: Format, output: str) -> None:
    assert output_format(output) is wanted
    assert output_format(f"\n{output}\n ") is wanted


def test_every_format_has_a_case() -> None:
    assert set(Format) - set(CASES) == {Format.LABEL, Format.VERSE}


@pytest.mark.parametrize(
    ("output", "instruction", "wanted"),
    [
        ("Yes.", "", Format.LABEL),
        ("negative", "Is the mood positive, neutral or negative?", Format.LABEL),
        ("Negative", "Say positive or NEGATIVE.", Format.LABEL),
        ("low urgency", "Is it of high or low urgency?", Format.LABEL),
        ("low", "Describe a slow day.", Format.WORD),
        ("negative", "", Format.WORD),
        ("3", "Add 3 to nothing.", Format.NUMBER),
    ],
)
def test_a_label_is_an_answer_that_the_instruction_names(
    output: str, instruction: str, wanted: Format
) -> None:
    assert output_format(output, instruction) is wanted


HAIKU = "The chill, worming in\nA bell that nobody rang\nSnow on the mailbox"


def test_lines_are_verse_where_the_instruction_wants_a_poem() -> None:
    assert output_format(HAIKU, "Write a haiku about winter.") is Format.VERSE
    assert output_format(HAIKU, "Name three things of winter.") is Format.LIST
    assert output_format("A poem of snow. It is short.", "Explain the poem.") is Format.PARAGRAPH


def test_labelled_lines_are_dialogue_where_the_instruction_wants_one() -> None:
    lines = "Flyer: Is that normal?\nPassenger: It is."
    assert output_format(lines, "Act out a conversation in a plane.") is Format.DIALOGUE
    assert output_format(lines, "List the roles in the conversation.") is Format.FIELDS


def test_what_looks_like_json_but_is_none() -> None:
    assert output_format('[{"a": 1') is not Format.JSON
    assert output_format("[" * 100_000) is not Format.JSON


@given(st.text(), st.text())
def test_any_text_has_a_format(output: str, instruction: str) -> None:
    assert output_format(output, instruction) in Format


def test_long_runs_of_blank_lines_take_no_time() -> None:
    begun = time.process_time()
    assert output_format("a" + "\n" * 20_000 + "b") is Format.LIST
    assert output_format("Subject: a" + "\n" * 20_000 + "b") is Format.LIST
    assert time.process_time() - begun < 5
