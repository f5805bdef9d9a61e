import json
from pathlib import Path

import pytest

from overlap import Overlap, evaluation_texts

LONG = "in this task you are given two long sentences and asked to tell whether the second follows"


def test_a_run_of_thirteen_words_is_found_whatever_its_case_and_punctuation() -> None:
    text = "Before. In THIS task, you are given two long sentences; and asked to tell, after."
    assert Overlap([LONG]).hits(text) == [" ".join(LONG.split()[:13])]


def test_twelve_words_are_none() -> None:
    assert Overlap([LONG]).hits("in this task you are given two long sentences and asked to") == []
    assert Overlap([LONG]).hits("x this task you are given two long sentences and asked to tell x") == []


def test_every_shared_run_is_reported_once_in_the_order_of_the_text() -> None:
    hits = Overlap([LONG]).hits(f"{LONG} {LONG}")
    assert len(hits) == len(LONG.split()) - 12
    assert hits[0].startswith("in this task")


def test_a_shorter_evaluation_text_counts_as_a_whole_a_very_short_one_not() -> None:
    overlap = Overlap(["Write a tweet about the weather today.", "Summarize the text."])
    assert overlap.hits("Please write a tweet about the weather today!") == [
        "write a tweet about the weather today"
    ]
    assert overlap.hits("Write a tweet about the weather. Summarize the text.") == []


def test_words_alone_do_not_make_a_run() -> None:
    assert Overlap([LONG]).hits(" ".join(reversed(LONG.split()))) == []
    assert Overlap([LONG]).hits("") == []


def test_evaluation_texts_are_definitions_and_instructions(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="SuperNI"):
        evaluation_texts(tmp_path)
    (tmp_path / "superni" / "tasks").mkdir(parents=True)
    (tmp_path / "superni" / "tasks" / "task1.json").write_text(json.dumps({"Definition": ["Do this."]}))
    (tmp_path / "user_oriented_instructions.jsonl").write_text('{"instruction": "Do that."}\n')
    assert evaluation_texts(tmp_path) == ["Do this.", "Do that."]
