"""`selfinstruct filter`, as users run it."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    assert written["new_run"]["tasks"] == plain["data_set"]["after"] < plain["data_set"]["before"] == 60
    assert written["new_run"]["missing"] == 0


def rows(directory: Path) -> list[dict[str, Any]]:
    lines = (directory / "dataset.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_it_drops_and_adds_nothing(source: Path, tmp_path: Path) -> None:
    """Ids and rows stay; one newly kept instruction does not hold up what comes after it."""
    new = tmp_path / "new"
    words = Counter(
        word for row in rows(source) for word in {*re.findall(r"[a-z]+", row["instruction"].lower())}
    )
    keyword = next(word for word, tasks in words.most_common() if tasks < 30)
    done = run(
        "filter", source, "--keyword", keyword, "--min-words", 3, "--no-keywords", "--out", new, "--json"
    )
    assert done.code == 0, done.stderr
    assert done.json()["newly_kept"]["count"] == 0
    kept = [row for row in rows(source) if not re.search(rf"\b{keyword}\b", row["instruction"].lower())]
    assert rows(new) == kept
    assert 0 < len(kept) < 60
    assert run("export", new).stdout.splitlines() == [json.dumps(row, ensure_ascii=False) for row in kept]
    status = run("status", new, "--json").json()
    assert (status["tasks"], status["wanted"], status["missing"]) == (len(kept), len(kept), 0)
    dropped = next(row["id"] for row in rows(source) if row not in kept)
    assert run("explain", new, dropped, "--json").json()["invalid_reason"] == "keyword"
    again = run("generate", new, "--tasks", len(kept), "--json")
    assert (again.code, again.json()["attempts"]) == (0, status["attempts"]), "nothing is asked"
    assert rows(new) == kept


def test_words_are_looked_for_where_they_should_be(source: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("patience\n\n  people   care \n", encoding="utf-8")
    for place in ("input", "output", "any"):
        new = tmp_path / place
        done = run("filter", source, "--drop-words", words, "--in", place, "--out", new)
        assert done.code == 0, done.stderr
        fields = ("input", "output") if place == "any" else (place,)
        expected = []
        for row in rows(source):
            instances = [
                each
                for each in row["instances"]
                if not any(
                    word in each[field].lower() for word in ("patience", "people care") for field in fields
                )
            ]
            if instances and not (place == "any" and "patience" in row["instruction"].lower()):
                expected.append({**row, "instances": instances})
        assert rows(new) == expected
    assert "words in any + patience, + people care" in " ".join(done.stdout.split())
    assert len(rows(tmp_path / "any")) < 60
    refused = run("filter", source, "--keyword", "a", "--in", "output", "--regenerate")
    assert (refused.code, "--in output cannot be combined with --regenerate" in refused.error()) == (2, True)
    for file, said in ((tmp_path / "none.txt", "is not there"), (tmp_path, "is a folder")):
        refused = run("filter", source, "--drop-words", file)
        assert (refused.code, said in refused.error()) == (2, True)


def test_what_signals_flag_is_dropped(source: Path, tmp_path: Path) -> None:
    """What `check` finds, and nothing else."""
    checked = run("check", source, "--json").json()
    flagged = {(each["id"].partition("/")[0], each["example"]) for each in checked["findings"]}
    done = run("filter", source, "--signals", "all", "--out", tmp_path / "new")
    assert done.code == 0, done.stderr
    kept = {(row["id"], place) for row in rows(source) for place in range(len(row["instances"]))} - flagged
    assert sum(len(row["instances"]) for row in rows(tmp_path / "new")) == len(kept)
    assert {row["id"] for row in rows(tmp_path / "new")} == {name for name, _ in kept}
    refused = run("filter", source, "--signals", "refusals")
    assert (refused.code, "Did you mean" in refused.error()) == (2, True)


def test_explain_marks_what_it_cuts(source: Path) -> None:
    """On a terminal of 80 columns, and in a pipe."""
    first = rows(source)[0]["id"]
    for columns in ("80", None):
        printed = run("explain", source, first, **({"COLUMNS": columns} if columns else {})).stdout
        near = printed.split("Nearest in the pool")[1].split("mean over the whole pool")[0]
        lines = [line for line in near.splitlines()[1:-1] if line.strip()]
        assert any(line.rstrip().endswith("…") for line in lines)
        for line in lines:
            assert line.rstrip().endswith((".", "?", "!", ":", "…")), line


def test_mistakes(source: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[filter]\nmax_similarity = 0.5\n", encoding="utf-8")
    for arguments, said in (
        (["--config", tmp_path / "mine.toml"], "there is no setting named 'filter'"),
        (["--out", source], "already exists"),
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
    assert run("filter", old, "--novelty", 0.4, "--regenerate", "--out", new).code == 0
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
