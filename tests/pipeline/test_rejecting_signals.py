"""Signals in runs: those that reject by `filters.signals`, and marks of the others."""

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from command import run

from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.filters.signals.counts import WrongCount
from selfinstruct.filters.signals.table import SIGNALS, certain_signals
from selfinstruct.pipeline.description import GenerateResult
from selfinstruct.pipeline.refilter import change_filters, refilter, write_refiltered
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.pipeline.run import generate
from selfinstruct.report.reasons import meaning
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.reader import RunReader

CERTAIN = {each.name for each in certain_signals()}
NAMES = {each.name for each in SIGNALS} - {"empty_output"}
TEMPLATES = {"wrong_count", "length_limit"}
"""What the scripted model gets wrong: it puts “Divide it into three steps.” to answers of any length."""


def generated(directory: Path, *, signals: object = None, **named: Any) -> GenerateResult:
    config: Mapping[str, Any] = {} if signals is None else {"filters": {"signals": signals}}
    paper_exact = named.pop("paper_exact", False)
    options = {"limits.tasks": 60} | {name.replace("__", "."): value for name, value in named.items()}
    plan = resolve(
        directory, options=options, config_file=config, model_spec="scripted", paper_exact=paper_exact
    )
    return asyncio.run(generate(directory, plan))


def rejecting(directory: Path) -> dict[str, str]:
    config = read_run_config(directory)
    assert config is not None
    return config.filters.signal_versions


def rejected(outcome: GenerateResult) -> set[str]:
    return outcome.description.summary.rejected_instances.keys() & NAMES


def change_stored_config(directory: Path, change: Any) -> None:
    connection = sqlite3.connect(directory / "run.db")
    (text,) = connection.execute("SELECT config FROM run").fetchone()
    config = json.loads(text)
    change(config["filters"])
    connection.execute("UPDATE run SET config = ?", (json.dumps(config),))
    connection.commit()
    connection.close()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("runs") / "strict"
    assert rejected(generated(directory, signals=sorted(TEMPLATES))) == TEMPLATES
    return directory


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("runs") / "without"
    assert not rejected(generated(directory, signals="none"))
    return directory


def test_a_new_run_rejects_what_is_certain_unless_it_is_to_be_the_papers(
    without: Path, tmp_path: Path
) -> None:
    generated(tmp_path / "run")
    assert rejecting(tmp_path / "run").keys() == CERTAIN
    assert (tmp_path / "run" / "dataset.jsonl").read_bytes() == (without / "dataset.jsonl").read_bytes(), (
        "none of that is wrong with what the scripted model writes"
    )
    assert rejecting(without) == {}
    generated(tmp_path / "exact", paper_exact=True)
    assert rejecting(tmp_path / "exact") == {}
    assert rejected(generated(tmp_path / "both", paper_exact=True, signals="wrong_count")) == {"wrong_count"}


def test_named_signals_reject_and_no_others(tmp_path: Path) -> None:
    outcome = generated(tmp_path / "run", signals=["length_limit", "talk"])
    assert rejected(outcome) == {"length_limit"}
    assert rejecting(tmp_path / "run").keys() == {"length_limit", "talk"}
    assert meaning("length_limit", outcome.description.config.filters)


@pytest.mark.parametrize(
    ("signals", "said"),
    [
        ("wrong_cuont", "filters.signals: There is no signal 'wrong_cuont'. Did you mean 'wrong_count'"),
        (7, "filters.signals"),
    ],
)
def test_what_is_no_signal_is_said(signals: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        generated(tmp_path / "run", signals=signals)
    assert said in error.value.message
    assert not (tmp_path / "run").exists()


def test_a_resume_needs_nothing_and_changes_nothing(without: Path, strict: Path, tmp_path: Path) -> None:
    first = tmp_path / "run"
    generated(first, limits__tasks=20, signals="wrong_count,length_limit")
    generated(first)
    assert (first / "dataset.jsonl").read_bytes() == (strict / "dataset.jsonl").read_bytes()
    generated(first, signals=["length_limit", "wrong_count"])  # means the same
    with pytest.raises(
        RunMismatchError, match=r"filters\.signals is \[.*wrong_count \(version 2\).*not \[\]"
    ):
        generated(first, signals="none")
    generated(without, limits__tasks=61)
    assert rejecting(without) == {}


def test_a_run_from_before_goes_on_without(without: Path, tmp_path: Path) -> None:
    directory = tmp_path / "run"
    generated(directory, signals="none", limits__tasks=20)

    def as_before(filters: dict[str, Any]) -> None:
        del filters["signals"], filters["signal_versions"]

    change_stored_config(directory, as_before)
    assert not rejected(generated(directory))
    kept = read_run_config(directory)
    assert kept is not None
    assert kept.filters.signals == "none"


def test_a_signal_that_has_changed_or_gone_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "run"
    generated(directory, signals="wrong_count", limits__tasks=5)
    with monkeypatch.context() as changed:
        changed.setattr(WrongCount, "version", "3")
        with pytest.raises(RunMismatchError, match=r"wrong_count \(version 2\).*wrong_count \(version 3\)"):
            generated(directory)
    change_stored_config(directory, lambda filters: filters["signal_versions"].update(vanished="1"))
    with pytest.raises(RunMismatchError, match="the signal 'vanished', which this version does not have"):
        generated(directory)


def test_the_language_asked_for_marks_unless_it_is_named(tmp_path: Path) -> None:
    """A model that writes another language does so in every reply: the verdict says it."""
    marked = generated(tmp_path / "marked", recipe__language="German", limits__tasks=2)
    assert "wrong_language" not in rejecting(tmp_path / "marked")
    assert "wrong_language" not in marked.description.summary.rejected_instances
    outcome = generated(
        tmp_path / "run", signals="wrong_language", recipe__language="German", limits__tasks=2
    )
    summary = outcome.description.summary
    assert summary.rejected_instances["wrong_language"] > summary.instances


def test_filter_gives_either_run_from_the_other(strict: Path, tmp_path: Path) -> None:
    """But for what had to be generated in the place of what was rejected."""
    reader = RunReader.open(strict)
    comparison = write_refiltered(reader, change_filters(reader.config(), signals="none"), tmp_path / "free")
    assert comparison.instances.keys() >= TEMPLATES
    assert all(after == 0 for name, (_, after) in comparison.instances.items() if name in NAMES)
    free = RunReader.open(tmp_path / "free")
    again = write_refiltered(
        free, change_filters(free.config(), signals="wrong_count,length_limit"), tmp_path / "again"
    )
    assert again.instances == {
        name: (after, before) for name, (before, after) in comparison.instances.items()
    }
    assert (tmp_path / "again" / "dataset.jsonl").read_bytes() == (strict / "dataset.jsonl").read_bytes()
    named = refilter(free, change_filters(free.config(), signals="wrong_count,talk"))
    assert named.changed["filters.signals"][1] == ["talk (version 2)", "wrong_count (version 2)"]
    assert named.instances["wrong_count"][1] > 0
    everything = refilter(free, change_filters(free.config(), signals="all"), drop_only=True)
    assert everything.instances["wrong_count"][1] > 0
    assert not refilter(reader, change_filters(reader.config(), novelty=0.6)).instances


def test_what_is_flagged_is_told(without: Path) -> None:
    status = run("status", without).stdout
    counts = json.loads(run("status", without, "--json").stdout)["quality"]["signals"]
    assert counts["rows"] == counts["of"] >= 60
    assert counts["by_signal"].keys() >= TEMPLATES
    assert f"Signals flagged {counts['flagged']} of {counts['rows']} instances" in status
    report = run("report", without, "--json", "--out", without.parent / "report.html")
    assert json.loads(report.stdout)["signals"] == counts


def test_explain_marks_instances(without: Path) -> None:
    checked = json.loads(run("check", without, "--json").stdout)
    found = next(each for each in checked["findings"] if each["signal"] == "wrong_count")
    assert f"flagged: wrong_count ({found['detail']})" in " ".join(
        run("explain", without, found["id"]).stdout.split()
    )
    lineage = json.loads(run("explain", without, found["id"], "--json").stdout)
    marks = [mark for instance in lineage["instances"] for mark in instance["signals"]]
    assert {"signal": "wrong_count", "detail": found["detail"]} in marks


def test_paper_exact_takes_the_papers_recipe_whatever_suits_the_model(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"options": {}, "model_spec": "openai/gpt-5-mini"}
    assert resolve(tmp_path / "run", **asked).config.recipe.name == "chat"
    assert resolve(tmp_path / "run", **asked, paper_exact=True).config.recipe.name == "paper"
