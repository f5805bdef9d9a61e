from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.dataset.templates import BARE_TEMPLATES, INPUT_TEMPLATES, Template, render_prompt

TEXT = st.text(min_size=1)


def test_there_are_as_many_as_in_the_paper_and_no_two_alike() -> None:
    assert len({template.prompt for template in INPUT_TEMPLATES}) == 7
    assert len({template.prompt for template in BARE_TEMPLATES}) == 6


@pytest.mark.parametrize("template", [*INPUT_TEMPLATES, *BARE_TEMPLATES])
def test_a_completion_begins_where_its_prompt_leaves_off(template: Template) -> None:
    assert template.prompt.endswith("Output:") is (template.lead == " ")
    assert template.prompt.endswith("\n") is (template.lead == "")
    assert ("{input}" in template.prompt) is (template in INPUT_TEMPLATES)


@given(TEXT, st.text(), st.integers(), st.text())
def test_equal_arguments_give_equal_prompts(instruction: str, given_input: str, seed: int, key: str) -> None:
    once = render_prompt(instruction, given_input, seed=seed, key=key)
    assert render_prompt(instruction, given_input, seed=seed, key=key) == once
    assert instruction in once.prompt
    assert once.completion("x") == once.lead + "x"


@given(TEXT)
def test_braces_are_text(name: str) -> None:
    text = f"{{{name}}} {{0}} {{input}}"
    assert text in render_prompt(text, "", seed=1, key="a").prompt


@pytest.mark.parametrize(("text", "templates"), [("", BARE_TEMPLATES), ("in", INPUT_TEMPLATES)])
def test_every_template_is_drawn_about_as_often(text: str, templates: tuple[Template, ...]) -> None:
    expected = {template.render("I", text).prompt for template in templates}
    drawn = Counter(render_prompt("I", text, seed=7, key=str(key)).prompt for key in range(7000))
    assert set(drawn) == expected
    assert all(0.85 < count * len(templates) / 7000 < 1.15 for count in drawn.values())


def shown(text: str) -> set[str]:
    """The input as it stands in prompts, over many keys."""
    prompts = (render_prompt("I", text, seed=1, key=str(key)) for key in range(60))
    bare = (prompt.prompt.removeprefix("Task: ").removeprefix("I").strip() for prompt in prompts)
    return {prompt.removesuffix("Output:").removeprefix("Input: ").strip() for prompt in bare}


def test_a_single_field_name_is_left_out_half_of_the_time() -> None:
    assert shown("Sentence: It rains.") == {"Sentence: It rains.", "It rains."}


def test_blank_lines_are_closed_up_half_of_the_time() -> None:
    assert shown("one\n\n \ntwo") == {"one\n\n \ntwo", "one\ntwo"}


@pytest.mark.parametrize(
    "text", ["12:30 is late", "https://a.example/b", "Name: A\nAge: 3", "It rains.\nWhy: who knows", "Title:"]
)
def test_nothing_else_is_left_out(text: str) -> None:
    assert shown(text) == {text}
