"""What is shown to raters: samples, blind orders, predictions of other programs; and what they may send."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_run import make_run, many_tasks

from selfinstruct.cli.review import review
from selfinstruct.errors import UserError
from selfinstruct.records import Instance, Task
from selfinstruct.review.forms import parse_level, parse_name, parse_review
from selfinstruct.review.items import Response, ReviewItem, blind_order, items_of_run
from selfinstruct.review.predictions import item_id, items_of_predictions, prediction_files
from selfinstruct.store.improved import OutputVerdict, write_improved
from selfinstruct.store.reader import RunReader

ITEM = ReviewItem("task_0/0", "Sort.", "b\r\na", (Response("original", "a\0b", "d"),))
YES = {"answer_task": "yes", "answer_input": "yes", "answer_output": "yes"}


# ------------------------------------------------------------------ samples


def names(reader: RunReader, **options: Any) -> list[str]:
    return [item.id for item in items_of_run(reader, **options).items]


def test_a_smaller_sample_begins_a_larger_one(tmp_path: Path) -> None:
    reader = make_run(tmp_path / "run", many_tasks(60))
    ten, twenty = names(reader, sample=10), names(reader, sample=20)
    assert ten == twenty[:10]
    assert len(set(twenty)) == 20
    assert names(reader, sample=10) == ten
    assert names(reader, sample=10, seed=1) != ten
    assert sorted(names(reader)) == sorted(f"task_{number}/0" for number in range(60))
    assert names(reader)[:10] == ten
    assert items_of_run(reader, sample=500).total == len(names(reader, sample=500)) == 60


def test_a_sample_hardly_changes_when_a_run_grows(tmp_path: Path) -> None:
    short, long = make_run(tmp_path / "a", many_tasks(50)), make_run(tmp_path / "b", many_tasks(60))
    before, after = names(short, sample=20), names(long, sample=20)
    assert [name for name in after if name in before] == before[: len(set(after) & set(before))]
    assert len(set(after) & set(before)) >= 12


def test_of_a_task_in_a_sample_one_instance_is_shown(tmp_path: Path) -> None:
    task = Task("task_0", "Is it a fruit?", True, tuple(Instance(f"x{n}", "no") for n in range(5)))
    reader = make_run(tmp_path / "run", [task])
    assert len(names(reader, sample=10)) == 1
    assert names(reader) == [f"task_0/{place}" for place in range(5)]
    assert len({names(reader, sample=1, seed=seed)[0] for seed in range(30)}) > 1


def test_improved_outputs_are_rated_under_their_name(tmp_path: Path) -> None:
    reader = make_run(tmp_path / "run", many_tasks(1))
    original = items_of_run(reader).items[0].responses[0]
    (tmp_path / "run" / "improved" / "better").mkdir(parents=True)
    write_improved(tmp_path / "run", "better", [OutputVerdict("task_0", 0, "Better.")])
    (item,) = items_of_run(reader, outputs="better").items
    assert item.responses[0].system == "better"
    assert item.responses[0].text == "Better."
    assert item.responses[0].digest != original.digest


@given(st.text(max_size=5), st.text(max_size=5), st.integers(0, 3))
def test_a_blind_order_is_stable_and_whole(rater: str, name: str, seed: int) -> None:
    responses = tuple(Response(f"s{number}", "", "") for number in range(5))
    item = ReviewItem(name, "x", "", responses)
    assert blind_order(item, rater, seed) == blind_order(item, rater, seed)
    assert sorted(blind_order(item, rater, seed), key=lambda each: each.system) == list(responses)


# ------------------------------------------------------------------ predictions


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def row(instruction: str, response: str, **fields: Any) -> dict[str, Any]:
    return {"instruction": instruction, "response": response, **fields}


def test_rows_belong_together_by_what_was_asked(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", row("A", "1"), row("B", "2", target=["x", "y"]))
    two = write(tmp_path / "two.jsonl", row(" B ", " 3\n", input=""), row("C", ""))
    material, partial = items_of_predictions([one, two])
    assert (material.directory, material.total, material.compares, partial) == (tmp_path, 3, True, 2)
    found = {item.instruction: item for item in material.items}
    assert [(each.system, each.text) for each in found["B"].responses] == [("one", "2"), ("two", "3")]
    assert found["B"].references == ("x", "y")
    assert found["B"].id == item_id("B", "")
    assert [(each.system, each.text) for each in found["C"].responses] == [("two", "")]


def test_what_is_asked_twice_is_two_items(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{name}.jsonl", row("A", f"{name}1"), row("A", f"{name}2")) for name in "pq"]
    material, partial = items_of_predictions(files)
    assert partial == 0
    assert {item.id for item in material.items} == {item_id("A", ""), item_id("A", "", 2)}
    assert all(len(item.responses) == 2 for item in material.items)


def test_systems_are_told_apart_by_as_much_of_the_path_as_it_takes(tmp_path: Path) -> None:
    for name in ("x/small/predictions.jsonl", "y/small/predictions.jsonl", "big_predictions.jsonl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list(prediction_files([tmp_path / "big_predictions.jsonl", tmp_path / "x" / "small"])) == [
        "big",
        "small",
    ]
    assert list(prediction_files([tmp_path / "x" / "small", tmp_path / "y" / "small"])) == [
        "x/small",
        "y/small",
    ]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([row("A", "1"), {"instruction": "B"}], "line 2: there is no field 'response'"),
        ([{"response": "B"}], "line 1: there is no field 'instruction'"),
        ([row("A", 3)], "field 'response' is a number"),  # type: ignore[arg-type]
    ],
)
def test_a_row_that_cannot_be_shown(rows: list[dict[str, Any]], problem: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=problem):
        items_of_predictions([write(tmp_path / "one.jsonl", *rows)])


def test_mistakes_in_the_command(tmp_path: Path) -> None:
    make_run(tmp_path / "run", many_tasks(1))
    one = write(tmp_path / "a" / "one.jsonl", row("A", "1"))
    two = write(tmp_path / "b" / "two.jsonl", row("A", "1"))
    cases: list[tuple[list[Path], dict[str, Any], str]] = [
        ([one, two], {}, "`out=DIR`"),
        ([one, one], {}, "given twice"),
        ([tmp_path / "a"], {}, "neither a run nor predictions.jsonl"),
        ([tmp_path / "nowhere"], {}, "No such file or directory"),
        ([tmp_path / "run"], {"out": tmp_path / "c"}, "a run keeps its own ratings"),
        ([one], {"outputs": "better"}, "--outputs is for a run"),
        ([tmp_path / "run"], {"outputs": "better"}, "no improved outputs named 'better'"),
        ([tmp_path / "run"], {"rater": "a/b"}, "not a valid name of a rater"),
        ([tmp_path / "run"], {"host": "256.0.0.1"}, "Cannot listen on 256.0.0.1"),
    ]
    for paths, options, said in cases:
        with pytest.raises(UserError, match=re.escape(said)):
            review(paths, **options)


# ------------------------------------------------------------------ forms


def test_accepting_says_yes_to_what_is_open() -> None:
    review = parse_review({"action": "accept", "answer_input": "no"}, ITEM)
    assert review.answers == {"task": True, "input": False, "output": True, "decision": "accept"}


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({}, "Accept, edit or reject"),
        ({"action": "delete"}, "Accept, edit or reject"),
        ({"action": "reject", "answer_task": "no"}, "Answer all three questions, then reject"),
        ({"action": "reject", **YES, "answer_task": "perhaps"}, "Answer all three"),
        ({"action": "edit", **YES, "instruction": "Sort.", "input": "b\r\na"}, "Nothing was changed"),
        ({"action": "edit", **YES, "output": " \r\n"}, "no output left"),
        ({"action": "edit", **YES, "instruction": ""}, "no instruction left"),
    ],
)
def test_what_cannot_be_taken(form: dict[str, str], problem: str) -> None:
    assert problem in parse_review(form, ITEM).problem


def test_an_edit_is_what_was_changed() -> None:
    untouched = {"instruction": "Sort.", "input": "b\na", "output": "a\N{REPLACEMENT CHARACTER}b"}
    assert parse_review({"action": "edit", **YES, **untouched}, ITEM).problem
    review = parse_review({"action": "edit", **YES, **untouched, "input": "x\r\ny"}, ITEM)
    assert (review.edit, review.problem) == ({"input": "x\ny"}, "")
    assert parse_review({"action": "accept", **untouched, "input": "x"}, ITEM).edit == {}


@pytest.mark.parametrize("place", ["0", "4", "-1", "²", "", "x"])
def test_a_level_of_no_response(place: str) -> None:
    assert parse_level({"place": place, "level": "A"}, 3) is None


def test_a_level() -> None:
    assert parse_level({"place": "3", "level": "D"}, 3) == (2, "D")
    assert parse_level({"place": "3", "level": "E"}, 3) is None


@pytest.mark.parametrize("name", ["", "  ", ".", "..", "a/b", "a\\b", "x" * 61, "a\0b", "\u202ename"])
def test_no_name(name: str) -> None:
    assert parse_name(name) is None


def test_a_name() -> None:
    assert parse_name("  Zoë   B. ") == "Zoë B."
    assert parse_name("Zoe\u0308") == "Zoë"
