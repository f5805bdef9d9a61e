import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.config import RecipeConfig, SamplingConfig
from selfinstruct.recipes.chat.recipe import ChatRecipe
from selfinstruct.records import Completion, InstanceCandidate
from selfinstruct.text.placeholders import without_placeholder

RECIPE = ChatRecipe(RecipeConfig(name="chat", answers="inline"), SamplingConfig())


def parse(text: str, is_classification: bool = False, finish_reason: str = "stop") -> list[InstanceCandidate]:
    completion = Completion(text, finish_reason, 0, 0, estimated=True, seconds=0.0)
    return RECIPE.parse_instances(completion, is_classification)


TWO = [InstanceCandidate("2, 3", "5"), InstanceCandidate("4, 4", "8")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            '{"instances": [{"input": "2, 3", "output": "5"}, {"input": "4, 4", "output": "8"}]}',
            id="as asked",
        ),
        pytest.param(
            'Output:\n```json\n[{"input": "2, 3", "output": "5"}, {"output": "8", "input": "4, 4"}]\n```',
            id="fence",
        ),
        pytest.param(
            'Example 1\n{"Input": " 2, 3", "Output": 5}\nExample 2\n{"Input": "4, 4", "Output": 8}',
            id="one by one, numbers",
        ),
        pytest.param("Input: 2, 3\nOutput: 5\n\nInput: 4, 4\nOutput: 8", id="text"),
        pytest.param(
            "Here:\n\n### Example 1\n**Input:** 2, 3\n**Output:** 5\n---\n### Example 2:\n**Input**: 4, 4\n"
            "**Output**: 8\n",
            id="dressed up",
        ),
        pytest.param("1. Input: 2, 3\n   Output: 5\n2. Input: 4, 4\n   Output: 8", id="numbered"),
        pytest.param(
            "Example 1: Input: 2, 3\nOutput 1: 5\nExample 2: Input: 4, 4\nOutput 2: 8", id="one line"
        ),
        pytest.param("Output: 5\nInput: 2, 3\nOutput: 8\nInput: 4, 4", id="output first"),
        pytest.param(
            "<think>Input: 1\nOutput: 1\n</think>\nInput：2, 3\nOutput：5\nInput：4, 4\nOutput：8",
            id="wide colons, thinking",
        ),
    ],
)
def test_replies_that_say_the_same(text: str) -> None:
    assert parse(text) == TWO


LABELS = [InstanceCandidate("Win $$$ now!", "spam"), InstanceCandidate("See you\nat 8?", "ham")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            '{"instances": [{"output": "spam", "input": "Win $$$ now!"}, '
            '{"output": "ham", "input": "See you\\nat 8?"}]}',
            id="as asked",
        ),
        pytest.param(
            '[{"label": "spam", "input": "Win $$$ now!"}, '
            '{"class_label": "ham", "input": "See you\\nat 8?"}]',
            id="other names",
        ),
        pytest.param("Class label: spam\nWin $$$ now!\n\nClass label: ham\nSee you\nat 8?", id="the paper's"),
        pytest.param("Label: spam\nInput: Win $$$ now!\nLabel: ham\nInput: See you\nat 8?", id="text"),
        pytest.param(
            "Input: Win $$$ now!\nOutput: spam\nInput: See you\nat 8?\nclass Label: ham", id="input first"
        ),
    ],
)
def test_classification_replies_that_say_the_same(text: str) -> None:
    assert parse(text, is_classification=True) == LABELS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("Blue is a fine color.", [], id="prose"),
        pytest.param('{"instances": []}', [], id="no instances"),
        pytest.param('{"input": "a"}', [InstanceCandidate("a", "", "no_output")], id="no output"),
        pytest.param('{"input": "a", "output": null}', [InstanceCandidate("a", "", "no_output")], id="null"),
        pytest.param('{"input": "a", "output": ""}', [InstanceCandidate("a", "")], id="empty output"),
        pytest.param('{"input": null, "output": "Blue."}', [InstanceCandidate("", "Blue.")], id="null input"),
        pytest.param('{"output": true}', [InstanceCandidate("", "true")], id="no input"),
        pytest.param(
            '{"input": ["ä", 1.50], "output": {"n": {"output": "\\u00e4"}}}',
            [InstanceCandidate('["ä", 1.50]', '{"n": {"output": "ä"}}')],
            id="values of other types",
        ),
        pytest.param(
            "Input: a\nInput: b\nOutput: c",
            [InstanceCandidate("a", "", "no_output"), InstanceCandidate("b", "c")],
            id="text, no output",
        ),
        pytest.param(
            'Input: {"input": 1, "output": 2}\nOutput: yes',
            [InstanceCandidate('{"input": 1, "output": 2}', "yes")],
            id="JSON in text",
        ),
        pytest.param(
            "Output: The label:\nLabel: a\nFor Example 1, say.",
            [InstanceCandidate("", "The label:\nLabel: a\nFor Example 1, say.")],
            id="words inside",
        ),
        pytest.param("Example 1:\nExample 2:\nOutput: a", [InstanceCandidate("", "a")], id="empty example"),
    ],
)
def test_other_replies(text: str, expected: list[InstanceCandidate]) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "nothing", ["N/A", "none", "<noinput>", "(no input needed)", "No input.", "null", ""]
)
def test_words_for_no_input_are_none(nothing: str) -> None:
    assert parse(f"Input: {nothing}\nOutput: Blue.") == [InstanceCandidate("", "Blue.")]
    assert parse(json.dumps({"input": nothing, "output": "Blue."})) == [InstanceCandidate("", "Blue.")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            '{"instances": [{"input": "a", "output": "b"}, {"input": "c", "ou',
            [InstanceCandidate("a", "b"), InstanceCandidate("c", "", "truncated")],
            id="before output",
        ),
        pytest.param(
            '{"instances": [{"input": "a", "output": "b"}, {"input": "", "output": "',
            [InstanceCandidate("a", "b")],
            id="before any text",
        ),
        pytest.param(
            '{"instances": [{"input": "a", "output": "b"}', [InstanceCandidate("a", "b")], id="after one"
        ),
        pytest.param(
            "Input: a\nOutput: b\nInput: c\nOutput: d",
            [InstanceCandidate("a", "b"), InstanceCandidate("c", "d", "truncated")],
            id="text",
        ),
        pytest.param(
            "Input: a\nOutput: b\nInput:", [InstanceCandidate("a", "b")], id="text, before an input"
        ),
    ],
)
def test_what_was_cut_is_truncated(text: str, expected: list[InstanceCandidate]) -> None:
    assert parse(text, finish_reason="length") == expected


texts = st.text(min_size=1).map(str.strip).filter(lambda text: without_placeholder(text) != "")
instances = st.lists(st.builds(InstanceCandidate, texts, texts), max_size=5)
fences = st.sampled_from([("", ""), ("```json\n", "\n```"), ("Sure:\n\n", "\n\nAnything else?")])


def written(asked: list[InstanceCandidate], is_classification: bool) -> str:
    fields = ("output", "input") if is_classification else ("input", "output")
    return json.dumps({"instances": [{field: getattr(one, field) for field in fields} for one in asked]})


@given(instances, st.booleans(), fences)
def test_reading_is_the_inverse_of_writing(
    asked: list[InstanceCandidate], is_classification: bool, fence: tuple[str, str]
) -> None:
    assert parse(fence[0] + written(asked, is_classification) + fence[1], is_classification) == asked


@given(instances, st.booleans(), st.data())
def test_a_reply_cut_anywhere_is_read_up_to_there(
    asked: list[InstanceCandidate], is_classification: bool, data: st.DataObject
) -> None:
    reply = written(asked, is_classification)
    found = parse(reply[: data.draw(st.integers(0, len(reply)))], is_classification, "length")
    whole = [candidate for candidate in found if candidate.flaw is None]
    assert whole == asked[: len(whole)]
    for last in found[len(whole) :]:
        assert last.flaw == "truncated"
        assert asked[len(whole)].output.startswith(last.output)
        assert asked[len(whole)].input.startswith(last.input)
    assert len(found) <= len(whole) + 1


pieces = st.lists(
    st.sampled_from(
        ["\n", " ", "Input:", "Output:", "Class label: ", "Example 1", "**", "{", '"output": "', "a", "}"]
    )
).map("".join)


@given(st.text() | pieces, st.booleans(), st.sampled_from(["stop", "length", "?"]))
def test_any_reply_parses(text: str, is_classification: bool, finish_reason: str) -> None:
    for found in parse(text, is_classification, finish_reason):
        assert found.flaw in (None, "truncated", "no_output", "fragment")
        assert found.flaw != "no_output" or not found.output


@pytest.mark.parametrize(
    "piece",
    [
        " ",
        "\n",
        "\n ",
        "*",
        "\n1. ",
        "\nExample 1 ",
        "\nInput",
        "\nInput: ",
        "\nclass ",
        "\nOutput 1",
        "-",
        "\n---",
    ],
)
def test_no_reply_takes_long(piece: str) -> None:
    began = time.process_time()
    parse("Output: a " + piece * (100_000 // len(piece)), is_classification=True)
    assert time.process_time() - began < 5  # linear: some 0.1 s; quadratic: minutes


def test_one_answer_spread_over_several_instances_is_no_instance() -> None:
    steps = [{"input": "", "output": f"Step {number}"} for number in (1, 2, 3)]
    found = parse(json.dumps({"instances": [*steps, {"input": "penne", "output": "Boil it."}]}))
    assert [one.flaw for one in found] == ["fragment", "fragment", "fragment", None]
    (alone,) = parse(json.dumps({"instances": [steps[0]]}))
    assert alone.flaw is None
    twice = parse(json.dumps({"instances": [steps[0], steps[0]]}))
    assert [one.flaw for one in twice] == [None, None], "a duplicate, not a part"
