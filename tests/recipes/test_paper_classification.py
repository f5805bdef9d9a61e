import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.config import Config
from selfinstruct.recipes.registry import build_recipe
from selfinstruct.records import Completion

RECIPE = build_recipe(Config())


def answer(text: str) -> bool:
    return RECIPE.parse_classification(Completion(text, "length", 0, 0, estimated=True, seconds=0.0))


def test_prompt_ends_with_the_open_question() -> None:
    prompt = RECIPE.classification_prompt("Is it  spam?\nYes or no.")
    assert prompt.body == "Task: Is it spam? Yes or no.\nIs it classification?"
    assert prompt.preamble.endswith("\nIs it classification? No\n\n")
    assert prompt.demonstrations == 31
    assert prompt.preamble == RECIPE.classification_prompt("Another one.").preamble


def test_sampling_is_greedy_and_short() -> None:
    sampling = RECIPE.classification_prompt("x").sampling
    assert (sampling.temperature, sampling.top_p, sampling.presence_penalty) == (0.0, 1.0, 0.0)
    assert (sampling.max_tokens, sampling.stop) == (3, ("\n", "Task"))


@pytest.mark.parametrize(
    "text", [" Yes", "yes", " YES.", "  yes, it is", ' "Yes"', "**Yes**", "_yes_", " Yes\n\nTask:"]
)
def test_yes(text: str) -> None:
    assert answer(text)


@pytest.mark.parametrize(
    "text", ["", " No", "no", "Yesterday", "It is, yes", "\nYes", "Task: yes", "Is it? Yes", "y", "…"]
)
def test_everything_else_is_no(text: str) -> None:
    assert not answer(text)


@given(st.text())
def test_any_reply_parses(text: str) -> None:
    assert answer(text) in (True, False)
