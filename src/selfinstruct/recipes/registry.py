"""Which recipes there are: a visible list, one line a recipe."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from selfinstruct.config import Config
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.chat.recipe import ChatRecipe
from selfinstruct.recipes.mixed import MixedRecipe
from selfinstruct.recipes.paper.recipe import PaperRecipe
from selfinstruct.records import Stage
from selfinstruct.text.tokens import estimate_tokens

__all__ = ["RECIPES", "CountTokens", "build_recipe"]

CountTokens = Callable[[str], int]


def _paper(config: Config, count_tokens: CountTokens, stages: Collection[Stage]) -> Recipe:
    return PaperRecipe(
        config.recipe,
        config.sampling,
        config.reference,
        config.model.context_window,
        count_tokens,
        config.attributes,
        stages,
    )


def _chat(config: Config, count_tokens: CountTokens, stages: Collection[Stage]) -> Recipe:
    return ChatRecipe(
        config.recipe,
        config.sampling,
        config.model.context_window,
        count_tokens,
        config.attributes,
        stages,
    )


RECIPES: Mapping[str, Callable[[Config, CountTokens, Collection[Stage]], Recipe]] = {
    "paper": _paper,
    "chat": _chat,
}
"""Name, as in `recipe.name` of the config, to what builds it."""


def build_recipe(
    config: Config,
    count_tokens: Mapping[Stage, CountTokens] | None = None,
    own: Mapping[str, Recipe] | None = None,
) -> Recipe:
    """The recipe that the config names, or the mix of those that it names for its stages; the prompts of each
    are fitted to the smallest window of the models that it asks.

    count_tokens: by stage, its model's; an estimate where there is none. own: objects of the user's own, by
    the stage that names them; the run's under the empty text.
    ConfigError where the prompts cannot be made to fit.
    """
    counts, objects = count_tokens or {}, own or {}
    built: dict[Stage, Recipe] = {}
    for recipe, names in config.recipes:
        stages = [Stage(name) for name in names]
        if recipe.custom is not None:
            named = (stage for stage in stages if stage in objects)
            found = objects[next(named, "")]
        else:
            fitted = config.with_smallest_window(stages).model_copy(update={"recipe": recipe})
            found = RECIPES[recipe.name](fitted, counts.get(stages[0], estimate_tokens), stages)
        built |= dict.fromkeys(stages, found)
    kinds = Stage.INSTRUCTIONS, Stage.CLASSIFICATION, Stage.INSTANCES
    one, *others = (built[stage] for stage in kinds)
    return one if all(other is one for other in others) else MixedRecipe(one, *others)
