import asyncio
import sqlite3
from pathlib import Path

import pytest
from store_examples import CONFIG, SEEDS, accepted, completion, rejected, request, send, small_run

from selfinstruct.records import ACCEPTED, Example, JudgedInstance, Stage
from selfinstruct.store.state import RunState, TaskState, TokenUse
from selfinstruct.store.writer import RunWriter


def reopened(directory: Path) -> RunState:
    writer = RunWriter.open(directory, CONFIG, SEEDS)
    try:
        assert not writer.created
        return writer.state()
    finally:
        writer.close()


def test_a_new_run_is_empty_and_knows_what_it_was_asked(tmp_path: Path) -> None:
    writer = RunWriter.open(tmp_path / "deep" / "run", CONFIG, SEEDS)
    state = writer.state()
    writer.close()
    assert (writer.created, writer.journal_mode, writer.directory) == (True, "wal", tmp_path / "deep" / "run")
    assert (state.config, state.seeds, state.notes) == (CONFIG, SEEDS, {})
    assert (state.tickets, state.instructions, state.tasks) == ((), [], [])
    assert (state.completions, state.lost, state.attempts, state.completed) == ({}, {}, 0, 0)


def test_everything_told_is_there_after_reopening(tmp_path: Path) -> None:
    state = reopened(small_run(tmp_path / "run"))
    assert state.tickets == ((4, 2, False), (0, 0, True), (2, 2, False), (1, 1, False))
    assert state.instructions == ["Sing.", "Count.", "Rhyme.", "List.", "Guess."]
    assert state.tasks == [
        TaskState(False, True, True, Example("Sing.", "a text")),
        TaskState(False, False, True, Example("Count."), position=3, reason="no_valid_instance"),
        TaskState(True, True, True, Example("Rhyme.")),
        TaskState(None, None, True, Example("List."), position=1),
        TaskState(False, True, True, Example("Guess.")),
    ]
    assert (state.completions, state.lost) == ({}, {})
    assert (state.attempts, state.completed) == (12, 10)
    assert (
        sum(use.prompt_tokens for use in state.used.values()),
        sum(use.completion_tokens for use in state.used.values()),
    ) == (100, 50)
    assert not any(use.open_prompt_tokens or use.open_completion_tokens for use in state.used.values())
    assert state.notes == {"capabilities": {"api": "chat"}}


def test_replies_not_used_yet_come_back(tmp_path: Path) -> None:
    async def write() -> None:
        writer = RunWriter.open(tmp_path / "run", CONFIG, SEEDS)
        await send(writer, request(Stage.INSTRUCTIONS, 0), "used")
        await send(writer, request(Stage.INSTRUCTIONS, 2), "early")
        await writer.lose(request(Stage.INSTRUCTIONS, 1), "refused", "")
        writer.admit(0, [accepted("A"), accepted("B"), accepted("C")])
        for task in (0, 1):
            await send(writer, request(Stage.CLASSIFICATION, task), "Yes")
            writer.classify(task, is_classification=True)
        await send(writer, request(Stage.INSTANCES, 0), "settled")
        await send(writer, request(Stage.INSTANCES, 1), "not settled")
        await send(writer, request(Stage.ANSWERS, 0), "settled too")
        for position in (0, 2):
            await send(writer, request(Stage.ANSWERS, 1, position=position), f"answer {position}")
        await writer.lose(request(Stage.CLASSIFICATION, 2), "gave_up", "")
        writer.settle(0, [JudgedInstance("", "x", ACCEPTED)], None)
        await writer.aclose()

    asyncio.run(write())
    state = reopened(tmp_path / "run")
    assert state.completions == {
        (Stage.INSTRUCTIONS, 2, 0): completion("early"),
        (Stage.CLASSIFICATION, 1, 0): completion("Yes"),
        (Stage.INSTANCES, 1, 0): completion("not settled"),
        (Stage.ANSWERS, 1, 0): completion("answer 0"),
        (Stage.ANSWERS, 1, 2): completion("answer 2"),
    }
    assert state.lost == {(Stage.INSTRUCTIONS, 1, 0): "refused", (Stage.CLASSIFICATION, 2, 0): "gave_up"}


def test_task_numbers_go_on_after_reopening(tmp_path: Path) -> None:
    for ticket in range(2):
        writer = RunWriter.open(tmp_path, CONFIG, SEEDS)
        writer.admit(ticket, [accepted(f"{ticket} a"), rejected("no", "too_short"), accepted(f"{ticket} b")])
        writer.close()
    assert reopened(tmp_path).instructions == ["0 a", "0 b", "1 a", "1 b"]


def test_an_attempt_without_outcome_counts_as_spent_and_a_withdrawn_one_not_at_all(tmp_path: Path) -> None:
    async def write() -> None:
        writer = RunWriter.open(tmp_path, CONFIG, SEEDS)
        for subject in range(3):
            attempt = await writer.intend(
                request(Stage.INSTRUCTIONS, subject),
                reserved_prompt_tokens=100,
                reserved_completion_tokens=7,
            )
        writer.withdraw(attempt)
        await writer.aclose()

    asyncio.run(write())
    state = reopened(tmp_path)
    assert state.attempts == 2
    assert list(state.used.values()) == [TokenUse(0, 0, 200, 14)]


def test_a_cancelled_intent_leaves_no_attempt(tmp_path: Path) -> None:
    async def write() -> None:
        writer = RunWriter.open(tmp_path, CONFIG, SEEDS)
        intent = asyncio.create_task(
            writer.intend(request(Stage.INSTANCES, 0), reserved_prompt_tokens=1, reserved_completion_tokens=1)
        )
        await asyncio.sleep(0)
        intent.cancel()
        with pytest.raises(asyncio.CancelledError):
            await intent
        await writer.aclose()

    asyncio.run(write())
    assert reopened(tmp_path).attempts == 0


def test_concurrent_operations_share_transactions(tmp_path: Path) -> None:
    async def write() -> int:
        writer = RunWriter.open(tmp_path, CONFIG, SEEDS)
        async with asyncio.TaskGroup() as group:
            for subject in range(200):
                group.create_task(send(writer, request(Stage.INSTANCES, subject)))
        await writer.aclose()
        return writer.transactions

    assert asyncio.run(write()) < 100  # of 400 operations
    assert reopened(tmp_path).completed == 200


def test_an_intent_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    async def write() -> None:
        writer = RunWriter.open(tmp_path, CONFIG, SEEDS)
        await writer.intend(
            request(Stage.INSTANCES, 7), reserved_prompt_tokens=1, reserved_completion_tokens=2
        )
        with sqlite3.connect(tmp_path / "run.db") as other:
            rows = other.execute("SELECT stage, subject, outcome FROM attempts").fetchall()
        other.close()
        assert rows == [("instances", 7, None)]
        await writer.aclose()

    asyncio.run(write())


def test_flush_waits_for_what_was_told_before(tmp_path: Path) -> None:
    async def write() -> None:
        writer = RunWriter.open(tmp_path, CONFIG, SEEDS)
        writer.note("a", 1)
        writer.note("a", {"b": [None, "ä"]})
        await writer.flush()
        assert writer.state().notes == {"a": {"b": [None, "ä"]}}
        await writer.aclose()

    asyncio.run(write())


def test_shared_texts_are_stored_once(tmp_path: Path) -> None:
    database = sqlite3.connect(small_run(tmp_path) / "run.db")
    assert database.execute("SELECT count(*) FROM preambles").fetchone() == (3,)
    assert database.execute("SELECT count(*) FROM samplings").fetchone() == (1,)
    database.close()
    writer = RunWriter.open(tmp_path, CONFIG, SEEDS)  # and a later process finds them again
    asyncio.run(send(writer, request(Stage.INSTANCES, 3)))
    writer.close()
    database = sqlite3.connect(tmp_path / "run.db")
    assert database.execute("SELECT count(*) FROM preambles").fetchone() == (3,)
    database.close()


def test_closing_twice_is_fine_and_telling_afterwards_is_not(tmp_path: Path) -> None:
    writer = RunWriter.open(tmp_path, CONFIG, SEEDS)
    writer.close()
    writer.close()
    with pytest.raises(RuntimeError, match="closed"):
        writer.note("late", 1)


def test_a_writer_that_is_closed_leaves_one_database_file(tmp_path: Path) -> None:
    small_run(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "config.toml", "run.db"]
