"""Bake-offs: the study's file, its runs, what is measured, and what an interruption leaves."""

import json
import math
import random
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import stdev
from typing import Any

import pytest
from command import start
from endpoint import RunningEndpoint
from playwright.sync_api import Page

import selfinstruct as si
from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.records import ACCEPTED, JudgedInstance, Stage
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.reader import RunReader
from selfinstruct.store.record import TaskRecord
from selfinstruct.studies.bakeoff.estimates import Estimate, difference, jackknife, ratio, share, student
from selfinstruct.studies.bakeoff.file import read_study
from selfinstruct.studies.bakeoff.measures import _distinct, _similarity, equal_size, measure
from selfinstruct.studies.bakeoff.ranking import compare_entries, rank
from selfinstruct.studies.bakeoff.result import Bakeoff
from selfinstruct.text.tokens import tokenize

DEAD = "http://127.0.0.1:9/v1"
STUDY: dict[str, Any] = {
    "tasks": 24,
    "entries": {
        "plain": {"model": "scripted"},
        "odd": {"model": "scripted", "seed": 7, "recipe": "paper"},
        "dead": {"model": "m", "base_url": DEAD},
        "full": {"model": "scripted", "filters": {"max_similarity": 0.1}},
    },
    "judge": {"model": "scripted", "sample": 12},
}


# ------------------------------------------------------------------------------ figures


def test_the_jackknife_of_a_mean_is_its_usual_error() -> None:
    values = [3.0, 5.0, 9.0, 1.0, 4.0]
    found = ratio(values, [1.0] * 5)
    assert found is not None
    assert found.error is not None
    assert found.low is not None
    assert found.value == pytest.approx(4.4)
    assert found.error == pytest.approx(stdev(values) / math.sqrt(5))
    assert found.low == pytest.approx(4.4 - 2.776 * found.error, rel=1e-3)


@pytest.mark.parametrize(("freedom", "reach"), [(2, 4.303), (3, 3.182), (10, 2.228), (1e9, 1.960)])
def test_percentiles_of_students_distribution(freedom: float, reach: float) -> None:
    assert student(freedom) == pytest.approx(reach, rel=0.01)


def test_figures_without_enough_behind_them() -> None:
    assert ratio([1, 2], [0, 0]) is None
    assert ratio([5], [2]) == Estimate(2.5, None, 0.0, None, None)
    only = ratio([1, 2], [0, 3])  # without the second request nothing is left
    assert only is not None
    assert only.error is None
    nothing = share([0, 0, 0], [20, 20, 20])
    assert nothing is not None
    assert nothing.low == 0.0
    assert nothing.high is not None
    assert nothing.high > 0.03


def test_a_difference_is_significant_where_its_interval_leaves_out_zero() -> None:
    low, high = jackknife(1.0, [0.9, 1.0, 1.1, 1.0]), jackknife(9.0, [8.9, 9.0, 9.1, 9.0])
    unsure = jackknife(8.0, [2.0, 14.0, 9.0])
    assert difference(high, low).significant
    assert not difference(high, unsure).significant
    assert not difference(high, Estimate.of(1.0, None, 0.0)).significant
    assert difference(low, high).value == -8.0


def _task(number: int, ticket: int, text: str) -> TaskRecord:
    row = (JudgedInstance("", "yes", ACCEPTED),)
    return TaskRecord(number, ticket, text, False, True, None, row)


def test_leaving_out_a_request_is_measuring_without_it() -> None:
    rng = random.Random(5)
    words = ["write", "poem", "sea", "list", "three", "birds", "sort", "names", "tax", "law"]
    groups: list[list[TaskRecord]] = []
    for ticket, size in enumerate((3, 5, 2, 4)):
        texts = (" ".join(rng.choices(words, k=5)) for _ in range(size))
        groups.append([_task(10 * ticket + place, ticket, text) for place, text in enumerate(texts)])

    def nearest(those: Sequence[Sequence[TaskRecord]]) -> float:
        texts = [task.text for group in those for task in group]
        index = NoveltyIndex(max_similarity=1.0, neighbours=2, ascii_tokens=False)
        for text in texts:
            index.add(text)
        near = index.look_up(texts)
        return sum(next(e.score for e in each if e.index != at) for at, each in enumerate(near)) / len(texts)

    def others(place: int) -> list[list[TaskRecord]]:
        return [group for at, group in enumerate(groups) if at != place]

    found = _similarity(groups)
    whole = jackknife(nearest(groups), [nearest(others(place)) for place in range(4)])
    assert found is not None
    assert found.error == pytest.approx(whole.error)

    firsts = [[task.text.split()[0] for task in group] for group in groups]
    kinds = [len({w for g in firsts[:at] + firsts[at + 1 :] for w in g}) for at in range(4)]
    without = [1000 * kind / (14 - len(group)) for kind, group in zip(kinds, groups, strict=True)]
    distinct = _distinct(firsts, [len(group) for group in groups])
    expected = jackknife(1000 * len({w for g in firsts for w in g}) / 14, without)
    assert distinct is not None
    assert distinct.error == pytest.approx(expected.error)


def test_entries_with_hardly_a_task_do_not_decide_on_how_many_all_are_compared() -> None:
    counts = {"a": 60, "b": 5, "c": 35, "d": 0}
    assert equal_size(counts, {"a": True}) == (35, ("a", "c"))
    assert equal_size(counts, {"a": True, "b": True}) == (5, ("a", "b", "c"))
    assert equal_size({"d": 0}, {}) == (0, ())
    assert equal_size({"big": 4000}, {})[0] == 1000


def test_ranks_count_significant_differences_only() -> None:
    def own(tokens: float, score: float) -> dict[str, Estimate]:
        return {"tokens": Estimate.of(tokens, 10.0, 20), "yield": Estimate.of(score, 0.1, 20)}

    estimates = {"a": own(500, 0.5), "b": own(100, 0.6), "c": own(505, 0.5)}
    compared = compare_entries(estimates)
    first, *rest = rank(list(estimates), compared)
    assert (first.entry, first.shown, first.better) == ("b", "1", {"tokens": ("a", "c")})
    assert [(each.entry, each.shown) for each in rest] == [("a", "2="), ("c", "2=")]
    assert {each.rank for each in rank(list(estimates), compared, ["yield"])} == {1}


# ------------------------------------------------------------------------------ the file


def test_an_entry_lies_over_the_head(tmp_path: Path) -> None:
    file = tmp_path / "which.toml"
    file.write_text(
        'tasks = 5\nrecipe = "paper"\nsampling.instructions = {temperature = 0.5, top_p = 0.9}\n'
        '[entries.a]\nmodel = "scripted"\nsampling.instructions.top_p = 0.4\n'
        '[entries.b]\nrecipe = {name = "chat"}\nsteer = true\n',
        encoding="utf-8",
    )
    study = read_study(file)
    a, b = study.entries
    assert study.out == Path("which")
    assert a.config["sampling"]["instructions"] == {"temperature": 0.5, "top_p": 0.4}
    assert b.config["sampling"]["instructions"] == {"temperature": 0.5, "top_p": 0.9}
    assert (a.model, a.options) == ("scripted", {"limits.tasks": 5, "recipe.name": "paper"})
    assert b.options == {"limits.tasks": 5, "steering.on": True}  # its own table names the recipe


@pytest.mark.parametrize(
    ("study", "said"),
    [
        ({}, "the study has no entries. Add a table for each, with its name: [entries.NAME]"),
        ({"taks": 3, "entries": {"a": {}}}, "the study: there is no setting named 'taks'. Did you mean"),
        ({"entries": {"a": 3}}, "the study, entry 'a' is 3, and should be a table."),
        ({"entries": {"a b": {}}}, "the study, entry 'a b': a folder is called so too, and cannot be."),
        ({"entries": {"a": {}, "A": {}}}, "two entries differ only in upper and lower case."),
        ({"entries": {"a": {"tasks": 3}}}, "the study, entry 'a': limits cannot differ between entries"),
        ({"entries": {"a": {"seeds": "x"}}}, "the study, entry 'a': seeds cannot differ between entries"),
        ({"entries": {"a": {"model": " "}}}, "the study, entry 'a': model is empty."),
        ({"entries": {"a": {"model": "nix/y"}}}, "the study, entry 'a': Unknown model 'nix/y'"),
        ({"entries": {"a": {"sampling": 3}}}, "the study, entry 'a', sampling is 3, and should be a table."),
        (
            {"entries": {"a": {"filters": {"min_wrods": 3}}}},
            "the study, entry 'a': there is no setting named 'filters.min_wrods'. Did you mean",
        ),
        ({"tasks": 0, "entries": {"a": {}}}, "entry 'a': tasks = 0: input should be greater than or equal"),
        ({"decontaminate": 3, "entries": {"a": {}}}, "the study: decontaminate = 3: should be a list"),
        ({"entries": {"": {}}}, "the study, entry '': a folder is called so too, and cannot be."),
        ({"entrys": {"a": {}}}, "the study: there is no setting named 'entrys'. Did you mean 'entries'?"),
        ({"rank_by": ["judge"], "entries": {"a": {}}}, "rank_by names 'judge', which is not measured here."),
        ({"rank_by": ["cost"], "entries": {"a": {}}}, "'cost', which is not measured here. Add prices"),
        ({"rank_by": ["speed"], "entries": {"a": {}}}, "rank_by names 'speed', which is no measure."),
        ({"judge": {"modle": "x"}, "entries": {"a": {}}}, "the study, [judge]: there is no setting named"),
        ({"judge": {}, "entries": {"a": {}}}, "the study, [judge]: model is missing"),
        ({"judge": {"model": "m", "sample": 0}, "entries": {"a": {}}}, "[judge]: sample = 0: should be a"),
        ({"student": {"model": "pocket"}, "entries": {"a": {}}}, "[student]: suite is missing"),
        (
            {"student": {"model": "openai/x", "suite": "jsonl"}, "entries": {"a": {}}},
            "[student]: 'openai/x' cannot be fine-tuned here.",
        ),
        (
            {"student": {"model": "pocket", "suite": "json"}, "entries": {"a": {}}},
            "[student]: ",
        ),
        (
            {"student": {"model": "pocket", "suite": "jsonl", "epochs": -1}, "entries": {"a": {}}},
            "[student]: epochs=-1",
        ),
    ],
)
def test_a_mistake_is_named_before_anything_is_sent(tmp_path: Path, study: Any, said: str) -> None:
    if "epochs" in study.get("student", {}):
        study["student"]["items"] = str(Path(__file__))
    with pytest.raises(ConfigError) as raised:
        si.bakeoff(study, tmp_path / "study")
    assert said in str(raised.value)
    assert "`" not in str(raised.value)
    assert not (tmp_path / "study").exists()


def test_a_folder_that_is_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="holds files, but no bake-off"):
        si.bakeoff({"entries": {"a": {"model": "scripted"}}}, tmp_path)


# ------------------------------------------------------------------------------ studies


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Bakeoff:
    return si.bakeoff(STUDY, tmp_path_factory.mktemp("studies") / "which")


def test_what_ends_one_entry_does_not_end_the_others(studied: Bakeoff) -> None:
    plain, odd, dead, full = studied.entries
    assert (plain.stopped, plain.tasks, odd.stopped, odd.tasks) == ("done", 24, "done", 24)
    assert (dead.stopped, dead.tasks) == ("unavailable", 0)
    assert "connection refused" in dead.advice
    assert (full.stopped, full.tasks < 20) == ("saturated", True)
    assert studied.ending.stopped == "unavailable"  # the first in the file that is not done
    assert studied.size == 24
    assert {each.entry for each in studied.standings} == {"plain", "odd"}
    assert set(studied.estimates) == {"plain", "odd"}


def test_what_is_measured(studied: Bakeoff) -> None:
    assert studied.measures == (
        "yield", "tokens", "seconds", "pairs", "ngrams", "similarity", "flagged", "judge", "score",
    )  # fmt: skip
    assert studied.counting == ("yield", "tokens", "pairs", "ngrams", "similarity", "flagged", "judge")
    run = si.Run(studied.entries[0].run)
    own = studied.estimates["plain"]
    texts = [task.instruction for task in run.tasks]
    words = [pair for text in texts for pair in pairwise(tokenize(text))]
    assert own["ngrams"].value == pytest.approx(1000 * len(set(words)) / len(words))
    assert 1 <= own["score"].value <= 5
    for estimate in own.values():
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low <= estimate.value <= estimate.high
    record = RunReader.open(run.path).record()
    last = record.tasks[record.end - 1]
    places = [(each.ticket, each.position) for each in record.candidates]
    (end,) = [(each.ticket, each.position) for each in record.candidates if each.task == last.number]
    read = sum(place <= end for place in places)
    assert own["yield"].value == pytest.approx(24 / read)


def test_what_was_sent_ahead_is_not_in_the_price(tmp_path: Path) -> None:
    records = []
    for concurrency in (1, 50):
        run = tmp_path / str(concurrency)
        si.generate(run, model="scripted", tasks=40, concurrency=concurrency, price_in=1.0, price_out=2.0)
        records.append(RunReader.open(run).record())
    alone, ahead = records
    assert len(ahead.attempts) > len(alone.attempts)
    assert len(ahead.tasks) > len(alone.tasks)
    figures = [
        {name: each for name, each in measure(record, 40).items() if name != "seconds"} for record in records
    ]
    assert figures[0] == figures[1]
    assert {"yield", "cost", "tokens"} <= set(figures[0])
    needed = [
        each
        for each in alone.attempts
        if each.subject
        <= (alone.tasks[alone.end - 1].ticket if each.stage is Stage.INSTRUCTIONS else alone.end - 1)
    ]
    tokens = sum(each.prompt_tokens + each.completion_tokens for each in needed)
    assert figures[0]["tokens"].value == pytest.approx(tokens / 40)


def test_as_json(studied: Bakeoff) -> None:
    told = json.loads(json.dumps(studied.to_json(), allow_nan=False))
    assert [each["name"] for each in told["entries"]] == ["plain", "odd", "dead", "full"]
    assert told["entries"][2]["rank"] is None
    assert told["entries"][2]["problems"]
    assert len(told["entries"][0]["measures"]) == 9
    assert {each["measure"] for each in told["differences"]} == set(studied.measures)
    assert repr(studied).startswith("<Bakeoff ")


def test_the_same_call_resumes_and_repeats_nothing(studied: Bakeoff) -> None:
    plain = studied.entries[0].run
    sent = RunReader.open(plain).summary().attempts
    before = (plain / "run.db").stat().st_mtime_ns
    again = si.bakeoff(STUDY, studied.directory)
    assert again.estimates == studied.estimates
    assert RunReader.open(plain).summary().attempts == sent
    assert (plain / "run.db").stat().st_mtime_ns == before


@pytest.mark.parametrize("change", [{"seed": 8}, {"seed": None}])
def test_an_entry_keeps_its_settings(studied: Bakeoff, change: dict[str, Any]) -> None:
    """A setting that is taken out of the file is a change too."""
    odd = {name: value for name, value in (STUDY["entries"]["odd"] | change).items() if value is not None}
    with pytest.raises(RunMismatchError, match=r"entry 'odd': The run .*seed .*Give the entry another name"):
        si.bakeoff({**STUDY, "entries": {**STUDY["entries"], "odd": odd}}, studied.directory)


def test_the_page(studied: Bakeoff, page: Page) -> None:
    assert studied.page is not None
    page.goto(studied.page.as_uri())
    table = page.locator("table.ranking")
    assert table.locator("thead th").all_inner_texts()[1:] == ["plain", "odd", "significant differences"] or (
        table.locator("thead th").all_inner_texts()[1:] == ["odd", "plain", "significant differences"]
    )
    assert page.locator(".findings li").count() == 2
    chart = page.locator("[data-chart=estimates]")
    chart.locator(".point").first.wait_for()
    page.get_by_label("tokens per task").check()
    chart.get_by_text("tokens per task").wait_for()
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_interrupted_then_killed_in_the_middle_and_resumed(
    tmp_path: Path, endpoint: Callable[..., RunningEndpoint]
) -> None:
    study = tmp_path / "three.toml"
    study.write_text(
        "tasks = 10\n"
        '[entries.templates]\nmodel = "scripted"\n'
        f'[entries.endpoint]\nmodel = "m"\nbase_url = "{endpoint(latency=0.02).base_url}"\n'
        'concurrency = 2\nrecipe = "paper"\n'
        '[entries.strict]\nmodel = "scripted"\nfilters.min_words = 6\n',
        encoding="utf-8",
    )
    stopped = tmp_path / "stopped"
    runs = stopped / "runs"

    def replies() -> int:
        run = runs / "endpoint"
        return 0 if read_run_config(run) is None else RunReader(run).summary().requests

    running = start("bakeoff", study, "--out", stopped, "--json")
    until(lambda: replies() > 0)
    running.interrupt()
    done = running.wait()
    assert done.code == 130, done.stderr
    told = done.json()
    assert [each["stopped"] for each in told["entries"]] == ["done", "interrupted", "not started"]
    assert told["page"] is None

    before = replies()
    running = start("bakeoff", study, "--out", stopped)
    until(lambda: replies() > before)
    running.kill()
    assert not (runs / "strict").exists()

    resumed, whole = si.bakeoff(study, stopped), si.bakeoff(study, tmp_path / "whole")
    assert resumed.ending.stopped == "done"
    for each in whole.entries:
        data = (each.run / "dataset.jsonl").read_bytes()
        assert (runs / each.name / "dataset.jsonl").read_bytes() == data
        assert data.count(b"\n") == 10


def test_each_entry_has_the_budget(tmp_path: Path) -> None:
    entries = {"a": {"model": "scripted"}, "b": {"model": "scripted", "seed": 2}}
    study = {"tasks": 30, "max_requests": 12, "entries": entries}
    found = si.bakeoff(study, tmp_path / "two")
    assert [each.stopped for each in found.entries] == ["budget", "budget"]
    assert [RunReader(each.run).summary().attempts for each in found.entries] == [12, 12]
    assert found.verdict() == "There is nothing to compare yet."
    more = si.bakeoff(study | {"tasks": 5, "max_requests": 100}, tmp_path / "two")
    assert [(each.stopped, each.tasks) for each in more.entries] == [("done", 5), ("done", 5)]


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_objects_and_seeds_in_python(tmp_path: Path) -> None:
    def no_poems(instruction: str) -> str | None:
        return "poem" if "poem" in instruction else None

    study: dict[str, Any] = {
        "seeds": ["Write a haiku.", "Name three birds.", "Sort these words.", "What is the capital of Peru?"],
        "tasks": 3,
        "entries": {"a": {"model": "scripted", "filters": [no_poems]}, "b": {"model": "scripted"}},
    }
    found = si.bakeoff(study, tmp_path / "s")
    assert [each.stopped for each in found.entries] == ["done", "done"]
    assert si.bakeoff(study, tmp_path / "s").estimates == found.estimates
