"""A judge that gives 1 to 10 points: what it is shown, how its replies are read, and what they come to."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from command import run
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import RunMismatchError, StorageError
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.comparison import compare, read_systems
from selfinstruct.evaluation.evaluate import Evaluation, evaluate
from selfinstruct.evaluation.intervals import intervals, ratio_interval
from selfinstruct.evaluation.judgment import kept_judgments
from selfinstruct.evaluation.plan import plan_evaluation
from selfinstruct.evaluation.points import (
    POINTS_RUBRIC,
    POINTS_SCHEMA,
    PointsJudgment,
    points_case,
    read_points,
)
from selfinstruct.report.charts.evaluated import evaluated_chart
from selfinstruct.report.evaluated import read_evaluations


def lines(path: Path, *rows: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def dolly(tmp_path: Path) -> Path:
    return lines(
        tmp_path / "valid.jsonl",
        *({"instruction": f"Name colour {number}.", "input": "", "output": "Red."} for number in range(4)),
    )


def answered(dolly: Path, out: Path, *responses: str) -> Path:
    """The folder of an evaluation of these answers."""
    rows = [
        {"id": f"dolly/{number}", "instruction": f"Name colour {number}.", "response": response}
        for number, response in enumerate(responses)
    ]
    script = lines(
        out.with_suffix(".script"),
        *({"contains": row["instruction"], "reply": row["response"]} for row in rows),
    )
    plan = plan_evaluation(
        out,
        settings={"suite": "dolly", "samples": 1},
        tasks=dolly,
        model_spec=f"scripted/{script}",
        options={},
    )
    asyncio.run(evaluate(plan))
    return out


def points(first: int, second: int) -> str:
    return json.dumps({"reason": "So.", "response_1": first, "response_2": second})


def judge(path: Path) -> str:
    """Prefers `Red.` to everything else, wherever it stands, and cannot say a thing about `Mauve`."""
    red = "response 1 =====\nRed."
    return "scripted/" + str(
        lines(
            path,
            {"contains": "Mauve", "reply": "Hard to say."},
            {"contains": f"{red}\n===== end of response 1 =====\n\n===== response 2 =====\nRed.",
             "reply": points(8, 8)},
            {"contains": red, "reply": points(8, 4)},
            {"contains": "response 2 =====\nRed.", "reply": points(4, 8)},
        )
    )  # fmt: skip


def judged(out: Path, spec: str, **limits: int) -> Evaluation:
    options = {f"limits.{name}": value for name, value in limits.items()}
    return asyncio.run(evaluate(plan_evaluation(out, settings={}, judge_spec=spec, options=options)))


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (points(7, 9), (7, 9)),
        ('Sure:\n```json\n{"Response 1": "3/10", "response 2": 10}\n```', (3, 10)),
        ('{"scores": {"response1": 6.5, "response2": 1}}', (6.5, 1)),
        ("7 9\nThe first one leaves out a detail of 1850.", (7, 9)),
        ("8/10, 4/10", (8, 4)),
        ("Response 1: 7 points. Response 2 deserves a 9.", (7, 9)),
        ("Response 1 has 2 flaws.\nResponse 1: 5\nResponse 2: 6", (5, 6)),
        (points(0, 9), None),
        (points(7, 11), None),
        ("Both are good.", None),
        ("7", None),
        ("", None),
        ('{"response_1": 7}', None),
    ],
)
def test_points_are_read(reply: str, found: tuple[float, float] | None) -> None:
    assert read_points(reply, answer_first=True)[0] == found
    assert read_points(reply, answer_first=False)[0] == (found and (found[1], found[0]))


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_any_reply_is_read(reply: str) -> None:
    found, _ = read_points(reply, answer_first=True)
    assert found is None or all(1 <= each <= 10 for each in found)


def test_what_the_judge_sees() -> None:
    item = EvaluationItem("q", "Name a colour.", "of the sky", ("Blue.", "Azure."))
    shown = points_case(item, "Green!", answer_first=False)
    assert shown.index("Name a colour.") < shown.index("of the sky") < shown.index("Blue.")
    assert shown.index("Blue.") < shown.index("Green!")
    assert "right answer" not in shown, "whose a response is must not show"
    turned = points_case(item, "Green!", answer_first=True)
    assert turned.index("Green!") < turned.index("Blue.")
    assert "1 to 10" in POINTS_RUBRIC
    assert json.loads(POINTS_SCHEMA)["properties"]["response_2"]["enum"] == [*range(1, 11)]


def test_ratios_are_of_totals() -> None:
    own, right = [2.0, 4.0, 6.0], [4.0, 4.0, 10.0]
    found = ratio_interval([(own, right)], [""] * 3, 1)
    assert found.mean == 12 / 18
    assert found.low <= found.mean <= found.high
    ones = [1.0] * 3
    assert ratio_interval([(own, ones)], ["a", "a", "b"], 7) == intervals([own], ["a", "a", "b"], 7)[0]
    same = ratio_interval([(own, right), (own, right)], [""] * 3, 1)
    assert (same.mean, same.low, same.high) == (0, 0, 0), "paired"


def test_dolly_is_judged_with_points(dolly: Path, tmp_path: Path) -> None:
    out = answered(dolly, tmp_path / "out", "Red.", "Green.", "", "Mauve.")
    spec = judge(tmp_path / "judge.jsonl")
    stopped = judged(out, spec, max_requests=2)
    assert stopped.judging is not None
    assert stopped.judging.stopped != "done"
    assert stopped.to_json()["judges"]["judge"]["judged"] == 2
    done = judged(out, spec, max_requests=0)
    found = done.to_json()["judges"]["judge"]
    assert (found["judged"], found["problems"]) == (3, {"unreadable": 1})
    # 8, 4, and 1 for the empty answer, which the judge gave 4; 8 for every right one
    assert found["ratio"] == pytest.approx(100 * 13 / 24)
    assert found["points"] == pytest.approx(13 / 3)
    assert found["reference_points"] == 8
    assert found["intervals"]["ratio"][0] < found["ratio"] < found["intervals"]["ratio"][1]
    assert done.to_json()["judge_attempts"] == 4, "nothing is asked twice"
    rows = [
        json.loads(line) for line in (out / "judge" / "judge" / "verdicts.jsonl").read_text().splitlines()
    ]
    assert [row["first"] for row in rows] == ["answer", "reference"] * 2
    assert [(row["points"], row["reference"]) for row in rows] == [(8, 8), (4, 8), (1, 8), (None, None)]
    kept = json.loads((out / "scores.json").read_text())["judges"]["judge"]
    assert kept == found


def test_points_on_the_terminal(dolly: Path, tmp_path: Path) -> None:
    out = answered(dolly, tmp_path / "out", "Red.", "Green.", "", "Mauve.")
    ratings = tmp_path / "ratings"
    ratings.mkdir()
    done = run(
        "evaluate", "--out", out, "--judge", judge(tmp_path / "judge.jsonl"), "--ratings", ratings,
        COLUMNS="100",
    )  # fmt: skip
    assert done.code == 0, done.stderr
    shown = " ".join(done.stdout.split())
    assert "judge 54.17 judge: points in % of the references'; 95 % interval" in shown
    assert "points 4.33 of 10; 95 % interval" in shown
    assert "references 8.00 of 10" in shown
    assert "judged 3 no points: unreadable 1" in shown
    assert "No judge put these answers on the four levels" in " ".join(done.stderr.split())


def test_systems_with_points_are_compared_and_reported(dolly: Path, tmp_path: Path) -> None:
    spec = judge(tmp_path / "judge.jsonl")
    base = answered(dolly, tmp_path / "base", "Green.", "Green.", "Blue.", "Mauve.")
    tuned = answered(dolly, tmp_path / "tuned", "Red.", "Red.", "Blue.", "Red.")
    for out in (base, tuned):
        judged(out, spec)
    (found,) = compare(read_systems([base, tuned]), 1).judged
    assert found.judge == "judge"
    assert [None if each is None else each.mean for each in found.systems] == [50, 87.5]
    (gap,) = found.differences
    assert gap is not None
    assert gap.mean == pytest.approx(100 * 20 / 24 - 50), "over the three items that both have points for"
    printed = run("compare", base, tuned).stdout
    assert "judge, points in % of the references': base 50.00, tuned 87.50" in printed
    assert "judge +33.33" in printed
    (evaluated,) = read_evaluations([base, tuned])
    chart = evaluated_chart(0, evaluated)
    assert chart.head[-2:] == ("judge, points in % of the references'", "95 %")
    assert [row[-2] for row in chart.rows] == ["50.0", "87.5"]


def test_verdicts_on_other_answers_do_not_count(dolly: Path, tmp_path: Path) -> None:
    spec = judge(tmp_path / "judge.jsonl")
    out = answered(dolly, tmp_path / "out", "Red.", "Green.", "Blue.", "Red.")
    predictions = judged(out, spec).predictions
    file = out / "judge" / "judge" / "verdicts.jsonl"
    first, *others = file.read_text().splitlines(keepends=True)
    file.write_text("".join([first.replace('"answer":"', '"answer":"x'), *others]))
    (found,) = kept_judgments(out, predictions, 1)
    assert isinstance(found, PointsJudgment)
    assert (found.judged, found.problems) == (3, {"outdated": 1})
    file.write_text('{"id": "a", "points": 3}\n')
    with pytest.raises(StorageError, match="line 1 is not a verdict"):
        list(kept_judgments(out, predictions, 1))
    (out / "judge" / "judge" / "verdicts.jsonl").unlink()
    other = answered(dolly, tmp_path / "other", "Red.", "Green.", "Blue.", "Green.")
    (other / "judge").mkdir()
    (out / "judge" / "judge").rename(other / "judge" / "judge")
    with pytest.raises(RunMismatchError, match="The answers or the judge have changed"):
        judged(other, spec)
