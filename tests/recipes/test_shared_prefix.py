"""What never varies in a stage's prompts stands first, so that a provider's cache holds it."""

import pytest
from prefixes import CUE_WORDS, words_not_shared

from selfinstruct.config import RecipeConfig, ReferenceConfig, SamplingConfig
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.chat.recipe import ChatRecipe
from selfinstruct.recipes.paper.recipe import PaperRecipe

ASKED = RecipeConfig(language="German", about="tax law for small shops")
RECIPES: dict[str, Recipe] = {
    "paper": PaperRecipe(ASKED, SamplingConfig(), ReferenceConfig()),
    "paper exact": PaperRecipe(RecipeConfig(), SamplingConfig(), ReferenceConfig.exact()),
    "chat": ChatRecipe(ASKED, SamplingConfig()),
}


@pytest.mark.parametrize("name", RECIPES)
def test_all_that_never_varies_is_shared(name: str) -> None:
    recipe = RECIPES[name]
    left = {
        "classification": words_not_shared(recipe.classification_prompt),
        "instances": words_not_shared(lambda text: recipe.instances_prompt(text, is_classification=False)),
        "labelled": words_not_shared(lambda text: recipe.instances_prompt(text, is_classification=True)),
    }
    if name != "chat":
        left["instructions"] = words_not_shared(lambda text: recipe.instructions_prompt([text, text]))
        assert left["instructions"] == 0, "numbers alone"
    assert max(left.values()) <= CUE_WORDS, left


def test_the_preamble_is_nearly_all_of_a_prompt() -> None:
    paper = RECIPES["paper"].instances_prompt("Name a colour.", is_classification=False)
    chat = RECIPES["chat"].instances_prompt("Name a colour.", is_classification=False)
    for prompt in (paper, chat):
        assert len(prompt.preamble) > 10 * len(prompt.body)
