import itertools
import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.config import (
    AttributesConfig,
    FilterConfig,
    RecipeConfig,
    ReferenceConfig,
    SamplingConfig,
    StageSampling,
)
from selfinstruct.errors import ConfigError
from selfinstruct.filters.heuristics import Heuristics
from selfinstruct.filters.instances import judge_instances
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.chat.inputs import read_inputs
from selfinstruct.recipes.chat.instances import read_instances
from selfinstruct.recipes.chat.kinds import KINDS
from selfinstruct.recipes.chat.recipe import ChatRecipe
from selfinstruct.recipes.fitting import INSTRUCTION_TOKENS
from selfinstruct.recipes.reply import Reply
from selfinstruct.records import (
    Completion,
    Example,
    InstanceCandidate,
    InstructionCandidate,
    Prompt,
    Sampling,
)
from selfinstruct.text.tokens import estimate_tokens


def built(context_window: int | None = None, **settings: Any) -> ChatRecipe:
    return ChatRecipe(RecipeConfig(name="chat", **settings), SamplingConfig(), context_window)


def reply(text: str, finish_reason: str = "stop") -> Completion:
    return Completion(text, finish_reason, 0, 0, estimated=True, seconds=0.0)


def prompts(recipe: Recipe) -> list[Prompt]:
    return [
        recipe.instructions_prompt(["Name a color."]),
        recipe.classification_prompt("Name a color."),
        recipe.instances_prompt("Name a color.", False),
        recipe.instances_prompt("Red or blue?", True),
    ]


def test_it_is_a_recipe() -> None:
    recipe: Recipe = built()
    assert recipe.name == "chat"
    assert recipe.fitting_demonstrations() == 8


def test_the_user_turn_lists_the_demonstrations_and_asks_for_new_tasks() -> None:
    texts = ["Name  a\ncolor.", "Sum up the text:"]
    asking = "Write 10 new tasks that differ from all others in what is asked for, not only in wording."
    prompt = built(answers="inline").instructions_prompt(texts)
    assert prompt.body == (
        f"Some tasks of the collection:\n\n- Name a color.\n- Sum up the text:\n\n{asking}"
    )
    assert prompt.demonstrations == 2
    assert built(classification_only=True).instructions_prompt(texts).body == prompt.body


def test_where_inputs_are_wanted_too_the_demonstrations_have_theirs() -> None:
    examples = [Example("Name  a\ncolor."), Example("Sum up the “text”:", "Snow fell.\n" + "long " * 100)]
    prompt = built().instructions_prompt([each.instruction for each in examples], examples=examples)
    first, second = (json.loads(line) for line in prompt.body.splitlines() if line.startswith("{"))
    assert first == {"instruction": "Name a color.", "input": ""}
    assert second["instruction"] == "Sum up the “text”:"
    assert second["input"].startswith("Snow fell.\nlong")
    assert 290 < len(second["input"]) <= 300
    assert second["input"].endswith("long"), "whole words"
    assert prompt.demonstrations == 2
    alone = built().instructions_prompt(["Name a color."])
    assert '{"instruction": "Name a color.", "input": ""}' in alone.body, "as much as is known"


@pytest.mark.parametrize(("answers", "last"), [("asked", "input"), ("inline", "kind")])
def test_attributes_are_the_first_fields_of_each_task(answers: Literal["asked", "inline"], last: str) -> None:
    config = AttributesConfig.model_validate(
        {"names": {name: {"values": {"a": 1, "b": 1}, "pick": 2} for name in ("topic", "Kind")}}
    )
    settings = RecipeConfig(name="chat", answers=answers)
    recipe = ChatRecipe(settings, SamplingConfig(), attributes=config)
    prompt = recipe.instructions_prompt(
        ["Name a color."], asked=[{"topic": ("tides",), "Kind": ("a", "b")}, {"topic": ("“bread”",)}]
    )
    lines = [json.loads(line) for line in prompt.body.split("\n\n")[-1].split("\n")]
    assert lines == [
        {"topic": "tides", "asked Kind": "a + b"},
        {"topic": "“bread”", "asked Kind": ""},
    ]
    assert '{"tasks": [{"topic": "…", "asked Kind": "…", "instruction": "…"' in prompt.preamble
    (schema,) = json.loads(prompt.sampling.response_schema)["properties"].values()
    assert schema["items"]["required"] == ["topic", "asked Kind", "instruction", last]

    written = [line | {"instruction": f"Name {number} kinds of it."} for number, line in enumerate(lines, 2)]
    read = recipe.parse_instructions(reply(json.dumps({"tasks": written})))
    assert [each.text for each in read] == ["Name 2 kinds of it.", "Name 3 kinds of it."]


def test_more_inputs_are_asked_for_beside_the_one_that_is_there() -> None:
    more = built(max_instances=4).instances_prompt("Sum up the text.", False, given="Snow fell.")
    assert "write 3 different inputs" in more.preamble
    assert more.body == (
        "Task: Sum up the text.\n\nOne input is there already; yours differ from it:\n\nSnow fell."
    )
    assert "Snow" not in built(max_instances=4).instances_prompt("Spam or not?", True, given="Snow").body
    assert "Snow" not in built(answers="inline").instances_prompt("Sum up.", False, given="Snow").body


def test_one_new_task_and_no_demonstration() -> None:
    assert built(instructions_a_request=1).instructions_prompt([]).body == (
        "Write 1 new task that differs from all others in what is asked for, not only in wording."
    )


def test_system_prompts_do_not_depend_on_the_instruction() -> None:
    recipe = built()
    assert recipe.instances_prompt("a", False).preamble == recipe.instances_prompt("b", False).preamble
    assert recipe.classification_prompt("a").preamble == recipe.classification_prompt("b").preamble
    assert recipe.instructions_prompt(["a"]).preamble == recipe.instructions_prompt(["b", "c"]).preamble
    for prompt in prompts(recipe):
        assert "Name a color" not in prompt.preamble
        assert prompt.preamble == prompt.preamble.strip()
        assert "{many}" not in prompt.preamble


def test_language_and_subject_are_told_once_in_the_system_prompt() -> None:
    for answers, written in (("asked", "inputs"), ("inline", "inputs and outputs")):
        settings: dict[str, Any] = {
            "language": "German",
            "about": "tax law for small shops",
            "answers": answers,
        }
        tasks, _, instances, labelled = prompts(built(**settings))
        assert "Write every task in German" in tasks.preamble
        assert "Every task is about tax law for small shops." in tasks.preamble
        for prompt in (instances, labelled):
            assert f"Write {written} in German" in prompt.preamble
            assert "about tax law for small shops" in prompt.preamble
    for prompt in prompts(built()):
        assert " about tax" not in prompt.preamble
        assert "JSON fields" not in prompt.preamble


def test_classification_only_asks_for_nothing_else() -> None:
    either, only = built(answers="inline"), built(classification_only=True)
    assert '"kind": "complete"' in either.instructions_prompt([]).preamble
    assert '"kind"' not in built().instructions_prompt([]).preamble
    assert "Write classification tasks only" in only.instructions_prompt([]).preamble
    assert '"complete"' not in only.instructions_prompt([]).preamble


@pytest.mark.parametrize(
    ("answers", "most", "words"),
    [
        ("inline", 1, "one instance"),
        ("inline", 5, "up to 5 instances"),
        ("inline", None, "up to 5 instances"),
        ("asked", 1, "one input"),
        ("asked", 4, "write 4 "),
        ("asked", None, "write 3 "),
    ],
)
def test_the_number_of_instances_is_the_configs(answers: str, most: int | None, words: str) -> None:
    recipe = built(answers=answers, max_instances=most)
    for is_classification in (False, True):
        preamble = recipe.instances_prompt("a", is_classification).preamble
        assert words in preamble
        shown = [json.loads(line) for line in preamble.splitlines() if line.startswith("{")]
        assert shown
        assert all(len(next(iter(each.values()))) <= (most or 5) for each in shown)


def form_of(recipe: ChatRecipe) -> list[InstructionCandidate]:
    """What is read out of the form that the prompt for new instructions shows."""
    (line,) = (line for line in recipe.instructions_prompt([]).preamble.splitlines() if line.startswith("{"))
    return recipe.parse_instructions(reply(line))


def test_the_examples_in_the_prompts_are_what_reading_expects() -> None:
    recipe = built()
    for is_classification in (False, True):
        for line in built(answers="inline").instances_prompt("a", is_classification).preamble.splitlines():
            if line.startswith("{"):
                found = read_instances(Reply(line, cut=False), is_classification=is_classification)
                assert all(one.verdict.accepted for one in judge_instances(found, max_instances=5))
        shown = [
            read_inputs(Reply(line, cut=False), is_classification=is_classification)
            for line in recipe.instances_prompt("a", is_classification).preamble.splitlines()
            if line.startswith("{")
        ]
        assert [len(each) for each in shown] == ([3] if is_classification else [3, 1])
        assert all(one.flaw is None and bool(one.output) is is_classification for one in shown[0])
        copied = recipe.parse_instances(reply(json.dumps({"inputs": [{"input": shown[0][0].input}]})), False)
        assert [one.flaw for one in copied] == ["copied_example"]
    assert [(one.is_classification, one.needs_input, one.input) for one in form_of(recipe)] == [
        (False, False, ""),
        (False, False, ""),
    ], "an input that repeats the instruction is none"
    form = form_of(built(answers="inline"))
    assert [(one.is_classification, one.needs_input) for one in form] == [
        (False, False),
        (False, True),
        (None, True),
    ]
    # A model that copies the form instead of filling it in adds nothing.
    verdicts = [Heuristics(FilterConfig(), ReferenceConfig())(one.text) for one in form]
    assert [verdict.reason for verdict in verdicts] == ["too_short"] * 3


def schema(prompt: Prompt) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(prompt.sampling.response_schema or "")
    return loaded


def assert_strict(node: dict[str, Any]) -> None:
    """OpenAI's strict subset, as far as it is used here."""
    if node["type"] == "object":
        assert node.keys() == {"type", "properties", "required", "additionalProperties"}
        assert node["required"] == list(node["properties"])
        assert node["additionalProperties"] is False
        for inner in node["properties"].values():
            assert_strict(inner)
    elif node["type"] == "array":
        assert node.keys() == {"type", "items"}
        assert_strict(node["items"])
    else:
        assert node in ({"type": "string"}, {"type": "string", "enum": list(KINDS)})


def test_schemas_are_strict_and_labels_come_first() -> None:
    tasks, classification, instances, labelled = prompts(built())
    assert classification.sampling.response_schema == ""
    for prompt in (tasks, instances, labelled):
        assert schema(prompt)["type"] == "object"
        assert_strict(schema(prompt))

    def order(prompt: Prompt, name: str) -> list[str]:
        return list(schema(prompt)["properties"][name]["items"]["properties"])

    assert order(tasks, "tasks") == ["instruction", "input"]
    assert order(instances, "inputs") == ["kind", "input"]
    assert order(labelled, "inputs") == ["label", "input"]
    tasks, _, instances, labelled = prompts(built(answers="inline"))
    assert order(tasks, "tasks") == ["instruction", "kind"]
    for prompt in (tasks, instances, labelled):
        assert_strict(schema(prompt))
    assert order(instances, "instances") == ["input", "output"]
    assert order(labelled, "instances") == ["output", "input"]


def test_sampling_is_the_configs() -> None:
    asked = StageSampling(
        temperature=0.5, top_p=0.9, frequency_penalty=0.1, presence_penalty=0.2, max_tokens=99, stop=("END",)
    )
    recipe = ChatRecipe(RecipeConfig(name="chat"), SamplingConfig(chat_instructions=asked))
    sampling = recipe.instructions_prompt([]).sampling
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens) == (0.5, 0.9, 99)
    assert (sampling.frequency_penalty, sampling.presence_penalty) == (0.1, 0.2)
    assert sampling.stop == ("END",)
    assert [one.text for one in recipe.parse_instructions(reply("1. One END\n2. Two"))] == ["One"]
    classification, *inputs = prompts(recipe)[1:]
    assert (classification.sampling.temperature, {each.sampling.temperature for each in inputs}) == (0, {0.7})
    assert recipe.answers is not None
    assert recipe.answers.prompt("a", "b").sampling == Sampling(0, 1, 0, 0, 2048)


@pytest.mark.parametrize("window", [1500, 2048, 4096, 32768])
def test_prompt_instruction_and_reply_fit_the_window(window: int) -> None:
    recipe = built(window, demonstrations=30)
    for prompt in prompts(recipe)[1:]:
        used = estimate_tokens(prompt.preamble) + INSTRUCTION_TOKENS + prompt.sampling.max_tokens
        assert used <= window
    assert 2 <= recipe.fitting_demonstrations() <= 30
    listed = recipe.instructions_prompt(["word " * 16] * recipe.fitting_demonstrations())
    assert estimate_tokens(listed.preamble + listed.body) + listed.sampling.max_tokens <= window


def test_demonstrations_are_fitted() -> None:
    assert built(32768, demonstrations=30).fitting_demonstrations() == 30
    assert built(1500, demonstrations=30).fitting_demonstrations() < 10
    assert built(1500, demonstrations=1).fitting_demonstrations() == 1


@pytest.mark.parametrize(("window", "stage"), [(512, "instructions"), (1280, "instances")])
def test_too_small_a_window_is_an_error_with_both_numbers(window: int, stage: str) -> None:
    with pytest.raises(ConfigError, match=rf"The {stage} prompt needs about \d+ tokens .* holds {window}\."):
        built(window)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", True),
        ("Yes.", True),
        ("**Yes**, it is.", True),
        ("Answer: yes", True),
        ('{"answer": "Yes"}', True),
        ("<think>No, or is it?</think>\n\nYes", True),
        ("YES\n", True),
        ("no", False),
        ("No, yes would be wrong.", False),
        ("Yesterday", False),
        ("", False),
        ("Maybe yes", False),
        ("<think>Yes, because", False),
        ("Answer: No", False),
    ],
)
def test_the_answer_is_the_first_word(text: str, expected: bool) -> None:
    assert built().parse_classification(reply(text)) is expected


@given(st.text())
def test_any_answer_parses(text: str) -> None:
    assert built().parse_classification(reply(text)) in (True, False)


INSTRUCTIONS = ["Why is the sea salty?", "Éclair or tart? Decide.", "1. List the months."]


@pytest.mark.parametrize("answers", ["asked", "inline"])
def test_all_static_text_of_a_stage_comes_first_so_that_caches_hit(answers: str) -> None:
    """What requests of a stage share is the beginning of each; only the line that asks for new tasks stands
    behind the demonstrations, since small models send these back where it does not."""
    recipe = built(answers=answers)

    def varying(prompts: list[Prompt]) -> list[str]:
        texts = [prompt.preamble + prompt.body for prompt in prompts]
        shared = itertools.takewhile(lambda column: len(set(column)) == 1, zip(*texts, strict=False))
        static = "".join(column[0] for column in shared)
        assert static.startswith(prompts[0].preamble)
        return [text.removeprefix(static) for text in texts]

    assert varying([recipe.classification_prompt(each) for each in INSTRUCTIONS]) == INSTRUCTIONS
    for kind in (False, True):
        assert varying([recipe.instances_prompt(each, kind) for each in INSTRUCTIONS]) == INSTRUCTIONS
    last = "\n\nWrite 10 new tasks that differ from all others in what is asked for, not only in wording."
    asked = varying([recipe.instructions_prompt([each]) for each in INSTRUCTIONS])
    ends = last if answers == "inline" else f'", "input": ""}}{last}'
    assert asked == [each + ends for each in INSTRUCTIONS]


def test_questions_are_asked_as_a_user_would() -> None:
    answers = built().answers
    assert answers is not None
    assert answers.prompt("Sum up the letter.", "Dear Ann …").preamble == ""
    assert answers.prompt("Sum up the letter.", "Dear Ann …").body == "Sum up the letter.\n\nDear Ann …"
    assert answers.prompt("Why is the sea salty?", "").body == "Why is the sea salty?"
    assert answers.prompt("Why?", "").sampling.response_schema == ""
    own = built(answer_system="You are a pirate.").answers
    assert own is not None
    assert own.prompt("Why?", "").preamble == "You are a pirate."
    direct = built(answer_system="You are a pirate.", answer_style="direct").answers
    assert direct is not None
    assert direct.prompt("Why?", "").preamble.startswith("You are a pirate.\n\nBe brief.")
    assert built(answers="inline").answers is None


@pytest.mark.parametrize(
    ("text", "finish_reason", "output", "flaw"),
    [
        ("Salt.", "stop", "Salt.", None),
        ("<think>Hm.</think>\n\n Salt.\n", "stop", "Salt.", None),
        ("Salt comes fr", "length", "Salt comes fr", "truncated"),
        (
            "I'm sorry, but I can't help with that.",
            "stop",
            "I'm sorry, but I can't help with that.",
            "refused",
        ),
        ("Sure! Please provide the text.", "stop", "Sure! Please provide the text.", "asks_back"),
        ("Could you share the list?", "stop", "Could you share the list?", "asks_back"),
        (
            "It seems you haven't attached it.",
            "stop",
            "It seems you haven't attached it.",
            "asks_back",
        ),
        ("Dear all, please provide your feedback.", "stop", "Dear all, please provide your feedback.", None),
        ("I need a holiday.", "stop", "I need a holiday.", None),
        ("", "stop", "", None),
    ],
)
def test_a_reply_is_the_output(text: str, finish_reason: str, output: str, flaw: str | None) -> None:
    answers = built().answers
    assert answers is not None
    found = answers.parse(reply(text, finish_reason), InstanceCandidate("a", ""), [])
    assert found == InstanceCandidate("a", output, flaw)


@pytest.mark.parametrize(
    ("said", "flaw"),
    [
        ("booking", None),
        ("The message is a **booking**.", None),
        ("It is a complaint.", "disagrees"),
        ("Dear guest, thank you.", "disagrees"),
    ],
)
def test_a_label_stays_and_is_held_against_the_answer(said: str, flaw: str | None) -> None:
    answers = built().answers
    assert answers is not None
    found = answers.parse(
        reply(said), InstanceCandidate("A room, please.", "booking"), ["booking", "complaint"]
    )
    assert (found.input, found.output, found.flaw) == ("A room, please.", "booking", flaw)
    assert (said in found.detail) is (flaw is not None)


@given(st.text(), st.text(), st.lists(st.text(min_size=1), min_size=1))
def test_any_answer_to_any_question_parses(text: str, given: str, labels: list[str]) -> None:
    answers = built().answers
    assert answers is not None
    for output in ("", labels[0]):
        found = answers.parse(reply(text), InstanceCandidate(given, output), labels)
        assert found.input == given
        assert output in ("", found.output)
