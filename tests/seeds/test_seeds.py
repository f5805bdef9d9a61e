"""Seed tasks: the bundled ones keep the promises made of them; bad files are told apart by line."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.config import FilterConfig, ReferenceConfig
from selfinstruct.errors import SeedsError
from selfinstruct.filters.heuristics import Heuristics
from selfinstruct.filters.novelty import NoveltyIndex
from selfinstruct.records import Instance, SeedTask
from selfinstruct.seeds.load import bundled_seeds, load_seeds, read_seeds, seeds_digest

PAPER_SEEDS = Path(__file__).parents[3] / "shared" / "data" / "paper_seed_tasks.jsonl"

GOOD = {"id": "a", "name": "n", "instruction": "Name a colour.", "instances": [], "is_classification": False}


def write(path: Path, *rows: object) -> Path:
    path.write_text(
        "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows), encoding="utf-8"
    )
    return path


def test_at_least_200_bundled_tasks_45_of_them_classification() -> None:
    tasks = bundled_seeds()
    assert len(tasks) >= 200
    assert sum(task.is_classification for task in tasks) >= 45
    assert [task.id for task in tasks] == [f"seed_task_{number}" for number in range(len(tasks))]
    assert len({task.name for task in tasks}) == len(tasks)


def test_bundled_tasks_pass_the_filters_they_feed() -> None:
    tasks = bundled_seeds()
    strict = ReferenceConfig(bare_keywords=True, ascii_start=True)
    verdicts = {t.id: Heuristics(FilterConfig(), strict)(t.instruction).reason for t in tasks}
    assert {name: reason for name, reason in verdicts.items() if reason} == {}
    index = NoveltyIndex(max_similarity=0.7, neighbours=1, ascii_tokens=False)
    too_close = [j.text for t in tasks for j in index.judge([t.instruction]) if not j.verdict.accepted]
    assert too_close == []


def test_bundled_instances_are_complete() -> None:
    for task in bundled_seeds():
        assert task.instances, task.id
        for instance in task.instances:
            assert instance.output.strip(), task.id
            assert instance.input != instance.output, task.id
            assert not instance.output.endswith(":"), task.id


def test_bundled_classification_labels_stand_in_their_instruction() -> None:
    for task in bundled_seeds():
        if task.is_classification:
            for instance in task.instances:
                assert instance.output.lower() in task.instruction.lower(), task.id


@pytest.mark.skipif(not PAPER_SEEDS.exists(), reason="the paper's seed tasks are not at hand")
def test_the_papers_own_seed_tasks_load() -> None:
    tasks = load_seeds(PAPER_SEEDS)
    assert len(tasks) == 175
    assert sum(task.is_classification for task in tasks) == 26


def test_an_instruction_alone_is_a_seed_task(tmp_path: Path) -> None:
    (task,) = load_seeds(write(tmp_path / "s.jsonl", {"instruction": " Name a colour. "}))
    assert (task.id, task.instruction, task.is_classification) == ("seed_task_0", "Name a colour.", False)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not valid JSON"),
        ("[1]", "expected a JSON object, found an array"),
        ("null", "expected a JSON object, found null"),
        ("{}", "field 'instruction': is missing"),
        ('{"instruction": "  "}', "field 'instruction': is empty"),
        ('{"instruction": 3}', "field 'instruction': input should be a valid string"),
        ('{"instruction": "a", "instances": [{"input": "b"}]}', "field 'instances.0.output': is missing"),
        ('{"instruction": "a", "is_classification": "no"}', "field 'is_classification'"),
        (json.dumps(GOOD | {"id": "seed_3"}), "field 'id': 'seed_3' was already used on line 4"),
        ('{"instruction": "\\ud800"}', "field 'instruction': holds half a character"),
        ('{"Instruction": "a"}', "Rename 'Instruction' to 'instruction'."),
        ('{"instruction": "a", "output": 3}', "field 'output': input should be a valid string, not a number"),
        ("[" * 100_000, "JSON"),
    ],
)
def test_a_bad_line_37_is_named_with_its_field(tmp_path: Path, line: str, message: str) -> None:
    rows = [GOOD | {"id": f"seed_{number}"} for number in range(40)]
    path = write(tmp_path / "s.jsonl", *rows[:36], line, *rows[36:])
    with pytest.raises(SeedsError) as caught:
        load_seeds(path)
    assert f"{path}, line 37: " in str(caught.value)
    assert message in str(caught.value)
    assert caught.value.hint, "it says how to mend it"


def test_every_problem_is_found_not_only_the_first(tmp_path: Path) -> None:
    tasks, problems = read_seeds(write(tmp_path / "s.jsonl", GOOD, "{", GOOD | {"id": "b"}, "{}"))
    assert [problem.line for problem in problems] == [2, 4]
    assert [task.id for task in tasks] == ["a", "b"]


def test_every_problem_of_a_row_is_found(tmp_path: Path) -> None:
    row = {"instruction": " ", "id": [], "instances": [{"output": "b"}, {}, 5]}
    _, problems = read_seeds(write(tmp_path / "s.jsonl", row))
    assert [problem.field for problem in problems] == [
        "instruction", "id", "instances.1.output", "instances.2"
    ]  # fmt: skip


def test_the_first_of_several_problems_is_raised_and_leads_to_the_others(tmp_path: Path) -> None:
    path = write(tmp_path / "my seeds.jsonl", GOOD, "{", "{}", "{}")
    with pytest.raises(SeedsError) as caught:
        load_seeds(path)
    assert caught.value.message.endswith("(2 more problems in this file).")
    assert "line 2: not valid JSON" in caught.value.message
    assert f"selfinstruct seeds check '{path}'" in caught.value.hint


def test_rows_without_an_id_are_numbered_around_those_that_have_one(tmp_path: Path) -> None:
    rows = [
        {"instruction": "a"},
        {"instruction": "b", "id": "seed_task_2"},
        {"instruction": "c"},
        {"instruction": "d"},
    ]
    tasks = load_seeds(write(tmp_path / "s.jsonl", *rows))
    assert [task.id for task in tasks] == ["seed_task_0", "seed_task_2", "seed_task_3", "seed_task_4"]


def test_two_equal_ids_on_one_line_are_told_apart(tmp_path: Path) -> None:
    _, (problem,) = read_seeds(write(tmp_path / "s.json", json.dumps([GOOD, GOOD])))
    assert str(problem) == "field 'id': 'a' was already used on line 1"


def test_numbers_are_ids_and_null_is_absent(tmp_path: Path) -> None:
    row = {
        "instruction": "a",
        "id": 7,
        "name": None,
        "instances": [{"input": None, "output": "b"}],
        "output": None,
    }
    (task,) = load_seeds(write(tmp_path / "s.jsonl", row))
    assert (task.id, task.name, task.instances) == ("7", "", (Instance("", "b"),))


@pytest.mark.parametrize(
    ("row", "instances"),
    [
        ({"input": "b", "output": "c"}, (Instance("b", "c"),)),
        ({"input": "", "output": "c"}, (Instance("", "c"),)),
        ({"input": "", "output": ""}, ()),
        ({"input": "b"}, (Instance("b", ""),)),
        ({"input": "b", "output": "c", "instances": [{"output": "d"}]}, (Instance("", "d"),)),
    ],
)
def test_a_flat_row_has_one_instance(
    tmp_path: Path, row: dict[str, object], instances: tuple[Instance, ...]
) -> None:
    (task,) = load_seeds(write(tmp_path / "s.jsonl", {"instruction": "a"} | row))
    assert task.instances == instances


def test_a_file_that_is_not_there_not_text_or_empty(tmp_path: Path) -> None:
    with pytest.raises(SeedsError, match=r"Cannot read the seeds file .*: No such file"):
        load_seeds(tmp_path / "none.jsonl")
    with pytest.raises(SeedsError, match="it is a folder, not a file"):
        load_seeds(tmp_path)
    (tmp_path / "latin").write_bytes(b'{"instruction": "a"}\n{"instruction": "\xe9"}\n')
    with pytest.raises(SeedsError, match="line 2: not UTF-8 text: byte 18 of the line is 0xE9"):
        load_seeds(tmp_path / "latin")
    with pytest.raises(SeedsError, match="there is no seed task"):
        load_seeds(write(tmp_path / "empty", ""))


def test_line_separators_inside_strings_do_not_end_a_line(tmp_path: Path) -> None:
    (task,) = load_seeds(
        write(tmp_path / "s.jsonl", json.dumps({"instruction": "a\u2028b\x85c"}, ensure_ascii=False))
    )
    assert task.instruction == "a\u2028b\x85c"


def test_the_digest_follows_the_content_and_order() -> None:
    tasks = bundled_seeds()
    assert seeds_digest(tasks) == seeds_digest(list(tasks))
    assert seeds_digest(tasks) != seeds_digest(tasks[::-1])


def test_the_digest_of_a_seed_stays_what_runs_have_recorded() -> None:
    task = SeedTask("a", "n", "Name a colour.", (Instance("", "red"),), is_classification=False)
    assert seeds_digest([task]) == "4da6f7831bb3b97ea6ea52775013fd20248c4cad33878d27b3e62eb5ab2a4d8e"


PIECES = (
    "{",
    "}",
    "[",
    "]",
    '"',
    ",",
    ":",
    "\n",
    "\r",
    "\t",
    ";",
    " ",
    "#",
    "instruction",
    '{"instruction": "a"}',
)


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join),
    st.sampled_from(["", ".jsonl", ".json", ".csv", ".tsv", ".txt", ".yaml"]),
)
def test_reading_never_fails_and_reads_or_says_why_not(
    tmp_path_factory: pytest.TempPathFactory, text: str, extension: str
) -> None:
    path = tmp_path_factory.mktemp("seeds") / f"s{extension}"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    tasks, problems = read_seeds(path)
    assert tasks or problems
    assert all(problem.message and problem.hint for problem in problems)
    assert all(0 <= problem.line <= text.count("\n") + text.count("\r") + 1 for problem in problems)
    assert len({task.id for task in tasks}) == len(tasks)
