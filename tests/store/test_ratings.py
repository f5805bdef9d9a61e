"""Ratings: what holds after any events, many writers at once, and nothing lost by a kill."""

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import NotARunError, StorageError
from selfinstruct.store.rating_log import RatingLog, ratings_path, read_events
from selfinstruct.store.ratings import Action, Event, Standing, digest

RATERS, ITEMS = ("Ann", "Bo"), ("task_0/0", "task_1/0")

WRITER = """
import sys
from pathlib import Path
from selfinstruct.store.rating_log import RatingLog
log = RatingLog.open(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    log.rate(sys.argv[2], f"task_{number}/0", "original", "", {"output": True})
    print(number, flush=True)
"""


def start_writer(directory: Path, rater: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(directory), rater, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def rate(log: RatingLog, rater: str, item: str, level: str, **options: str) -> None:
    log.rate(rater, item, "s", "d", {"level": level}, **options)  # type: ignore[arg-type]


def test_what_was_said_is_read_back(tmp_path: Path) -> None:
    log = RatingLog.open(tmp_path)
    log.rate("Ann", "task_0/0", "original", "abc", {"task": True}, edit={"output": "写\0 \ud800"})
    log.skip("Ann", "task_1/0")
    assert log.undo("Ann") == ("task_1/0", "")
    events = read_events(tmp_path)
    assert events == log.events()
    assert [event.action for event in events] == [Action.RATE, Action.SKIP, Action.UNDO]
    assert events[0].answers == {"task": True}
    assert events[0].edit == {"output": "写\0 \N{REPLACEMENT CHARACTER}"}
    assert events[2].undone == events[1].number
    assert read_events(tmp_path, after=2) == events[2:]
    log.close()


def test_nobody_has_rated_yet(tmp_path: Path) -> None:
    assert read_events(tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


def test_undoing_leads_back_step_by_step(tmp_path: Path) -> None:
    log = RatingLog.open(tmp_path)
    for level in "AB":
        rate(log, "Ann", "x", level)
    rate(log, "Bo", "x", "D")
    assert Standing(log.events()).can_undo("Ann")
    for remaining in ({"level": "A"}, None):
        assert log.undo("Ann") == ("x", "s")
        rating = Standing(log.events()).rating("Ann", "x", "s")
        assert (rating and rating.answers) == remaining
    assert log.undo("Ann") is None
    standing = Standing(log.events())
    assert not standing.can_undo("Ann")
    assert standing.raters() == ("Bo",)
    assert len(log.events()) == 5, "nothing is deleted"


def test_what_was_told_before_changes_nothing() -> None:
    events = [
        Event(number, 0.0, "Ann", Action.RATE, "x", "s", "", {"level": level}, {}, None)
        for number, level in enumerate("AB", start=1)
    ]
    standing = Standing(events)
    standing.add(events)
    standing.add([Event(3, 0.0, "Ann", Action.UNDO, "x", "s", "", {}, {}, 2)])
    assert standing.rating("Ann", "x", "s") == events[0]


def test_a_form_that_is_sent_again_counts_once(tmp_path: Path) -> None:
    log = RatingLog.open(tmp_path)
    for _ in range(2):
        rate(log, "Ann", "x", "A", once="form-1")
    rate(log, "Ann", "y", "B", once="form-2")
    for _ in range(2):
        assert log.undo("Ann", once="form-3") == ("y", "s")
    assert [event.action for event in log.events()] == [Action.RATE, Action.RATE, Action.UNDO]
    assert [event.item for event in Standing(log.events()).ratings()] == ["x"]


STEPS = st.lists(
    st.tuples(st.sampled_from(RATERS), st.sampled_from(("A", "B", "skip", "undo")), st.sampled_from(ITEMS))
)


@settings(deadline=None, max_examples=40)
@given(STEPS)
def test_what_holds_is_as_if_undone_things_had_never_been(steps: list[tuple[str, str, str]]) -> None:
    history: dict[str, list[tuple[str, str]]] = {rater: [] for rater in RATERS}
    connection = sqlite3.connect(":memory:", isolation_level=None)
    from selfinstruct.store.rating_log import TABLES

    for table in TABLES:
        connection.execute(table)
    log = RatingLog(connection, Path("memory"))
    grown = Standing()
    for rater, step, item in steps:
        if step == "undo":
            log.undo(rater)
            history[rater] = history[rater][:-1]
        elif step == "skip":
            log.skip(rater, item)
            history[rater].append((item, step))
        else:
            rate(log, rater, item, step)
            history[rater].append((item, step))
        grown.add(log.events(after=grown.last))
    for standing in (grown, Standing(log.events())):
        for rater in RATERS:
            levels = {item: step for item, step in history[rater] if step != "skip"}
            skipped = {item for item, step in history[rater] if step == "skip"}
            for item in ITEMS:
                rating = standing.rating(rater, item, "s")
                assert (rating.answers["level"] if rating else None) == levels.get(item)
                assert standing.is_skipped(rater, item) == (item in skipped)
            assert standing.can_undo(rater) == bool(history[rater])
    connection.close()


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    writers = [start_writer(tmp_path, rater, 60) for rater in RATERS]
    for writer in writers:
        output, _ = writer.communicate(timeout=60)
        assert writer.returncode == 0
        assert output.split() == [str(number) for number in range(60)]
    events = read_events(tmp_path)
    assert [event.number for event in events] == list(range(1, 121))
    for rater in RATERS:
        assert [e.item for e in events if e.rater == rater] == [f"task_{n}/0" for n in range(60)]


def test_a_kill_loses_nothing_that_was_said(tmp_path: Path) -> None:
    writer = start_writer(tmp_path, "Ann", 100_000)
    assert writer.stdout is not None
    for _ in range(50):
        said = int(writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    kept = [event.item for event in read_events(tmp_path)]
    assert len(kept) > said
    assert kept == [f"task_{number}/0" for number in range(len(kept))]
    log = RatingLog.open(tmp_path)
    rate(log, "Ann", "after", "A")
    assert log.events()[-1].item == "after"
    log.close()


def test_a_file_that_is_not_ours(tmp_path: Path) -> None:
    connection = sqlite3.connect(ratings_path(tmp_path))
    connection.execute("CREATE TABLE films (name TEXT)")
    connection.commit()
    for use in (RatingLog.open, read_events):
        with pytest.raises(NotARunError, match="not one of ratings"):
            use(tmp_path)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("films",)]
    connection.close()


def test_a_file_of_a_newer_version(tmp_path: Path) -> None:
    RatingLog.open(tmp_path).close()
    connection = sqlite3.connect(ratings_path(tmp_path))
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    for use in (RatingLog.open, read_events):
        with pytest.raises(NotARunError, match=r"format 9.* Upgrade selfinstruct"):
            use(tmp_path)


def test_a_damaged_file(tmp_path: Path) -> None:
    ratings_path(tmp_path).write_bytes(b"no database" * 500)
    for use in (RatingLog.open, read_events):
        with pytest.raises(StorageError, match=r"ratings\.db is damaged"):
            use(tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be opened"):
        RatingLog.open(tmp_path / "nowhere")


def test_a_full_disk_is_told_and_what_was_said_is_kept(tmp_path: Path) -> None:
    log = RatingLog.open(tmp_path)
    rate(log, "Ann", "x", "A")
    (pages,) = log._connection.execute("PRAGMA page_count").fetchone()
    log._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="disk is full"):
        rate(log, "Ann", "y", "B" * 100_000)
    assert [event.item for event in log.events()] == ["x"]
    log._connection.execute(f"PRAGMA max_page_count = {pages + 100}")
    rate(log, "Ann", "y", "B")
    assert [event.item for event in read_events(tmp_path)] == ["x", "y"]
    log.close()


def test_a_digest_tells_texts_apart() -> None:
    texts = [("a", "b"), ("ab", ""), ("a", "b", ""), ("a", "B"), ("a\ud800", "b")]
    assert len({digest(*each) for each in texts}) == len(texts)
    assert digest("a\ud800") == digest(json.loads(json.dumps("a\N{REPLACEMENT CHARACTER}")))
