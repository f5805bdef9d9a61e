import json
from pathlib import Path

import pytest

from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.overlap import Nearest, SharedText, measure_overlap
from selfinstruct.records import Instance, SeedTask, Task
from selfinstruct.seeds.load import load_seeds
from selfinstruct.text.rouge import similarity

DATA = Path(__file__).parents[3] / "shared" / "data"
LONG = "The old mill by the river was sold in March to a family from the city who want to live there."
TASKS = (
    Task("task_0", "Name three rivers.", False, (Instance("", "The Rhine, the Elbe and the Oder."),)),
    Task("task_1", "Sum up the news item.", False, (Instance(f"Yesterday: {LONG}", "A mill was sold."),)),
)


def item(name: str, instruction: str, given: str = "", *references: str) -> EvaluationItem:
    return EvaluationItem(name, instruction, given, references or ("x",))


def test_each_instruction_has_its_nearest_task() -> None:
    items = [item("a", "Name three lakes."), item("b", "Sum up the news item."), item("c", "Why?")]
    overlap = measure_overlap(items, TASKS, "generated")
    assert overlap.nearest == (
        Nearest("a", "Name three lakes.", "task_0", "Name three rivers.", 2 / 3),
        Nearest("b", "Sum up the news item.", "task_1", "Sum up the news item.", 1.0),
        Nearest("c", "Why?", "task_0", "Name three rivers.", 0.0),
    )
    assert overlap.mean == pytest.approx((2 / 3 + 1) / 3)
    assert overlap.histogram() == [1, 0, 0, 0, 0, 0, 1, 0, 0, 1]
    assert overlap.similar == 1
    assert [near.item for near in overlap.nearest_pairs(2)] == ["b", "a"]


def test_an_instruction_that_items_share_counts_once() -> None:
    items = [item("a", "Name three lakes."), item("b", "Name three lakes.", "in Italy")]
    overlap = measure_overlap(items, TASKS, "generated")
    assert [near.item for near in overlap.nearest] == ["a"]
    assert overlap.items == 2


def test_many_instructions_are_those_of_one_by_one() -> None:
    items = [item(str(number), f"Name {number} rivers or {number % 7} news.") for number in range(150)]
    together = measure_overlap(items, TASKS, "seeds").nearest
    assert [near.score for near in together] == [
        max(similarity(each.instruction, task.instruction) for task in TASKS) for each in items
    ]


def test_shared_text_names_the_fields_and_the_words() -> None:
    overlap = measure_overlap(
        [item("a", "Shorten it.", LONG), item("b", "Lengthen it.", "A mill.", LONG), item("c", "Do it.")],
        TASKS,
        "generated",
    )
    words = "the old mill by the river was sold in march to a family"
    assert overlap.shared == (
        SharedText("a", "input", "task_1", "input", words),
        SharedText("b", "reference", "task_1", "input", words),
    )
    assert overlap.to_json()["shared_text"]["items"] == 2


def test_without_tasks_there_is_no_mean() -> None:
    overlap = measure_overlap([item("a", LONG)], (), "generated")
    assert (overlap.mean, overlap.nearest, overlap.shared) == (None, (), ())
    assert json.loads(json.dumps(overlap.to_json()))["rouge_l"]["mean"] is None


def _paper_seeds() -> tuple[SeedTask, ...]:
    if not DATA.exists():
        pytest.skip("the paper's files are not at hand")
    return load_seeds(DATA / "paper_seed_tasks.jsonl")


def test_the_papers_mean_for_the_user_oriented_tasks() -> None:
    seeds = _paper_seeds()
    rows = (DATA / "user_oriented_instructions.jsonl").read_text(encoding="utf-8").split("\n")
    tasks = [json.loads(row) for row in rows if row.strip()]
    items = [item(task["id"], task["instruction"]) for task in tasks]
    overlap = measure_overlap(items, seeds, "seeds")
    assert (overlap.items, len(overlap.nearest)) == (252, 251)  # two share an instruction
    assert overlap.mean == pytest.approx(0.34, abs=0.005)


def test_the_mean_for_superni_is_higher_than_the_papers() -> None:
    """The paper's is 0.21, and which text of a task it compared is not said. Definitions, the instructions
    of its zero-shot prompts, come to 0.26."""
    seeds = _paper_seeds()
    definitions = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))["Definition"][0]
        for path in sorted((DATA / "superni" / "tasks").glob("*.json"))
    }
    overlap = measure_overlap([item(name, text) for name, text in definitions.items()], seeds, "seeds")
    assert overlap.items == 119
    assert overlap.mean == pytest.approx(0.26, abs=0.005)
