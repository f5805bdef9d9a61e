"""What a judge of instances is asked, and what its replies are read as."""

import json
from pathlib import Path

import pytest

from selfinstruct.recipes.instance_judge import (
    INSTANCE_RUBRIC,
    INSTANCE_SCHEMA,
    InstanceOpinion,
    instance_case,
    judge_prompt,
    read_score,
)
from selfinstruct.records import Instance

ALL = {"task": True, "input": True, "output": True}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (
            '{"reason": "Fine.", "task": true, "input": true, "output": true, "score": 4}',
            InstanceOpinion(4, ALL, "Fine."),
        ),
        (
            'Here it is:\n```json\n{"why": "So so", "Valid task": "yes", "input": "No", "score": "3/5"}\n```',
            InstanceOpinion(3, {"task": True, "input": False}, "So so"),
        ),
        ('{"verdict": {"score": "4 out of 5"}}', InstanceOpinion(4)),
        ('{"score": 1} no, I mean {"score": 2}', InstanceOpinion(2)),
        ('{"score": 4.5', InstanceOpinion(4.5)),
        ("4", InstanceOpinion(4, reason="4")),
        ("4. It is correct.", InstanceOpinion(4, reason="4. It is correct.")),
        ("All good.\n**Score: 5**", InstanceOpinion(5, reason="All good.\n**Score: 5**")),
        ("I would say a score of 2 at first. Final score is 3/5.", 3),
        ('{"score": 8}', "score_out_of_range"),
        ("Score: 8/10", "score_out_of_range"),
        ("Score: 4/10", "score_out_of_range"),
        ('{"score": -1}', "score_out_of_range"),
        ('{"score": "good", "output": true}', "no_score"),
        ("A fine example.", "no_score"),
        (" \n", "empty_reply"),
    ],
)
def test_replies(reply: str, expected: InstanceOpinion | str | float) -> None:
    read = read_score(reply)
    if isinstance(expected, InstanceOpinion):
        assert read == expected
    elif isinstance(expected, str):
        assert (read.score, read.problem) == (None, expected)
    else:
        assert (read.score, read.problem) == (expected, "")


def test_a_reply_that_was_cut_off() -> None:
    assert read_score('{"reason": "It begins well, but', cut=True).problem == "cut_off"
    assert read_score("", cut=True).problem == "cut_off"
    assert read_score('{"score": 4, "reason": "It begins', cut=True).score == 4


def test_what_is_asked() -> None:
    assert instance_case("Sort.", Instance(" ", "a b")).count("=====") == 8, "no input, no field for it"
    case = instance_case("Sort.", Instance("b a", "a b"))
    assert [name in case for name in ("= instruction =", "= input =", "= output =")] == [True] * 3
    prompt = judge_prompt(INSTANCE_RUBRIC)
    page = Path(__file__).parents[2] / "docs" / "guides" / "judge.md"
    assert f"```text\n{prompt}\n```" in page.read_text(encoding="utf-8"), "the guide shows it"
    assert prompt.startswith(INSTANCE_RUBRIC)
    assert '"score": 1 to 5}' in judge_prompt("Be strict.\n")
    assert list(json.loads(INSTANCE_SCHEMA)["properties"]) == ["reason", "task", "input", "output", "score"]
