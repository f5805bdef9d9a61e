"""Where items come from, and how they are asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from selfinstruct.dataset.templates import BARE_TEMPLATES, INPUT_TEMPLATES
from selfinstruct.errors import ConfigError, UserError
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.suites import SUITES, items_digest, load_items
from selfinstruct.evaluation.layouts import LAYOUTS, lay_out, layout_for
from selfinstruct.records import Instance

SHARED = Path(__file__).parents[3] / "shared" / "data"


def write_task(folder: Path, name: str, **fields: Any) -> None:
    task = {
        "Definition": [f"Do what {name} says"],
        "Positive Examples": [
            {"input": "one?", "output": "two", "explanation": "…"},
            {"input": "three", "output": "four!", "explanation": "…"},
        ],
        "Categories": ["Word Analogy"],
        "Instances": [
            {"id": f"{name}-{number}", "input": f"{number}", "output": [f"{number}!"]} for number in range(5)
        ],
    }
    (folder / "tasks").mkdir(parents=True, exist_ok=True)
    (folder / "tasks" / f"{name}.json").write_text(json.dumps(task | fields))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("task1_a", "task2_b"):
        write_task(tmp_path, name)
    (tmp_path / "splits" / "default").mkdir(parents=True)
    (tmp_path / "splits" / "default" / "test_tasks.txt").write_text("task2_b\n\ntask1_a\n")
    return tmp_path


# ------------------------------------------------------------------------ superni


def test_the_first_instances_of_each_task_in_the_order_of_the_list(checkout: Path) -> None:
    items = load_items("superni", checkout, per_task=2, examples=1)
    assert [item.id for item in items] == ["task2_b-0", "task2_b-1", "task1_a-0", "task1_a-1"]
    assert items[0] == EvaluationItem(
        "task2_b-0",
        "Do what task2_b says",
        "0",
        ("0!",),
        "task2_b",
        "Word Analogy",
        (Instance("one?", "two"),),
    )
    assert len(load_items("superni", checkout)) == 10
    own = checkout / "mine.txt"
    own.write_text("task1_a")
    assert {item.task for item in load_items("superni", own)} == {"task1_a"}


def test_what_task_files_may_lack(checkout: Path) -> None:
    twice = [{"id": "same", "input": "x", "output": "y"}, {"id": "same", "input": "z", "output": "y"}]
    write_task(
        checkout, "task1_a", Definition="As a text.", Categories=[], Instances=[*twice, {"output": "w"}]
    )
    items = load_items("superni", checkout)[5:]
    assert [item.id for item in items] == ["same", "same#2", "task1_a-2"]
    assert {(item.instruction, item.category) for item in items} == {("As a text.", "")}
    assert items[0].references == ("y",)
    write_task(checkout, "task1_a", Categories="Naming")
    assert {item.category for item in load_items("superni", checkout)[5:]} == {"Naming"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the official list is not at hand")
def test_the_official_list() -> None:
    items = load_items("superni", SHARED / "superni")
    assert len(items) == len({item.task for item in items}) == 119


def mistake(suite: str, path: Path, **options: int) -> str:
    with pytest.raises(UserError) as caught:
        load_items(suite, path, **options)
    return str(caught.value)


def test_mistakes_in_a_checkout(checkout: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    said = mistake("superni", empty)
    assert (
        "empty is not a checkout of natural-instructions: it has neither splits/default/test_tasks.txt"
        in said
    )
    assert "git clone https://github.com/allenai/natural-instructions" in said
    deep = tmp_path / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    (deep / "list.txt").write_text("task1_a")
    assert "There is no folder `tasks` beside" in mistake("superni", deep / "list.txt")
    assert "Cannot read" in mistake("superni", tmp_path / "nowhere")
    task_list = checkout / "splits" / "default" / "test_tasks.txt"
    for text, said in (
        ("\n", "names no task. Write the names of tasks, one per line."),
        ("task1_a\ntask1_a", "names task1_a twice."),
        ("task1_a\ntask8_z\ntask9_z", "names task8_z and 1 more, but"),
    ):
        task_list.write_text(text)
        assert said in mistake("superni", checkout)
    task_list.write_text("task1_a")
    assert "task1_a.json: 3 positive examples are to be shown, and it has 2." in mistake(
        "superni", checkout, examples=3
    )
    file = checkout / "tasks" / "task1_a.json"
    for text, said in (
        ("{", "task1_a.json is not valid JSON"),
        ("[]", "task1_a.json is not a task: it is not one JSON object."),
        ('{"Definition": ["x"], "Instances": []}', "task1_a.json: it has no instances."),
        ('{"Definition": ["x"], "Instances": [{"output": []}]}', "the list in field 'output' is empty"),
        ('{"Definition": ["x"], "Instances": [1]}', "field 'Instances' is not a list of objects"),
        ('{"Instances": [1]}', "there is no field 'Definition'"),
    ):
        file.write_text(text)
        assert said in mistake("superni", checkout)


# ------------------------------------------------------------------------ user-oriented, jsonl


def write_lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_user_oriented(tmp_path: Path) -> None:
    row = {"id": "t", "motivation_app": "Mail", "instruction": " Say it. ", "instances": [{"output": "it"}]}
    path = write_lines(tmp_path / "f", row, {**row, "id": None})
    assert load_items("user-oriented", path) == (
        EvaluationItem("t", "Say it.", "", ("it",), "", "Mail"),
        EvaluationItem("user_oriented_task_1", "Say it.", "", ("it",), "", "Mail"),
    )
    assert "line 1: there is no instance" in mistake(
        "user-oriented", write_lines(tmp_path / "g", {"instruction": "x", "input": "", "output": "y"})
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"instruction": "I", "input": "x", "output": "y"}, ("I", "x", ("y",))),
        ({"instruction": "I", "output": ["y", "z"]}, ("I", "", ("y", "z"))),
        ({"instruction": "I", "context": "x", "response": "y", "category": "qa"}, ("I", "x", ("y",))),
        ({"instruction": "I", "input": None, "target": "y"}, ("I", "", ("y",))),
        ({"prompt": "P", "completion": " y"}, ("P", "", (" y",))),
        ({"question": "Q", "answer": "y"}, ("Q", "", ("y",))),
        ({"id": 7, "prompt": "P", "answer": [42, 0.5]}, ("P", "", ("42", "0.5"))),
        ({"instruction": "I", "instances": [{"input": "x", "output": "y"}]}, ("I", "x", ("y",))),
        (
            {"messages": [{"role": "user", "content": "I"}, {"role": "assistant", "content": "y"}]},
            ("I", "", ("y",)),
        ),
        (
            {
                "conversations": [
                    {"from": "system", "value": "S"},
                    {"from": "human", "value": "I"},
                    {"from": "gpt", "value": "y"},
                ]
            },
            ("S\n\nI", "", ("y",)),
        ),
    ],
)
def test_rows_of_any_form(row: dict[str, Any], expected: tuple[object, ...], tmp_path: Path) -> None:
    for path in (write_lines(tmp_path / "lines", row), tmp_path / "array.json"):
        path.write_text(json.dumps([row]) if path.suffix else path.read_text())
        (item,) = load_items("jsonl", path)
        assert (item.instruction, item.input, item.references) == expected
        assert item.category == row.get("category", "")
        assert item.id == str(row.get("id", "item_0"))


def test_instances_of_one_task_are_items_of_it(tmp_path: Path) -> None:
    row = {"id": "t", "instruction": "I", "instances": [{"output": "y"}, {"input": "x", "output": "z"}]}
    items = load_items("jsonl", write_lines(tmp_path / "f", row))
    assert [(item.id, item.task) for item in items] == [("t.0", "t"), ("t.1", "t")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"instruction": "a", "output": "b"}\n{"instruction": "a"', "f, line 2: not valid JSON"),
        ('{"instruction": "a", "output": "b"}\n7', "f, line 2: this is a number, not an object"),
        ('{"instruction": "a"}', "f, line 1: there is no field 'output' or 'outputs'"),
        ('{"output": "b"}', "f, line 1: there is no field 'instruction' or 'prompt' or 'question'"),
        ('{"instruction": " ", "output": "b"}', "nothing is in the field 'instruction'"),
        ('{"instruction": ["a"], "output": "b"}', "field 'instruction' is a list, not text"),
        ('{"instruction": "a", "output": [true]}', "field 'output' holds true or false, not text"),
        ("\n", "holds nothing. Write one JSON object per line."),
        ('{"id": "x", "prompt": "a", "output": "b"}\n' * 2, "two items with the id 'x'"),
        ('{"messages": [{"role": "user", "content": "a"}]}', "one question and its answer"),
        (
            '{"messages": [{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}]}',
            "and is user ?. Give one question a row.",
        ),
    ],
)
def test_rows_that_are_no_items(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(text)
    assert said in mistake("jsonl", path)


def test_a_file_that_is_no_text_and_a_suite_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\x1f\x8b\x08")
    assert "this is compressed with gzip, not text. Unpack it" in mistake("jsonl", tmp_path / "f")
    with pytest.raises(
        ConfigError,
        match=rf"no suite named 'glue'\. There are: {', '.join(SUITES)}\. For",
    ):
        load_items("glue", tmp_path)


def test_a_digest_names_items_and_their_order() -> None:
    first, second = (EvaluationItem(name, "I", "", ("y",)) for name in "ab")
    assert items_digest([first, second]) == items_digest([first, second]) != items_digest([second, first])


# ------------------------------------------------------------------------ layouts

BARE = EvaluationItem("a", "Say it.", "", ("it",))
GIVEN = EvaluationItem("b", "Repeat {it}", "a {word}", ("a {word}",))


def test_the_layouts_of_the_training_mixture_are_in_it() -> None:
    for name in ("spaced", "compact", "task", "bare"):
        assert lay_out(GIVEN, name) in {
            template.render(GIVEN.instruction, GIVEN.input).prompt for template in INPUT_TEMPLATES
        }
        assert lay_out(BARE, name) in {
            template.render(BARE.instruction).prompt for template in BARE_TEMPLATES
        }


def test_prompts() -> None:
    assert lay_out(GIVEN, "spaced") == "Repeat {it}\n\nInput: a {word}\n\nOutput:"
    assert lay_out(GIVEN, "paper") == "Repeat {it}\n\nInput: a {word}\nOutput:"
    assert lay_out(GIVEN, "plain") == "Repeat {it}\n\na {word}"
    assert [lay_out(BARE, name) for name in ("spaced", "paper", "plain")] == [
        "Say it.\n\nOutput:", "Say it.\nOutput:", "Say it."
    ]  # fmt: skip
    assert lay_out(GIVEN, "tk-instruct") == (
        "Definition: Repeat {it}.\n\nNow complete the following example -\nInput: a {word}\nOutput:"
    ).replace("{it}.", "{it}")
    assert not any(lay_out(item, name).endswith(" ") for item in (BARE, GIVEN) for name in LAYOUTS)


def test_tk_instructs_encoding_with_examples() -> None:
    shown = (Instance("one?", "two"), Instance(" three", "four!"))
    item = EvaluationItem("c", "Count on", "five", ("six",), examples=shown)
    assert lay_out(item, "tk-instruct") == (
        "Definition: Count on.\n\n"
        " Positive Example 1 -\nInput: one?\n Output: two.\n\n"
        " Positive Example 2 -\nInput: three.\n Output: four!\n\n"
        "Now complete the following example -\nInput: five.\nOutput:"
    )


def test_which_layout_suits() -> None:
    assert layout_for(None, "superni", chat=True) == layout_for(None, "superni", chat=False) == "tk-instruct"
    assert [layout_for(None, "jsonl", chat=chat) for chat in (True, False)] == ["plain", "spaced"]
    assert layout_for("paper", "superni", chat=True) == "paper"
    with pytest.raises(ConfigError, match=r"no template named 'x'\. There are: spaced, compact, task, bare"):
        layout_for("x", "jsonl", chat=False)
