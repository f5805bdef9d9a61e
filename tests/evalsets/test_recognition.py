import json
from pathlib import Path

import pytest

from selfinstruct.errors import UserError
from selfinstruct.evalsets.recognition import load_any

TASK = {
    "Definition": ["Name the colour."],
    "Categories": ["Naming"],
    "Instances": [
        {"id": f"i-{number}", "input": f"sky {number}", "output": ["blue"]} for number in range(130)
    ],
}


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("task1_a", "task2_b"):
        write(tmp_path / "checkout" / "tasks" / f"{name}.json", json.dumps(TASK))
    write(tmp_path / "checkout" / "splits" / "default" / "test_tasks.txt", "task2_b\n")
    return tmp_path / "checkout"


def test_natural_instructions_as_checkout_folder_list_or_file(checkout: Path) -> None:
    whole, listed = load_any(checkout), load_any(checkout / "splits" / "default" / "test_tasks.txt")
    assert {item.task for item in whole} == {item.task for item in listed} == {"task2_b"}
    assert {item.task for item in load_any(checkout / "tasks")} == {"task1_a", "task2_b"}
    single = load_any(checkout / "tasks" / "task1_a.json")
    assert len(single) == 100, "those that are evaluated"
    assert (single[0].instruction, single[0].input, single[0].references) == (
        "Name the colour.",
        "sky 0",
        ("blue",),
    )


def test_a_checkout_without_its_list_is_a_folder_of_tasks(checkout: Path) -> None:
    (checkout / "splits" / "default" / "test_tasks.txt").unlink()
    assert {item.task for item in load_any(checkout)} == {"task1_a", "task2_b"}


def test_json_lines_with_answers_or_without(tmp_path: Path) -> None:
    rows = [
        {"id": "u", "instruction": "Do it.", "instances": [{"input": "x", "output": "y"}]},
        {"instruction": "Only this.", "input": "z"},
        {"prompt": "And this.", "completion": "w"},
    ]
    items = load_any(write(tmp_path / "mine.jsonl", "\n".join(map(json.dumps, rows))))
    assert [(item.id, item.instruction, item.input, item.references) for item in items] == [
        ("u", "Do it.", "x", ("y",)),
        ("item_1", "Only this.", "z", ()),
        ("item_2", "And this.", "", ("w",)),
    ]
    assert load_any(write(tmp_path / "mine.json", json.dumps(rows)))[0].id == "u"


def test_a_text_has_an_instruction_a_line(tmp_path: Path) -> None:
    items = load_any(write(tmp_path / "mine.txt", "Name a river.\n\n写一首关于春天的短诗\n"))
    assert [(item.id, item.instruction) for item in items] == [
        ("line 1", "Name a river."),
        ("line 3", "写一首关于春天的短诗"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("empty.txt", "\n \n", "is empty"),
        ("bad.jsonl", '{"question": 3}', "field 'question' is a number"),
        ("names.txt", "task7_nowhere\n", "There is no folder `tasks`"),
        ("broken.json", "{", "not valid JSON"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as raised:
        load_any(write(tmp_path / name, text))
    assert name in str(raised.value)


def test_a_folder_without_tasks_and_a_path_without_anything(tmp_path: Path) -> None:
    write(tmp_path / "folder" / "other.json", "[]")
    with pytest.raises(UserError, match="holds no task of natural-instructions"):
        load_any(tmp_path / "folder")
    with pytest.raises(UserError, match="Cannot read"):
        load_any(tmp_path / "nothing.jsonl")


def test_a_broken_task_file_is_not_passed_over(checkout: Path) -> None:
    """What it holds would not be kept out of the data."""
    write(checkout / "tasks" / "task3_c.json", '{"Definition": ["Write')
    with pytest.raises(UserError, match=r"task3_c\.json is not valid JSON"):
        load_any(checkout / "tasks")
    write(checkout / "tasks" / "task3_c.json", "[]")
    with pytest.raises(UserError, match=r"task3_c\.json is not a task of natural-instructions, unlike"):
        load_any(checkout / "tasks")
