from pathlib import Path

import pytest
from store_examples import small_run

from selfinstruct.config import Config
from selfinstruct.errors import UserError
from selfinstruct.records import (
    ACCEPTED,
    JudgedInstance,
    JudgedInstruction,
    Neighbour,
    SeedTask,
    Stage,
    Verdict,
)
from selfinstruct.store.lineage import NearEntry, PoolEntry
from selfinstruct.store.reader import RunReader
from selfinstruct.store.writer import RunWriter


@pytest.fixture
def reader(tmp_path: Path) -> RunReader:
    return RunReader.open(small_run(tmp_path))


def test_a_task_knows_where_it_came_from_and_what_became_of_it(reader: RunReader) -> None:
    lineage = reader.lineage("task_2")
    assert (lineage.id, lineage.instruction, lineage.verdict) == ("task_2", "Rhyme.", Verdict(None, ""))
    assert (lineage.ticket, lineage.position) == (2, 0)
    assert lineage.demonstrations == (PoolEntry("task_0", "Sing."), PoolEntry("task_1", "Count."))
    assert lineage.neighbours == (NearEntry("task_0", "Sing.", 0.2),)
    assert lineage.mean_similarity == 0.25
    assert [exchange.stage for exchange in lineage.requests] == [
        Stage.INSTRUCTIONS,
        Stage.CLASSIFICATION,
        Stage.INSTANCES,
    ]
    assert lineage.requests[0].prompt == "instructions sheet\ninstructions 2"
    assert [exchange.completion for exchange in lineage.requests] == ["ticket 2", "No", "Output: 2"]
    assert (lineage.is_classification, lineage.valid, lineage.invalid_reason) == (True, True, None)
    assert lineage.instances == (
        JudgedInstance("in", "", Verdict("empty_output")),
        JudgedInstance("in", "out 2", ACCEPTED),
    )
    assert (lineage.shown, lineage.offspring) == (0, 0)


def test_a_demonstration_knows_what_it_bore(reader: RunReader) -> None:
    assert (reader.lineage("task_0").shown, reader.lineage("task_0").offspring) == (2, 2)


def test_a_rejected_candidate_says_why(reader: RunReader) -> None:
    lineage = reader.lineage("0.2")
    assert (lineage.id, lineage.verdict) == ("0.2", Verdict("too_similar", "why"))
    assert lineage.neighbours[0] == NearEntry("task_0", "Sing.", 0.9)
    assert [exchange.stage for exchange in lineage.requests] == [Stage.INSTRUCTIONS]
    assert (lineage.is_classification, lineage.valid, lineage.instances) == (None, None, ())


def test_an_accepted_candidate_is_its_task(reader: RunReader) -> None:
    assert reader.lineage("0.3") == reader.lineage("task_1")
    assert reader.lineage("task_1").invalid_reason == "no_valid_instance"


def test_a_seed_knows_how_often_it_was_shown(reader: RunReader) -> None:
    lineage = reader.lineage("seed_task_1")
    assert (lineage.ticket, lineage.requests, lineage.neighbours) == (None, (), ())
    assert lineage.instances[0] == JudgedInstance("Hurra", "joy", ACCEPTED)
    assert (lineage.shown, lineage.offspring) == (1, 2)


def test_a_seed_whose_id_looks_like_a_tasks_is_named_apart(tmp_path: Path) -> None:
    seeds = [
        SeedTask(name, "", f"The seed {name}.", (), False) for name in ("task_0", "0.0", "mine", "seed:mine")
    ]
    writer = RunWriter.open(tmp_path / "run", Config(), seeds)
    near = (Neighbour(0, 0.5), Neighbour(1, 0.4), Neighbour(2, 0.3))
    writer.admit(0, [JudgedInstruction("The task.", ACCEPTED, near, 0.4)])
    writer.close()
    reader = RunReader.open(tmp_path / "run")
    task = reader.lineage("task_0")
    assert (task.instruction, reader.lineage("0.0")) == ("The task.", task)
    assert [entry.id for entry in task.neighbours] == ["seed:task_0", "seed:0.0", "mine"]
    for name, instruction in {
        "seed:task_0": "The seed task_0.",
        "seed:0.0": "The seed 0.0.",
        "mine": "The seed mine.",
        "seed:mine": "The seed seed:mine.",
        "seed:seed:mine": "The seed seed:mine.",
    }.items():
        assert reader.lineage(name).instruction == instruction
    assert next(reader.candidates()).nearest == "seed:task_0"
    assert reader.lineage("seed:task_0").id == "seed:task_0"


@pytest.mark.parametrize(
    "identifier", ["task_99", "9.9", "0.-1", "task_", "", "seed_task_7", "task_" + "9" * 40]
)
def test_an_unknown_id_is_answered_with_the_forms(reader: RunReader, identifier: str) -> None:
    with pytest.raises(UserError, match=r"has no instruction .* task_17 .* 17\.3 .* seed_task_0"):
        reader.lineage(identifier)
