"""Which recipes there are: a visible list, one line a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from selfinstruct.config import Config
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.chat.recipe import ChatRecipe
from selfinstruct.recipes.paper.recipe import PaperRecipe
from selfinstruct.text.tokens import estimate_tokens

__all__ = ["RECIPES", "build_recipe"]

CountTokens = Callable[[str], int]


def _paper(config: Config, count_tokens: CountTokens) -> Recipe:
    return PaperRecipe(
        config.recipe,
        config.sampling,
        config.reference,
        config.model.context_window,
        count_tokens,
        config.attributes,
    )


def _chat(config: Config, count_tokens: CountTokens) -> Recipe:
    return ChatRecipe(
        config.recipe, config.sampling, config.model.context_window, count_tokens, config.attributes
    )


RECIPES: Mapping[str, Callable[[Config, CountTokens], Recipe]] = {"paper": _paper, "chat": _chat}
"""Name, as in `recipe.name` of the config, to what builds it."""


def build_recipe(config: Config, count_tokens: CountTokens = estimate_tokens) -> Recipe:
    """The recipe that the config names, its prompts fitted to the model's window.

    count_tokens: the model's. ConfigError where the prompts cannot be made to fit.
    """
    return RECIPES[config.recipe.name](config, count_tokens)
