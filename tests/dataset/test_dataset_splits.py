import json
import string
from pathlib import Path

import pytest
from dataset_examples import load, make_run, many_tasks
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.dataset.export import export
from selfinstruct.dataset.splits import Split, parse_split
from selfinstruct.errors import ConfigError
from selfinstruct.records import Instance, Task

HALVES = Split((("train", 0.5), ("test", 0.5)))
SEPARATORS = st.text(string.whitespace + string.punctuation + "“”…—¿", min_size=1)


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_share_is_what_is_held_out() -> None:
    assert parse_split("0.1") == Split((("train", 0.9), ("test", 0.1)))


def test_shares_may_be_named() -> None:
    split = parse_split("train=0.8, validation=0.1, test=0.1")
    assert split == Split((("train", 0.8), ("validation", 0.1), ("test", 0.1)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1", "1 is not between 0 and 1"),
        ("0", "0 is not between 0 and 1"),
        ("nan", "nan is not between 0 and 1"),
        ("10%", "'10%' is not a number"),
        ("", "'' is not a number"),
        ("train=0.9,test=0.2", "the shares add up to 1.1, not to 1"),
        ("train=0.9", "the shares add up to 0.9, not to 1"),
        ("a=0.5,a=0.5", "a name is used twice"),
        ("all=0.5,test=0.5", "'all' cannot be the name of a split"),
        ("a/b=0.5,test=0.5", "'a/b' cannot be the name of a split"),
        ("train=0.9,0.1", "'0.1' cannot be the name of a split"),
    ],
)
def test_a_wrong_split_is_named_with_its_mend(text: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_split(text)
    assert str(caught.value).startswith(f"`split={text!r}`: {why}")
    assert caught.value.hint == "Give the share held out, as 0.1, or every side's, as train=0.9,test=0.1."


@given(st.lists(st.text("abcdeéß", min_size=1), min_size=1), SEPARATORS, SEPARATORS)
def test_case_white_space_and_punctuation_do_not_matter(words: list[str], one: str, other: str) -> None:
    assert HALVES.side(one.join(words)) == HALVES.side(other.join(words).upper() + other)


@given(st.text(), st.floats(0.01, 0.98), st.floats(0.001, 0.01))
def test_a_larger_share_held_out_takes_and_gives_nothing_back(text: str, share: float, more: float) -> None:
    smaller, larger = parse_split(str(share)), parse_split(str(share + more))
    assert smaller.side(text) == "train" or larger.side(text) == "test"


@given(st.lists(st.text(), unique=True), st.lists(st.text()))
def test_a_task_stays_on_its_side_when_the_run_grows(texts: list[str], more: list[str]) -> None:
    before = {text: HALVES.side(text) for text in texts}
    after = {text: HALVES.side(text) for text in [*more, *texts]}
    assert before.items() <= after.items()


def test_sides_are_these_for_ever() -> None:
    sides = [HALVES.side(text) for text in ("Greet.", "Name a mood.", "写诗。", "Sort these words.", "")]
    assert sides == ["train", "test", "train", "train", "test"]


def test_shares_come_true_roughly() -> None:
    split = parse_split("0.2")
    held_out = sum(split.side(task.instruction) == "test" for task in many_tasks(5000))
    assert 900 < held_out < 1100


def test_each_side_is_a_file_and_has_whole_tasks(tmp_path: Path) -> None:
    variants = ["Sort these words.", "sort THESE words", "Sort  these\nwords!"]
    pairs = (Instance("", "one"), Instance("", "two"))
    tasks = [
        *many_tasks(60),
        *(Task(f"task_{60 + number}", text, False, pairs) for number, text in enumerate(variants)),
    ]
    written = export(make_run(tmp_path / "run", tasks), "alpaca", tmp_path / "d.jsonl", split=HALVES)
    train, test = lines(tmp_path / "d-train.jsonl"), lines(tmp_path / "d-test.jsonl")
    assert [(file.path, file.side, file.rows) for file in written] == [
        (tmp_path / "d-train.jsonl", "train", len(train)),
        (tmp_path / "d-test.jsonl", "test", len(test)),
    ]
    assert sum(file.tasks for file in written) == 63
    assert len(train) + len(test) == 66
    where = [{row["instruction"] for row in side} for side in (train, test)]
    assert not where[0] & where[1]
    assert sum(set(variants) <= side for side in where) == 1
    loaded = load(
        tmp_path / "cache",
        "json",
        data_files={side: str(tmp_path / f"d-{side}.jsonl") for side in ("train", "test")},
    )
    assert {side: rows.num_rows for side, rows in loaded.items()} == {"train": len(train), "test": len(test)}


def test_files_of_a_smaller_run_are_prefixes(tmp_path: Path) -> None:
    for size in (30, 60):
        export(
            make_run(tmp_path / f"run{size}", many_tasks(size)), "chat", tmp_path / f"{size}", split=HALVES
        )
    for side in ("train", "test"):
        longer = (tmp_path / f"60-{side}").read_bytes()
        assert longer.startswith((tmp_path / f"30-{side}").read_bytes())


def test_a_side_without_a_task_is_refused_and_nothing_replaced(tmp_path: Path) -> None:
    (tmp_path / "d-train.jsonl").write_text("old", encoding="utf-8")
    reader = make_run(tmp_path / "run", many_tasks(3))
    with pytest.raises(ConfigError, match=r"None of the 3 tasks falls to test, whose share is 0\.001"):
        export(reader, "jsonl", tmp_path / "d.jsonl", split=parse_split("0.001"))
    assert (tmp_path / "d-train.jsonl").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d-train.jsonl", "run"]


def test_a_run_without_tasks_cannot_be_split(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="run has no tasks yet"):
        export(make_run(tmp_path / "run", []), "jsonl", tmp_path / "d.jsonl", split=HALVES)


def test_standard_output_is_one_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`split` writes several files, which standard output cannot take"):
        export(make_run(tmp_path / "run"), "jsonl", split=HALVES)


def test_records_of_the_run_are_not_split(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'requests' is a record of the run"):
        export(make_run(tmp_path / "run"), "requests", tmp_path / "r", split=HALVES)
