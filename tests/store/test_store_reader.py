import asyncio
from dataclasses import asdict
from pathlib import Path

from store_examples import CONFIG, SEEDS, accepted, request, send, small_run

from selfinstruct.config import LimitsConfig
from selfinstruct.records import ACCEPTED, Instance, JudgedInstance, Stage, Task
from selfinstruct.store.reader import RunReader
from selfinstruct.store.summary import StageSummary
from selfinstruct.store.writer import RunWriter


def reader_of(directory: Path, tasks: int = 2) -> RunReader:
    return RunReader.open(
        small_run(directory, CONFIG.model_copy(update={"limits": LimitsConfig(tasks=tasks)}))
    )


def test_the_data_set_is_the_first_wanted_valid_tasks(tmp_path: Path) -> None:
    reader = reader_of(tmp_path)
    assert list(reader.tasks()) == [
        Task("task_0", "Sing.", False, (Instance("in", "out 0"),)),
        Task("task_2", "Rhyme.", True, (Instance("in", "out 2"),)),
    ]
    assert reader.deciding_ticket() == 2


def test_one_task_wanted_is_decided_by_the_ticket_that_bore_it(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, tasks=1)
    assert [task.id for task in reader.tasks()] == ["task_0"]
    assert reader.deciding_ticket() == 0
    assert {row.ticket for row in reader.candidates()} == {0}


def test_the_data_set_stops_before_a_task_that_is_not_settled(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, tasks=3)  # task 4 is valid, but 3 might be
    assert [task.id for task in reader.tasks()] == ["task_0", "task_2"]
    assert reader.deciding_ticket() is None
    assert [row.ticket for row in reader.candidates()] == [0, 0, 0, 0, 2, 2, 3]


def test_candidates_come_with_verdict_and_nearest(tmp_path: Path) -> None:
    rows = [asdict(row) for row in reader_of(tmp_path).candidates()]
    assert len(rows) == 6
    assert rows[1] == {
        "ticket": 0,
        "position": 1,
        "instruction": "Draw.",
        "verdict": "rejected",
        "reason": "keyword",
        "nearest": None,
        "score": None,
    }
    assert rows[2]["nearest"] == "task_0"
    assert rows[2]["score"] == 0.9
    assert (rows[0]["verdict"], rows[0]["reason"], rows[0]["nearest"]) == ("accepted", None, "seed_task_0")


def test_requests_come_stage_by_stage(tmp_path: Path) -> None:
    rows = list(reader_of(tmp_path).requests())
    assert [(row.stage.value, row.ticket, row.task) for row in rows] == [
        ("instructions", 0, None),
        ("instructions", 2, None),
        ("classification", 0, "task_0"),
        ("classification", 0, "task_1"),
        ("classification", 2, "task_2"),
        ("classification", 3, "task_4"),
        ("instances", 0, "task_0"),
        ("instances", 0, "task_1"),
        ("instances", 2, "task_2"),
        ("instances", 3, "task_4"),
    ]
    assert rows[-1].prompt == "instances sheet\ninstances 4"
    assert (rows[-1].completion, rows[-1].finish_reason) == ("Output: 4", "stop")
    assert (rows[-1].prompt_tokens, rows[-1].completion_tokens) == (10, 5)


def test_the_summary_counts_everything(tmp_path: Path) -> None:
    summary = reader_of(tmp_path).summary()
    assert (summary.tasks, summary.instances, summary.admitted, summary.pending) == (2, 2, 5, 1)
    assert (summary.requests, summary.attempts, summary.lost) == (10, 12, {"refused": 1})
    assert summary.errors == {"ContentRefusedError": 1, "EndpointFailedError": 1}
    assert summary.last_failure is None, "others were completed after them"
    assert (summary.prompt_tokens, summary.completion_tokens, summary.estimated) == (100, 50, False)
    assert (summary.tickets, summary.candidates) == (4, 7)
    assert summary.rejected == {"keyword": 1, "too_similar": 1}
    assert summary.rejected_instances == {"empty_output": 4}
    assert summary.invalid_tasks == {"no_valid_instance": 1}
    assert summary.by_stage[Stage.INSTRUCTIONS] == StageSummary(2, 4, 20, 10, 0, 0, 0, 0.5, 0, 0)
    assert summary.first is not None
    assert summary.last is not None
    assert 0 < summary.last - summary.first < 60


def test_the_summary_of_a_run_that_has_only_begun(tmp_path: Path) -> None:
    RunWriter.open(tmp_path, CONFIG, SEEDS).close()
    summary = RunReader.open(tmp_path).summary()
    assert (summary.tasks, summary.attempts, summary.candidates, summary.first) == (0, 0, 0, None)
    assert summary.by_stage[Stage.INSTANCES] == StageSummary(0, 0, 0, 0, 0, 0, 0, None, 0, 0)


def test_config_seeds_and_notes(tmp_path: Path) -> None:
    reader = reader_of(tmp_path)
    assert (reader.config(), reader.seeds()) == (CONFIG, SEEDS)
    assert reader.notes() == {"capabilities": {"api": "chat"}}


def test_reading_goes_on_while_a_writer_writes_and_sees_one_moment(tmp_path: Path) -> None:
    async def both() -> None:
        writer = RunWriter.open(tmp_path, CONFIG.model_copy(update={"limits": LimitsConfig()}), SEEDS)

        async def bear(ticket: int) -> None:
            await send(writer, request(Stage.INSTRUCTIONS, ticket), "x" * 5000)
            writer.admit(ticket, [accepted(f"{ticket}")])
            writer.settle(ticket, [JudgedInstance("", "y", ACCEPTED)], None)
            await writer.flush()

        await bear(0)
        reader = RunReader.open(tmp_path)
        seen = reader.requests()
        first = next(seen)
        for ticket in range(1, 6):
            await bear(ticket)
            assert reader.summary().tasks == ticket + 1
            assert len(list(reader.tasks())) == ticket + 1
        assert [first, *seen] == [first], "an iterator that has begun keeps to its moment"
        assert len(list(reader.requests())) == 6
        await writer.aclose()

    asyncio.run(both())


def test_where_there_is_no_run_nothing_was_completed(tmp_path: Path) -> None:
    assert not RunReader(tmp_path / "never-begun").has_completions()
