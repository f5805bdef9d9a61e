import json

import pytest

from selfinstruct.config import Config, ReferenceConfig
from selfinstruct.recipes.paper.classification_examples import CLASSIFICATION_EXAMPLES
from selfinstruct.recipes.paper.input_first_examples import INPUT_FIRST_EXAMPLES
from selfinstruct.recipes.paper.instances import ExampleTask, render_input_first, render_output_first
from selfinstruct.recipes.paper.output_first_examples import OUTPUT_FIRST_EXAMPLES
from selfinstruct.recipes.registry import build_recipe
from selfinstruct.records import Completion, InstanceCandidate
from selfinstruct.text.tokens import estimate_tokens

RECIPE = build_recipe(Config())
KEEPS_COPIES = build_recipe(Config(reference=ReferenceConfig(copied_examples=True)))


def reply(text: str) -> Completion:
    return Completion(text, "stop", 0, 0, estimated=True, seconds=0.0)


def test_classification_examples_have_the_papers_proportion() -> None:
    answers = [is_classification for _, is_classification in CLASSIFICATION_EXAMPLES]
    assert (answers.count(True), answers.count(False)) == (12, 19)


def test_any_first_classification_examples_are_balanced() -> None:
    for count in range(2, len(CLASSIFICATION_EXAMPLES) + 1):
        yes = sum(is_classification for _, is_classification in CLASSIFICATION_EXAMPLES[:count])
        assert abs(yes - count * 12 / 31) < 1.3, count
        assert 0 < yes < count


def test_any_first_input_first_examples_have_tasks_with_and_without_input() -> None:
    without = [not any(one.input for one in task.instances) for task in INPUT_FIRST_EXAMPLES]
    assert without[:2] == [False, True]
    assert without.count(True) == 3
    assert any("\n" in one.input for task in INPUT_FIRST_EXAMPLES for one in task.instances)


def test_every_class_task_shows_several_different_labels() -> None:
    for task in OUTPUT_FIRST_EXAMPLES:
        labels = [one.output for one in task.instances]
        assert len(set(labels)) == len(labels) >= 2
        assert all(one.input for one in task.instances)


def test_no_instruction_is_shown_twice() -> None:
    shown = [text for text, _ in CLASSIFICATION_EXAMPLES]
    shown += [task.instruction for task in INPUT_FIRST_EXAMPLES + OUTPUT_FIRST_EXAMPLES]
    assert len(set(shown)) == len(shown)
    assert all(text == " ".join(text.split()) for text in shown)


def test_no_demonstration_holds_a_stop_or_a_marker() -> None:
    for text, _ in CLASSIFICATION_EXAMPLES:
        assert "Task" not in text
    for task in INPUT_FIRST_EXAMPLES + OUTPUT_FIRST_EXAMPLES:
        for text in (
            task.instruction,
            *(field for one in task.instances for field in (one.input, one.output)),
        ):
            assert not any(word in text for word in ("Task", "Example", "Input", "Output", "Class label"))


@pytest.mark.parametrize("task", INPUT_FIRST_EXAMPLES, ids=lambda task: task.instruction[:30])
def test_input_first_examples_read_back(task: ExampleTask) -> None:
    found = KEEPS_COPIES.parse_instances(reply(render_input_first(task.instances)), False)
    assert found == [InstanceCandidate(one.input, one.output) for one in task.instances]


@pytest.mark.parametrize("task", OUTPUT_FIRST_EXAMPLES, ids=lambda task: task.instruction[:30])
def test_output_first_examples_read_back(task: ExampleTask) -> None:
    found = KEEPS_COPIES.parse_instances(reply(render_output_first(task.instances)), True)
    assert found == [InstanceCandidate(one.input, one.output) for one in task.instances]


def test_examples_are_of_a_size_that_fits_small_models() -> None:
    assert 700 <= estimate_tokens(RECIPE.classification_prompt("").preamble) <= 1000
    assert 1100 <= estimate_tokens(RECIPE.instances_prompt("", False).preamble) <= 1400
    assert 700 <= estimate_tokens(RECIPE.instances_prompt("", True).preamble) <= 1400


def instances_of(instruction_part: str) -> list[tuple[str, str]]:
    (task,) = (
        task for task in INPUT_FIRST_EXAMPLES + OUTPUT_FIRST_EXAMPLES if instruction_part in task.instruction
    )
    return [(one.input, one.output) for one in task.instances]


def test_demonstrations_that_a_program_can_check_are_right() -> None:
    def minutes(clock: str) -> int:
        hours, rest = clock.split(":")
        return int(hours) * 60 + int(rest)

    left = []
    for fields, _ in instances_of("museum"):
        hours, arrival = (line.partition(": ")[2] for line in fields.split("\n"))
        left.append(minutes(hours.split(" to ")[1]) - minutes(arrival))
    assert left == [45, 2 * 60 + 50, -20]
    for _, output in instances_of("JSON"):
        assert set(json.loads(output)) == {"item", "size", "quantity"}
    for number, answer in instances_of("prime"):
        is_prime = all(int(number) % divisor for divisor in range(2, int(number)))
        assert answer == ("yes" if is_prime else "no")
    for source, answer in instances_of("passed to it"):
        names: dict[str, object] = {}
        exec(source, names)
        passed = [2, 1]
        assert names["tidy"](passed) == [1, 2]  # type: ignore[operator]
        assert answer == ("keeps" if passed == [2, 1] else "changes")
