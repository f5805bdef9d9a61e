"""Runs whose instructions are compared by meaning: what is rejected, recorded, told and resumed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from command import run as command
from command import start
from endpoint import RunningEndpoint, running_endpoint
from rich.console import Console

import selfinstruct as si
from selfinstruct.cli.render import print_summary
from selfinstruct.cli.render_check import print_checked
from selfinstruct.cli.render_lineage import print_lineage
from selfinstruct.pipeline.description import describe
from selfinstruct.records import SEED_TEXTS, Stage
from selfinstruct.store.reader import RunReader

TASKS, THRESHOLD = 30, 0.6


@pytest.fixture(scope="module")
def endpoint() -> Iterator[RunningEndpoint]:
    with running_endpoint() as running:
        yield running


def settings(endpoint: RunningEndpoint, **more: Any) -> dict[str, Any]:
    own = {"model": "emb", "threshold": THRESHOLD, "endpoint": {"base_url": endpoint.base_url}}
    return {"filters": {"meaning": own | more}}


def made(directory: Path, config: dict[str, Any], **options: Any) -> si.Run:
    return si.generate(directory, model="scripted", config=config, **{"tasks": TASKS, **options})


def data(run: si.Run) -> bytes:
    return (run.path / "dataset.jsonl").read_bytes()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory, endpoint: RunningEndpoint) -> si.Run:
    return made(tmp_path_factory.mktemp("meaning") / "run", settings(endpoint), concurrency=1)


def test_what_says_the_same_is_rejected_with_the_nearest_entry(reference: si.Run) -> None:
    rejected = [
        (f"{ticket}.{position}", each)
        for ticket, judged in enumerate(RunReader(reference.path).admissions())
        for position, each in enumerate(judged)
        if each.verdict.reason == "same_meaning"
    ]
    assert rejected
    assert reference.status().rejected["same_meaning"] == len(rejected)
    for name, each in rejected:
        assert each.meaning is not None
        assert each.meaning.score > THRESHOLD
        assert each.neighbours[0].score <= 0.7  # it passed novelty
        lineage = reference.explain(name)
        assert lineage.meaning is not None
        assert lineage.meaning.score == each.meaning.score
    said = command("explain", reference.path, rejected[0][0]).stdout
    assert "Nearest in meaning cosine" in said
    admitted = RunReader(reference.path).lineage("task_3")
    assert admitted.meaning is not None
    assert admitted.meaning.score <= THRESHOLD


def test_neither_timing_nor_budgets_that_run_out_matter(
    reference: si.Run, endpoint: RunningEndpoint, tmp_path: Path
) -> None:
    assert data(made(tmp_path / "at once", settings(endpoint), concurrency=64)) == data(reference)
    directory = tmp_path / "run"
    for budget in range(3, 80, 11):
        run = made(directory, settings(endpoint), max_requests=budget, concurrency=1 + budget % 20)
        assert run.status().requests <= budget
    run = made(directory, settings(endpoint), max_requests=0, concurrency=64)
    assert data(run) == data(reference)
    names = [(subject, position) for subject, position, *_ in RunReader(directory).embeddings()]
    assert len(names) == len(set(names)) > 10
    assert {(0, SEED_TEXTS), (1, SEED_TEXTS), (0, 0)} <= set(names)
    of_meaning = [row for row in RunReader(directory).requests() if row.stage is Stage.MEANING]
    assert {(row.ticket, row.position) for row in of_meaning} >= {(None, SEED_TEXTS), (0, 0)}


def test_a_killed_run_asks_for_no_embedding_twice(reference: si.Run, tmp_path: Path) -> None:
    with running_endpoint(latency=0.02, refuse_429=0.1, log=tmp_path / "log.jsonl") as own:
        config = tmp_path / "own.toml"
        config.write_text(
            f'[filters.meaning]\nmodel = "emb"\nthreshold = {THRESHOLD}\n'
            f'[filters.meaning.endpoint]\nbase_url = "{own.base_url}"\n'
        )
        log = tmp_path / "log.jsonl"
        arguments = ("--model", "scripted", "--tasks", TASKS, "--config", config)
        started = start("generate", tmp_path / "run", *arguments)
        while len(log.read_text().splitlines()) < 10 and started.process.poll() is None:
            time.sleep(0.01)
        started.kill()
        run = made(tmp_path / "run", settings(own))
        assert data(run) == data(reference)
        lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    completed = [line["body"] for line in lines if line["outcome"] == "ok" and line["stage"] == "meaning"]
    recorded = sum(row.stage is Stage.MEANING for row in RunReader(run.path).requests())
    assert recorded <= len(completed) <= recorded + 8  # those in flight at the kill


def test_filter_tries_other_thresholds_offline(reference: si.Run, tmp_path: Path) -> None:
    as_it_was = si.filter(reference, drop_only=False)
    assert as_it_was.changed == {}
    assert all(before == after for before, after in as_it_was.instructions.values())
    lower = si.filter(reference, meaning_threshold=0.45, out=tmp_path / "lower")
    assert lower.instructions["same_meaning"][1] > lower.instructions["same_meaning"][0]
    assert lower.run is not None
    again = si.filter(lower.run, meaning_threshold=0.35)  # the vectors came along
    assert again.instructions["same_meaning"][1] > again.instructions["same_meaning"][0]
    none = si.filter(reference, meaning_threshold=1, drop_only=False)
    assert none.instructions["same_meaning"][1] == 0
    assert none.instructions["accepted"][1] > none.instructions["accepted"][0]
    with pytest.raises(si.errors.RunMismatchError, match=r"filters\.meaning\.threshold"):
        si.generate(reference.path, meaning_threshold=0.5)


def test_a_filtered_run_is_resumed_with_its_vectors(
    reference: si.Run, endpoint: RunningEndpoint, tmp_path: Path
) -> None:
    loose = si.filter(reference, meaning_threshold=0.9, drop_only=False, out=tmp_path / "loose").run
    assert loose is not None
    run = si.generate(loose.path, model="scripted", tasks=TASKS + 10)
    assert run.status().tasks == TASKS + 10


def test_lost_embeddings_are_told_and_lose_no_task(tmp_path: Path) -> None:
    with running_endpoint(refuse_content_containing="Explain") as own:
        run = made(tmp_path / "run", settings(own, texts_a_request=4), tasks=12)
    told = describe(RunReader(run.path))
    assert told.summary.tasks == 12
    assert told.summary.lost["refused"] > 0
    assert told.to_json()["untested"] == told.summary.untested > 0
    printed = StringIO()
    print_summary(told, Console(file=printed, width=100))
    assert "not compared by meaning" in printed.getvalue()
    untested = [
        f"{ticket}.{position}"
        for ticket, judged in enumerate(RunReader(run.path).admissions())
        for position, each in enumerate(judged)
        if each.untested
    ]
    assert len(untested) >= told.summary.untested
    printed = StringIO()
    lineage = run.explain(untested[0])
    print_lineage(lineage, [()] * len(lineage.instances), Console(file=printed))
    assert "its embedding was lost" in printed.getvalue()


def test_texts_that_are_too_long_are_compared_by_their_beginnings(tmp_path: Path) -> None:
    with running_endpoint(max_context=12) as own:
        run = made(tmp_path / "run", settings(own), tasks=5)
    assert run.status().lost == {}
    bodies = [body for *_, body, _ in RunReader(run.path).embeddings()]
    assert max(len(text) for body in bodies for _, text in json.loads(body)) <= 51


def test_a_model_in_this_process(tmp_path: Path) -> None:
    """One that was not made for embeddings; its prefix stands before every text."""
    own = {"filters": {"meaning": {"model": "pocket", "prefix": "task: "}}}
    run = made(tmp_path / "run", own, tasks=5, seeds=["Name a colour.", "Write a short poem about the sea."])
    reader = RunReader(run.path)
    assert all(
        text.startswith("task: ") for *_, body, _ in reader.embeddings() for _, text in json.loads(body)
    )
    meaning = reader.config().filters.meaning
    assert meaning is not None
    assert meaning.threshold == 0.9
    assert reader.config().for_stage("meaning").endpoint.price_in == 0


def test_check_counts_rows_that_mean_the_same(endpoint: RunningEndpoint, tmp_path: Path) -> None:
    texts = ["Write a poem about the sea.", "Sort these numbers: 3 1 2", "About the sea, write a poem."]
    rows = [{"instruction": text, "output": "One."} for text in [*texts, "Name a fruit that is red."]]
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = {"meaning": "emb", "base_url": endpoint.base_url, "embeddings": tmp_path / "kept"}
    checked = si.check(file, **options)  # type: ignore[arg-type]
    assert checked.meaning is not None
    assert [(each.row, each.earlier) for each in checked.meaning.rows] == [(2, 0)]
    assert checked.meaning.rows[0].similarity == pytest.approx(1.0)
    assert checked.meaning.nearest[-1] == pytest.approx(1.0)
    before = endpoint.stats()["received"]
    assert si.check(file, **options).meaning == checked.meaning  # type: ignore[arg-type]
    assert endpoint.stats()["received"] == before
    printed = StringIO()
    print_checked(checked, Console(file=printed, width=100))
    said = " ".join(printed.getvalue().split())
    assert "1 row with a cosine above 0.9" in said
    assert "99 % up to" in said


def test_merge_drops_tasks_that_mean_the_same(
    reference: si.Run, endpoint: RunningEndpoint, tmp_path: Path
) -> None:
    other = si.generate(tmp_path / "other", model="scripted", tasks=TASKS, seed=7)
    merged = si.merge(
        [reference, other],
        tmp_path / "both",
        meaning="emb",
        meaning_threshold=0.6,
        base_url=endpoint.base_url,
    )
    dropped = [json.loads(line) for line in merged.dropped.read_text().splitlines()]
    by_meaning = [row for row in dropped if row["reason"] == "same_meaning"]
    assert by_meaning
    assert all(row["score"] > 0.6 for row in by_meaning)
    kept = {json.loads(line)["id"] for line in merged.dataset.read_text().splitlines()}
    assert {row["nearest"] for row in by_meaning} <= kept


def test_settings_that_cannot_work_are_refused(tmp_path: Path) -> None:
    with pytest.raises(si.errors.ConfigError, match="no embedding model"):
        si.generate(tmp_path / "run", model="scripted", meaning_threshold=0.8)
    with pytest.raises(si.errors.ConfigError, match="makes no embeddings here"):
        si.generate(tmp_path / "run", model="scripted", meaning="scripted")
    run = si.generate(tmp_path / "without", model="scripted", tasks=2)
    with pytest.raises(si.errors.ConfigError, match="has no embeddings"):
        si.filter(run, meaning_threshold=0.8)


@pytest.mark.parametrize(
    ("meaning", "said"),
    [
        ({"modle": "emb"}, "no setting named 'filters.meaning.modle'. Did you mean 'filters.meaning.model'"),
        ({"threshold": 0.5}, "filters.meaning.model is missing."),
    ],
)
def test_a_mistake_in_its_table_is_named(tmp_path: Path, meaning: dict[str, Any], said: str) -> None:
    with pytest.raises(si.errors.ConfigError) as raised:
        made(tmp_path / "run", {"filters": {"meaning": meaning}})
    assert said in str(raised.value)


def test_a_name_at_the_endpoint_of_the_writer_is_told_where_its_own_goes(
    endpoint: RunningEndpoint, tmp_path: Path
) -> None:
    with pytest.raises(
        si.errors.SelfInstructError, match=r"The embedding model: .*\[filters\.meaning\.endpoint\]"
    ):
        si.generate(tmp_path / "run", model="m", base_url=endpoint.base_url, meaning="emb")


def test_a_folder_of_embeddings_that_is_somebody_elses(endpoint: RunningEndpoint, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(si.errors.ConfigError, match="holds files, but no embeddings"):
        si.check(tmp_path / "data.jsonl", meaning="emb", base_url=endpoint.base_url, embeddings=tmp_path)
