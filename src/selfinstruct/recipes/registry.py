"""Which recipes there are: a visible list, one line a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from selfinstruct.config import Config
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.paper.recipe import PaperRecipe

__all__ = ["RECIPES", "build_recipe"]


def _paper(config: Config) -> Recipe:
    return PaperRecipe(config.recipe, config.sampling, config.reference, config.model.context_window)


RECIPES: Mapping[str, Callable[[Config], Recipe]] = {"paper": _paper}
"""Name, as in `recipe.name` of the config, to what builds it."""


def build_recipe(config: Config) -> Recipe:
    """The recipe that the config names. ConfigError where its prompts cannot fit the model's window."""
    return RECIPES[config.recipe.name](config)
