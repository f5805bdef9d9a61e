"""How far a judge agrees with people who rated the same answers."""

from pathlib import Path

import pytest

from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.judgment import Judgment, LevelVerdict, answer_digest
from selfinstruct.evaluation.predictions import Prediction, write_predictions
from selfinstruct.ratings.judges import JudgesAndPeople, compare_judges
from selfinstruct.review.predictions import items_of_predictions
from selfinstruct.store.rating_log import RatingLog

ITEMS = [EvaluationItem(f"q{number}", f"Say {number}.\n", "", ("x",)) for number in range(6)]
PREDICTIONS = tuple(Prediction(item, f" answer {number}") for number, item in enumerate(ITEMS))


def judgment(levels: str, name: str = "j") -> Judgment:
    verdicts = [
        LevelVerdict(
            each.item.id,
            answer_digest(each),
            "" if level == "?" else level,
            "",
            "unreadable" if level == "?" else "",
        )
        for each, level in zip(PREDICTIONS, levels, strict=True)
    ]
    return Judgment.of(name, verdicts, PREDICTIONS, seed=1)


def compared(
    predictions: tuple[Prediction, ...], judged: Judgment, directory: Path
) -> JudgesAndPeople | None:
    answers = {answer_digest(each): each.item.id for each in predictions}
    return compare_judges(answers, {judged.judge: judged.levels_by_item()}, directory)


def rate(directory: Path, rater: str, levels: str) -> None:
    """As the page does, of the answers as they are in the file; `-` for none."""
    directory.mkdir(exist_ok=True)
    file = directory / "predictions.jsonl"
    write_predictions(file, PREDICTIONS, [each.score() for each in PREDICTIONS])
    material, _ = items_of_predictions([directory])
    given = {f"Say {number}.": level for number, level in enumerate(levels)}
    log = RatingLog.open(directory)
    for item in material.items:
        (response,) = item.responses
        if given[item.instruction] != "-":
            answers = {"level": given[item.instruction]}
            log.rate(rater, item.id, response.system, response.digest, answers)
    log.close()


def test_a_judge_is_one_more_rater(tmp_path: Path) -> None:
    rate(tmp_path / "out", "Ann", "ABCDAB")
    rate(tmp_path / "out", "Bo", "ABCD--")
    found = compared(PREDICTIONS, judgment("BACDB?"), tmp_path / "out")
    assert found is not None
    assert (found.judges, found.people) == (("judge j",), {"Ann": 6, "Bo": 4})
    (ann, ann_on_two), (bo, _), (people, _) = found.pairs()
    assert (ann.raters, ann.units, ann.equal) == (("Ann", "judge j"), 5, 2 / 5)
    assert ann.kappa == pytest.approx((2 / 5 - 6 / 25) / (1 - 6 / 25))
    assert (ann_on_two.kappa, ann_on_two.spearman) == (1, None), "A and B are one, C and D are one"
    assert ann.spearman is not None
    assert (bo.units, people.raters, people.kappa, people.spearman) == (4, ("Ann", "Bo"), 1, pytest.approx(1))
    assert found.to_json()["levels"]["pairs"][0]["raters"] == ("Ann", "Bo")


def test_ratings_of_other_answers_do_not_count(tmp_path: Path) -> None:
    assert compared(PREDICTIONS, judgment("AAAAAA"), tmp_path) is None
    rate(tmp_path / "out", "Ann", "A-----")
    changed = (Prediction(ITEMS[0], "another answer"), *PREDICTIONS[1:])
    assert compared(changed, judgment("AAAAAA"), tmp_path / "out") is None
    assert compared(PREDICTIONS, judgment("?AAAAA"), tmp_path / "out") is None
    found = compared(PREDICTIONS, judgment("AAAAAA"), tmp_path / "out")
    assert found is not None
    assert found.levels.pairs[0].kappa is None, "one answer, one level: nothing to tell chance from"
