"""What reviewers edited and rejected, in exports, data cards and `status`."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from command import run
from made_run import make_run, many_tasks

from selfinstruct.cli.status import status
from selfinstruct.dataset.export import export
from selfinstruct.dataset.folder import export_folder
from selfinstruct.dataset.formats import TaskFormat, find_format
from selfinstruct.dataset.reviewed import ReviewEffect, ReviewPolicy, review_effect, reviewed_tasks
from selfinstruct.dataset.source import Source
from selfinstruct.errors import ConfigError
from selfinstruct.ratings.decisions import instance_digest, instance_id
from selfinstruct.records import Instance, Task
from selfinstruct.store.improved import OutputVerdict, write_improved
from selfinstruct.store.rating_log import RatingLog
from selfinstruct.store.reader import RunReader
from selfinstruct.training.data import read_data
from selfinstruct.training.examples import Instructed

JSONL = find_format("jsonl")
TASKS = (
    Task("task_0", "Sort.", False, (Instance("b a", "a b"), Instance("d c", "d c"))),
    Task("task_1", "Name a mood.", False, (Instance("", "gloom"),)),
    Task("task_2", "Fly.", False, (Instance("", "no"), Instance("far", "no"))),
    Task("task_3", "Greet.", False, (Instance("", "Hello."),)),
    Task("task_4", "Never seen.", False, (Instance("", "x"),)),
)


def rate(
    log: RatingLog, name: str, decision: str, rater: str = "Ann", said: str = "yyn", **edit: str
) -> None:
    task, place = name.split("/")
    shown = TASKS[int(task[-1])]
    answers = dict(zip(("task", "input", "output"), (answer == "y" for answer in said), strict=True))
    digest = instance_digest(shown.instruction, shown.instances[int(place)])
    log.rate(
        rater, instance_id(task, int(place)), "original", digest, {**answers, "decision": decision}, edit=edit
    )


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of each kind one; twice two raters who differ."""
    directory = tmp_path_factory.mktemp("reviewed") / "run"
    make_run(directory, TASKS)
    log = RatingLog.open(directory)
    rate(log, "task_0/0", "edit", output="sorted: a b", instruction="Sort the words.")
    rate(log, "task_0/1", "reject")
    rate(log, "task_1/0", "accept", said="yyy")
    rate(log, "task_1/0", "reject", "Bo")
    rate(log, "task_2/1", "reject", said="nnn")
    rate(log, "task_3/0", "reject")
    rate(log, "task_3/0", "reject", "Bo")
    log.close()
    return directory


def exported(
    directory: Path, reviews: ReviewPolicy = "apply", outputs: str = "original"
) -> dict[str, tuple[str, list[str]]]:
    assert isinstance(JSONL, TaskFormat)
    source = Source(RunReader.open(directory), JSONL, outputs=outputs, reviews=reviews)
    return {task.id: (task.instruction, [each.output for each in task.instances]) for task in source.tasks()}


def effect(directory: Path, reviews: ReviewPolicy = "apply") -> ReviewEffect:
    return review_effect(RunReader.open(directory), reviews=reviews)


def test_reviews_apply_by_default(reviewed: Path) -> None:
    assert exported(reviewed) == {
        "task_0": ("Sort the words.", ["sorted: a b"]),
        "task_1": ("Name a mood.", ["gloom"]),  # a tie keeps
        "task_4": ("Never seen.", ["x"]),
    }
    assert effect(reviewed) == ReviewEffect(reviewed=5, edited=1, tasks=2, rejected=1)


def test_a_tuning_follows_reviews(reviewed: Path) -> None:
    examples = read_data(reviewed, include_seeds=False).examples
    learnt = [(each.instruction, each.output) for each in examples if isinstance(each, Instructed)]
    assert learnt == [("Sort the words.", "sorted: a b"), ("Name a mood.", "gloom"), ("Never seen.", "x")]


def test_a_review_that_leaves_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    reader = make_run(directory, TASKS[3:4])
    log = RatingLog.open(directory)
    digest = instance_digest(TASKS[3].instruction, TASKS[3].instances[0])
    rejected = {"task": False, "input": False, "output": False, "decision": "reject"}
    log.rate("Ann", instance_id("task_0", 0), "original", digest, rejected, edit={})
    log.close()
    said = r"The review of .*run leaves no task \(tasks left out as rejected: 1\)\. Ignore the reviews"
    with pytest.raises(ConfigError, match=said):
        read_data(directory, include_seeds=False)
    with pytest.raises(ConfigError, match=said):
        export_folder(reader, "jsonl", tmp_path / "folder")


def test_only_what_was_reviewed(reviewed: Path) -> None:
    assert list(exported(reviewed, "only")) == ["task_0", "task_1"]
    assert effect(reviewed, "only") == ReviewEffect(reviewed=5, edited=1, tasks=2, rejected=1, unreviewed=1)


def test_as_generated(reviewed: Path) -> None:
    assert exported(reviewed, "ignore") == {
        task.id: (task.instruction, [instance.output for instance in task.instances]) for task in TASKS
    }
    assert effect(reviewed, "ignore").sentence() == ""
    dataset = [task.id for task in RunReader.open(reviewed).tasks()]
    assert dataset == [task.id for task in TASKS], "the run is as it was"


def test_what_is_left_out_is_told(reviewed: Path) -> None:
    done = run("export", reviewed, "--reviewed-only")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["task_0", "task_1"]
    assert done.stderr == (
        "instances edited: 1, tasks left out as rejected: 2, instances of other tasks left out as rejected:"
        " 1, instances left out as not reviewed: 1\n"
    )
    assert "cannot be combined" in run("export", reviewed, "--reviewed-only", "--as-generated").error()


def test_records_of_the_run_know_no_reviews(reviewed: Path, tmp_path: Path) -> None:
    reader = RunReader.open(reviewed)
    assert export(reader, "candidates", tmp_path / "out.jsonl")[0].rows == len(TASKS)
    for reviews in get_args(ReviewPolicy)[1:]:
        with pytest.raises(ConfigError, match="reviews have no place in it"):
            export(reader, "candidates", tmp_path / "out.jsonl", reviews=reviews)


def test_nobody_has_reviewed(tmp_path: Path) -> None:
    reader = make_run(tmp_path / "run", many_tasks(2))
    with pytest.raises(ConfigError, match=r"Nobody has reviewed .* selfinstruct review"):
        reviewed_tasks(reader, reviews="only")
    assert len(exported(tmp_path / "run")) == 2
    assert effect(tmp_path / "run") == ReviewEffect()


def test_an_instruction_that_is_no_task_goes_with_any_outputs(tmp_path: Path) -> None:
    make_run(tmp_path / "run", TASKS)
    (tmp_path / "run" / "improved" / "better").mkdir(parents=True)
    write_improved(tmp_path / "run", "better", [OutputVerdict("task_1", 0, "joy")])
    log = RatingLog.open(tmp_path / "run")
    rate(log, "task_2/0", "reject", said="nnn")
    rate(log, "task_1/0", "reject")  # of the output that is replaced
    log.close()
    found = exported(tmp_path / "run", outputs="better")
    outputs = {name: texts[0] for name, (_, texts) in found.items()}
    assert outputs == {"task_0": "a b", "task_1": "joy", "task_3": "Hello.", "task_4": "x"}


def test_the_data_card_says_what_reviewers_did(reviewed: Path, tmp_path: Path) -> None:
    cases: dict[ReviewPolicy, str] = {
        "apply": "reviewed 5 of the machine-written instances: 1 are as they edited them, 2 tasks and 1",
        "only": "1 that nobody had reviewed were left out too",
        "ignore": "What they edited or rejected is in it as the model wrote it.",
    }
    for reviews, said in cases.items():
        export_folder(RunReader.open(reviewed), "jsonl", tmp_path / "card", reviews=reviews)
        card = (tmp_path / "card" / "README.md").read_text(encoding="utf-8")
        assert said in " ".join(card.split())


def test_status_shows_table_2_and_agreement(reviewed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status(reviewed)
    printed = capsys.readouterr().out
    assert "ratings  Ann 5, Bo 2" in printed
    assert "instances reviewed: 5 (accept 1, edit 1, reject 3)" in printed
    assert re.search(r"Does the instruction describe a valid task\? +80% +38% to 96%", printed)
    assert re.search(r"decision +Ann & Bo +2 +50% +0.00", printed)
    status(reviewed, json=True)
    ratings = json.loads(capsys.readouterr().out)["ratings"]
    assert ratings["raters"] == {"Ann": 5, "Bo": 2}
    assert ratings["data"][0]["questions"][0]["share"] == {
        "share": 0.8,
        "items": 5,
        "low": pytest.approx(0.376, abs=1e-3),
        "high": pytest.approx(0.964, abs=1e-3),
    }
