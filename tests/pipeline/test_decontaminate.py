"""Evaluation sets kept out of a run's data, while it is generated and afterwards."""

import asyncio
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from command import run

from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.evalsets.recognition import load_any
from selfinstruct.evaluation.overlap import measure_overlap
from selfinstruct.pipeline.description import GenerateResult
from selfinstruct.pipeline.refilter import change_filters, refilter, write_refiltered
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.pipeline.run import generate
from selfinstruct.records import Task
from selfinstruct.store.reader import RunReader


def generated(directory: Path, *decontaminate: Path, tasks: int = 60, **options: object) -> GenerateResult:
    named = {"limits.tasks": tasks} | {name.replace("__", "."): value for name, value in options.items()}
    plan = resolve(directory, options=named, decontaminate=decontaminate, model_spec="scripted")
    return asyncio.run(generate(directory, plan))


def tasks_of(directory: Path) -> list[Task]:
    return list(RunReader.open(directory).tasks())


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 tasks, with nothing kept out."""
    directory = tmp_path_factory.mktemp("source") / "plain"
    assert generated(directory).stopped == "done"
    return directory


@pytest.fixture(scope="module")
def answers(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answers of three tasks that this run has written."""
    long = [task for task in tasks_of(plain) if len(task.instances[0].output.split()) >= 13][:3]
    rows = [{"instruction": "?", "output": task.instances[0].output} for task in long]
    return write_rows(tmp_path_factory.mktemp("sets") / "answers.jsonl", *rows)


@pytest.fixture(scope="module")
def held_out(plain: Path, answers: Path) -> Path:
    """These, and its first instruction."""
    rows = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    first = {"id": "known", "instruction": tasks_of(plain)[0].instruction}
    return write_rows(answers.with_name("test.jsonl"), *rows, first)


def write_rows(path: Path, *rows: dict[str, str]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def clean(held_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("source") / "clean"
    assert generated(directory, held_out).stopped == "done"
    return directory


def test_nothing_of_the_set_is_in_the_data(plain: Path, held_out: Path, clean: Path) -> None:
    items = load_any(held_out)
    before, after = (measure_overlap(items, tasks_of(directory), "generated") for directory in (plain, clean))
    assert [near.score for near in before.nearest_pairs(1)] == [1.0]
    assert len(before.shared) == 4
    assert after.shared == ()
    assert after.similar == 0


def test_the_first_candidate_is_rejected_for_it_and_explained(plain: Path, clean: Path) -> None:
    first = next(task for task in tasks_of(plain))
    reader = RunReader.open(clean)
    rejected = [row for row in reader.candidates() if row.reason == "contaminated"]
    assert first.instruction in [row.instruction for row in rejected]
    explained = run("explain", clean, f"{rejected[0].ticket}.{rejected[0].position}").stdout
    assert "rejected: contaminated (“" in explained
    assert "is in the instruction of 'known')" in " ".join(explained.split())
    assert reader.summary().rejected["contaminated"] == len(rejected)
    assert "contaminated" in run("status", clean).stdout


def test_instances_are_rejected_for_it_and_explained(plain: Path, answers: Path, tmp_path: Path) -> None:
    generated(tmp_path / "run", answers)
    reader = RunReader.open(tmp_path / "run")
    found = [
        (place, each.verdict.detail)
        for place, task in reader.judged_tasks()
        for each in task.instances
        if each.verdict.reason == "contaminated"
    ]
    assert reader.summary().rejected_instances["contaminated"] == len(found) >= 3
    (ticket, position), detail = found[0]
    assert "” is in the reference of 'item_" in detail
    explained = run("explain", tmp_path / "run", f"{ticket}.{position}").stdout
    assert "rejected: contaminated (“" in explained
    assert "answers.jsonl" not in explained
    rows = zip(reader.candidates(), RunReader.open(plain).candidates(), strict=False)
    assert all(own == other for own, other in rows), "instructions are judged as without"


def test_a_smaller_run_is_a_prefix_and_concurrency_does_not_matter(
    held_out: Path, clean: Path, tmp_path: Path
) -> None:
    generated(tmp_path / "short", held_out, tasks=20, endpoint__concurrency=1)
    whole = (clean / "dataset.jsonl").read_text(encoding="utf-8").splitlines()
    assert (tmp_path / "short" / "dataset.jsonl").read_text(encoding="utf-8").splitlines() == whole[:20]
    generated(tmp_path / "short", tasks=60)  # the set comes from the run
    assert (tmp_path / "short" / "dataset.jsonl").read_text(encoding="utf-8").splitlines() == whole


def test_a_set_may_move_but_not_change(held_out: Path, tmp_path: Path) -> None:
    own, moved, directory = tmp_path / "own.jsonl", tmp_path / "moved.jsonl", tmp_path / "run"
    shutil.copy(held_out, own)
    generated(directory, own, tasks=3)
    own.rename(moved)
    with pytest.raises(
        ConfigError, match=r"own\.jsonl that the run keeps out was not found\. If it has moved"
    ):
        generated(directory, tasks=4)
    assert generated(directory, moved, tasks=4).description.summary.tasks == 4
    (kept,) = RunReader.open(directory).config().filters.decontaminate
    assert (kept.source, kept.items) == (str(moved), 4)
    moved.write_text('{"instruction": "Something else."}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"moved\.jsonl has changed since the run was started"):
        generated(directory, tasks=5)
    with pytest.raises(
        RunMismatchError, match=r"filters\.decontaminate is \[\"\w{64}\"\], not \[\"\w{64}\"\]"
    ):
        generated(directory, moved, tasks=5)


def test_a_run_that_was_begun_without_one_is_judged_again_instead(plain: Path, held_out: Path) -> None:
    with pytest.raises(RunMismatchError, match=r"decontaminate is \[\], not .* `selfinstruct filter`"):
        generated(plain, held_out, tasks=61)


def test_a_config_file_names_paths(held_out: Path, clean: Path, tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text(f"[filters]\ndecontaminate = [{json.dumps(str(held_out))}]\n", encoding="utf-8")
    done = run("generate", tmp_path / "run", "--model", "scripted", "--tasks", 5, "--config", config)
    assert done.code == 0, done.stderr
    own, other = (RunReader.open(each).config() for each in (tmp_path / "run", clean))
    assert own.filters == other.filters


def test_a_run_from_before_the_setting_was_there_still_opens(plain: Path, tmp_path: Path) -> None:
    shutil.copytree(plain, tmp_path / "old")
    connection = sqlite3.connect(tmp_path / "old" / "run.db")
    (stored,) = connection.execute("SELECT config FROM run").fetchone()
    config = json.loads(stored)
    del config["filters"]["decontaminate"]
    with connection:
        connection.execute("UPDATE run SET config = ?", (json.dumps(config),))
    connection.close()
    assert RunReader.open(tmp_path / "old").config().filters.decontaminate == ()
    assert generated(tmp_path / "old", tasks=61).stopped == "done"


def test_the_data_card_says_so(clean: Path, held_out: Path, tmp_path: Path) -> None:
    done = run("export", clean, "-f", "chat", "--out", f"{tmp_path}/data/")
    assert done.code == 0, done.stderr
    card = (tmp_path / "data" / "README.md").read_text(encoding="utf-8")
    (kept,) = RunReader.open(clean).config().filters.decontaminate
    assert f"with the 4 items of evaluation sets (SHA-256 `{kept.digest}`) were dropped" in card
    assert held_out.name not in card


def test_filtering_keeps_judging_with_the_runs_own_sets(clean: Path) -> None:
    reader = RunReader.open(clean)
    unchanged = refilter(reader, reader.config())
    assert unchanged.changed == {}
    assert all(each.before == each.after for each in unchanged.candidates)
    assert (unchanged.instances, unchanged.tasks) == ({}, {})


def test_filtering_with_a_set_takes_out_instructions_and_instances(
    plain: Path, held_out: Path, tmp_path: Path
) -> None:
    reader = RunReader.open(plain)
    config = change_filters(reader.config(), decontaminate=[held_out])
    comparison = write_refiltered(reader, config, tmp_path / "new")
    before, after = comparison.changed["filters.decontaminate"]
    assert (before, after[0].startswith("test.jsonl (")) == ([], True)
    assert {each.after.verdict.reason for each in comparison.newly_dropped()} >= {"contaminated"}
    none, some = comparison.instances["contaminated"]
    assert none == 0 < some
    new = RunReader.open(tmp_path / "new")
    assert measure_overlap(load_any(held_out), list(new.tasks()), "generated").shared == ()
    assert 0 < new.summary().rejected_instances["contaminated"] <= some, "some went with their instructions"
    assert generated(tmp_path / "new", tasks=60).stopped == "done", "what is missing is asked for"
    assert measure_overlap(load_any(held_out), tasks_of(tmp_path / "new"), "generated").shared == ()


def test_filtering_back_gives_the_instances_again(plain: Path, held_out: Path, tmp_path: Path) -> None:
    def instances(directory: Path) -> dict[object, object]:
        return {place: task.instances for place, task in RunReader.open(directory).judged_tasks()}

    reader = RunReader.open(plain)
    write_refiltered(reader, change_filters(reader.config(), decontaminate=[held_out]), tmp_path / "strict")
    strict = RunReader.open(tmp_path / "strict")
    write_refiltered(strict, change_filters(strict.config(), no_decontaminate=True), tmp_path / "back")
    before, back = instances(plain), instances(tmp_path / "back")
    assert instances(tmp_path / "strict") != {
        place: before[place] for place in instances(tmp_path / "strict")
    }
    assert back == {place: before[place] for place in back}


def test_the_command_says_what_it_did(plain: Path, held_out: Path) -> None:
    printed = run("filter", plain, "--decontaminate", held_out)
    assert printed.code == 0, printed.stderr
    lines = [" ".join(line.split()) for line in printed.stdout.splitlines()]
    assert any(line.startswith("filters.decontaminate + test.jsonl (") for line in lines)
    assert any(line.startswith("contaminated 0 ") for line in lines)
    assert any(line.startswith("instances contaminated 0 ") for line in lines)
    missing = run("filter", plain, "--decontaminate", held_out.with_name("nowhere.jsonl"))
    assert (missing.code, "Cannot read" in missing.error()) == (2, True)
