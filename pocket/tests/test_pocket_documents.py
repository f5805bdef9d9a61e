import random

import pytest

from corpus import PublicTask
from curriculum.base import Draft, Draw, Family
from curriculum.families import training_families
from documents import PROMPTS, TASKS, Source, write_document, write_documents
from selfinstruct.config import Config, RecipeConfig
from selfinstruct.recipes.paper import classification, instances, instructions
from selfinstruct.recipes.paper.recipe import PaperRecipe
from selfinstruct.recipes.reply import Reply
from selfinstruct.records import Instance

PUBLIC = [
    PublicTask("niv2", "Judge the statement of the row.", (Instance("a", "yes"),), is_classification=True),
    PublicTask(
        "gsm8k", "Ann has two clips and buys two. How many?", (Instance("", "4"),), is_classification=False
    ),
]
SEEDS = [str(seed) for seed in range(30)]


def families() -> list[Family]:
    def draw(number: int, is_classification: bool) -> Family:
        def task(dice: Draw) -> Draft:
            label = dice.pick(("red", "blue"))
            shown = tuple(Instance(f"input {dice.integer(0, 99)} of {part}", label) for part in range(2))
            return Draft(f"Do thing {number} with {dice.integer(0, 999)} about {dice.topic()}.", shown)

        return Family(f"family_{number}", is_classification, task)

    return [draw(number, number % 3 == 0) for number in range(60)]


SOURCE = Source(families(), PUBLIC)


@pytest.mark.parametrize("kind", [*TASKS, *PROMPTS])
def test_a_document_is_a_function_of_its_kind_and_seed(kind: str) -> None:
    documents = [write_document(SOURCE, kind, seed=seed) for seed in SEEDS]
    assert documents == [write_document(Source(families(), PUBLIC), kind, seed=seed) for seed in SEEDS]
    assert len({document.text for document in documents}) == len(SEEDS)


def test_a_list_is_what_the_recipe_renders_and_parses() -> None:
    for seed in SEEDS:
        document = write_document(SOURCE, "list", seed=seed)
        start = f"{instructions.header(RecipeConfig())}1."
        assert document.text.startswith(start + " ")
        assert document.text.endswith("\n")
        reply = Reply(document.text.removeprefix(start).rstrip("\n"), cut=False)
        items = [
            item.text
            for item in instructions.parse_list(reply, exact_items=False, lowercase=False, discard_cut=False)
        ]
        assert sorted(items) == list(document.instructions)
        assert 8 <= len(items) <= 40


def test_a_list_repeats_no_family_while_there_are_others() -> None:
    for seed in SEEDS:
        document = write_document(Source(families()), "list", seed=seed)
        named = [text.split()[2] for text in document.instructions]
        assert len(set(named)) == len(named)


def test_a_classification_sheet_answers_rightly() -> None:
    for seed in SEEDS:
        text = write_document(SOURCE, "classification", seed=seed).text
        assert text.startswith(classification.HEADER)
        asked = text.removeprefix(classification.HEADER).strip().split("\n\n")
        assert 6 <= len(asked) <= 20
        for question in asked:
            first, second = question.split("\n")
            number = first.split()[3]
            expected = "Judge" in first if not number.isdigit() else int(number) % 3 == 0
            assert second == f"Is it classification? {'Yes' if expected else 'No'}"


@pytest.mark.parametrize(
    ("kind", "header", "fewest", "most"),
    [
        ("input_first", instances.INPUT_FIRST_HEADER, 3, 7),
        ("output_first", instances.OUTPUT_FIRST_HEADER, 3, 8),
    ],
)
def test_an_instance_sheet_holds_several_tasks_that_parse(
    kind: str, header: str, fewest: int, most: int
) -> None:
    for seed in SEEDS:
        text = write_document(SOURCE, kind, seed=seed).text
        assert text.startswith(header)
        assert text.endswith("\n\n")
        tasks = text.removeprefix(header).split("Task: ")[1:]
        assert fewest <= len(tasks) <= most
        for task in tasks:
            reply = Reply(task.partition("\n")[2], cut=False)
            if kind == "input_first":
                parsed = instances.parse_input_first(
                    reply, split_inner_examples=False, unmarked_outputs=False, end_at_inner_outputs=False
                )
            else:
                parsed = instances.parse_output_first(reply, exact_class_label=False)
            assert parsed
            assert all(one.output and one.flaw is None for one in parsed)


def test_prompt_documents_begin_as_the_recipes_prompts_do() -> None:
    config = Config()
    recipe = PaperRecipe(config.recipe, config.sampling, config.reference)
    for kind, prompt in (
        ("classification_prompt", recipe.classification_prompt("x")),
        ("input_first_prompt", recipe.instances_prompt("x", is_classification=False, at_most=4)),
        ("output_first_prompt", recipe.instances_prompt("x", is_classification=True, at_most=4)),
    ):
        for seed in SEEDS[:5]:
            assert write_document(SOURCE, kind, seed=seed).text.startswith(prompt.preamble)


def test_no_document_is_one_instruction_with_its_answer() -> None:
    for kind in (*TASKS, *PROMPTS):
        assert all(len(write_document(SOURCE, kind, seed=seed).instructions) >= 2 for seed in SEEDS)


def test_documents_keep_to_their_weights_and_use_public_tasks() -> None:
    documents = list(write_documents(SOURCE, {"list": 3, "input_first": 1}, 400, seed="weights"))
    lists = sum(document.kind == "list" for document in documents)
    assert 260 < lists < 340
    text = "".join(document.text for document in documents)
    assert all(task.instruction in text for task in PUBLIC)


def test_the_curriculum_fills_every_kind() -> None:
    source = Source(training_families())
    for kind in (*TASKS, *PROMPTS):
        seed = str(random.Random(kind).random())
        assert len(write_document(source, kind, seed=seed).text) > 200
