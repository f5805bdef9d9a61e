"""Rows of messages, of conversations, and of prompt and completion, as seeds."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.records import Instance, SeedTask
from selfinstruct.seeds.conversations import read_conversations
from selfinstruct.seeds.load import SeedsFile, open_seeds
from selfinstruct.seeds.rows import SeedRow


def opened(tmp_path: Path, *rows: Any) -> SeedsFile:
    path = tmp_path / "seeds.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return open_seeds(path)


def messages(*turns: tuple[str, str]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": text} for role, text in turns]}


def said(*turns: tuple[str, str]) -> dict[str, Any]:
    return {"conversations": [{"from": role, "value": text} for role, text in turns]}


ASKED, ANSWERED = "Why is the sea salty?", "Rivers carry salt to it."
SEED = SeedTask("seed_task_0", "", ASKED, (Instance("", ANSWERED),), False)


@pytest.mark.parametrize(
    "row",
    [
        messages(("user", ASKED), ("assistant", ANSWERED)),
        said(("human", ASKED), ("gpt", ANSWERED)),
        {"prompt": ASKED, "completion": ANSWERED},
        {
            "prompt": [{"role": "user", "content": ASKED}],
            "completion": [{"role": "assistant", "content": ANSWERED}],
        },
        {
            "messages": [
                {"role": "User", "content": [{"type": "text", "text": ASKED}]},
                {"role": "Assistant", "content": ANSWERED},
            ]
        },
        {**messages(("user", ASKED), ("assistant", ANSWERED)), "source": "mine", "id": None},
    ],
)
def test_an_exchange_is_a_task_with_one_instance(tmp_path: Path, row: dict[str, Any]) -> None:
    file = opened(tmp_path, row)
    assert (file.tasks, file.problems, file.notes) == ((SEED,), (), ())


def test_what_is_passed_over_is_noted(tmp_path: Path) -> None:
    longer = messages(("user", ASKED), ("assistant", ANSWERED), ("user", "Why?"), ("assistant", "So."))
    with_system = said(("system", "Be brief."), ("human", "Name a river."), ("gpt", "Ebro."))
    file = opened(tmp_path, longer, with_system, {"instruction": "Count.", "messages": []})
    assert [task.instruction for task in file.tasks] == [ASKED, "Name a river.", "Count."]
    assert file.notes == (
        "Of 1 row with several turns the first exchange was read alone.",
        "System messages were not read: 1 row.",
    )


def test_a_question_alone_is_a_task_without_an_instance(tmp_path: Path) -> None:
    file = opened(tmp_path, messages(("user", ASKED)), {"prompt": "Name a river."})
    assert [task.instances for task in file.tasks] == [(), ()]


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        ({"messages": "Hi"}, "messages", "is not a list of messages"),
        ({"messages": []}, "messages", "has no user message"),
        (messages(("assistant", "Hi")), "messages", "has no user message"),
        (
            {"messages": [{"content": "Hi"}]},
            "messages.0",
            "is not a message with the fields 'role' and 'content'",
        ),
        ({"messages": [{"role": "user"}]}, "messages.0.content", "is not a text"),
        (
            {"conversations": [["human", "Hi"]]},
            "conversations.0",
            "is not a message with the fields 'from' and 'value'",
        ),
        ({"prompt": 5}, "prompt", "is not a text"),
        ({"prompt": ""}, "instruction", "is empty"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, row: dict[str, Any], field: str, message: str) -> None:
    file = opened(tmp_path, row)
    assert file.tasks == ()
    (problem,) = file.problems
    assert (problem.line, problem.field, problem.message) == (1, field, message)
    assert problem.hint


@pytest.mark.parametrize("word", ["N/A", "<noinput>", "none", "No input required.", " n/a "])
def test_words_for_no_input_are_none(tmp_path: Path, word: str) -> None:
    flat = {"instruction": "Count.", "input": word, "output": "1"}
    listed = {"instruction": "Sing.", "instances": [{"input": word, "output": "La"}]}
    file = opened(tmp_path, flat, listed, {"instruction": "Sort.", "input": " b a", "output": "a b"})
    assert [task.instances[0].input for task in file.tasks] == ["", "", " b a"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["role", "content"]), inner),
)


@given(st.dictionaries(st.sampled_from(["messages", "conversations", "prompt", "completion"]), anything))
def test_any_row_is_read_or_said_to_be_wrong(row: dict[str, Any]) -> None:
    found = read_conversations([SeedRow(7, row)])
    assert len(found.rows) + len(found.problems) == 1
    assert all(problem.line == 7 for problem in found.problems)
