"""Judges beside people: Table 2, agreement, calibration."""

from pathlib import Path

import pytest
from made_run import make_run, many_tasks

from selfinstruct.ratings.decisions import instance_digest, instance_id
from selfinstruct.ratings.scores import PEOPLE, judged_figures, read_all_scores
from selfinstruct.store.improved import OutputVerdict, improvement_directory, write_improved
from selfinstruct.store.judged import InstanceVerdict, JudgePaths, keep_rubric, write_scores
from selfinstruct.store.rating_log import RatingLog
from selfinstruct.store.reader import RunReader

SCORES = (5, 4, 4, 2, 1, None)
PEOPLE_SAY = "ynynn"
"""Of the first five, whether the output is correct."""


@pytest.fixture
def reader(tmp_path: Path) -> RunReader:
    """Six tasks: one judge on all of them, without a score for the last; one person on five."""
    made = make_run(tmp_path / "run", many_tasks(6), [])
    log, paths, verdicts = RatingLog.open(made.directory), JudgePaths(made.directory, "j"), []
    for number, (task, score) in enumerate(zip(made.tasks(), SCORES, strict=True)):
        digest = instance_digest(task.instruction, task.instances[0])
        if number < len(PEOPLE_SAY):
            said = PEOPLE_SAY[number] == "y"
            answers = {
                "task": True,
                "input": True,
                "output": said,
                "decision": "accept" if said else "reject",
            }
            log.rate("Ann", instance_id(task.id, 0), "original", digest, answers)
        answered = {} if score is None else {"task": True, "input": True, "output": score >= 4}
        problem = "no_score" if score is None else ""
        verdicts.append(InstanceVerdict(task.id, 0, "original", digest, score, answered, "Because.", problem))
    log.close()
    keep_rubric(paths, "Be strict.")
    write_scores(paths, verdicts)
    return made


def test_side_by_side(reader: RunReader) -> None:
    found = judged_figures(reader)
    assert found is not None
    (outputs,) = found.outputs
    people, judge = outputs.tables
    assert (people.name, people.instances, judge.name, judge.instances) == (PEOPLE, 5, "j", 6)
    assert (people.questions["output"].share, people.questions["task"].share) == (0.4, 1)
    assert judge.questions["all three"].share == pytest.approx(3 / 5)
    assert (judge.mean, judge.scores) == (16 / 5, {"1": 1, "2": 1, "3": 0, "4": 2, "5": 1})
    assert judge.problems == {"no_score": 1}
    (pair,) = outputs.agreement["output"].pairs
    assert (pair.raters, pair.units, pair.equal) == (("judge j", PEOPLE), 5, 0.8)
    assert pair.kappa == pytest.approx(8 / 13)  # 0.8 equal, 0.48 expected: (0.8 - 0.48) / (1 - 0.48)
    assert outputs.agreement["task"].pairs[0].kappa is None, "there is no variation"


def test_calibration(reader: RunReader) -> None:
    found = judged_figures(reader)
    assert found is not None
    (calibration,) = found.outputs[0].calibration
    assert (calibration.passed_wrong.share, calibration.passed_wrong.items) == (pytest.approx(1 / 3), 3)
    assert (calibration.approved_wrong.share, calibration.approved_wrong.items) == (pytest.approx(1 / 3), 3)
    assert (calibration.failed_right.share, calibration.failed_right.items) == (0, 2)


def test_scores_are_of_texts(reader: RunReader) -> None:
    scores = read_all_scores(reader.directory)
    first = next(reader.tasks())
    assert scores.mean(instance_digest(first.instruction, first.instances[0])) == 5
    assert scores.mean(instance_digest("Another one.", first.instances[0])) is None
    improvement_directory(reader.directory, "new").mkdir(parents=True)
    write_improved(reader.directory, "new", [OutputVerdict("task_0", 0, "Another output.")])
    found = judged_figures(reader)
    assert found is not None
    assert [(each.outputs, each.tables[-1].instances) for each in found.outputs] == [
        ("original", 6),
        ("new", 5),
    ]


def test_no_judge(tmp_path: Path) -> None:
    assert judged_figures(make_run(tmp_path / "run", many_tasks(2), [])) is None
