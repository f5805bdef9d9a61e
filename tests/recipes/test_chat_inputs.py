import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.recipes.chat.inputs import read_inputs
from selfinstruct.recipes.reply import Reply
from selfinstruct.records import InstanceCandidate
from selfinstruct.text.placeholders import without_placeholder

TWO = [InstanceCandidate("2, 3", ""), InstanceCandidate("4, 4", "")]


def read(text: str, *, labelled: bool = False, cut: bool = False) -> list[InstanceCandidate]:
    return read_inputs(Reply(text, cut), is_classification=labelled)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            '{"inputs": [{"kind": "small", "input": "2, 3"}, {"kind": "same", "input": "4, 4"}]}',
            id="as asked",
        ),
        pytest.param('```json\n[{"input": "2, 3"}, {"text": " 4, 4"}]\n```', id="fence, other names"),
        pytest.param('{"inputs": ["2, 3", "4, 4"]}', id="strings"),
        pytest.param('["2, 3", "4, 4"]', id="bare array"),
        pytest.param("Input 1: 2, 3\n\nInput 2: 4, 4", id="text"),
        pytest.param("Input: 2, 3\nOutput: 5\nInput: 4, 4\nOutput: 8", id="outputs are not used"),
        pytest.param(
            '{"instances": [{"input": "2, 3", "output": "5"}, {"input": "4, 4"}]}', id="another form"
        ),
    ],
)
def test_replies_that_say_the_same(text: str) -> None:
    assert read(text) == TWO


@pytest.mark.parametrize("text", ['{"inputs": []}', "[]", '```\n{"inputs": [ ]}\n```'])
def test_an_empty_list_says_that_no_input_is_needed(text: str) -> None:
    assert read(text) == [InstanceCandidate("", "")]
    assert read(text, labelled=True) == []


@pytest.mark.parametrize("text", ["", "No idea.", '{"error": 5}', '{"inputs": {}}'])
def test_what_holds_no_input(text: str) -> None:
    assert read(text) == []


def test_words_for_no_input_are_none() -> None:
    assert read('{"inputs": [{"kind": "none", "input": "N/A"}]}') == [InstanceCandidate("", "")]


def test_labels_come_with_their_inputs() -> None:
    rows = [{"label": "spam", "input": "Win!"}, {"class_label": "ham", "input": "Hi"}, {"input": "x"}]
    assert read(json.dumps({"inputs": rows}), labelled=True) == [
        InstanceCandidate("Win!", "spam"),
        InstanceCandidate("Hi", "ham"),
        InstanceCandidate("x", "", "no_output"),
    ]


@pytest.mark.parametrize(
    "text", ['{"inputs": [{"input": "one"}, {"input": "tw', '["one", "tw', "Input: one\nInput: tw"]
)
def test_what_was_cut_is_truncated(text: str) -> None:
    assert read(text, cut=True) == [
        InstanceCandidate("one", ""),
        InstanceCandidate("tw", "", "truncated"),
    ]


texts = st.text(min_size=1).map(str.strip).filter(lambda text: without_placeholder(text) != "")


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5), st.booleans())
def test_reading_is_the_inverse_of_writing(asked: list[tuple[str, str]], labelled: bool) -> None:
    field = "label" if labelled else "kind"
    text = json.dumps({"inputs": [{field: about, "input": given} for about, given in asked]})
    assert read(text, labelled=labelled) == [
        InstanceCandidate(given, about if labelled else "") for about, given in asked
    ]


@given(st.text(), st.booleans(), st.booleans())
def test_any_reply_parses(text: str, labelled: bool, cut: bool) -> None:
    for found in read(text, labelled=labelled, cut=cut):
        assert found.input or found.output or found.flaw != "truncated"
