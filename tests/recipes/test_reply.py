import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.recipes.reply import Reply, read_reply
from selfinstruct.recipes.thinking import is_only_thinking, without_thinking
from selfinstruct.records import Completion


def completion(text: str, finish_reason: str = "stop", reasoning_tokens: int = 0) -> Completion:
    return Completion(text, finish_reason, 0, 0, True, 0.0, reasoning_tokens=reasoning_tokens)


def read(text: str, finish_reason: str = "stop", stops: tuple[str, ...] = ()) -> Reply:
    return read_reply(completion(text, finish_reason), stops)


GPT_OSS = "<|channel|>analysis<|message|>Hm, a list.<|end|><|start|>assistant<|channel|>final<|message|>Yes."


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
        pytest.param('<think type="deep">Hm.</think>Yes.', "Yes.", id="with an attribute"),
        pytest.param("<thought>Hm.</thought>\nYes.", "Yes.", id="thought"),
        pytest.param("<seed:think>Hm.</seed:think>Yes.", "Yes.", id="Seed-OSS"),
        pytest.param("<mm:think>Hm.</mm:think>Yes.", "Yes.", id="any prefix"),
        pytest.param("[THINK]Hm.[/THINK]Yes.", "Yes.", id="Magistral"),
        pytest.param("Hm.\n[/THINK]\nYes.", "Yes.", id="Magistral, begun in the prompt"),
        pytest.param("◁think▷Hm.◁/think▷Yes.", "Yes.", id="Kimi"),
        pytest.param(
            "<|begin_of_thought|>\nHm.\n<|end_of_thought|>\n\n<|begin_of_solution|>\nYes.\n<|end_of_solution|>",
            "Yes.", id="Sky-T1",
        ),
        pytest.param(
            "<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>Yes.<|END_RESPONSE|>", "Yes.",
            id="Command A",
        ),
        pytest.param("<|channel>thought\nHm.\n<channel|>\nYes.", "Yes.", id="Gemma 4"),
        pytest.param("<unused94>thought\nHm.<unused95>Yes.", "Yes.", id="MedGemma"),
        pytest.param("<think>Hm.</think>\n<answer>\nYes.\n</answer>", "Yes.", id="an answer with a mark"),
        pytest.param(GPT_OSS, "Yes.", id="gpt-oss"),
        pytest.param(GPT_OSS + "<|return|>", "Yes.", id="gpt-oss, ended"),
        pytest.param(GPT_OSS.removeprefix("<|channel|>"), "Yes.", id="gpt-oss, begun in the prompt"),
        pytest.param(GPT_OSS[:40], "", id="gpt-oss, never ended"),
        pytest.param(
            "<|channel|>commentary to=functions.write <|constrain|>json<|message|>{1}<|call|>", "{1}",
            id="gpt-oss, a tool call",
        ),
        pytest.param("analysisWe need a list.assistantfinalYes.", "Yes.", id="gpt-oss without marks"),
        pytest.param("analysisWe need", "", id="gpt-oss without marks, never ended"),
        pytest.param("analysis of the text", "analysis of the text", id="a word like another"),
        pytest.param(
            '{"a": "Explain <think> and </think>."}', '{"a": "Explain <think> and </think>."}',
            id="what the task is about",
        ),
        pytest.param("<answer>Yes.</answer>", "<answer>Yes.</answer>", id="a mark without thinking"),
    ],
)  # fmt: skip
def test_thinking_is_left_out(text: str, expected: str) -> None:
    assert read(text).text.strip() == expected


def test_only_the_length_limit_cuts() -> None:
    assert read("a", "length") == Reply("a", cut=True)
    assert read("a", "stop") == Reply("a", cut=False)


def test_stops_are_applied_again() -> None:
    assert read("one END two STOP three", "length", ("STOP", "END", "")) == Reply("one ", cut=False)


def test_stops_in_the_thinking_and_behind_it_end_nothing() -> None:
    assert read("<think>Hm.\n\nTask: no.</think>\n\nYes\n\nNo", stops=("\n\n", "Task:")).text == "Yes"


no_tags = st.text().filter(lambda text: "<" not in text)


@given(no_tags, no_tags, st.sampled_from(["think", "thinking", "reasoning", "seed:think"]))
def test_any_thinking_is_left_out(thought: str, said: str, tag: str) -> None:
    assert read(f"<{tag}>{thought}</{tag}>\n{said}").text == said.lstrip()
    assert read(f"{thought}\n</{tag}>{said}").text == said.lstrip()


@given(
    st.text(st.characters(exclude_characters="<[◁")).filter(
        lambda text: not text.lstrip().startswith("analysis")
    )
)
def test_a_text_without_thinking_is_itself(text: str) -> None:
    assert without_thinking(text) == text


marks = st.sampled_from(
    ["<think>", "</think>", "\n", " ", "a", "[THINK]", "[/THINK]", "<|channel|>", "analysis", "final",
     "<|message|>", "<|end|>", "<answer>", "</answer>", "assistantfinal", "<|begin_of_thought|>"]
)  # fmt: skip


@given(st.text() | st.lists(marks).map("".join))
def test_any_text_is_read(text: str) -> None:
    assert len(read(text).text) <= len(text)
    is_only_thinking(completion(text))


@pytest.mark.parametrize("opened", ["<think>", "[THINK]\n", "<|channel|>analysis<|message|>", "\n</think"])
def test_no_reply_takes_long(opened: str) -> None:
    read(opened * 20_000)


def test_a_reply_of_thinking_alone() -> None:
    assert is_only_thinking(completion("<think>Hm, so", "length"))
    assert is_only_thinking(completion("<think>Hm.</think>\n"))
    assert is_only_thinking(completion("", "length")), "the endpoint keeps the thinking to itself"
    assert is_only_thinking(completion("", "stop", reasoning_tokens=40))
    assert not is_only_thinking(completion("", "stop"))
    assert not is_only_thinking(completion("<think>Hm.</think>\nYes.", "length", reasoning_tokens=40))
