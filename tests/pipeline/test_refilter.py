"""Judging a recorded run again: equal where nothing changed, a plain computation's result where something
did; and the new run, which goes on from all that the old one has."""

import asyncio
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rapidfuzz.distance import LCSseq

from selfinstruct.config import Config
from selfinstruct.errors import ConfigError, StorageError
from selfinstruct.pipeline.description import GenerateResult
from selfinstruct.pipeline.refilter import change_filters, refilter, write_refiltered
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.pipeline.run import generate
from selfinstruct.store.lineage import Lineage
from selfinstruct.store.reader import RunReader
from selfinstruct.text.rouge import rouge_l_f1, similarity
from selfinstruct.text.tokens import tokenize

COPIED = ("preambles", "samplings", "attempts", "requests", "demonstrations")
JUDGED = ("seeds", "tickets", "candidates", "tasks", "instances")


def generated(directory: Path, config_file: Path | None = None, **options: object) -> GenerateResult:
    """Options with `__` for the dot of a setting's name."""
    named = {name.replace("__", "."): value for name, value in options.items()}
    plan = resolve(directory, options=named, config_file=config_file, model_spec="scripted")
    return asyncio.run(generate(directory, plan))


def filtered(source: Path, out: Path, **filters: object) -> RunReader:
    reader = RunReader.open(source)
    write_refiltered(reader, change_filters(reader.config(), **filters), out)  # type: ignore[arg-type]
    return RunReader.open(out)


def query(directory: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(directory / "run.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def tables(directory: Path, names: tuple[str, ...] = COPIED + JUDGED) -> dict[str, list[tuple[object, ...]]]:
    return {name: query(directory, f"SELECT * FROM {name} ORDER BY 1, 2") for name in names}


def data_set(directory: Path) -> list[dict[str, object]]:
    lines = (directory / "dataset.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 tasks, one request at a time."""
    directory = tmp_path_factory.mktemp("source") / "done"
    assert generated(directory, limits__tasks=200, endpoint__concurrency=1).stopped == "done"
    return directory


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stopped by its budget, with tickets and tasks under way."""
    directory = tmp_path_factory.mktemp("source") / "stopped"
    assert generated(directory, limits__tasks=200, limits__max_requests=120).stopped == "budget"
    assert query(directory, "SELECT 1 FROM tasks WHERE valid IS NULL")
    return directory


@pytest.mark.parametrize("name", ["done", "stopped"])
def test_unchanged_filters_give_the_recorded_run(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    source = request.getfixturevalue(name)
    reader = RunReader.open(source)
    comparison = refilter(reader, reader.config())
    assert comparison.changed == {}
    assert len(comparison.candidates) == reader.summary().candidates
    assert all(each.before == each.after for each in comparison.candidates)
    assert comparison.counts()["accepted"] == (reader.summary().admitted,) * 2
    written = filtered(source, tmp_path / "new")
    assert tables(tmp_path / "new") == tables(source)
    assert (tmp_path / "new" / "dataset.jsonl").read_bytes() == (source / "dataset.jsonl").read_bytes()
    assert written.summary() == reader.summary()


def test_another_threshold_gives_what_a_plain_computation_gives(done: Path) -> None:
    reader = RunReader.open(done)
    pool = [tokenize(seed.instruction) for seed in reader.seeds()]
    expected = []
    for ticket in reader.admissions():
        for candidate in ticket:
            reason, own = candidate.verdict.reason, tokenize(candidate.text)
            if reason in (None, "similar"):
                scores = [rouge_l_f1(LCSseq.similarity(own, one), len(own), len(one)) for one in pool]
                reason = "similar" if max(scores) > 0.5 else None
            if reason is None:
                pool.append(own)
            expected.append(reason)
    comparison = refilter(reader, change_filters(reader.config(), novelty=0.5))
    assert [each.after.verdict.reason for each in comparison.candidates] == expected
    assert comparison.changed == {"filters.max_similarity": (0.7, 0.5)}
    assert len(comparison.newly_dropped()) > 20
    for each in comparison.newly_dropped():
        near = each.after.nearest
        assert near is not None
        assert near.score == similarity(each.instruction, near.instruction) > 0.5
    for near in (each.after.nearest for each in comparison.newly_dropped()[:10]):
        assert near is not None
        assert reader.lineage(near.id).instruction == near.instruction, "explain finds it by that id"


def test_every_list_and_limit_decides(done: Path) -> None:
    reader = RunReader.open(done)
    config = change_filters(
        reader.config(), keywords=["write"], no_keywords=True, prefixes=["explain"], min_words=8, max_words=25
    )
    for each in refilter(reader, config).candidates:
        reason, detail = each.after.verdict.reason, each.after.verdict.detail
        if reason == "keyword":
            assert detail == "write"
        if reason == "prefix":
            assert detail in ("Write a program", "explain")
        if reason is None:
            assert not re.search(r"\bwrite\b", each.instruction, re.IGNORECASE)
            assert not each.instruction.lower().startswith("explain")
            assert 8 <= len(each.instruction.split()) <= 27  # words in our sense differ a little


def test_what_the_parser_saw_no_filter_mends(done: Path) -> None:
    reader = RunReader.open(done)
    before, after = refilter(reader, change_filters(reader.config(), min_words=0)).counts()["truncated"]
    assert before == after > 0


def test_tasks_keep_what_the_old_run_has_of_them(done: Path, tmp_path: Path) -> None:
    old, new = RunReader.open(done), filtered(done, tmp_path / "new", novelty=0.45, keywords=["story"])
    kept = {(line.ticket, line.position): line for line in lineages(old)}
    renumbered = 0
    for line in lineages(new):
        was = kept[line.ticket, line.position]
        renumbered += line.id != was.id
        assert (line.instruction, line.is_classification) == (was.instruction, was.is_classification)
        assert (line.requests, line.instances) == (was.requests, was.instances)
        assert (line.valid, line.invalid_reason) == (was.valid, was.invalid_reason)
    assert renumbered > 50
    kept_instructions = {line.instruction for line in lineages(new)}
    instructions = [task["instruction"] for task in data_set(done)]
    assert [task["instruction"] for task in data_set(tmp_path / "new")] == [
        instruction for instruction in instructions if instruction in kept_instructions
    ]


def lineages(reader: RunReader) -> list[Lineage]:
    return [reader.lineage(f"task_{number}") for number in range(reader.summary().admitted)]


def test_demonstrations_are_what_the_prompt_shows_in_the_new_pool_or_not(done: Path, tmp_path: Path) -> None:
    old, new = RunReader.open(done), filtered(done, tmp_path / "new", novelty=0.4)
    gone = set()
    for ticket, judged in enumerate(new.admissions()):
        if judged:
            line = new.lineage(f"{ticket}.0")  # whether it was accepted or not
            listed = [f"{place}. {entry.instruction}" for place, entry in enumerate(line.demonstrations, 1)]
            assert "\n".join(listed) in line.requests[0].prompt
            gone |= {entry.id for entry in line.demonstrations if entry.id[0].isdigit()}
    assert gone, "the old prompts showed instructions that are rejected now"
    of_old = {(line.ticket, line.position): line for line in lineages(old)}
    for identifier in gone:
        line = new.lineage(identifier)
        assert line.verdict.reason == "similar"
        assert line.shown == of_old[line.ticket, line.position].shown > 0


def test_filtering_back_gives_the_prompts_their_demonstrations_again(done: Path, tmp_path: Path) -> None:
    filtered(done, tmp_path / "strict", novelty=0.4)
    back = filtered(tmp_path / "strict", tmp_path / "back", novelty=0.7)
    names = ("preambles", "samplings", "demonstrations", "tickets", "candidates")
    assert tables(tmp_path / "back", names) == tables(done, names)
    assert [origin["name"] for origin in back.notes()["filtered_from"]] == ["done", "strict"]
    lost = query(tmp_path / "back", "SELECT count(*) FROM tasks WHERE valid IS NULL")
    assert lost == [(back.summary().pending,)] != [(0,)], "what the strict run did not hold is asked for anew"


@pytest.mark.parametrize("name", ["done", "stopped"])
def test_generate_goes_on_with_it_alike_at_any_concurrency(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    source = request.getfixturevalue(name)
    new = filtered(source, tmp_path / "new", novelty=0.5)
    begun = data_set(tmp_path / "new")
    answered = set(query(tmp_path / "new", "SELECT stage, subject FROM requests"))
    results = []
    for concurrency in (1, 32):
        directory = tmp_path / str(concurrency)
        shutil.copytree(tmp_path / "new", directory)
        last = max(query(directory, "SELECT id FROM attempts"))[0]
        outcome = generated(directory, limits__max_requests=0, endpoint__concurrency=concurrency)
        assert outcome.stopped == "done"
        sent = query(directory, f"SELECT stage, subject FROM attempts WHERE id > {last}")
        assert not answered.intersection(sent), "nothing that is there is asked again"
        assert data_set(directory)[: len(begun)] == begun
        results.append((directory / "dataset.jsonl").read_bytes())
    assert results[0] == results[1]
    assert len(data_set(directory)) == 200
    assert new.config().filters.max_similarity == RunReader.open(directory).config().filters.max_similarity


def test_newly_kept_tasks_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text("[filters]\nmax_similarity = 0.4\n", encoding="utf-8")
    generated(tmp_path / "old", tmp_path / "strict.toml", limits__tasks=40)
    reader = RunReader.open(tmp_path / "old")
    comparison = refilter(reader, change_filters(reader.config(), novelty=0.6))
    assert (len(comparison.newly_kept()) > 5) > bool(comparison.newly_dropped())
    for each in comparison.newly_kept():
        assert each.before.verdict.reason == "similar"
        assert each.before.nearest is not None
        assert each.before.nearest.score > 0.4
    new = filtered(tmp_path / "old", tmp_path / "new", novelty=0.6)
    assert new.summary().pending == reader.summary().pending + len(comparison.newly_kept())
    assert len(data_set(tmp_path / "new")) < 40
    assert generated(tmp_path / "new").stopped == "done"
    assert {each.instruction for each in comparison.newly_kept()} & {
        task["instruction"] for task in data_set(tmp_path / "new")
    }


def test_a_reply_that_says_the_kind_says_it_of_newly_kept_tasks_too(tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text(
        "[filters]\nmax_similarity = 0.35\n[recipe]\nname = 'chat'\n", encoding="utf-8"
    )
    generated(tmp_path / "old", tmp_path / "strict.toml", limits__tasks=20)
    new = filtered(tmp_path / "old", tmp_path / "new", novelty=0.7)
    assert new.summary().pending > 0
    untold = (
        "SELECT tasks.number FROM tasks JOIN candidates USING (ticket, position)"
        " WHERE tasks.is_classification IS NOT candidates.is_classification"
    )
    assert query(tmp_path / "new", f"{untold} AND candidates.is_classification IS NOT NULL") == []
    assert query(tmp_path / "new", "SELECT * FROM candidates WHERE NOT needs_input"), "nor is that forgotten"


def test_the_new_run_says_what_it_comes_from(done: Path, tmp_path: Path) -> None:
    new = filtered(done, tmp_path / "new", novelty=0.5)
    (origin,) = new.notes()["filtered_from"]
    assert origin["name"] == "done"
    generated(tmp_path / "new", limits__tasks=40)
    text = (tmp_path / "new" / "config.toml").read_text(encoding="utf-8")
    assert text.startswith(
        f'# Filtered from the run "done" (identity {origin["identity"]}).\n# What this run'
    )
    assert "tasks = 40" in text
    assert "max_similarity = 0.5" in text


def test_nothing_is_overwritten(done: Path, tmp_path: Path) -> None:
    before = tables(done)
    for taken in (done, tmp_path):
        with pytest.raises(ConfigError, match="already exists, and a new run does not overwrite it"):
            filtered(done, taken, novelty=0.5)
    assert tables(done) == before
    assert list(tmp_path.iterdir()) == []


def test_a_failure_halfway_leaves_nothing(done: Path, tmp_path: Path) -> None:
    shutil.copytree(done, tmp_path / "damaged")
    query(tmp_path / "damaged", "DROP TABLE instances")  # what is copied last
    with pytest.raises(StorageError, match=r"damaged/run\.db is damaged: no such table"):
        filtered(tmp_path / "damaged", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["damaged"]


WRITE = """
import sys
from pathlib import Path
from selfinstruct.pipeline.refilter import change_filters, write_refiltered
from selfinstruct.store.reader import RunReader
reader = RunReader.open(Path(sys.argv[1]))
config = change_filters(reader.config(), novelty=0.5)
print("begins", flush=True)
write_refiltered(reader, config, Path(sys.argv[2]))
"""


def test_a_kill_halfway_leaves_nothing_that_looks_like_a_run(done: Path, tmp_path: Path) -> None:
    whole = filtered(done, tmp_path / "whole", novelty=0.5)
    seen = set()
    for number, moment in enumerate((0.0, 0.1, 0.3, 60.0)):
        out = tmp_path / str(number)
        command = [sys.executable, "-c", WRITE, str(done), str(out)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"begins\n"
            deadline = time.monotonic() + moment
            while process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.01)
            process.kill()
        seen.add(out.exists())
        if out.exists():
            assert tables(out) == tables(whole.directory)
            assert data_set(out) == data_set(whole.directory)
    assert seen == {False, True}


CONFIG = Config()


def test_words_join_the_lists() -> None:
    assert change_filters(CONFIG) == CONFIG
    assert change_filters(CONFIG, keywords=["image", "images"]) == CONFIG
    assert change_filters(CONFIG, keywords=["film"]).filters.keywords == (*CONFIG.filters.keywords, "film")
    assert change_filters(CONFIG, keywords=["film"], no_keywords=True).filters.keywords == ("film",)
    assert change_filters(CONFIG, prefixes=["Sing"]).filters.prefixes == ("Write a program", "Sing")


def test_a_file_and_options_together(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        "seed = 42\n[filters]\nmax_similarity = 0.5\nkeywords = ['film']\nmin_words = 2\n"
        "[reference]\nascii_start = true\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="`min_words` is 50 and `max_words` is 5: no instruction"):
        change_filters(CONFIG, min_words=50, max_words=5)
    changed = change_filters(CONFIG, config_file=file, min_words=3, keywords=["song"])
    assert changed.filters.keywords == ("film", "song")
    assert (changed.filters.min_words, changed.filters.max_similarity) == (3, 0.5)
    assert changed.reference.ascii_start


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[filters]\nmax_similarty = 0.5", "there is no setting named 'filters.max_similarty'. Did you mean"),
        ("[filters]\nmax_similarity = 5", "filters.max_similarity = 5: input should be less than"),
        ("filters = 3", "filters = 3: should be a table"),
        ("[limits]\ntasks = 7", "limits differs from the run's, and filtering cannot change it"),
        ("seed = 7", "seed differs from the run's"),
        ("[reference]\nlowercase = true", "reference.lowercase differs from the run's"),
        ("[filters", "is not valid TOML"),
    ],
)
def test_mistakes_in_a_file(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        change_filters(CONFIG, config_file=file)
    assert str(raised.value).startswith(str(file))
    assert said in str(raised.value)


def test_mistakes_in_an_option() -> None:
    with pytest.raises(ConfigError, match=r"^filters\.max_similarity = 1\.5: input should be less than"):
        change_filters(CONFIG, novelty=1.5)
