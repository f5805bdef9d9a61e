import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.recipes.chat.answer import read_answer
from selfinstruct.recipes.reply import Reply
from selfinstruct.records import Completion


def answer(text: str, finish_reason: str = "stop", stops: tuple[str, ...] = ()) -> Reply:
    return read_answer(Completion(text, finish_reason, 0, 0, estimated=True, seconds=0.0), stops)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Yes.", "Yes.", id="none"),
        pytest.param("<think>Hm.\n\n1. No.</think>\n\nYes.", "Yes.", id="before"),
        pytest.param("Sure.\n<think>Hm.</think>\nYes.", "Sure.\n\nYes.", id="in between"),
        pytest.param("<Thinking>a</THINKING>Yes.", "Yes.", id="any case"),
        pytest.param("<reasoning>a <think> b</reasoning>Yes.", "Yes.", id="ends with its own name"),
        pytest.param("<think>a</think>\n<think>b</think>\nYes.", "Yes.", id="twice"),
        pytest.param("<think>\n</think>Yes.", "Yes.", id="empty"),
        pytest.param('<think>Hm, {"tasks": [', "", id="never ended"),
        pytest.param("Hm.\n{1}\n</think>\n\nYes.", "Yes.", id="begun in the prompt"),
        pytest.param("Hm, so yes.</think>\nYes.", "Yes.", id="begun in the prompt, end of a line"),
        pytest.param(
            '{"a": "Explain <think> and </think>."}',
            '{"a": "Explain <think> and </think>."}',
            id="what the task is about",
        ),
    ],
)
def test_thinking_is_left_out(text: str, expected: str) -> None:
    assert answer(text).text.strip() == expected


def test_only_the_length_limit_cuts() -> None:
    assert answer("a", "length") == Reply("a", cut=True)
    assert answer("a", "stop") == Reply("a", cut=False)


def test_stops_are_applied_again() -> None:
    assert answer("one END two STOP three", "length", ("STOP", "END", "")) == Reply("one ", cut=False)


no_tags = st.text().filter(lambda text: "<" not in text)


@given(no_tags, no_tags, st.sampled_from(["think", "thinking", "reasoning"]))
def test_any_thinking_is_left_out(thought: str, said: str, tag: str) -> None:
    assert answer(f"<{tag}>{thought}</{tag}>\n{said}").text == f"\n{said}"
    assert answer(f"{thought}\n</{tag}>{said}").text == said


@given(st.text() | st.lists(st.sampled_from(["<think>", "</think>", "\n", " ", "a"])).map("".join))
def test_any_text_is_read(text: str) -> None:
    assert len(answer(text).text) <= len(text)
