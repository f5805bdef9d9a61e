"""Files of answers: written, read back, and held against a suite."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from selfinstruct.errors import UserError
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.predictions import (
    Prediction,
    predictions_for,
    read_predictions,
    write_predictions,
)
from selfinstruct.evaluation.scores import Scores

ITEMS = (
    EvaluationItem("a", "Say it.", "", ("it",), "t", "C"),
    EvaluationItem("b", "Say it.", "x", ("it", "that"), "t"),
    EvaluationItem("c", "Do it.", "x", ("done",)),
)
ANSWERS = (
    Prediction(ITEMS[0], "It!", "stop"),
    Prediction(ITEMS[1], "that and\u2028more", "length"),
    Prediction(ITEMS[2], "", lost="refused"),
)


def write(path: Path, *rows: Mapping[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    scores = [each.score() for each in ANSWERS]
    write_predictions(path, ANSWERS, scores)
    assert read_predictions(path) == predictions_for(ITEMS, path) == ANSWERS
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    assert rows[0] == {
        "id": "a", "task": "t", "category": "C", "instruction": "Say it.", "input": "", "target": "it",
        "response": "It!", "finish_reason": "stop", "rougeL": 100.0, "exact_match": 100.0,
    }  # fmt: skip
    assert rows[1]["target"] == ["it", "that"]
    assert (rows[2]["lost"], rows[2]["rougeL"], "finish_reason" in rows[2]) == ("refused", 0.0, False)
    found = Scores.of(ANSWERS, scores, seed=1)
    assert (found.answers.empty, found.answers.cut, found.answers.lost) == (1, 1, {"refused": 1})
    assert (found.grouped, found.tasks["t"].n, found.categories["C"].n) == (True, 2, 1)
    assert found.categories["uncategorized"].n == 2
    overall = found.overall
    assert overall.rouge_l == pytest.approx(sum(row["rougeL"] for row in rows) / 3)


def test_references_that_rouge_cannot_see_are_counted() -> None:
    items = [
        EvaluationItem("a", "I", "", ("東京",)),
        EvaluationItem("b", "I", "", ("東京", "Tokyo")),
        EvaluationItem("c", "I", "", ("…",)),
    ]
    predictions = [Prediction(item, "東京") for item in items]
    found = Scores.of(predictions, [each.score() for each in predictions], seed=1)
    assert (found.answers.unscorable, found.rouge_l.mean) == (2, 0)
    assert found.exact_match.mean == pytest.approx(200 / 3)
    assert found.answers.cut is None


def test_rows_of_other_programs_are_matched_by_what_was_asked(tmp_path: Path) -> None:
    path = write(
        tmp_path / "p",
        {"instruction": "Do it.\n", "input": " x", "response": " done", "target": "done"},
        {"instruction": "Say it.", "response": "no"},
        {"id": "b", "instruction": "Say it.", "input": "x", "response": "that", "target": ["it", "that"]},
    )
    assert [(each.item.id, each.response) for each in predictions_for(ITEMS, path)] == [
        ("a", "no"), ("b", "that"), ("c", " done")
    ]  # fmt: skip
    with pytest.raises(UserError, match=r"p, line 2: there is no field 'target'\. Give every row one\."):
        read_predictions(path)


GOOD = [
    {"id": item.id, "instruction": item.instruction, "input": item.input, "response": "x"} for item in ITEMS
]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (GOOD[:1], "p has no prediction for 2 of the 3 items: b, c. Add them; a system that gave no answer"),
        ([*GOOD, GOOD[1]], "p, line 4: b was there before, on line 2. Leave one of them out."),
        ([*GOOD, {**GOOD[0], "id": "d"}], "p, line 4: id 'd' is none of the suite"),
        (
            [{**GOOD[0], "input": "y"}],
            "p, line 1: its instruction and input differ from those of a in the suite",
        ),
        (
            [{"instruction": "Eat.", "response": "x"}],
            "p, line 1: its instruction and input match no item",
        ),
        ([{**GOOD[0], "target": "that"}], "p, line 1: its target is not that of a in the suite"),
        ([{"id": "a", "response": "x"}], "p, line 1: there is no field 'instruction'"),
        ([{"id": "a", "instruction": "Say it."}], "p, line 1: there is no field 'response'"),
        ([{**GOOD[0], "response": 7}], "p, line 1: field 'response' is a number, not text"),
    ],
)
def test_rows_that_do_not_belong_to_the_suite(
    rows: list[dict[str, object]], said: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as caught:
        predictions_for(ITEMS, write(tmp_path / "p", *rows))
    assert said in str(caught.value)


def test_items_that_only_ids_can_tell_apart(tmp_path: Path) -> None:
    alike = (ITEMS[0], EvaluationItem("z", "Say it. ", "", ("that",)))
    row = {"instruction": "Say it.", "response": "x"}
    with pytest.raises(
        UserError, match=r"2 items of the suite have its instruction and input\. Give every row"
    ):
        predictions_for(alike, write(tmp_path / "p", row, row))
    path = write(tmp_path / "p", {**row, "id": "z"}, {**row, "id": "a"})
    assert [each.item.id for each in predictions_for(alike, path)] == ["a", "z"]


def test_an_id_that_comes_twice_without_a_suite(tmp_path: Path) -> None:
    row = {"id": "a", "instruction": "Say it.", "response": "x", "target": "y"}
    with pytest.raises(UserError, match=r"p, line 2: a was there before, on line 1\."):
        read_predictions(write(tmp_path / "p", row, row))
