import pytest

from selfinstruct.config import Config, ModelConfig, RecipeConfig, ReferenceConfig, SamplingConfig
from selfinstruct.errors import ConfigError
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.fitting import INSTRUCTION_TOKENS
from selfinstruct.recipes.paper.recipe import PaperRecipe
from selfinstruct.recipes.registry import RECIPES, build_recipe
from selfinstruct.records import Prompt
from selfinstruct.text.tokens import estimate_tokens


def fitted(context_window: int | None, demonstrations: int = 8) -> PaperRecipe:
    return PaperRecipe(
        RecipeConfig(demonstrations=demonstrations), SamplingConfig(), ReferenceConfig(), context_window
    )


def prompts(recipe: Recipe) -> list[Prompt]:
    return [
        recipe.classification_prompt("x"),
        recipe.instances_prompt("x", False),
        recipe.instances_prompt("x", True),
    ]


def test_registry_builds_what_the_config_names() -> None:
    assert list(RECIPES) == ["paper", "chat"]
    recipe = build_recipe(Config(model=ModelConfig(context_window=1024)))
    assert recipe.name == "paper"
    assert isinstance(recipe, PaperRecipe)
    assert recipe.instances_prompt("x", False).demonstrations < 11


def test_without_a_window_everything_is_shown() -> None:
    recipe = fitted(None)
    assert recipe.fitting_demonstrations() == 8
    assert [prompt.demonstrations for prompt in prompts(recipe)] == [31, 11, 10]
    assert recipe.instructions_prompt(["a"] * 8).sampling.max_tokens == 1024


def test_a_window_of_2048_holds_all_few_shot_examples() -> None:
    assert [prompt.demonstrations for prompt in prompts(fitted(2048))] == [31, 11, 10]


@pytest.mark.parametrize("window", [760, 800, 1024, 1500, 2048, 8192])
def test_prompt_instruction_and_reply_fit_the_window(window: int) -> None:
    recipe = fitted(window)
    for prompt in prompts(recipe):
        used = estimate_tokens(prompt.preamble) + INSTRUCTION_TOKENS + prompt.sampling.max_tokens
        assert used <= window
        assert prompt.demonstrations == prompt.preamble.count("Task: ")
        assert prompt.demonstrations >= 2
    listed = recipe.instructions_prompt(["word " * 16] * recipe.fitting_demonstrations())
    assert estimate_tokens(listed.preamble + listed.body) + listed.sampling.max_tokens <= window


def test_reply_takes_half_the_window_at_most() -> None:
    assert fitted(1024).instructions_prompt(["a"]).sampling.max_tokens == 512
    assert fitted(1024).instances_prompt("x", False).sampling.max_tokens == 350


def test_pool_demonstrations_are_fitted() -> None:
    assert fitted(2048).fitting_demonstrations() == 8
    assert fitted(800, demonstrations=30).fitting_demonstrations() == (400 - 8) // 40
    assert fitted(800, demonstrations=1).fitting_demonstrations() == 1


def test_list_ends_at_twice_what_fits() -> None:
    recipe = fitted(800, demonstrations=30)
    assert recipe.instructions_prompt(["a"] * 9).sampling.stop == ("\n\n", "\n18.", "\n18 .")


def test_too_small_a_window_is_an_error_with_both_numbers() -> None:
    with pytest.raises(ConfigError, match=r"input-first .* needs about \d+ tokens .* window holds 512\."):
        fitted(512)
    with pytest.raises(ConfigError, match=r"instructions .* needs about \d+ tokens .* window holds 100\."):
        fitted(100)


def test_exact_reference_is_a_recipe_too() -> None:
    recipe = build_recipe(Config(reference=ReferenceConfig.exact()))
    assert recipe.instructions_prompt(["Name it:"]).body == "1. Name it\n2."
    assert recipe.instructions_prompt([]).sampling.stop == ("\n\n", "\n16", "16.", "16 .")
