"""What DATA can be: a run, and everything that `export` writes of it."""

import json
from pathlib import Path

import pytest
from training_examples import SEEDS, TASKS, write_run

from selfinstruct.dataset.export import export
from selfinstruct.dataset.folder import export_folder
from selfinstruct.dataset.splits import parse_split
from selfinstruct.errors import ConfigError, NotARunError
from selfinstruct.store.improved import OutputVerdict, improvement_directory, write_improved
from selfinstruct.store.reader import RunReader
from selfinstruct.training.data import read_data
from selfinstruct.training.examples import Conversation, Instructed, Rendered

INSTANCES = [(task.instruction, each.input, each.output) for task in TASKS for each in task.instances]
SEED = ("Greet the guest.", "Ann", "Hello, Ann.")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("data") / "run")


def told(path: Path, **options: object) -> list[tuple[str, str, str]]:
    found = []
    for example in read_data(path, **options).examples:  # type: ignore[arg-type]
        assert isinstance(example, Instructed)
        found.append((example.instruction, example.input, example.output))
    return found


def test_a_run_with_its_seeds_first(run: Path) -> None:
    assert told(run) == [SEED, *INSTANCES]
    data = read_data(run)
    assert (data.kind, data.tasks, data.seeds, data.include_seeds) == ("run", 12, 1, True)
    assert told(run, include_seeds=False) == INSTANCES
    assert told(run, tasks=2) == [SEED, *INSTANCES[:3]]
    assert told(run, tasks=0) == [SEED], "the seeds alone"
    assert data.digest != read_data(run, include_seeds=False).digest


def test_outputs_that_another_model_wrote(run: Path) -> None:
    improvement_directory(run, "better").mkdir(parents=True)
    write_improved(run, "better", [OutputVerdict("task_0", 0, "One.")])
    assert told(run, include_seeds=False, outputs="better") == [("Count to 1.", "", "One."), *INSTANCES[1:]]


@pytest.mark.parametrize("format_name", ["jsonl", "alpaca", "parquet"])
def test_formats_with_fields(run: Path, tmp_path: Path, format_name: str) -> None:
    file = tmp_path / f"data.{'parquet' if format_name == 'parquet' else 'jsonl'}"
    export(RunReader.open(run), format_name, file, include_seeds=True)
    assert told(file) == [SEED, *INSTANCES]
    data = read_data(file, tasks=3)
    assert (data.kind, data.tasks, len(data.examples)) == (format_name, 3, 4)


@pytest.mark.parametrize("format_name", ["chat", "openai", "sharegpt"])
def test_formats_of_conversations(run: Path, tmp_path: Path, format_name: str) -> None:
    file = tmp_path / "data.jsonl"
    export(RunReader.open(run), format_name, file, system="Be brief.")
    first, second = read_data(file).examples[:2]
    assert isinstance(first, Conversation)
    assert first.turns == (("system", "Be brief."), ("user", "Count to 1."), ("assistant", " one to 1"))
    assert isinstance(second, Conversation)
    assert second.group == "Count to 2."


def test_text_in_its_template(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    export(RunReader.open(run), "prompt-completion", file)
    first = read_data(file).examples[0]
    assert isinstance(first, Rendered)
    assert "Count to 1." in first.prompt
    assert first.completion.endswith(" one to 1")


def test_a_json_array_and_a_folder_for_the_hub(run: Path, tmp_path: Path) -> None:
    rows = [
        {"instruction": "Say it.", "output": "It."},
        {"instruction": "Say it.", "input": None, "output": "!"},
    ]
    file = tmp_path / "data.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    assert told(file) == [("Say it.", "", "It."), ("Say it.", "", "!")]

    export_folder(RunReader.open(run), "alpaca", tmp_path / "hub", split=parse_split("0.3"))
    sides = [path.name for path in sorted((tmp_path / "hub" / "data").iterdir())]
    assert sides == ["test.jsonl", "train.jsonl"]
    assert set(told(tmp_path / "hub")) < set(INSTANCES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no rows to train on"),
        ("{", r"data\.jsonl, line 1: not valid JSON"),
        ('{"instruction": "a", "output": "b"}\n\n[1]', "line 3: not a JSON object"),
        ('{"text": "a"}', r"line 1: its fields \('text'\) match no known format"),
        ('{"instruction": "a", "output": "b"}\n{"instruction": "c"}', "line 2: field 'output' is missing"),
        ('{"instruction": 3, "output": "b"}', "line 1: field 'instruction' is not text"),
        (
            '{"instruction": "a", "instances": [{"input": "", "output": "x"}, {"input": "y"}]}',
            "line 1: field 'instances.1.output' is missing",
        ),
        ('{"messages": []}', "line 1: field 'messages' is not a list of turns"),
        ('{"messages": [{"role": "user", "content": "a"}]}', "does not end with a reply of the assistant"),
        ('{"messages": [{"role": "tool", "content": "a"}]}', r"'messages\.0\.role' is 'tool'"),
        ("[1", "not valid JSON"),
    ],
)
def test_flawed_files_are_named_with_place_and_field(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "data.jsonl"
    file.write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_data(file)


def test_what_is_no_data(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no .*gone to train on"):
        read_data(tmp_path / "gone")
    with pytest.raises(NotARunError, match="holds neither a run nor a data set"):
        read_data(tmp_path)
    binary = tmp_path / "model.bin"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(
        ConfigError,
        match=r"model\.bin, line 1: the text is UTF-16, as",
    ):
        read_data(binary)
    broken = tmp_path / "data.parquet"
    broken.write_bytes(b"PAR0")
    with pytest.raises(ConfigError, match="cannot be read as Parquet"):
        read_data(broken)
    with pytest.raises(ConfigError, match="has no tasks yet"):
        read_data(write_run(tmp_path / "empty", tasks=()))
    with pytest.raises(ConfigError, match="has no tasks yet"):
        read_data(write_run(tmp_path / "bare", tasks=(), seeds=SEEDS[1:]), tasks=0)

    file = tmp_path / "chat.jsonl"
    export(RunReader.open(run), "chat", file)
    with pytest.raises(ConfigError, match="`include_seeds` needs a run"):
        read_data(file, include_seeds=True)
    with pytest.raises(ConfigError, match=r"`tasks` cannot be used with chat\.jsonl"):
        read_data(file, tasks=3)


def test_nothing_to_learn_from_is_said(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"instruction": "a", "input": "", "output": "b"}\n')
    with pytest.raises(ConfigError, match=r"`tasks=0` leaves a run's seeds; .*rows\.jsonl is none"):
        read_data(file, tasks=0)
    with pytest.raises(ConfigError, match="`tasks=0` and `include_seeds=False` leave nothing"):
        read_data(run, tasks=0, include_seeds=False)


def test_half_characters_become_what_a_run_keeps(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(r'{"id": "\ud800", "instruction": "a \ud800", "instances": [{"output": "\udc00"}]}')
    (example,) = read_data(file).examples
    assert isinstance(example, Instructed)
    assert (example.key, example.instruction, example.output) == ("\ufffd.0", "a \ufffd", "\ufffd")
