import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from selfinstruct.config import Config, LimitsConfig
from selfinstruct.dataset.export import WrittenFile, export
from selfinstruct.dataset.formats import FORMATS
from selfinstruct.dataset.writers import write_dataset
from selfinstruct.errors import ConfigError, StorageError, UserError
from selfinstruct.records import (
    ACCEPTED,
    Completion,
    Instance,
    JudgedInstance,
    JudgedInstruction,
    Neighbour,
    Prompt,
    Request,
    Sampling,
    SeedTask,
    Stage,
    Verdict,
)
from selfinstruct.store.reader import RunReader
from selfinstruct.store.writer import RunWriter

SEED = SeedTask("seed_task_0", "greet", "Greet.", (Instance("", "Hello."),), False)


async def write_run(directory: Path) -> None:
    writer = RunWriter.open(directory, Config(limits=LimitsConfig(tasks=2)), [SEED])
    request = Request(
        Stage.INSTRUCTIONS, 0, Prompt("Sheet: ", "1.", Sampling(0.7, 0.5, 0, 2, 1024), 1), 7, (0,)
    )
    attempt = await writer.intend(request, reserved_prompt_tokens=1, reserved_completion_tokens=1)
    await writer.complete(attempt, request, Completion("写\ud800\0", "stop", 3, 4, True, 0.1))
    near = (Neighbour(0, 0.75),)
    writer.admit(
        0,
        [
            JudgedInstruction("写诗。\nZwei", ACCEPTED, (Neighbour(0, 0.5),), 0.5),
            JudgedInstruction("Greet!", Verdict("too_similar", "0.75"), near, 0.75),
            JudgedInstruction("Name a mood.", ACCEPTED),
        ],
    )
    for task in (0, 1):
        writer.classify(task, is_classification=bool(task))
        writer.settle(
            task, [JudgedInstance("", '\u2028 "x"', ACCEPTED), JudgedInstance("i", "joy", ACCEPTED)], None
        )
    await writer.aclose()


@pytest.fixture
def reader(tmp_path: Path) -> RunReader:
    asyncio.run(write_run(tmp_path / "run"))
    return RunReader.open(tmp_path / "run")


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().decode().rstrip("\n").split("\n")]


def test_the_data_set_is_a_task_a_line(reader: RunReader, tmp_path: Path) -> None:
    path = tmp_path / "dataset.jsonl"
    assert write_dataset(reader, path) == (2, 4)
    instances = [{"input": "", "output": '\u2028 "x"'}, {"input": "i", "output": "joy"}]
    assert lines(path) == [
        {"id": "task_0", "instruction": "写诗。\nZwei", "is_classification": False, "instances": instances},
        {"id": "task_1", "instruction": "Name a mood.", "is_classification": True, "instances": instances},
    ]
    assert list(lines(path)[0]) == ["id", "instruction", "is_classification", "instances"]
    assert "写诗" in path.read_text(encoding="utf-8")
    assert path.read_bytes().endswith(b"}\n")


def test_exporting_it_gives_the_same_bytes(reader: RunReader, tmp_path: Path) -> None:
    write_dataset(reader, tmp_path / "a")
    assert export(reader, "jsonl", tmp_path / "b") == (WrittenFile(tmp_path / "b", 2),)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_candidates_keep_the_rejected_ones(reader: RunReader, tmp_path: Path) -> None:
    assert export(reader, "candidates", tmp_path / "c") == (WrittenFile(tmp_path / "c", 3),)
    assert lines(tmp_path / "c")[1] == {
        "ticket": 0,
        "position": 1,
        "instruction": "Greet!",
        "verdict": "rejected",
        "reason": "too_similar",
        "nearest": "seed_task_0",
        "score": 0.75,
    }


def test_requests_are_whole(reader: RunReader, tmp_path: Path) -> None:
    assert export(reader, "requests", tmp_path / "r") == (WrittenFile(tmp_path / "r", 1),)
    assert lines(tmp_path / "r") == [
        {
            "stage": "instructions",
            "ticket": 0,
            "task": None,
            "position": 0,
            "prompt": "Sheet: 1.",
            "completion": "写\ufffd\0",
            "finish_reason": "stop",
            "prompt_tokens": 3,
            "completion_tokens": 4,
        }
    ]


def test_standard_output_is_utf8_whatever_the_locale(reader: RunReader, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from selfinstruct.dataset.export import export\n"
        "from selfinstruct.store.reader import RunReader\n"
        "print('first'); export(RunReader.open(Path(sys.argv[1])), 'jsonl', None)"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", script, reader.directory],
        capture_output=True,
        check=True,
        env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
    )
    write_dataset(reader, tmp_path / "d")
    assert done.stdout == b"first\n" + (tmp_path / "d").read_bytes()


def test_a_reader_that_has_had_enough_is_no_storage_failure(reader: RunReader) -> None:
    script = (
        "import os, sys; from pathlib import Path\n"
        "from selfinstruct.dataset.export import export\n"
        "from selfinstruct.store.reader import RunReader\n"
        "reader, writer = os.pipe(); os.close(reader); os.dup2(writer, 1)\n"
        "try: export(RunReader.open(Path(sys.argv[1])), 'jsonl', None)\n"
        "except BrokenPipeError: os._exit(42)"
    )
    assert subprocess.run([sys.executable, "-c", script, reader.directory], check=False).returncode == 42


def test_an_unknown_format_is_answered_with_the_known_ones(reader: RunReader, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no format 'csv'") as caught:
        export(reader, "csv", tmp_path / "x")
    assert caught.value.hint == f"Formats are {', '.join(FORMATS)}."


def test_a_folder_that_does_not_exist_is_the_users_mistake(reader: RunReader, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        export(reader, "jsonl", tmp_path / "none" / "x")


def test_a_damaged_run_leaves_the_old_export(reader: RunReader, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("old", encoding="utf-8")
    database = reader.directory / "run.db"
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (database.stat().st_size - 4096))
    with pytest.raises(StorageError, match=r"run\.db is damaged"):
        export(reader, "jsonl", out)
    assert out.read_text(encoding="utf-8") == "old"
