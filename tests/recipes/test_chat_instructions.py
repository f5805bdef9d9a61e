import json
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from selfinstruct.config import RecipeConfig, SamplingConfig
from selfinstruct.recipes.chat.labels import names_labels
from selfinstruct.recipes.chat.material import works_on_material
from selfinstruct.recipes.chat.recipe import ChatRecipe
from selfinstruct.records import Completion, InstructionCandidate

RECIPE = ChatRecipe(RecipeConfig(), SamplingConfig())


def parse(text: str, finish_reason: str = "stop") -> list[InstructionCandidate]:
    return RECIPE.parse_instructions(Completion(text, finish_reason, 0, 0, estimated=True, seconds=0.0))


def parsed(text: str, finish_reason: str = "stop") -> list[tuple[str, bool | str | None]]:
    """Each text with its kind, or with its flaw if it has one."""
    return [(found.text, found.flaw or found.is_classification) for found in parse(text, finish_reason)]


TWO = [("Name a color.", False), ("Spam or not?", True)]
OBJECTS = (
    '{"instruction": "Name a color.", "is_classification": false}, '
    '{"instruction": "Spam or not?", "is_classification": true}'
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'{{"tasks": [{OBJECTS}]}}', id="as asked"),
        pytest.param(f'```json\n{{"tasks": [{OBJECTS}]}}\n```', id="fence"),
        pytest.param(f'Here are 2 tasks:\n1. see below\n{{"tasks": [{OBJECTS}]}}\nAny more?', id="prose"),
        pytest.param(f'<think>{{"task": "Draft."}}</think>{{"tasks": [{OBJECTS}]}}', id="thinking"),
        pytest.param(f"[{OBJECTS}]", id="bare array"),
        pytest.param(OBJECTS.replace("}, {", "}\n{"), id="an object a line"),
        pytest.param('{"tasks": {"1": ' + OBJECTS.replace("}, {", '}, "2": {') + "}}", id="numbered fields"),
        pytest.param(OBJECTS.replace("is_classification", "isClassification"), id="camel case"),
        pytest.param(
            OBJECTS.replace("is_classification", "classification").replace("instruction", "Task"),
            id="short names",
        ),
        pytest.param(OBJECTS.replace("false", '"No"').replace("true", '"Yes"'), id="kind in words"),
        pytest.param(
            OBJECTS.replace(': "Name', ': "1. Name').replace("Spam", "2) Spam"), id="numbered texts"
        ),
        pytest.param("1. [not classification] Name a color.\n2. [classification] Spam or not?", id="list"),
        pytest.param(
            "Sure!\n\n1) Name a color. (non-classification)\n\n2) Spam or not? (Classification)\n\nMore?",
            id="marks at the end",
        ),
        pytest.param(
            "1. **Name a color.**\n   - Classification: No\n\n2. Spam or not?\n**is_classification**: true",
            id="a line of its own",
        ),
        pytest.param(
            "- (is_classification: false) Name a\n  color.\n- [Classification task: yes]: Spam or not?",
            id="bullets",
        ),
        pytest.param(
            "**1.** **Name a color.** (classification: no)\nTask 2: “Spam or not?” [classification=True].",
            id="dressed up",
        ),
    ],
)
def test_replies_that_say_the_same(text: str) -> None:
    assert parsed(text) == TWO


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("complete", (False, False)),
        ("with text", (False, True)),
        ("With label", (True, True)),
        ("another", (None, True)),
    ],
)
def test_a_kind_says_what_is_needed(kind: str, expected: tuple[bool | None, bool]) -> None:
    (found,) = parse(json.dumps({"tasks": [{"instruction": "Spam or not?", "kind": kind}]}))
    assert (found.is_classification, found.needs_input) == expected


@pytest.mark.parametrize("kind", ['"kind": "with label"', '"is_classification": true'])
def test_classification_is_doubted_where_no_labels_are_named(kind: str) -> None:
    (found,) = parse(f'{{"instruction": "Report in APA format, with title and abstract.", {kind}}}')
    assert (found.is_classification, found.needs_input) == (None, True)


@pytest.mark.parametrize("kind", ["complete", "with text", "with label"])
def test_words_that_plainly_say_what_is_needed_go_before_the_kind(kind: str) -> None:
    rows = [
        {"instruction": "What is the difference between a class and an object?", "kind": kind},
        {
            "instruction": "Which of the following sentences has an error, the first or the last?",
            "kind": kind,
        },
    ]
    alone, following = parse(json.dumps({"tasks": rows}))
    assert (alone.is_classification, alone.needs_input) == (False, False)
    assert (following.is_classification, following.needs_input) == (kind == "with label", True)


@pytest.mark.parametrize(
    ("instruction", "given", "expected"),
    [
        ("Sum up the letter.", "Dear Ann", (False, True, "Dear Ann")),
        ("Sum up the letter.", "", (False, True, "")),
        ("Résumez la lettre.", "Chère Anne", (False, True, "Chère Anne")),
        ("Décrivez un phare.", " N/A ", (False, False, "")),
        ("Write a limerick about a lighthouse.", "There was a keeper", (False, False, "")),
        ("In one sentence, describe the process of making jam.", "Boil fruit.", (False, False, "")),
        ("Sort the following fruit by price: kiwi, plum.", "plum", (False, False, "")),
        ("Is the review positive or negative?", "Lovely.", (None, True, "Lovely.")),
        ("Is this review positive or negative?", "", (None, True, "")),
        ("Le texte est-il positif ou négatif ?", "Superbe.", (None, True, "Superbe.")),
        ("Continue the tale.", "Continue  the tale.", (False, False, "")),
    ],
)
def test_an_input_says_what_is_needed_as_far_as_the_words_allow(
    instruction: str, given: str, expected: tuple[bool | None, bool, str]
) -> None:
    (found,) = parse(json.dumps({"tasks": [{"instruction": instruction, "input": given}]}))
    assert (found.is_classification, found.needs_input, found.input) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("I'm sorry, I can't help with that.", [], id="prose"),
        pytest.param('{"tasks": []}', [], id="no tasks"),
        pytest.param('{"error": "too many - tasks"}', [], id="another object"),
        pytest.param("<think>1. Name a color.", [], id="nothing but thinking"),
        pytest.param(
            '{"tasks": [{"instruction": "Name\\n a color."}]}',
            [("Name a color.", None)],
            id="no kind, white space",
        ),
        pytest.param(
            '{"instruction": "Name one.", "is_classification": "perhaps"}',
            [("Name one.", None)],
            id="unreadable kind",
        ),
        pytest.param('{"tasks": [{"instruction": ""}, {"instruction": 5}]}', [("", None)], id="no text"),
        pytest.param(
            '{"tasks": ["Name a color.", "Spam or not?"]}',
            [("Name a color.", None), ("Spam or not?", None)],
            id="strings",
        ),
        pytest.param(
            '["1. Mai: was feiert man?", "Name a color."]',
            [("1. Mai: was feiert man?", None), ("Name a color.", None)],
            id="a number of its own",
        ),
        pytest.param(
            '["2. Weltkrieg: wann?", "3. Oktober: was feiert man?"]',
            [("2. Weltkrieg: wann?", None), ("3. Oktober: was feiert man?", None)],
            id="numbers of their own",
        ),
        pytest.param(
            '1. Sort ["b", "a"].\n2. Convert {"a": 1} to YAML.',
            [('Sort ["b", "a"].', None), ('Convert {"a": 1} to YAML.', None)],
            id="JSON in a list",
        ),
        pytest.param(
            "1. Name three:\n- a\n- b\n2. Pay 3.5 in\n2016.\n10: Go.\n",
            [("Name three: - a - b", None), ("Pay 3.5 in 2016.", None), ("Go.", None)],
            id="bullets below numbers",
        ),
        pytest.param(
            "1、说出一种颜色。\n（2）写一首诗。",
            [("说出一种颜色。", None), ("写一首诗。", None)],
            id="Chinese numbering",
        ),
        pytest.param('1. "Name a color."', [("Name a color.", None)], id="quoted"),
        pytest.param('1. "Red" or "blue"?', [('"Red" or "blue"?', None)], id="quotes of its own"),
    ],
)
def test_other_replies(text: str, expected: list[tuple[str, bool | None]]) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            '{"tasks": [{"instruction": "One.", "is_classification": false}, {"instruction": "Tw',
            [("One.", False), ("Tw", "truncated")],
            id="in a text",
        ),
        pytest.param(
            '{"tasks": [{"instruction": "One.", "is_classification": fa',
            [("One.", "truncated")],
            id="behind a text",
        ),
        pytest.param(
            '{"tasks": [{"instruction": "One.", "is_classification": false}, {"instruction": "',
            [("One.", False)],
            id="before a text",
        ),
        pytest.param('["One.", "Tw', [("One.", None), ("Tw", "truncated")], id="in a string"),
        pytest.param(
            '["1. One.", "2. Two.", "3',
            [("One.", None), ("Two.", None), ("3", "truncated")],
            id="in a number",
        ),
        pytest.param("1. One.\n2. Tw", [("One.", None), ("Tw", "truncated")], id="in an item"),
        pytest.param("1. One.\n2. ", [("One.", None)], id="before an item"),
        pytest.param("1. One.\n2. Two.\n\nI ho", [("One.", None), ("Two.", None)], id="behind the list"),
    ],
)
def test_what_was_cut_is_truncated(text: str, expected: list[tuple[str, bool | str | None]]) -> None:
    assert parsed(text, "length") == expected


def test_after_an_unreadable_object_the_others_are_read() -> None:
    text = '[{"instruction": "Say "hi", "please""}, {"instruction": "Two.", "is_classification": false}]'
    assert parsed(text) == [('Say "hi', "truncated"), ("Two.", False)]


words = st.text(min_size=1).map(lambda text: "".join(text.split())).filter(bool)
tricky = st.sampled_from(['"hi",', "{}", '["a"]', "\\", "</think>", "1.", "```", "任务", "😀", '{"task":'])
texts = st.lists(words | tricky, min_size=1, max_size=8).map(" ".join)
tasks = st.lists(st.tuples(texts, st.booleans()), max_size=5)
before = st.sampled_from(
    ["", "```json\n", "Sure, {here} you go:\n\n", '<think>{"task": "x"}</think>\n', "1. A"]
)
after = st.sampled_from(["", "\n```", "\n\nLet me know [if] you need more."])


def written(asked: list[tuple[str, bool]], *, indent: int | None, ascii_only: bool) -> str:
    value = [{"instruction": text, "is_classification": kind} for text, kind in asked]
    return json.dumps({"tasks": value}, indent=indent, ensure_ascii=ascii_only)


def told(text: str, kind: bool) -> InstructionCandidate:
    """Classification is believed of instructions that name labels, unless their words say otherwise."""
    seen = works_on_material(text)
    if seen is False:
        return InstructionCandidate(text, None, False, needs_input=False)
    return InstructionCandidate(text, None, None if kind and not names_labels(text) else kind)


def numbered(asked: list[tuple[str, bool]]) -> bool:
    """The first with 1: such a reply, or one cut after two of them, goes on with the list it was shown."""
    return len(asked) > 1 and asked[0][0].startswith("1. ")


@given(tasks.filter(bool), before, after, st.sampled_from([None, 1]), st.booleans())
def test_reading_is_the_inverse_of_writing(
    asked: list[tuple[str, bool]], before: str, after: str, indent: int | None, ascii_only: bool
) -> None:
    assume(not numbered(asked))
    reply = before + written(asked, indent=indent, ascii_only=ascii_only) + after
    assert parse(reply) == [told(text, kind) for text, kind in asked]


@given(tasks, st.sampled_from([None, 1]), st.booleans(), st.data())
def test_a_reply_cut_anywhere_is_read_up_to_there(
    asked: list[tuple[str, bool]], indent: int | None, ascii_only: bool, data: st.DataObject
) -> None:
    assume(not numbered(asked))
    reply = written(asked, indent=indent, ascii_only=ascii_only)
    found = parse(reply[: data.draw(st.integers(0, len(reply)))], "length")
    whole = [candidate for candidate in found if candidate.flaw is None]
    assert whole == [told(text, kind) for text, kind in asked[: len(whole)]]
    assert found[: len(whole)] == whole
    for last in found[len(whole) :]:
        assert last.text
        assert asked[len(whole)][0].startswith(last.text)
    assert len(found) <= len(whole) + 1


pieces = st.lists(
    st.sampled_from(
        ["\n", " ", "1.", "2) ", "- ", "**", "[classification]", "(not ", '"', "{", '{"task": "', "a", "}"]
    )
).map("".join)


@given(st.text() | pieces, st.sampled_from(["stop", "length", "?"]))
def test_any_reply_parses(text: str, finish_reason: str) -> None:
    for found in parse(text, finish_reason):
        assert found.text == " ".join(found.text.split())
        assert found.flaw in (None, "truncated")


@pytest.mark.parametrize(
    "piece",
    [
        " ",
        "\n",
        "\n ",
        "1. ",
        "\n1. a",
        "**",
        "(",
        "[ not ",
        '"',
        "“",
        "(is classification",
        "\n- ",
        "\nclassification: ",
        "\n\n",
    ],
)
def test_no_reply_takes_long(piece: str) -> None:
    began = time.process_time()
    parse("1. a " + piece * (100_000 // len(piece)))
    assert time.process_time() - began < 5  # linear: some 0.1 s; quadratic: minutes
