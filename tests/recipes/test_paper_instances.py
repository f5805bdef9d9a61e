import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.config import RecipeConfig, ReferenceConfig, SamplingConfig
from selfinstruct.recipes.paper.instances import instance_stops, render_input_first, render_output_first
from selfinstruct.recipes.paper.recipe import PaperRecipe
from selfinstruct.records import Completion, Instance, InstanceCandidate

Found = list[tuple[str, ...]]


def recipe(max_instances: int = 5, **switches: bool) -> PaperRecipe:
    return PaperRecipe(
        RecipeConfig(max_instances=max_instances), SamplingConfig(), ReferenceConfig(**switches), None
    )


def reply(text: str, finish_reason: str = "stop") -> Completion:
    return Completion(text, finish_reason, 0, 0, estimated=True, seconds=0.0)


def shorthand(found: list[InstanceCandidate]) -> Found:
    """(input, output), and the flaw behind them where there is one."""
    return [(one.input, one.output, one.flaw) if one.flaw else (one.input, one.output) for one in found]


def input_first(text: str, finish_reason: str = "stop", **switches: bool) -> Found:
    return shorthand(recipe(**switches).parse_instances(reply(text, finish_reason), False))


def output_first(text: str, finish_reason: str = "stop", **switches: bool) -> Found:
    return shorthand(recipe(**switches).parse_instances(reply(text, finish_reason), True))


def test_prompts_end_with_the_task() -> None:
    for is_classification in (False, True):
        prompt = recipe().instances_prompt("Sort  the\nlist.", is_classification)
        assert prompt.body == "Task: Sort the list.\n"
        assert prompt.preamble.endswith("\n\n")
        assert ("Class label:" in prompt.preamble) is is_classification


def test_sampling_is_the_papers() -> None:
    for is_classification, max_tokens in ((False, 350), (True, 300)):
        sampling = recipe().instances_prompt("x", is_classification).sampling
        assert (sampling.temperature, sampling.top_p) == (0.0, 1.0)
        assert (sampling.frequency_penalty, sampling.presence_penalty) == (0.0, 1.5)
        assert (sampling.max_tokens, sampling.stop) == (max_tokens, ("Example 6", "Task:"))


def test_stop_follows_the_number_of_instances() -> None:
    built = recipe(max_instances=2)
    assert built.instances_prompt("x", False).sampling.stop == ("Example 3", "Task:")
    text = "".join(f"Example {number}\nOutput: {number}\n\n" for number in range(1, 9))
    assert shorthand(built.parse_instances(reply(text), False)) == [("", "1"), ("", "2")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Example 1\nInput: a\nOutput: b\n\nExample 2\nInput: c\nOutput: d",
                     [("a", "b"), ("c", "d")], id="two examples"),
        pytest.param("Output: Just this.", [("", "Just this.")], id="no input, no heading"),
        pytest.param("Input: a\nOutput: b", [("a", "b")], id="no heading"),
        pytest.param("Example 1\nOutput: b\nExample 2\nOutput: c", [("", "b"), ("", "c")], id="no input"),
        pytest.param("Example 1.\nInput 1: a\nOutput 1: b\nExample 2:\nInput 2 : c\nOutput 2 : d",
                     [("a", "b"), ("c", "d")], id="numbered fields"),
        pytest.param("Example 1: Input: a\nOutput: b", [("a", "b")], id="field behind the heading"),
        pytest.param("Example 1\r\nInput: a\r\nOutput: b", [("a", "b")], id="carriage returns"),
        pytest.param("Input: a\nOutput: b\nInput 2: c\nOutput 2: d", [("a", "b")],
                     id="a later input cuts the output"),
        pytest.param("Input: a\nOutput: b\nOutput: c\nOutput: d", [("a", "b")],
                     id="a second output is none of it"),
        pytest.param("Example 1\nOutput: b\n\n  Output 2 : c\nExample 2\nOutput: d", [("", "b"), ("", "d")],
                     id="a second output, numbered and indented"),
        pytest.param("Input: a\nOutput:\nOutput: c", [("a", "")], id="a second output after an empty one"),
        pytest.param("Output: Write 'Output: 5'.\nThe Output: is 5.",
                     [("", "Write 'Output: 5'.\nThe Output: is 5.")],
                     id="a field's name within a line"),
        pytest.param("Example 1\nName: Ann\nTime: 12:30\nOutput: At 12:30, on https://x.org/a:b",
                     [("Name: Ann\nTime: 12:30", "At 12:30, on https://x.org/a:b")], id="colons"),
        pytest.param("Example 1\nInput:\ndef f():\n    return 1\nOutput:\n\n  1.\n\n  2.\n",
                     [("def f():\n    return 1", "1.\n\n  2.")], id="several lines"),
        pytest.param("Example 1\nInput: a\nOutput:\n\nExample 2\nOutput: b", [("a", ""), ("", "b")],
                     id="empty output is counted"),
        pytest.param("Example 1\n\nExample 2\nOutput: b", [("", "b")], id="nothing under a heading"),
        pytest.param("Output: b\n\nTask: Another one\nOutput: c", [("", "b")], id="task of its own making"),
        pytest.param("Paris is the capital.", [], id="neither heading nor output"),
        pytest.param("Input: Paris", [], id="input alone"),
        pytest.param("", [], id="empty reply"),
    ],
)  # fmt: skip
def test_input_first(text: str, expected: Found) -> None:
    assert input_first(text) == expected


FOR_EXAMPLE = "Example 1\nInput: a\nOutput: Be brief. For Example, say no.\nExample sentences help."
IN_A_LINE = "Output: See below.\nExample 1 shows a cat.\nExample: a dog."
NO_OUTPUT = "Example 1\nInput: What is 2 + 2?\n\nExample 2\nInput: c\nOutput: d"
SINGLE = "Example 1\nThe moon is far away."
INNER_OUTPUT = "Input: a\nOutput: Say Output: 5."


@pytest.mark.parametrize(
    ("text", "switches", "expected"),
    [
        (FOR_EXAMPLE, {}, [("a", "Be brief. For Example, say no.\nExample sentences help.")]),
        (FOR_EXAMPLE, {"split_inner_examples": True},
         [("a", "Be brief. For"), (", say no.", "", "no_output"), ("sentences help.", "", "no_output")]),
        (FOR_EXAMPLE, {"split_inner_examples": True, "unmarked_outputs": True},
         [("a", "Be brief. For"), ("", ", say no."), ("", "sentences help.")]),
        (IN_A_LINE, {}, [("", "See below.\nExample 1 shows a cat.\nExample: a dog.")]),
        (IN_A_LINE, {"split_inner_examples": True, "unmarked_outputs": True},
         [("", "See below."), ("", "shows a cat."), ("", ": a dog.")]),
        (NO_OUTPUT, {}, [("What is 2 + 2?", "", "no_output"), ("c", "d")]),
        (NO_OUTPUT, {"unmarked_outputs": True}, [("", ""), ("c", "d")]),
        (SINGLE, {}, [("The moon is far away.", "", "no_output")]),
        (SINGLE, {"unmarked_outputs": True}, [("", "The moon is far away.")]),
        (INNER_OUTPUT, {}, [("a", "Say Output: 5.")]),
        (INNER_OUTPUT, {"end_at_inner_outputs": True}, [("a", "Say")]),
    ],
)  # fmt: skip
def test_mended_input_first_defects_and_their_switches(
    text: str, switches: dict[str, Any], expected: Found
) -> None:
    assert input_first(text, **switches) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Class label: yes\nSentence: 12:30\n\nClass label: no\nSee https://x.org",
                     [("Sentence: 12:30", "yes"), ("See https://x.org", "no")], id="two labels"),
        pytest.param("Class label:\nyes\nA text.\n\nIts end.", [("A text.\n\nIts end.", "yes")],
                     id="several lines"),
        pytest.param("Class label: yes", [("", "yes")], id="label alone"),
        pytest.param("Class label: yes\na\nClass label:", [("a", "yes"), ("", "")],
                     id="empty label is counted"),
        pytest.param("Sure!\nClass label: yes\na", [("a", "yes")], id="text before the first"),
        pytest.param("Class label: yes\na\n\nTask: Another\nClass label: no\nb", [("a", "yes")],
                     id="task of its own making"),
        pytest.param("Input: a\nOutput: b", [], id="no label"),
        pytest.param("", [], id="empty reply"),
    ],
)  # fmt: skip
def test_output_first(text: str, expected: Found) -> None:
    assert output_first(text) == expected
    assert output_first(text, exact_class_label=True) == expected


CAPITAL = "Class Label: yes\na\nclass label: no\nb"
INNER = "Class label: yes\nThe Class label: field is empty."


@pytest.mark.parametrize(
    ("text", "switches", "expected"),
    [
        (CAPITAL, {}, [("a", "yes"), ("b", "no")]),
        (CAPITAL, {"exact_class_label": True}, []),
        (INNER, {}, [("The Class label: field is empty.", "yes")]),
        (INNER, {"exact_class_label": True}, [("The", "yes"), ("", "field is empty.")]),
    ],
)
def test_mended_output_first_defects_and_their_switches(
    text: str, switches: dict[str, Any], expected: Found
) -> None:
    assert output_first(text, **switches) == expected


def test_cut_reply_flaws_its_last_instance() -> None:
    text = "Example 1\nInput: a\nOutput: b\n\nExample 2\nInput: c"
    assert input_first(text, "length") == [("a", "b"), ("c", "", "truncated")]
    assert input_first(text + "\nOutput: d", "length") == [("a", "b"), ("c", "d", "truncated")]
    text = "Class label: yes\na\nClass label: no\nb"
    assert output_first(text, "length") == [("a", "yes"), ("b", "no", "truncated")]
    assert input_first("Nothing to", "length") == []


def test_reply_that_ran_past_a_stop_into_the_limit_is_whole() -> None:
    assert input_first("Output: b\n\nTask: Anoth", "length") == [("", "b")]


@given(st.text() | st.lists(st.sampled_from(
    ["Example", " ", "\n", "1", ".", ":", "Input", "Output", "Class label", "Task", "text", "\t", "６"]
)).map("".join), st.sampled_from(["stop", "length"]), st.booleans(), st.booleans())  # fmt: skip
def test_any_reply_parses(text: str, finish_reason: str, is_classification: bool, exact: bool) -> None:
    built = recipe(**dict.fromkeys(ReferenceConfig.model_fields, exact))
    for one in built.parse_instances(reply(text, finish_reason), is_classification):
        assert (one.input, one.output) == (one.input.strip(), one.output.strip())
        assert one.flaw in (None, "truncated", "no_output")


@pytest.mark.parametrize(
    "piece", ["Example 1 ", "Input", "Output 1", "\n", " ", "Class ", "Class label", "\n9"]
)
def test_odd_replies_take_no_time(piece: str) -> None:
    text = piece + " " * 20_000 + piece * 5_000
    began = time.perf_counter()
    for is_classification in (False, True):
        recipe().parse_instances(reply(text), is_classification)
    recipe().parse_instructions(reply(text))
    assert time.perf_counter() - began < 2


lines = st.lists(
    st.sampled_from(
        ["For Example, say", "Example of 12:30", "https://x.org/a:b", "1. in 2016.", "an Output", "Input",
         "A Class label: x", "  indented", "名字：值", "", "Tasks", "{", "Example"]
    )
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda text: ":" not in text),
    max_size=4,
)  # fmt: skip
texts = lines.map(lambda some: "\n".join(some).strip())
labels = (
    texts.map(lambda text: text.replace("\n", " "))
    .filter(bool)
    .filter(lambda text: not any(stop in text for stop in instance_stops(5)))  # at which a reply ends
)


@given(st.lists(st.builds(Instance, input=texts, output=texts.filter(bool)), min_size=1, max_size=5))
def test_parsing_is_the_inverse_of_writing_input_first(written: list[Instance]) -> None:
    found = recipe().parse_instances(reply(render_input_first(written)), False)
    assert found == [InstanceCandidate(one.input, one.output) for one in written]


@given(st.lists(st.builds(Instance, input=texts, output=labels), min_size=1, max_size=5))
def test_parsing_is_the_inverse_of_writing_output_first(written: list[Instance]) -> None:
    found = recipe().parse_instances(reply(render_output_first(written)), True)
    assert found == [InstanceCandidate(one.input, one.output) for one in written]
