"""Seed tasks: the bundled ones keep the promises made of them; bad files are told apart by line."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.config import FilterConfig, ReferenceConfig
from selfinstruct.errors import SeedsError
from selfinstruct.filters.heuristics import judge_instruction
from selfinstruct.filters.novelty import NoveltyIndex
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
    verdicts = {t.id: judge_instruction(t.instruction, FilterConfig(), strict).reason for t in tasks}
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
        (json.dumps(GOOD | {"id": "seed_3"}), "id 'seed_3' was already used on line 4"),
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


def test_every_problem_is_found_not_only_the_first(tmp_path: Path) -> None:
    tasks, problems = read_seeds(write(tmp_path / "s.jsonl", GOOD, "{", GOOD | {"id": "b"}, "{}"))
    assert [problem.line for problem in problems] == [2, 4]
    assert [task.id for task in tasks] == ["a", "b"]


def test_a_file_that_is_not_there_not_text_or_empty(tmp_path: Path) -> None:
    with pytest.raises(SeedsError, match=r"Cannot read the seeds file .*: No such file"):
        load_seeds(tmp_path / "none.jsonl")
    with pytest.raises(SeedsError, match="Is a directory"):
        load_seeds(tmp_path)
    (tmp_path / "latin").write_bytes(b'{"instruction": "a"}\n{"instruction": "\xe9"}\n')
    with pytest.raises(SeedsError, match="line 2: not UTF-8"):
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


@given(st.text())
def test_reading_never_fails_in_an_unplanned_way(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("seeds") / "s.jsonl"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(SeedsError):  # surrogates do not make UTF-8, and the message says so
        read_seeds(path)
