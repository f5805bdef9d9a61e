"""`--paper-exact`: the decisions of the authors' own post-processing, on any reply.

What the reference decides is stated here a second time, by hand and without a regular expression, as read in
its bootstrap_instructions.py, identify_clf_or_not.py and prepare_for_finetuning.py. One decision is left out
because it is a die: of more than five instances the reference keeps five at random, ours the first five.
"""

import string
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.config import Config, FilterConfig, ReferenceConfig
from selfinstruct.filters.heuristics import Heuristics
from selfinstruct.filters.instances import judge_instances
from selfinstruct.recipes.registry import build_recipe
from selfinstruct.records import Completion

EXACT = ReferenceConfig.exact()
RECIPE = build_recipe(Config(reference=EXACT))
KEYWORDS = (
    "image", "images", "graph", "graphs", "picture", "pictures", "file", "files",
    "map", "maps", "draw", "plot", "go to",
)  # fmt: skip

Pairs = list[tuple[str, str]]


def completion(text: str, finish_reason: str = "stop") -> Completion:
    return Completion(text, finish_reason, 0, 0, estimated=True, seconds=0.0)


def our_instructions(text: str, finish_reason: str = "stop") -> list[str]:
    """The instructions that reach the comparison with the pool."""
    found = RECIPE.parse_instructions(completion(text, finish_reason))
    return [
        one.text for one in found if one.flaw is None and Heuristics(FilterConfig(), EXACT)(one.text).accepted
    ]


def our_instances(text: str, finish_reason: str = "stop", *, is_classification: bool = False) -> Pairs:
    """(input, output) of the instances that are kept."""
    found = RECIPE.parse_instances(completion(text, finish_reason), is_classification)
    judged = judge_instances(found, max_instances=5, ascii_colons=EXACT.ascii_colons)
    return [(one.input, one.output) for one in judged if one.verdict.accepted]


def our_answer(text: str) -> bool:
    return RECIPE.parse_classification(completion(text, "length"))


# The reference's decisions


def as_the_api_ends_it(text: str, finish_reason: str, stops: tuple[str, ...]) -> tuple[str, str]:
    """The text before the earliest stop, and how the API says that it ended."""
    places = [text.index(stop) for stop in stops if stop in text]
    return (text[: min(places)], "stop") if places else (text, finish_reason)


def skip(text: str, place: int, kind: str) -> int:
    while place < len(text) and getattr(text[place], kind)():
        place += 1
    return place


def reference_instructions(text: str, finish_reason: str) -> list[str]:
    text, finish_reason = as_the_api_ends_it(text, finish_reason, ("\n\n", "\n16", "16.", "16 ."))
    if finish_reason == "length":
        return []
    items = [" ".join(item.split()).capitalize() for item in split_at_numbers(text)]
    return [item for item in items if reference_keeps(item)]


def split_at_numbers(text: str) -> Iterator[str]:
    """An item begins behind: a line feed, digits, at most one white space, a dot, a space."""
    begin = place = 0
    while place < len(text):
        number = place + 1
        dot = skip(text, number, "isdecimal")
        if text[place] == "\n" and dot > number:
            dot += text[dot : dot + 1].isspace()
            if text[dot : dot + 2] == ". ":
                yield text[begin:place]
                begin = place = dot + 2
                continue
        place += 1
    yield text[begin:]


def reference_keeps(item: str) -> bool:
    if not 3 < len(item.split()) <= 150 or item.startswith("Write a program"):
        return False
    spoken = "".join(char if char.isalnum() or char == "_" else "\0" for char in item.lower())
    padded = f"\0{spoken}\0"
    has_keyword = any(f"\0{keyword}\0" in padded for keyword in KEYWORDS if " " not in keyword)
    has_phrase = any(
        item.lower()[place : place + 5] == "go to" and padded[place] == "\0" and padded[place + 6] == "\0"
        for place in range(len(item) - 4)
    )
    return not has_keyword and not has_phrase and item[0].isascii() and item[0] not in string.punctuation


def fields(text: str, name: str) -> list[tuple[int, int]]:
    """Where each `Name:` or `Name 2 :` begins and ends, wherever it stands."""
    found = []
    place = text.find(name)
    while place >= 0:
        colon = skip(text, skip(text, skip(text, place + len(name), "isspace"), "isdecimal"), "isspace")
        if text[colon : colon + 1] == ":":
            found.append((place, colon + 1))
        place = text.find(name, place + 1)
    return found


def split_at_examples(text: str) -> list[str]:
    """Apart at `Example` wherever it stands, with one white space, a number and a dot behind it, if any."""
    parts = [""]
    for part in text.split("Example"):
        begin = 0
        if len(parts) > 1:
            begin = skip(part, int(part[:1].isspace()), "isdecimal")
            begin += part[begin : begin + 1] == "."
        parts.append(part[begin:])
    return [part.strip() for part in parts if part.strip()]


def reference_pair(chunk: str) -> tuple[str, str]:
    given, output = "", chunk
    if outputs := fields(chunk, "Output"):
        end = outputs[1][0] if len(outputs) > 1 else len(chunk)
        given, output = chunk[: outputs[0][0]].strip(), chunk[outputs[0][1] : end]
    if inputs := fields(output.strip(), "Input"):
        output = output.strip()[: inputs[0][0]]
    if (names := fields(given, "Input")) and names[0][0] == 0:
        given = given[names[0][1] :]
    return given.strip(), output.strip()


def reference_input_first(text: str, finish_reason: str) -> Pairs:
    text, finish_reason = as_the_api_ends_it(text, finish_reason, ("Example 6", "Task:"))
    if "Example" in text:
        chunks = split_at_examples(text.strip())
    else:
        chunks = [text.strip()] if fields(text, "Output") else []
    return reference_valid([reference_pair(chunk) for chunk in chunks], finish_reason)


def reference_output_first(text: str, finish_reason: str) -> Pairs:
    text, finish_reason = as_the_api_ends_it(text, finish_reason, ("Example 6", "Task:"))
    pairs = []
    for chunk in text.split("Class label:")[1:]:
        label, _, given = chunk.strip().partition("\n")
        pairs.append((given.strip(), label.strip()))
    return reference_valid(pairs, finish_reason)


def reference_valid(pairs: Pairs, finish_reason: str) -> Pairs:
    if finish_reason == "length":
        pairs = pairs[:-1]
    valid = [
        (given, output)
        for given, output in pairs
        if output and given != output and not given.endswith(":") and not output.endswith(":")
    ]
    distinct = list(dict.fromkeys(valid))
    inputs = [given for given, _ in distinct if given]
    return distinct[:5] if len(inputs) == len(set(inputs)) else []


# Single decisions, worked out by hand


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param(" Name a river in Spain.\n10. Name a river in Chad.",
                     ["Name a river in spain.", "Name a river in chad."], id="a list"),
        pytest.param(" Name a river in Spain.\n 10. Name a lake.",
                     ["Name a river in spain. 10. name a lake."], id="a blank before the number"),
        pytest.param(" Name a river in Spain.\n10.Name a river in Chad.",
                     ["Name a river in spain. 10.name a river in chad."], id="no space behind the dot"),
        pytest.param(" Name a river in Spain.\n10  . Name a river in Chad.",
                     ["Name a river in spain. 10 . name a river in chad."], id="two blanks before the dot"),
        pytest.param(" Name a river in Spain.\n10 . Name a river in Chad.",
                     ["Name a river in spain.", "Name a river in chad."], id="one blank before the dot"),
        pytest.param("9. Name a river in Spain.", ["9. name a river in spain."], id="number repeated"),
        pytest.param("\n9. Name a river in Spain.", ["Name a river in spain."],
                     id="number repeated on a line of its own"),
        pytest.param(" Name a river in Spain.\n10.", ["Name a river in spain. 10."], id="number at the end"),
        pytest.param(" Name a river in Spain.\n10. ", ["Name a river in spain."], id="empty item"),
        pytest.param(" Who won the vote in 2016. Say it.", ["Who won the vote in 20"], id="16. in a year"),
        pytest.param(" Draw a conclusion from this.", [], id="keyword in a phrase"),
        pytest.param(" «Name» a river in Spain.", [], id="begins outside ASCII"),
        pytest.param(' "Name" a river in Spain.', [], id="begins with punctuation"),
    ],
)  # fmt: skip
def test_instructions(text: str, kept: list[str]) -> None:
    assert our_instructions(text) == kept == reference_instructions(text, "stop")
    assert our_instructions(text, "length") == reference_instructions(text, "length")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("Example 1\nInput: a\nOutput: b\n\nExample 2\nInput: c\nOutput: d",
                     [("a", "b"), ("c", "d")], id="two examples"),
        pytest.param("Input: a\nOutput: b\nOutput: c", [("a", "b")], id="second output on a line"),
        pytest.param("Input: a\nOutput 1: b Output 2: c", [("a", "b")], id="second output in a line"),
        pytest.param("Input: a\nOutput: say Output : c", [("a", "say")], id="an output that names the field"),
        pytest.param("Input: a\nOutput: b Input 2: c", [("a", "b")], id="an input in the output"),
        pytest.param("Input: a\nOutput: b Input: c Output: d", [("a", "b")], id="another pair in the line"),
        pytest.param("Output: Output: b", [], id="nothing between two fields"),
        pytest.param("Example 1\nParis", [("", "Paris")], id="no field at all"),
        pytest.param("Example 1\nInput: a", [], id="an input alone"),
        pytest.param("Output: as in Example b", [("", "as in"), ("", "b")], id="example in a sentence"),
        pytest.param("Input: 排序：\nOutput: b", [("排序：", "b")], id="full-width colon"),
        pytest.param("Input: sort:\nOutput: b", [], id="colon"),
        pytest.param("Example 1\nInput: a\nOutput: b\nExample 2\nInput: a\nOutput: c", [], id="conflict"),
        pytest.param("Paris", [], id="prose"),
    ],
)  # fmt: skip
def test_input_first(text: str, kept: Pairs) -> None:
    assert our_instances(text) == kept == reference_input_first(text, "stop")
    assert our_instances(text, "length") == reference_input_first(text, "length")


@pytest.mark.parametrize("text", ["Yes", " yes", "YES ", " Yes\n\nTask: x"])
def test_yes(text: str) -> None:
    assert our_answer(text)


@pytest.mark.parametrize("text", ["", "No", "Yes.", "yEs", "Yes, it", '"Yes"', "**Yes**", "Yes No", "\nYes"])
def test_everything_else_is_no(text: str) -> None:
    assert not our_answer(text)


# Any reply


def replies(*pieces: str) -> st.SearchStrategy[str]:
    """Texts of what the parsers look for, and of anything."""
    return st.lists(st.sampled_from(pieces) | st.text(max_size=3), max_size=14).map("".join)


FINISHED = st.sampled_from(["stop", "length"])


@given(
    replies(
        "\n", "\n", " ", "9", "10", ".", ". ", "\n10. ", "\n 11. ", "\n12 . ", "٣", "\x1f", "16", "\n\n",
        "Name a river in Spain", "Write a program that sorts", "go to the", "the IMAGE", "a file", "_map",
        "NASA", "ünder", "(", "words " * 150,
    ),
    FINISHED,
)  # fmt: skip
def test_any_list(text: str, finish_reason: str) -> None:
    assert our_instructions(text, finish_reason) == reference_instructions(text, finish_reason)


@given(
    replies(
        "Example", "Example 1\n", "Example 6", "Input:", "Input 1 :", "Output:", "Output 2:", "\nOutput\n:",
        "Output", "Task:", "Class label:", "\n", " ", "1", "٣", ".", ":", "：", "a", "b", "\x1f",
    ),
    FINISHED,
)  # fmt: skip
def test_any_instances(text: str, finish_reason: str) -> None:
    assert our_instances(text, finish_reason) == reference_input_first(text, finish_reason)
    found = our_instances(text, finish_reason, is_classification=True)
    assert found == reference_output_first(text, finish_reason)
