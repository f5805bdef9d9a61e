"""`selfinstruct filter`, as users run it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command import generate, run, start_generate
from endpoint import RunningEndpoint


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("source") / "my run"
    assert run("generate", directory, "--model", "scripted", "--tasks", 60).code == 0
    return directory


def test_what_it_prints_fits_a_terminal(source: Path) -> None:
    printed = run("filter", source, "--novelty", 0.4, "--keyword", "story", COLUMNS="80")
    assert printed.code == 0, printed.stderr
    assert max(map(len, printed.stdout.splitlines())) <= 80
    lines = [" ".join(line.split()) for line in printed.stdout.splitlines()]
    assert "filters.keywords + story" in lines
    assert "filters.max_similarity 0.7 → 0.4" in lines
    assert any(line.startswith("Newly dropped: ") for line in lines)
    assert any(line.startswith("similar: 0.4") for line in lines)


def test_it_says_when_no_filter_differs(source: Path) -> None:
    printed = run("filter", source).stdout
    assert "No filter differs from the run's own." in printed
    assert "Newly dropped: 0" in printed


def test_one_json_object(source: Path, tmp_path: Path) -> None:
    before = (source / "run.db").read_bytes()
    plain = run("filter", source, "--novelty", 0.4, "--json").json()
    written = run("filter", source, "--novelty", 0.4, "--json", "--out", tmp_path / "new").json()
    assert (source / "run.db").read_bytes() == before
    assert plain | {"new_run": None} == plain
    assert written | {"new_run": None} == plain
    assert plain["changed"] == {"filters.max_similarity": {"before": 0.7, "after": 0.4}}
    counts = plain["counts"]
    assert sum(count["after"] for count in counts.values()) == plain["candidates"]
    assert counts["accepted"]["before"] == plain["kept"]["count"] + plain["newly_dropped"]["count"]
    assert counts["accepted"]["after"] == plain["kept"]["count"] + plain["newly_kept"]["count"]
    assert len(plain["newly_dropped"]["examples"]) == 5
    example = plain["newly_dropped"]["examples"][0]
    assert example["before"]["reason"] is None
    assert example["after"]["nearest"]["score"] > 0.4
    assert run("explain", source, example["id"]).code == 0
    tasks = (tmp_path / "new" / "dataset.jsonl").read_text(encoding="utf-8").splitlines()
    assert written["new_run"]["tasks"] == len(tasks)
    assert written["new_run"]["admitted"] == counts["accepted"]["after"]


def test_mistakes(source: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[filter]\nmax_similarity = 0.5\n", encoding="utf-8")
    for arguments, said in (
        (["--config", tmp_path / "mine.toml"], "there is no setting named 'filter'"),
        (["--out", source], "is there already"),
    ):
        failed = run("filter", source, *arguments)
        assert failed.code == 2
        assert said in failed.error()
    nowhere = run("filter", tmp_path / "nothing")
    assert (nowhere.code, "holds no run" in nowhere.error()) == (2, True)
    assert run("filter", source, "--novelty", 1.5).code == 2


def test_a_killed_run_filtered_and_gone_on_with(
    endpoint: Callable[..., RunningEndpoint], tmp_path: Path
) -> None:
    server = endpoint(latency=0.05)
    old, new = tmp_path / "old", tmp_path / "new"
    started = start_generate(old, server.base_url, "--tasks", 200, "--concurrency", 8)
    while server.stats()["completed"] < 120:
        assert started.process.poll() is None
    started.kill()
    assert run("filter", old, "--novelty", 0.4, "--out", new).code == 0
    begun = (new / "dataset.jsonl").read_text(encoding="utf-8")
    asked, held = server.stats()["completed"], run("status", new, "--json").json()
    done = generate(new, server.base_url, "--tasks", 60, "--concurrency", 32)
    assert done.code == 0, done.stderr
    tasks = (new / "dataset.jsonl").read_text(encoding="utf-8")
    assert tasks.startswith(begun)
    assert len(tasks.splitlines()) == done.json()["tasks"] == 60
    assert done.json()["requests"] == held["requests"] + server.stats()["completed"] - asked
    assert run("export", new).stdout == tasks
    for line in run("export", new, "-f", "candidates").stdout.splitlines():
        row = json.loads(line)
        assert row["nearest"] is None or (row["score"] > 0.4) == (row["reason"] == "similar")
    assert len(run("export", new, "-f", "requests").stdout.splitlines()) == done.json()["requests"]
    last = json.loads(tasks.splitlines()[-1])["id"]
    assert run("explain", new, last, "--json").json()["valid"] is True
