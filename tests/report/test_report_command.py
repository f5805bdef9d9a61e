"""`selfinstruct report` as users run it."""

import json
import re
import shutil
from pathlib import Path

import pytest
from command import run
from report_examples import small_run

from selfinstruct.ratings.decisions import instance_digest, instance_id
from selfinstruct.review.items import items_of_run
from selfinstruct.store.improved import OutputVerdict, write_improved
from selfinstruct.store.rating_log import RatingLog
from selfinstruct.store.reader import RunReader


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("generated") / "first"
    done = run("generate", directory, "--tasks", 60, "--model", "scripted")
    assert done.code == 0, done.stderr
    return directory


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_run(tmp_path_factory.mktemp("other") / "second")


def test_a_report_lies_in_the_run(generated: Path) -> None:
    before = {path.name: path.read_bytes() for path in (generated / "dataset.jsonl", generated / "run.db")}
    done = run("report", generated)
    assert done.code == 0, done.stderr
    progress, quality = done.stdout.splitlines()[:2]
    assert progress.startswith("Run complete: 60 of 60 tasks; ")
    assert quality.startswith("Quality: doubtful. Templates wrote this, no model")
    assert done.stdout.splitlines()[-1] == f"report: {generated / 'report.html'}"
    page = (generated / "report.html").read_text(encoding="utf-8")
    assert "<h1>first</h1>" in page
    assert {name: (generated / name).read_bytes() for name in before} == before
    assert run("report", generated).code == 0, "a second one takes its place"


def test_json_is_one_object(generated: Path, tmp_path: Path) -> None:
    done = run("report", generated, "--json", "--out", tmp_path / "page.html")
    printed = done.json()
    assert printed["report"] == str(tmp_path / "page.html")
    assert (
        printed["run"]["tasks"] == printed["funnel"]["tasks"] == printed["statistics"]["instructions"] == 60
    )
    assert printed["assessment"]["level"] == printed["assessment"]["quality"]["level"] == "warn"
    assert printed["assessment"]["progress"]["level"] == "good"
    assert run("status", generated, "--json").json()["quality"] == printed["assessment"]["quality"]
    assert (tmp_path / "page.html").stat().st_size > 1_000_000


def test_another_file_is_not_replaced(generated: Path) -> None:
    before = (generated / "dataset.jsonl").read_bytes()
    done = run("report", generated, "--out", generated / "dataset.jsonl")
    assert done.code == 2
    assert "exists and is not a selfinstruct report" in done.error()
    assert (generated / "dataset.jsonl").read_bytes() == before


def evaluated(directory: Path, replies: dict[str, str], questions: Path) -> Path:
    script = directory.with_suffix(".jsonl")
    script.write_text(
        "".join(json.dumps({"contains": asked, "reply": reply}) + "\n" for asked, reply in replies.items())
    )
    asked = ("--suite", "jsonl", "--tasks", questions)
    done = run("evaluate", "--model", f"scripted/{script}", *asked, "--out", directory)
    assert done.code == 0, done.stderr
    return directory


@pytest.fixture(scope="module")
def evaluations(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A base model, a tuned one that is better, and one that answers other questions."""
    folder = tmp_path_factory.mktemp("evaluations")
    rows = [
        {"id": f"q{place}", "instruction": f"Say the word {place}.", "output": "yes"} for place in range(30)
    ]
    sets = {"questions": rows, "others": rows[:9]}
    for name, items in sets.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in items))
    base = evaluated(folder / "base", {"": " no"}, folder / "questions.jsonl")
    tuned = evaluated(folder / "tuned", {"2": " no", "": " yes"}, folder / "questions.jsonl")
    return base, tuned, evaluated(folder / "alone", {"": " yes"}, folder / "others.jsonl")


def test_whether_it_helped(generated: Path, evaluations: tuple[Path, ...], tmp_path: Path) -> None:
    options = [option for folder in evaluations for option in ("--evaluation", folder)]
    done = run("report", generated, *options, "--out", tmp_path / "page.html")
    assert done.code == 0, done.stderr
    assert (
        "Note: On jsonl (questions.jsonl) tuned gains 60.0 points of ROUGE-L over base (95 % interval +4"
        in done.stdout
    )
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<h2>Did it help?</h2>" in page
    assert "ROUGE-L of the answers to 30 items" in page
    assert "ROUGE-L of the answers to 9 items" in page
    assert re.search(r'<th scope="row">tuned</th><td class="number">60\.0</td>', page)

    printed = run("report", generated, *options, "--out", tmp_path / "page.html", "--json").json()
    first, second = printed["evaluated"]
    assert [system["name"] for system in first["systems"]] == ["base", "tuned"]
    assert first["systems"][1]["gain"]["mean"] == pytest.approx(60)
    assert second["systems"][0]["gain"] is None


def test_a_model_that_became_worse(generated: Path, evaluations: tuple[Path, ...], tmp_path: Path) -> None:
    base, tuned, _ = evaluations
    options = ("--evaluation", tuned, "--evaluation", base, "--out", tmp_path / "page.html")
    printed = run("report", generated, *options)
    assert "Problem: On jsonl (questions.jsonl) base loses 60.0 points of ROUGE-L to tuned" in printed.stdout
    copies = [Path(shutil.copytree(each, tmp_path / f"{each.name}-again")) for each in (base, tuned)]
    more = ("--evaluation", base, "--evaluation", copies[0], "--out", tmp_path / "page.html")
    assert "cannot be told from" in run("report", generated, *more).stdout
    several = run(
        "report", generated, "--evaluation", tuned, *options[2:4], "--evaluation", copies[1], *more[4:]
    )
    assert ", the best of 2, " in several.stdout
    assert "Worse than " in several.stdout


def test_evaluations_that_cannot_be_shown(
    generated: Path, other: Path, evaluations: tuple[Path, ...], tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    refused = run("report", generated, "--evaluation", tmp_path)
    assert "There is no evaluation in" in refused.error()
    assert "Name a folder that `selfinstruct evaluate` wrote" in refused.error()
    for more in ((other,), ("--live",)):
        refused = run("report", generated, *more, "--evaluation", evaluations[0])
        assert "--evaluation works only for the report of one run" in refused.error()


def test_runs_side_by_side(generated: Path, other: Path, tmp_path: Path) -> None:
    done = run("report", generated, other, "--json", "--out", tmp_path / "both.html")
    assert done.code == 0, done.stderr
    printed = done.json()
    assert [each["run"]["name"] for each in printed["runs"]] == ["first", "second"]
    assert [each["diversity"]["tasks"] for each in printed["runs"]] == [4, 4], "as many of each"
    assert [(each["of"], each["among"], each["equal"]) for each in printed["overlaps"]] == [
        ("first", "second", 0),
        ("second", "first", 0),
    ]
    page = (tmp_path / "both.html").read_text(encoding="utf-8")
    assert "first · second" in page
    assert page.count("* plotly.js v") == 1


def test_a_run_beside_a_copy_overlaps_wholly(generated: Path, tmp_path: Path) -> None:
    copy = tmp_path / "first"  # of the same name
    assert run("generate", copy, "--tasks", 60, "--model", "scripted").code == 0
    done = run("report", generated, copy, "--json", "--out", tmp_path / "both.html")
    overlaps = done.json()["overlaps"]
    assert [(each["alike"], each["equal"]) for each in overlaps] == [(1.0, 60), (1.0, 60)]
    assert overlaps[0]["of"] == str(generated)


def test_the_page_of_several_goes_where_one_is(
    generated: Path, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("report", generated, other).code == 0
    assert (tmp_path / "report.html").exists()
    (tmp_path / "report.html").write_text("mine")
    done = run("report", generated, other)
    assert done.code == 2
    assert (tmp_path / "report.html").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "1"], "--port needs --live"),
        (["--live", "--json"], "--live does not write a file"),
        (["--live", "--out", "x.html"], "--live does not write a file"),
    ],
)
def test_options_that_would_do_nothing(generated: Path, arguments: list[str], message: str) -> None:
    done = run("report", generated, *arguments)
    assert done.code == 2
    assert message in done.error()


def test_mistakes_with_runs(generated: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("Dear")
    for arguments, message in (
        ([tmp_path / "nothing"], "holds no run"),
        ([tmp_path / "letters"], "holds files, but no run"),
        ([tmp_path / "letters", "--live"], "holds files, but no run"),
        ([generated, generated], "The same run is given twice"),
        ([generated, tmp_path, "--live"], "--live works with only one run"),
    ):
        done = run("report", *arguments)
        assert done.code == 2, arguments
        assert message in done.error()


def test_ratings_are_table_2(tmp_path: Path) -> None:
    directory = small_run(tmp_path / "run")
    log = RatingLog.open(directory)
    for number, task in enumerate(RunReader(directory).tasks()):
        digest = instance_digest(task.instruction, task.instances[0])
        answers = {
            "task": True,
            "input": True,
            "output": number > 0,
            "decision": "accept" if number else "reject",
        }
        log.rate("Ann", instance_id(task.id, 0), "original", digest, answers)
    log.close()
    done = run("report", directory, "--json")
    assert done.code == 0, done.stderr
    (data,) = done.json()["ratings"]["data"]
    assert {each["name"]: each["share"]["share"] for each in data["questions"]} == {
        "task": 1.0,
        "input": 1.0,
        "output": 0.75,
        "all three": 0.75,
    }
    page = (directory / "report.html").read_text(encoding="utf-8")
    assert "Table 2 of the paper: the share of the instances" in page
    assert "3 to accept, 0 to edit, 1 to reject." in page


def test_runs_beside_each_other_keep_their_ratings(tmp_path: Path) -> None:
    rated, other = small_run(tmp_path / "rated"), small_run(tmp_path / "other")
    log = RatingLog.open(rated)
    for item in items_of_run(RunReader.open(rated)).items:
        answers = {"task": True, "input": True, "output": True, "decision": "accept"}
        log.rate("Ann", item.id, "original", item.responses[0].digest, answers)
    log.close()
    done = run("report", rated, other, "--json", "--out", tmp_path / "both.html")
    assert done.code == 0, done.stderr
    ratings = [each["ratings"] for each in done.json()["runs"]]
    assert ratings[0]["raters"] == {"Ann": 5}
    assert ratings[1] is None
    page = (tmp_path / "both.html").read_text(encoding="utf-8")
    assert "yes to all three questions" in page
    assert "No run stands out by price, admitted share or variety." in page, "the two are the same"


def test_ratings_of_improved_outputs_count_until_these_change(tmp_path: Path) -> None:
    directory = small_run(tmp_path / "run")
    reader = RunReader.open(directory)
    (directory / "improved" / "better").mkdir(parents=True)
    write_improved(directory, "better", [OutputVerdict("task_0", 0, "Better.")])
    log = RatingLog.open(directory)
    item = next(each for each in items_of_run(reader, outputs="better").items if each.id == "task_0/0")
    answers = {"task": True, "input": True, "output": False, "decision": "reject"}
    log.rate("Ann", item.id, "better", item.responses[0].digest, answers)
    log.close()
    for new, counted, outdated in (("Better.", 1, 0), ("Best.", 0, 1)):
        write_improved(directory, "better", [OutputVerdict("task_0", 0, new)])
        for command in (["report", directory], ["status", directory], ["review", directory, "--results"]):
            ratings = run(*command, "--json").json()["ratings"]
            assert (len(ratings["data"]), ratings["outdated"]) == (counted, outdated), command
