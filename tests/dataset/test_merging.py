"""Several runs as one data set: what stays, what is dropped and why, and ids that say where it is from."""

import json
from pathlib import Path

import pytest
from command import run as command

import selfinstruct as si
from selfinstruct.text.rouge import similarity
from selfinstruct.training.data import read_data


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[si.Run]:
    place = tmp_path_factory.mktemp("merge")
    return [
        si.generate(place / name, model="scripted", tasks=60, seed=seed)
        for name, seed in (("a", 1), ("b", 2), ("b-too", 3))
    ]


def test_near_duplicates_are_dropped_with_reasons(runs: list[si.Run], tmp_path: Path) -> None:
    merged = si.merge(runs, tmp_path / "m", max_similarity=0.5)
    kept, dropped = lines(merged.dataset), lines(merged.dropped)
    assert [(each.name, each.tasks, each.kept + each.dropped) for each in merged.runs] == [
        ("a", 60, 60),
        ("b", 60, 60),
        ("b-too", 60, 60),
    ]
    assert (merged.tasks, len(kept) + len(dropped)) == (len(kept), 180)
    assert dropped
    texts = {each["id"]: str(each["instruction"]) for each in kept}
    for each in dropped:
        assert each["reason"] == "similar"
        nearest = texts[each["nearest"]]
        assert similarity(nearest, str(each["instruction"])) == pytest.approx(each["score"])
        assert float(str(each["score"])) > 0.5
    own = {task.id: task for task in runs[1].tasks}
    for each in kept:
        name, _, task = str(each["id"]).partition("/")
        if name == "b":
            assert own[task].instruction == each["instruction"]


def test_the_order_of_runs_decides_which_stays(runs: list[si.Run], tmp_path: Path) -> None:
    first = si.merge(runs[:2], tmp_path / "m").runs
    second = si.merge(runs[1::-1], tmp_path / "n").runs
    assert (first[0].dropped, second[0].dropped) == (0, 0)
    assert [run.name for run in second] == ["b", "a"]


def test_everything_stays_at_a_threshold_of_one(runs: list[si.Run], tmp_path: Path) -> None:
    assert si.merge([run.path for run in runs], tmp_path / "m", max_similarity=1.0).tasks >= 178


def test_names_tell_runs_apart(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        si.generate(tmp_path / folder / "run", model="scripted", tasks=3, seed=len(folder))
    merged = si.merge([tmp_path / "x/run", tmp_path / "y/run"], tmp_path / "m")
    assert [run.name for run in merged.runs] == ["x/run", "y/run"]
    assert {str(each["nearest"])[:6] for each in lines(merged.dropped)} == {"x/run/"}, "equal runs"


def test_a_merged_folder_is_checked_and_is_no_run(runs: list[si.Run], tmp_path: Path) -> None:
    merged = si.merge(runs, tmp_path / "m", max_similarity=0.2)
    assert len(lines(merged.dropped)) > 0
    assert read_data(tmp_path / "m").path == merged.dataset
    checked = si.check(tmp_path / "m")
    assert (checked.rows, checked.format) == (merged.tasks, "JSON Lines")
    with pytest.raises(
        si.errors.NotARunError, match=r"a data set that `selfinstruct merge` wrote.*dataset\.jsonl"
    ):
        si.Run(tmp_path / "m")


@pytest.mark.parametrize("path", ["nothing", "."])
def test_who_reads_a_run_is_not_told_to_begin_one(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(si.errors.NotARunError, match="Name the folder of a run"):
        si.Run(tmp_path / path)


def test_what_cannot_be_merged(runs: list[si.Run], tmp_path: Path) -> None:
    with pytest.raises(si.errors.ConfigError, match="There is nothing to merge"):
        si.merge(runs[:1], tmp_path / "m")
    with pytest.raises(si.errors.ConfigError, match=r"`runs` is <Run .*, not a list of runs"):
        si.merge(runs[0], tmp_path / "m")  # type: ignore[arg-type]
    with pytest.raises(si.errors.ConfigError, match="is given twice"):
        si.merge([runs[0], runs[0].path], tmp_path / "m")
    with pytest.raises(si.errors.NotARunError, match="holds no run"):
        si.merge([runs[0], tmp_path / "nothing"], tmp_path / "m")
    with pytest.raises(si.errors.ConfigError, match="`max_similarity` is 2"):
        si.merge(runs, tmp_path / "m", max_similarity=2)
    assert not (tmp_path / "m").exists()
    (tmp_path / "taken").mkdir()
    with pytest.raises(si.errors.ConfigError, match="already exists"):
        si.merge(runs, tmp_path / "taken")


def test_the_verb(runs: list[si.Run], tmp_path: Path) -> None:
    paths = [run.path for run in runs]
    done = command("merge", *paths, "--out", tmp_path / "m", "--json")
    assert done.code == 0, done.stderr
    assert done.json()["tasks"] == len(lines(tmp_path / "m/dataset.jsonl"))
    printed = command("merge", *paths, "--out", tmp_path / "n").stdout
    assert "together" in printed
    assert f"data set: {tmp_path / 'n' / 'dataset.jsonl'}" in printed
    assert (tmp_path / "m/dataset.jsonl").read_bytes() == (tmp_path / "n/dataset.jsonl").read_bytes()
    assert "Name at least two runs." in command("merge", paths[0], "--out", tmp_path / "o").error()
