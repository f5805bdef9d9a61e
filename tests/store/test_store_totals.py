"""What a run counts of itself is what counting anew gives, whatever happened to it."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_examples import CONFIG, SEEDS, small_run

from selfinstruct.store.reader import RunReader
from selfinstruct.store.schema import TABLES
from selfinstruct.store.totals import COUNT_REQUESTS, COUNT_TASKS, create_totals
from selfinstruct.store.writer import RunWriter

KEPT = (
    "SELECT stage, once, attempts, completed, round(seconds, 6), estimated, round(last, 6), prompt_tokens,"
    " completion_tokens, cached_tokens, cache_write_tokens, reasoning_tokens FROM request_totals"
    " WHERE attempts > 0 ORDER BY stage, once"
)
ATTEMPT = "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, 0, 0, ?, '', ?, 'stop', ?, ?, 0, 1, 2, ?)"
WITHOUT = (
    "count_attempt",
    "recount_attempt",
    "uncount_attempt",
    "count_task",
    "count_instance",
    "recount_instance",
)

stages = st.sampled_from(["instructions", "classification", "meaning", "answers"])
outcomes = st.sampled_from([None, "completed", "RateLimitedError", "negotiated"])
numbers = st.integers(0, 5)
reasons = st.sampled_from([None, "empty"])
changes = st.lists(
    st.one_of(
        st.tuples(st.just("send"), stages, st.sampled_from([-1, 0, 1]), outcomes, numbers),
        st.tuples(st.just("end"), numbers, outcomes, numbers),
        st.tuples(st.just("withdraw"), numbers),
        st.tuples(st.just("settle"), numbers, st.sampled_from([None, 0, 1])),
        st.tuples(st.just("instance"), numbers, reasons),
        st.tuples(st.just("rejudge"), numbers, reasons),
    ),
    max_size=40,
)


def apply(connection: sqlite3.Connection, place: int, change: tuple[object, ...]) -> None:
    kind, first, *rest = change
    execute = connection.execute
    if kind == "send":
        position, outcome, tokens = rest
        done = outcome == "completed"
        row = (place, first, place, position, 100.0 - place, outcome, tokens if outcome else None)
        execute(ATTEMPT, (*row, tokens if done else None, tokens if done else None, done and place % 2))
    elif kind == "end":
        execute(
            "UPDATE attempts SET outcome = ?, seconds = ?, prompt_tokens = ?, estimated = 1 WHERE id = ?",
            (rest[0], rest[1], rest[1], first),
        )
    elif kind == "withdraw":
        execute("DELETE FROM attempts WHERE id = ? AND outcome IS NULL", (first,))
    elif kind == "settle":
        execute("UPDATE tasks SET valid = ? WHERE number = ?", (rest[0], first))
    elif kind == "instance":
        execute("INSERT INTO instances VALUES (?, ?, '', '', ?, '')", (first, place, rest[0]))
    else:
        execute("UPDATE instances SET reason = ? WHERE task = ?", (rest[0], first))


@settings(max_examples=50, deadline=None)
@given(changes)
def test_totals_are_what_counting_gives(those: list[tuple[object, ...]]) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for table in TABLES:
        connection.execute(table)
    create_totals(connection)
    for number in range(4):
        connection.execute("INSERT INTO tasks (number, ticket, position) VALUES (?, 0, ?)", (number, number))
    for place, change in enumerate(those):
        apply(connection, place, change)
    found = []
    for _ in range(2):
        tasks = connection.execute("SELECT * FROM task_totals").fetchall()
        found.append((connection.execute(KEPT).fetchall(), tasks))
        for table in ("request_totals", "task_totals"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute(COUNT_REQUESTS)
        connection.execute(COUNT_TASKS)
    kept, counted = found
    # The end of an attempt that was withdrawn, before which others ended, stays the last.
    assert [row[:6] + row[7:] for row in kept[0]] == [row[:6] + row[7:] for row in counted[0]]
    assert kept[1] == counted[1]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A run as a version wrote it that kept no counts."""
    directory = small_run(tmp_path / "run")
    with sqlite3.connect(directory / "run.db") as connection:
        for trigger in WITHOUT:
            connection.execute(f"DROP TRIGGER {trigger}")
        for table in ("request_totals", "task_totals"):
            connection.execute(f"DROP TABLE {table}")
    connection.close()
    return directory


def test_a_run_without_counts_is_counted_by_whoever_reads_it(old: Path, tmp_path: Path) -> None:
    before = (old / "run.db").read_bytes()
    read = RunReader.open(old).summary()
    assert (old / "run.db").read_bytes() == before
    new = RunReader.open(small_run(tmp_path / "new")).summary()
    for name in ("tasks", "instances", "pending", "attempts", "errors", "rejected", "invalid_tasks"):
        assert getattr(read, name) == getattr(new, name)
    assert {stage: each.completed for stage, each in read.by_stage.items()} == {
        stage: each.completed for stage, each in new.by_stage.items()
    }


def test_whoever_resumes_it_makes_them(old: Path) -> None:
    before = RunReader.open(old).summary()
    RunWriter.open(old, CONFIG, SEEDS).close()
    connection = sqlite3.connect(old / "run.db")
    triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.close()
    assert {name for (name,) in triggers} == set(WITHOUT)
    assert RunReader.open(old).summary() == before
