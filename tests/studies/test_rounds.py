"""`rounds`: what each learns from, when they end, that they resume anywhere, and what is refused.

The file takes some 45 s of processor time, most of it torch: two thirds are the kills.
"""

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from command import clean_environment, run
from endpoint import RunningEndpoint
from rounds_material import options, tree, write_material

import selfinstruct as si
from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.ratings.decisions import instance_digest
from selfinstruct.ratings.scores import read_all_scores
from selfinstruct.store.reader import RunReader
from selfinstruct.studies.rounds import phases
from selfinstruct.studies.rounds.experiment import RoundsResult
from selfinstruct.training.settings import read_settings

pytest.importorskip("trl")
pytestmark = pytest.mark.filterwarnings("default")  # what torch and transformers say is theirs

MADE = (
    "dataset.jsonl",
    "dropped.jsonl",
    "model.safetensors",
    "model.gguf",
    "predictions.jsonl",
)
"""What must be the same byte for byte."""


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_material(tmp_path_factory.mktemp("material"))


@pytest.fixture(scope="module")
def reference(material: Path, tmp_path_factory: pytest.TempPathFactory) -> RoundsResult:
    """Two rounds, the second one without a gain."""
    return si.rounds(tmp_path_factory.mktemp("rounds") / "out", **options(material))


@pytest.fixture
def done(reference: RoundsResult, tmp_path: Path) -> Path:
    """A copy of all of it."""
    return Path(shutil.copytree(reference.out, tmp_path / "out"))


@pytest.fixture
def measured(reference: RoundsResult, tmp_path: Path) -> Path:
    """A copy of its beginning: the starting model is measured, no more."""
    out = tmp_path / "out"
    shutil.copytree(reference.out / "round-0", out / "round-0")
    shutil.copy(reference.out / "rounds.toml", out)
    return out


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# ------------------------------------------------------------------------------------ what a round is


def test_they_end_when_the_gain_may_be_none(reference: RoundsResult) -> None:
    start, first, second = reference.rounds
    assert (start.gain, start.written, round(start.main.mean)) == (None, None, 0)
    assert first.gain is not None
    assert first.gain.is_one
    assert (first.gain.better, first.gain.worse) == (12, 0)
    assert second.gain is not None
    assert second.gain.points.low <= 0
    assert (reference.stopped, reference.best) == ("no_gain", 1)
    assert reference.best_model == f"gguf/{reference.out / 'round-1' / 'model' / 'model.gguf'}"
    assert "Stopped after round 2" in reference.verdict
    assert "includes zero" in reference.verdict
    assert not (reference.out / "round-3").exists()


def test_each_learns_from_the_seeds_and_all_that_was_kept_so_far(reference: RoundsResult) -> None:
    for number, figures in enumerate(reference.rounds[1:], start=1):
        folder = reference.out / f"round-{number}"
        ids = [row["id"] for row in lines(folder / "training" / "dataset.jsonl")]
        learnt = [name for name in ids if not name.startswith("seed_task_")]
        assert len(ids) - len(learnt) == figures.seeds == 12
        assert ids[:12] == [name for name in ids if name.startswith("seed_task_")]
        assert {name.partition("/")[0] for name in learnt} == {f"round-{each + 1}" for each in range(number)}
        assert len(learnt) == figures.training
        dropped = [row["id"] for row in lines(folder / "training" / "dropped.jsonl")]
        assert figures.written is not None
        assert figures.written.similar == sum(name.startswith(f"round-{number}/") for name in dropped)
        tuned = read_settings(folder / "model" / "tuning.toml")
        assert tuned.model.name.endswith("tiny.gguf"), "it is tuned from the starting model"
    configs = [RunReader(reference.out / f"round-{number}" / "run").config() for number in (1, 2)]
    assert [config.seed for config in configs] == [42, 43]
    assert configs[0].model.name.endswith("tiny.gguf")
    assert configs[1].model.name == str(reference.out / "round-1" / "model" / "model.gguf")


def test_the_files_say_the_same(reference: RoundsResult) -> None:
    kept = json.loads((reference.out / "rounds.json").read_text())
    assert kept == json.loads(json.dumps(reference.to_json()))
    page = (reference.out / "rounds.html").read_text()
    assert "Stopped after round 2" in page
    assert "12 items of jsonl" in page


def test_the_same_command_again_does_nothing(done: Path, reference: RoundsResult) -> None:
    made = tree(done, *MADE)
    times = {path: path.stat().st_mtime_ns for path in done.rglob("*.gguf")}
    shown = run("rounds", done, COLUMNS="80")
    assert shown.code == 0, shown.stderr
    assert all(len(line) <= 80 for line in shown.stdout.splitlines() if line[:1] == " ")
    assert "Stopped after round 2" in shown.stdout
    again = run("rounds", done, "--json").json()
    assert again["rounds"] == json.loads(json.dumps(reference.to_json()))["rounds"]
    assert tree(done, *MADE) == made
    assert {path: path.stat().st_mtime_ns for path in done.rglob("*.gguf")} == times


def test_more_rounds_may_follow_and_fewer_be_asked_for(done: Path) -> None:
    asked = si.rounds(done, max_rounds=1)
    assert (asked.stopped, len(asked.rounds)) == ("max_rounds", 2)
    assert (si.rounds(done, max_rounds=9).stopped, si.rounds(done).stopped) == ("no_gain", "no_gain")


def test_the_last_model_may_be_tuned_on(done: Path, material: Path, tmp_path: Path) -> None:
    """Up to the end of the first round, this is the same as the default."""
    out = tmp_path / "last"
    for folder in ("round-0", "round-1"):
        shutil.copytree(done / folder, out / folder)
    text = (done / "rounds.toml").read_text().replace('tune_from = "start"', 'tune_from = "last"')
    (out / "rounds.toml").write_text(text)
    result = si.rounds(out)
    assert len(result.rounds) == 3
    tuned = read_settings(out / "round-2" / "model" / "tuning.toml")
    assert (tuned.model.provider, tuned.model.name) == ("hf", str(out / "round-1" / "model" / "model"))


# ----------------------------------------------------------------------------------- interruptions

KILLED = """
import os, signal, sys
from importlib import import_module

place, times, *sys.argv[1:] = sys.argv[1:]
module, _, name = place.partition(":")
owner = import_module(module)
*path, last = name.split(".")
for part in path:
    owner = getattr(owner, part)
original, calls = getattr(owner, last), 0

def called(*args, **named):
    global calls
    calls += 1
    if calls == int(times):
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*args, **named)

setattr(owner, last, called)
from selfinstruct.cli import main
main()
"""
"""Runs the command, and kills it at the so many-th call of a function."""

PLACES = {
    "generate": ("selfinstruct.store.writer:RunWriter.settle", 2),
    "filter": ("selfinstruct.store.copying:_settle_anew", 1),
    "collect": ("selfinstruct.dataset.merging:jsonl_rows", 13),
    "finetune": ("selfinstruct.training.watch:Watch.on_step_end", 4),
    "gguf": ("selfinstruct.training.finetune:write_gguf", 1),
    "evaluate": ("selfinstruct.evaluation.evaluate:write_predictions", 1),
    "compare": ("selfinstruct.studies.rounds.experiment:write_figures", 1),
}


def test_killed_in_every_phase_it_comes_to_the_same(measured: Path, reference: RoundsResult) -> None:
    for phase, (place, times) in PLACES.items():
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, place, str(times), "rounds", measured, "--max-rounds", "1"],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert killed.returncode == -9, f"{phase}: {killed.stderr}"
    assert list(measured.rglob(".kept.*.tmp")) == [], "what the kill left is gone"
    result = si.rounds(measured)
    assert result.stopped == "max_rounds"
    whole = reference.out
    assert tree(measured, *MADE) == {
        path: content for path, content in tree(whole, *MADE).items() if "round-2" not in path
    }
    assert result.rounds[1].metrics == reference.rounds[1].metrics
    assert result.rounds[1].written == reference.rounds[1].written


def test_a_budget_holds_and_a_larger_one_resumes(measured: Path, reference: RoundsResult) -> None:
    spent = run("rounds", measured, "--max-requests", 16, "--json")
    assert spent.code == 3
    told = spent.json()
    assert (told["stopped"], len(told["rounds"])) == ("budget", 1)
    assert "the budget is spent" in told["verdict"]
    assert 12 < sum(RunReader(each).summary().attempts for each in stores(measured)) <= 16
    assert si.rounds(measured, max_requests=12).stopped == "budget"
    _interrupted(measured)
    made = tree(measured, "dataset.jsonl")
    assert made == {path: tree(reference.out, "dataset.jsonl")[path] for path in made}
    assert "round-1/kept/dataset.jsonl" in made


def stores(out: Path) -> list[Path]:
    return [path.parent for path in out.rglob("run.db")]


def _interrupted(out: Path) -> None:
    """After the tasks, before the tuning."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phases, "plan_finetuning", stop)
        with pytest.raises(KeyboardInterrupt):
            si.rounds(out, max_requests=0)


# -------------------------------------------------------------------------------------- what is kept


def test_a_judge_decides_what_is_kept(measured: Path, endpoint: Callable[..., RunningEndpoint]) -> None:
    _change(measured, judge="m", judge_base_url=endpoint().base_url, min_score=5.0, tasks=12)
    _interrupted(measured)
    written, kept = (RunReader(measured / "round-1" / name) for name in ("run", "kept"))
    scores = read_all_scores(measured / "round-1" / "run")
    passed = [
        (task.instruction, instance)
        for task in written.tasks()
        for instance in task.instances
        if scores.mean(instance_digest(task.instruction, instance)) == 5
    ]
    assert [(task.instruction, each) for task in kept.tasks() for each in task.instances] == passed
    assert 0 < kept.task_count() < written.task_count() == 12
    assert kept.summary().rejected_instances["low_score"] > 0


def test_nothing_kept_ends_them(measured: Path, material: Path) -> None:
    stages = tomllib.loads((material / "config.toml").read_text())
    _change(measured, config={**stages, "filters": {"min_words": 149}})
    done = run("rounds", measured, "--json")
    assert done.code == 5, done.stderr
    told = done.json()
    assert (told["stopped"], told["best"]) == ("no_tasks", 0)
    assert "no task was kept" in told["verdict"]


def _change(out: Path, **settings: object) -> None:
    """As if they had been started with these settings too."""
    values = tomllib.loads((out / "rounds.toml").read_text()) | settings
    (out / "rounds.toml").write_text(tomli_w.dumps(values))


# ---------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model": None}, "Which model should begin"),
        ({"model": "openai/gpt-9"}, "cannot be tuned on this machine"),
        ({"items": None}, "Which questions should each round be measured on"),
        ({"suite": "humaneval"}, "runs programs that the model writes"),
        ({"suite": "lm-eval:gsm8k"}, "is one of lm-eval"),
        ({"suite": "jsnl"}, "no suite named 'jsnl'"),
        ({"min_score": 4}, "`min_score` needs a judge"),
        ({"tasks": 0}, "`tasks` = 0"),
        ({"epochs": -1}, "epochs"),
        ({"signals": "loops"}, "loops"),
        ({"config": {"filters": {"novelty": 1}}}, "filters.novelty"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(
    material: Path, tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said.replace("(", r"\(")):
        si.rounds(tmp_path / "out", **options(material, **changed))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tasks": 3}, "tasks is 2, not 3"),
        ({"epochs": 1}, "tuning.epochs is 12, not 1"),
        ({"model": "pocket"}, "another model"),
        ({"tune_from": "last"}, "tune_from is"),
        ({"signals": "none"}, "signals is"),
    ],
)
def test_what_decides_the_result_may_not_change(
    reference: RoundsResult, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(RunMismatchError, match=said):
        si.rounds(reference.out, **changed)


def test_seeds_and_items_may_not_change(done: Path, material: Path, tmp_path: Path) -> None:
    for name in ("seeds", "items"):
        fewer = tmp_path / f"{name}.jsonl"
        fewer.write_text("\n".join((material / f"{name}.jsonl").read_text().splitlines()[:5]))
        given: dict[str, Any] = {name: fewer}
        with pytest.raises(RunMismatchError, match=f"other {name}"):
            si.rounds(done, **given)


def test_folders_of_others_are_left_alone(material: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("a")
    with pytest.raises(ConfigError, match="holds files, but no rounds"):
        si.rounds(tmp_path / "mine", **options(material))
