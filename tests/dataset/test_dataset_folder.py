from pathlib import Path

import pytest
import yaml
from dataset_examples import SEEDS, load, make_run, many_tasks
from pyarrow import parquet

from selfinstruct.config import (
    Config,
    LimitsConfig,
    ModelConfig,
    RecipeConfig,
    SamplingConfig,
    SeedsConfig,
)
from selfinstruct.dataset.card_provenance import STAGES
from selfinstruct.dataset.folder import export_folder
from selfinstruct.dataset.formats import FORMATS, TaskFormat
from selfinstruct.dataset.languages import language_code
from selfinstruct.dataset.splits import parse_split
from selfinstruct.errors import ConfigError
from selfinstruct.records import Instance, SeedTask, Task
from selfinstruct.store.reader import RunReader
from selfinstruct.training.data import read_data

SPLIT = parse_split("0.3")


@pytest.fixture
def reader(tmp_path: Path) -> RunReader:
    return make_run(tmp_path / "run", many_tasks(40))


def card(folder: Path) -> str:
    return (folder / "README.md").read_text(encoding="utf-8")


def metadata(folder: Path) -> dict[str, object]:
    _, head, _ = card(folder).split("---\n", 2)
    value = yaml.safe_load(head)
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(
    "name", [name for name, each in FORMATS.items() if isinstance(each, TaskFormat) and not each.pairs]
)
def test_load_dataset_gives_the_splits_of_a_folder(name: str, reader: RunReader, tmp_path: Path) -> None:
    folder = tmp_path / "data set"
    files = export_folder(reader, name, folder, split=SPLIT)
    loaded = load(tmp_path / "cache", folder)
    assert {side: rows.num_rows for side, rows in loaded.items()} == {file.side: file.rows for file in files}
    chosen = FORMATS[name]
    assert isinstance(chosen, TaskFormat)
    assert list(loaded["train"].features) == list(chosen.columns)


def test_without_a_split_all_is_train(reader: RunReader, tmp_path: Path) -> None:
    export_folder(reader, "chat", tmp_path / "d")
    loaded = load(tmp_path / "cache", tmp_path / "d")
    assert list(loaded) == ["train"]
    assert loaded["train"].num_rows == 40


@pytest.mark.parametrize("name", ["jsonl", "parquet"])
def test_many_rows_go_into_several_files(name: str, reader: RunReader, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    (file,) = export_folder(reader, name, folder, shard_rows=15)
    end = file.paths[0].suffix
    assert [path.name for path in file.paths] == [f"train-0000{place}-of-00003{end}" for place in range(3)]
    assert sorted((folder / "data").iterdir()) == list(file.paths)
    assert metadata(folder)["configs"] == [
        {"config_name": "default", "data_files": [{"split": "train", "path": f"data/train-*{end}"}]}
    ]
    loaded = load(tmp_path / "cache", folder)["train"]
    assert list(loaded["instruction"]) == [task.instruction for task in reader.tasks()]
    assert len(read_data(folder).examples) == 40


def test_another_number_of_files_takes_the_place_of_the_last(reader: RunReader, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    for rows, names in (
        (15, ["train-00000-of-00003.jsonl", "train-00001-of-00003.jsonl", "train-00002-of-00003.jsonl"]),
        (20, ["train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl"]),
        (None, ["train.jsonl"]),
        (39, ["train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl"]),
    ):
        export_folder(reader, "alpaca", folder, shard_rows=rows)
        assert sorted(path.name for path in (folder / "data").iterdir()) == names


def test_a_shard_that_fails_leaves_none(reader: RunReader, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="None of the 40 tasks falls to test"):
        export_folder(reader, "jsonl", tmp_path / "d", split=parse_split("0.0001"), shard_rows=7)
    assert list((tmp_path / "d" / "data").iterdir()) == []


def test_a_file_has_at_least_one_row(reader: RunReader, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`shard_rows` is 0"):
        export_folder(reader, "jsonl", tmp_path / "d", shard_rows=0)


def test_types_do_not_depend_on_values(tmp_path: Path) -> None:
    when = [Task("task_0", "When was it?", False, (Instance("", "2020-01-01"),))]
    export_folder(make_run(tmp_path / "run", when), "alpaca", tmp_path / "d")
    features = load(tmp_path / "cache", tmp_path / "d")["train"].features
    assert {features[name].dtype for name in features} == {"string"}


def test_the_cards_head_is_what_the_hub_asks_for(reader: RunReader, tmp_path: Path) -> None:
    export_folder(reader, "chat", tmp_path / "d", split=SPLIT, license_name="cc-by-4.0")
    head = metadata(tmp_path / "d")
    assert head["license"] == "cc-by-4.0"
    assert head["language"] == ["en"]
    assert head["size_categories"] == ["n<1K"]
    assert head["pretty_name"] == "d"
    assert head["tags"] == ["synthetic", "self-instruct", "instruction-tuning"]
    assert head["configs"] == [
        {
            "config_name": "default",
            "data_files": [
                {"split": "train", "path": "data/train.jsonl"},
                {"split": "test", "path": "data/test.jsonl"},
            ],
        }
    ]


def test_the_card_says_how_much_is_where(reader: RunReader, tmp_path: Path) -> None:
    train, test = export_folder(reader, "chat", tmp_path / "d", split=SPLIT)
    text = card(tmp_path / "d")
    assert f"| `train` | {train.tasks} ({train.tasks / 40:.1%}) | {train.rows} |\n" in text
    assert f"| `test` | {test.tasks} ({test.tasks / 40:.1%}) | {test.rows} |\n" in text
    assert "A hash of its instruction decides" in text
    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert all(len({line.count("|") for line in lines}) == 1 for lines in tables)


def test_the_card_says_how_it_was_made(tmp_path: Path) -> None:
    config = Config(
        seed=7,
        limits=LimitsConfig(tasks=3),
        model=ModelConfig(provider="gguf", name="/home/somebody/models/m.gguf", digest="abc123"),
        recipe=RecipeConfig(language="Norwegian", about="tax | law for `shops`"),
        seeds=SeedsConfig(source="/home/somebody/seeds.jsonl", digest="def456", count=2),
    )
    reader = make_run(tmp_path / "run", config=config)
    export_folder(reader, "alpaca", tmp_path / "d", include_seeds=True)
    text = card(tmp_path / "d")
    assert metadata(tmp_path / "d")["language"] == ["no"]
    for words in (
        "| model | `gguf/m.gguf`, SHA-256 `abc123` |",
        "| recipe | `paper` |",
        "| language | `Norwegian` |",
        "| about | `tax ¦ law for 'shops'` |",
        "| seed tasks | 2, a file of the makers' own, SHA-256 `def456` |",
        "| random seed | 7 |",
        "| instructions | 0.7 | 0.5 | 0 | 2 | 1,024 |",
        "4 to 150 words",
        "at most 0.7",
        "seed = 7\n",
        "2 of the tasks are seed tasks",
        "| instructions | 5 | 52,445 |",
        "| of these, classification tasks | 2 (40.0%) | 11,584 (22.1%) |",
        "| of these, with an empty input | 2 (28.6%) | 35,878 (43.5%) |",
        "| words per output, mean | 1.3 | 18.9 |",
        "| instructions admitted | 3 |",
        "No person has reviewed",
        "all three held in 54 %",
        "No license has been stated",
        "@inproceedings{wang2023selfinstruct,",
    ):
        assert words in text, words
    assert "somebody" not in text


def test_the_licence_is_unknown_until_it_is_given(reader: RunReader, tmp_path: Path) -> None:
    export_folder(reader, "alpaca", tmp_path / "d")
    assert metadata(tmp_path / "d")["license"] == "unknown"
    with pytest.raises(ConfigError, match="`license='My own'` is not a license identifier"):
        export_folder(reader, "alpaca", tmp_path / "d", license_name="My own")


def test_of_seeds_in_any_language_none_is_claimed(tmp_path: Path) -> None:
    config = Config(seeds=SeedsConfig(source="/seeds.jsonl"))
    seed = SeedTask("seed_task_0", "", "写诗。", (), False)
    export_folder(make_run(tmp_path / "run", many_tasks(2), [seed], config), "alpaca", tmp_path / "d")
    assert "language" not in metadata(tmp_path / "d")


def test_languages_are_known_by_name_or_code() -> None:
    assert [language_code(name) for name in ("German", " german", "de", "Swiss German", "")] == ["de"] * 3 + [
        None
    ] * 2


def test_every_sampling_is_some_recipes() -> None:
    shown = [field for stages in STAGES.values() for field in stages]
    assert sorted(shown) == sorted(SamplingConfig.model_fields)


def test_a_second_export_replaces_the_first_and_nothing_else(reader: RunReader, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    export_folder(reader, "alpaca", folder, split=SPLIT)
    (folder / "data" / "mine.jsonl").write_text("{}", encoding="utf-8")
    export_folder(reader, "parquet", folder, include_seeds=True)
    assert sorted(path.name for path in (folder / "data").iterdir()) == ["mine.jsonl", "train.parquet"]
    ids = parquet.read_table(folder / "data" / "train.parquet").column("task_id").to_pylist()
    assert ids[:3] == ["seed_task_0", "seed_task_moods", "task_0"]
    assert len(SEEDS) == 3


def test_somebody_elses_readme_is_not_touched(reader: RunReader, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"README\.md is not a data card that selfinstruct wrote"):
        export_folder(reader, "alpaca", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "run"]


def test_a_file_is_no_folder(reader: RunReader, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="f is a file, not a folder"):
        export_folder(reader, "alpaca", tmp_path / "f")


def test_records_of_the_run_make_no_data_set(reader: RunReader, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'candidates' is a record of the run"):
        export_folder(reader, "candidates", tmp_path / "d")


def test_a_run_without_tasks_makes_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="run has no tasks yet"):
        export_folder(make_run(tmp_path / "run", []), "alpaca", tmp_path / "d")
