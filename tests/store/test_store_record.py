"""A run as one record: all that reports look at, as it is at one moment."""

import asyncio
from pathlib import Path

import pytest
from store_examples import CONFIG, SEEDS, accepted, rejected, request, send, small_run

from selfinstruct.records import ACCEPTED, JudgedInstance, Neighbour, Stage
from selfinstruct.store.reader import RunReader
from selfinstruct.store.record import RunRecord
from selfinstruct.store.writer import RunWriter


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    return RunReader.open(small_run(tmp_path_factory.mktemp("record") / "run")).record()


def test_it_has_what_other_readers_have(record: RunRecord, tmp_path: Path) -> None:
    reader = RunReader.open(small_run(tmp_path / "run"))
    assert record.seeds == reader.seeds() == SEEDS
    assert record.notes == reader.notes()
    assert (record.summary.tasks, record.summary.candidates) == (2, 7)
    assert [task.task() for task in record.tasks if record.in_data_set(task)] == list(reader.tasks())
    admissions = [each for judged in reader.admissions() for each in judged]
    assert [each.text for each in record.candidates] == [each.text for each in admissions]
    assert [each.verdict for each in record.candidates] == [each.verdict for each in admissions]


def test_tickets_know_what_they_showed(record: RunRecord) -> None:
    assert [(each.number, each.candidates, each.admitted, each.shown) for each in record.tickets] == [
        (0, 4, 2, (1, 0)),
        (1, 0, 0, (2, 0)),
        (2, 2, 2, (2, 3)),
        (3, 1, 1, ()),
    ]


def test_candidates_know_their_nearest_and_their_task(record: RunRecord) -> None:
    assert [each.id for each in record.candidates] == [
        "task_0", "0.1", "0.2", "task_1", "task_2", "task_3", "task_4"
    ]  # fmt: skip
    similar = record.candidates[2]
    assert similar.nearest == Neighbour(2, 0.9)
    assert (record.pool_name(2), record.pool_text(2)) == ("task_0", "Sing.")
    assert (record.pool_name(0), record.pool_text(0)) == ("seed_task_0", "Greet somebody.")
    assert record.candidates[1].nearest is None


def test_tasks_keep_all_their_instances(record: RunRecord) -> None:
    states = [(task.valid, task.reason, len(task.instances)) for task in record.tasks]
    assert states == [
        (True, None, 2),
        (False, "no_valid_instance", 1),
        (True, None, 2),
        (None, None, 0),
        (True, None, 2),
    ]
    assert record.end == 3, "the two tasks wanted are 0 and 2"
    assert [task.number for task in record.tasks if record.in_data_set(task)] == [0, 2]
    assert [task.is_classification for task in record.tasks] == [False, False, True, None, False]


def test_attempts_come_in_the_order_in_which_they_were_sent(record: RunRecord) -> None:
    assert [(each.stage, each.subject, each.outcome) for each in record.attempts[:4]] == [
        (Stage.INSTRUCTIONS, 0, "completed"),
        (Stage.INSTRUCTIONS, 1, "EndpointFailedError"),
        (Stage.INSTRUCTIONS, 1, "ContentRefusedError"),
        (Stage.INSTRUCTIONS, 2, "completed"),
    ]
    assert (record.attempts[0].prompt_tokens, record.attempts[1].prompt_tokens) == (10, 0)
    assert record.attempts[1].seconds == 1.5


async def write_long_run(directory: Path) -> None:
    """30 tickets, each with two admitted instructions and one that is rejected."""
    writer = RunWriter.open(directory, CONFIG, SEEDS)
    for ticket in range(30):
        await send(writer, request(Stage.INSTRUCTIONS, ticket, shown=(0, 1)))
        texts = [accepted(f"First {ticket}.", Neighbour(0, 0.1)), rejected("Draw.", "keyword")]
        writer.admit(ticket, [*texts, accepted(f"Second {ticket}.")])
        for task in (2 * ticket, 2 * ticket + 1):
            writer.classify(task, is_classification=task % 4 == 0)
            await send(writer, request(Stage.INSTANCES, task))
            writer.settle(task, [JudgedInstance("", f"out {task}", ACCEPTED)], None)
    await writer.aclose()


def test_a_sample_holds_whole_tickets_and_the_counts_of_the_whole_run(tmp_path: Path) -> None:
    asyncio.run(write_long_run(tmp_path / "run"))
    reader = RunReader.open(tmp_path / "run")
    whole, part = reader.record(whole_up_to=60), reader.record(whole_up_to=59, sample=20)
    assert (whole.sample, whole.scale) == (None, 1.0)
    assert part.sample is not None
    assert (part.sample.tickets, part.sample.of_tickets, part.sample.tasks, part.sample.of_tasks) == (
        10, 30, 20, 60
    )  # fmt: skip
    assert part.scale == 3.0
    assert (part.tickets, part.pool, part.counts, part.summary, part.end) == (
        whole.tickets, whole.pool, whole.counts, whole.summary, whole.end
    )  # fmt: skip
    chosen = {each.ticket for each in part.candidates}
    assert len(chosen) == 10
    assert part.candidates == [each for each in whole.candidates if each.ticket in chosen]
    assert part.tasks == [each for each in whole.tasks if each.ticket in chosen]
    tickets_of_attempts = {
        each.subject if each.stage is Stage.INSTRUCTIONS else each.subject // 2 for each in part.attempts
    }
    assert tickets_of_attempts == chosen
    assert len(part.attempts) == 3 * 10
    rows = reader.record(whole_up_to=59, sample=20, rows_alone=True)
    assert (rows.tasks, rows.candidates) == (part.tasks, part.candidates)
    assert (rows.tickets, rows.attempts, rows.pool) == ([], [], [])
