"""Every format, as the library that it is for reads it."""

from pathlib import Path
from typing import Any

import pytest
from dataset_examples import SEEDS, TASKS, load, make_run, many_tasks
from pyarrow import parquet

from selfinstruct.dataset.export import export, shortfall
from selfinstruct.dataset.formats import FORMATS, TaskFormat
from selfinstruct.dataset.writers import ROW_GROUP
from selfinstruct.errors import ConfigError
from selfinstruct.store.reader import RunReader

PAIRS = [(task, instance) for task in TASKS for instance in task.instances]
ASKED = [f"{task.instruction}\n\n{each.input}" if each.input else task.instruction for task, each in PAIRS]
ANSWERED = [instance.output for _, instance in PAIRS]


@pytest.fixture
def reader(tmp_path: Path) -> RunReader:
    return make_run(tmp_path / "run")


def read_back(reader: RunReader, tmp_path: Path, name: str, **options: Any) -> list[dict[str, Any]]:
    chosen = FORMATS[name]
    assert isinstance(chosen, TaskFormat)
    out = tmp_path / f"{name}.{chosen.kind}"
    (written,) = export(reader, name, out, **options)
    data = load(tmp_path / "cache", {"jsonl": "json"}.get(chosen.kind, chosen.kind), data_files=str(out))[
        "train"
    ]
    assert data.num_rows == written.rows
    assert set(data.column_names) == set(chosen.columns)
    return list(data)


def test_jsonl_is_a_task_a_row(reader: RunReader, tmp_path: Path) -> None:
    rows = read_back(reader, tmp_path, "jsonl")
    assert [row["id"] for row in rows] == ["task_0", "task_1", "task_2"]
    assert rows[1]["instances"] == [
        {"input": "b a", "output": "a b"},
        {"input": "Words: d c", "output": "c d"},
    ]
    assert [row["is_classification"] for row in rows] == [False, False, True]


def test_alpaca_is_an_instance_a_row(reader: RunReader, tmp_path: Path) -> None:
    assert read_back(reader, tmp_path, "alpaca") == [
        {"instruction": task.instruction, "input": each.input, "output": each.output} for task, each in PAIRS
    ]


@pytest.mark.parametrize("name", ["chat", "openai"])
def test_messages_are_the_users_and_the_assistants(name: str, reader: RunReader, tmp_path: Path) -> None:
    assert read_back(reader, tmp_path, name) == [
        {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]}
        for asked, answered in zip(ASKED, ANSWERED, strict=True)
    ]


def test_sharegpt_calls_them_human_and_gpt(reader: RunReader, tmp_path: Path) -> None:
    assert read_back(reader, tmp_path, "sharegpt") == [
        {"conversations": [{"from": "human", "value": asked}, {"from": "gpt", "value": answered}]}
        for asked, answered in zip(ASKED, ANSWERED, strict=True)
    ]


@pytest.mark.parametrize(("name", "column"), [("chat", "messages"), ("sharegpt", "conversations")])
def test_a_system_message_comes_first(name: str, column: str, reader: RunReader, tmp_path: Path) -> None:
    for row in read_back(reader, tmp_path, name, system="Be brief."):
        assert list(row[column][0].values()) == ["system", "Be brief."]
        assert len(row[column]) == 3


def test_prompt_and_completion_hold_the_whole_instance(reader: RunReader, tmp_path: Path) -> None:
    for row, (task, instance) in zip(read_back(reader, tmp_path, "prompt-completion"), PAIRS, strict=True):
        assert task.instruction in row["prompt"]
        assert instance.input.removeprefix("Words: ") in row["prompt"]
        assert row["completion"] in (instance.output, f" {instance.output}")
        assert (
            row["completion"].startswith(" ") is row["prompt"].endswith("Output:")
            or instance.output[0] == " "
        )


def test_parquet_adds_what_an_instance_owes_to_its_task(reader: RunReader, tmp_path: Path) -> None:
    rows = read_back(reader, tmp_path, "parquet")
    assert rows[-1] == {
        "task_id": "task_2",
        "instruction": "Is it a fruit?",
        "input": "stone",
        "output": "no",
        "is_classification": True,
    }
    assert parquet.read_table(tmp_path / "parquet.parquet").to_pylist() == rows


def test_parquet_is_written_a_group_of_rows_at_a_time(tmp_path: Path) -> None:
    reader = make_run(tmp_path / "run", many_tasks(ROW_GROUP + 1))
    export(reader, "parquet", tmp_path / "p.parquet")
    with parquet.ParquetFile(tmp_path / "p.parquet") as file:
        groups = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
        assert groups == [ROW_GROUP, 1]
        assert file.read().column("task_id").to_pylist() == [f"task_{n}" for n in range(ROW_GROUP + 1)]


@pytest.mark.parametrize(
    "name", [name for name, each in FORMATS.items() if isinstance(each, TaskFormat) and not each.pairs]
)
def test_the_same_export_gives_the_same_bytes(name: str, reader: RunReader, tmp_path: Path) -> None:
    for out in ("a", "b"):
        export(reader, name, tmp_path / out, include_seeds=True)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_seeds_with_instances_come_first_marked_by_their_ids(reader: RunReader, tmp_path: Path) -> None:
    rows = read_back(reader, tmp_path, "jsonl", include_seeds=True)
    assert [row["id"] for row in rows] == ["seed_task_0", "seed_task_moods", "task_0", "task_1", "task_2"]
    assert rows[0]["instances"] == [{"input": "", "output": "Hello."}], (
        "an instance without output teaches nothing"
    )
    assert SEEDS[2].instruction not in [row["instruction"] for row in rows]


def test_a_system_message_needs_a_format_with_a_place_for_it(reader: RunReader, tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"This format has no place for `system`\. Leave it out, or use chat"
    ):
        export(reader, "alpaca", tmp_path / "x", system="Be brief.")


@pytest.mark.parametrize("options", [{"include_seeds": True}, {"system": "Be brief."}])
def test_records_of_the_run_take_nothing_of_a_data_set(options: dict[str, Any], reader: RunReader) -> None:
    with pytest.raises(ConfigError, match="'candidates' is a record of the run, not its data set"):
        export(reader, "candidates", **options)


def test_parquet_is_nothing_for_standard_output(reader: RunReader) -> None:
    with pytest.raises(
        ConfigError, match=r"'parquet' is not text, which standard output cannot take\. Name a file"
    ):
        export(reader, "parquet")


def test_a_file_too_short_for_openai_is_told_of(tmp_path: Path) -> None:
    short = export(make_run(tmp_path / "short"), "openai", tmp_path / "short.jsonl")
    long = export(make_run(tmp_path / "long", many_tasks(10)), "openai", tmp_path / "long.jsonl")
    assert shortfall("openai", short) == "5 rows are too few: openai takes a training file from 10 rows on."
    assert shortfall("openai", long) == shortfall("chat", short) == ""
