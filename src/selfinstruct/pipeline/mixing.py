"""Which recipe does which stage, where `[stages]` names some, and whether they fit together.

Code that a config names is not loaded: there a stage's recipe is one of ours, `auto`, or an installed one's
name; in Python it may be an object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from selfinstruct.config import Config, CustomConfig, ModelConfig, ReferenceConfig
from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.extensions import INSTALLED, is_reference, offered
from selfinstruct.models.base import Api
from selfinstruct.models.catalog import only_chat, suiting_api
from selfinstruct.models.providers import CUSTOM
from selfinstruct.pipeline.own_objects import OwnRecipe, own_recipe
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.registry import RECIPES
from selfinstruct.records import Stage
from selfinstruct.text.spelling import closest

__all__ = [
    "choose_stage_recipes",
    "instructions_object",
    "makes_sense",
    "require_mix",
    "require_stage_recipes",
]

AUTO = "auto"
_NAMES = f"Write {AUTO}, {', '.join(RECIPES)}, or the name of an installed one; in Python also an object."
_SUITING: Mapping[Api | None, str] = {"completions": "paper", "chat": "chat", None: "chat"}


def choose_stage_recipes(
    stages: Any, settled: Config | None, config_file: Path | str | None
) -> dict[str, OwnRecipe]:
    """The recipes of the user's own that stages name, by stage. In `stages`, every name becomes what a
    `StageConfig` has.

    stages: the tables, by stage, their models resolved; what is no table is left for others to refuse.
    settled: the run's config, where the run is held to it. config_file: or how messages call it.

    Raises `ConfigError` for a name that is no recipe's, for code, and for a recipe without a model;
    `UserError` for an installed one that fails to load.
    """
    found: dict[str, OwnRecipe] = {}
    for stage, own in stages.items() if isinstance(stages, dict) else ():
        if not isinstance(own, dict):
            continue
        given, field = own.get("recipe"), f"{_prefix(config_file)}stages.{stage}.recipe"
        if given is not None and own.get("model") is None:
            raise ConfigError(
                f"{field} is given without a model.",
                f"Name the model too, in stages.{stage}.model; it may be the run's own.",
            )
        if given == AUTO:
            before = None if settled is None else getattr(settled.stages, stage, None)
            given = own["recipe"] = _suiting(own["model"]) if before is None else before.recipe
            own["custom"] = None if before is None or before.custom is None else before.custom.model_dump()
        house = _own(given, own, field)
        if house is None:
            own["custom"] = own.get("custom") if given == CUSTOM else None
            continue
        found[stage] = house
        own.update(recipe=CUSTOM, custom=house.values()["custom"])
        if settled is None and isinstance(own["model"], dict):
            own["model"]["api"] = own["model"].get("api") or _call(house.recipe, own["model"])
    return found


def _own(given: object, own: Mapping[str, Any], field: str) -> OwnRecipe | None:
    if given is None or (isinstance(given, str) and given in RECIPES):
        return None
    if given == CUSTOM:
        kept = own.get("custom")
        if kept is None:
            raise ConfigError(
                f"{field}: the name {CUSTOM!r} stands for no recipe.", "Pass an object there, in Python."
            )
        about = CustomConfig.model_validate(kept)
        return own_recipe(about.name, about, in_file=False) if about.source == INSTALLED else None
    if isinstance(given, str) and is_reference(given):
        raise ConfigError(
            f"{field} = {given!r}: code is not loaded from a config.",
            "In Python, put the object there; or install the recipe as a package, and give its name.",
        )
    if isinstance(given, str) and given not in offered("recipe"):
        near = closest(given, [*RECIPES, AUTO])[:1]
        meant = f"Did you mean {near[0]}? " if near else ""
        raise ConfigError(
            f"{field} = {given!r}: unknown recipe.",
            f"{meant}{_NAMES}",
        )
    if not isinstance(given, str) and (isinstance(given, type) or not isinstance(given, Recipe)):
        raise ConfigError(f"{field} = {given!r:.80}: not a recipe.", _NAMES)
    return own_recipe(given, None, in_file=False)


def _suiting(model: Any) -> str:
    """That of ours which suits the model; `chat` where nothing is known of it."""
    return _SUITING[_suiting_call(model)]


def _call(recipe: Recipe, model: Any) -> Api:
    """By which an own recipe's prompts are sent."""
    known = _suiting_call(model)
    wanted: Api | None = getattr(recipe, "api", None)
    return wanted or known or "chat"


def _suiting_call(model: Any) -> Api | None:
    try:
        section = ModelConfig.model_validate(model)
    except ValidationError:
        return None  # which is refused soon, by its field
    return "chat" if only_chat(section) else suiting_api(section)


def require_stage_recipes(directory: Path, config: Config, found: Mapping[str, OwnRecipe]) -> None:
    """A stage that an object of the user's own did takes that object again. found: those given now, by
    stage. Raises `RunMismatchError`."""
    for stage, own in config.stages:
        if own is not None and own.recipe == CUSTOM and own.custom is not None and stage not in found:
            version = f" (version {own.custom.version})" if own.custom.version else ""
            raise RunMismatchError(
                f"The run {directory} was started with a recipe of its own for the stage {stage}, the object"
                f" {own.custom.name!r}{version}, which is missing now.",
                f"Resume it in Python, and pass the same object as stages.{stage}.recipe of `config`.",
            )


def require_mix(config: Config, objects: Mapping[str, Recipe], config_file: Path | str | None) -> None:
    """objects: as of `Plan.recipes`. Raises ConfigError, naming the field, for recipes that do not fit
    together."""
    for field, problem, fix in _problems(config, objects):
        raise ConfigError(f"{_prefix(config_file)}{field}: {problem}", fix)


def makes_sense(config: Config, objects: Mapping[str, Recipe]) -> bool:
    """Whether `require_mix` lets it pass."""
    return not any(_problems(config, objects))


def _problems(config: Config, objects: Mapping[str, Recipe]) -> Iterator[tuple[str, str, str]]:
    named = [stage for stage, own in config.stages if own is not None and own.recipe is not None]
    if config.reference == ReferenceConfig.exact():
        for stage in named:
            if getattr(config.stages, stage).recipe != "paper":
                yield (
                    f"stages.{stage}.recipe",
                    "`paper_exact` reproduces the paper's code, and this recipe is not the paper's.",
                    "Leave out one of the two.",
                )
    yield from _problems_of_answers(config, objects)
    kinds, lists = config.recipe_for(Stage.CLASSIFICATION), config.recipe_for(Stage.INSTRUCTIONS)
    if kinds.custom is not None and kinds != lists:
        recipe = _object(config, Stage.CLASSIFICATION, objects)
        if recipe is not None and Stage.CLASSIFICATION not in recipe.usual:
            yield (
                "stages.instructions.recipe",
                f"the recipe {kinds.title!r}, which would classify the instructions of {lists.title!r}, does"
                " without the stage classification.",
                "Give that stage a recipe of its own: stages.classification.recipe.",
            )


def _problems_of_answers(config: Config, objects: Mapping[str, Recipe]) -> Iterator[tuple[str, str, str]]:
    answers, inputs = config.stages.answers, config.recipe_for(Stage.INSTANCES)
    if answers is None:
        return
    field = "stages.answers" if answers.recipe is None else "stages.answers.recipe"
    if answers.recipe is not None and (answers.recipe, answers.custom) != (inputs.name, inputs.custom):
        name = answers.recipe if answers.custom is None else answers.custom.name
        yield (
            field,
            f"{name!r} would answer inputs that {inputs.title!r} writes, but answers belong to the recipe"
            " that writes the inputs.",
            f'Give both stages the same: stages.instances.recipe = "{name}".',
        )
    elif not _asks_answers(config, objects) and (answers.recipe is not None or len(config.recipes) > 1):
        how = ' with recipe.answers = "inline"' if inputs.name == "chat" else ""
        yield (
            field,
            f"no answers are asked for, since the recipe {inputs.title!r}{how} writes inputs and outputs in"
            " one reply.",
            "Leave the table out, or give stages.instances a recipe that asks for answers.",
        )


def _asks_answers(config: Config, objects: Mapping[str, Recipe]) -> bool:
    inputs = config.recipe_for(Stage.INSTANCES)
    if inputs.custom is not None:
        recipe = _object(config, Stage.INSTANCES, objects)
        return recipe is None or recipe.answers is not None
    return inputs.name == "chat" and inputs.answers == "asked"


def _object(config: Config, stage: Stage, objects: Mapping[str, Recipe]) -> Recipe | None:
    own = getattr(config.stages, stage)
    return objects.get(stage if own is not None and own.recipe is not None else "")


def instructions_object(config: Config, objects: Mapping[str, Recipe]) -> Recipe | None:
    """Of these, as of `Plan.recipes`, the one that writes new instructions; None where one of ours does."""
    return _object(config, Stage.INSTRUCTIONS, objects)


def _prefix(config_file: Path | str | None) -> str:
    return f"{config_file}: " if config_file else ""
