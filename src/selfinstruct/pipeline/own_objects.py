"""Which model and which recipe of the user's own a run has: as given, by name, or as installed.

A run's config keeps what tells them apart, not their code. So they are given again at every resume, but for
installed ones, which are found by name. Code that a run's directory names is never loaded: a run may come
from somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.config import Config, CustomConfig
from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.extensions import INSTALLED, Kind, described, is_reference, load, made, offered
from selfinstruct.models.base import Model
from selfinstruct.models.custom import load_model, names_own_model
from selfinstruct.models.providers import CUSTOM
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.registry import RECIPES
from selfinstruct.text.spelling import closest

__all__ = ["OwnModel", "OwnRecipe", "own_model", "own_recipe", "require_objects"]

_NO_RECIPE = 'Pass "auto", "paper", "chat", or an object as selfinstruct.Recipe describes.'


@dataclass(frozen=True, slots=True)
class OwnModel:
    """source: where it was loaded from, as the user named it; empty for an object that was passed."""

    model: Model
    source: str = ""


@dataclass(frozen=True, slots=True)
class OwnRecipe:
    """source: as of `OwnModel`."""

    recipe: Recipe
    source: str = ""

    def values(self) -> dict[str, Any]:
        """What the section `recipe` says of it."""
        about = described(self.recipe, "recipe", self.source)
        return {"name": CUSTOM, "custom": about.model_dump()}


def own_model(
    given: str | Model | None, kept: CustomConfig | None, *, at_endpoint: bool, in_file: bool
) -> OwnModel | None:
    """The model of the user's own that is asked for; None where it is one of ours.

    given: a SPEC or an object. kept: what the run, or the config file, says of one. at_endpoint: a SPEC is an
    endpoint's own name for its model. in_file: `kept` is the file's.

    Raises `ConfigError` for what is no model, and for code that a config file names; `UserError` for code
    that fails to load.
    """
    if given is None:
        return OwnModel(*load_model(kept.name)) if kept and _is_installed("model", kept, in_file) else None
    if not isinstance(given, str):
        return OwnModel(given)
    return OwnModel(*load_model(given)) if not at_endpoint and names_own_model(given) else None


def own_recipe(given: object, kept: CustomConfig | None, *, in_file: bool) -> OwnRecipe | None:
    """The recipe of the user's own; None where it is one of ours, or none was asked for.

    given: a name or an object. kept, in_file: as in `own_model`. Raises as that, and `ConfigError` for a name
    that is no recipe's.
    """
    if given is None:
        if kept is None or not _is_installed("recipe", kept, in_file):
            return None
        given = kept.name
    if not isinstance(given, str):
        if isinstance(given, type) or not isinstance(given, Recipe):
            raise ConfigError(f"`recipe` is {given!r}, not a recipe.", _NO_RECIPE)
        return OwnRecipe(given)
    if given in RECIPES or given == CUSTOM:
        return None
    if not (is_reference(given) or kept is not None or given in offered("recipe")):
        raise _unknown_recipe(given)
    found = made("recipe", load("recipe", given), given)
    if not isinstance(found, Recipe):
        raise ConfigError(f"{given} is {found!r}, not a recipe.", _NO_RECIPE)
    return OwnRecipe(found, given if ":" in given else INSTALLED)


def require_objects(
    directory: Path, stored: Config | None, config: Config, given: Mapping[Kind, object], *, settled: bool
) -> None:
    """A run that an object of the user's own made takes that object again; no name stands for one.

    given: what is there, by kind. Raises `RunMismatchError`, `ConfigError`.
    """
    before = stored or Config()
    kinds: tuple[tuple[Kind, CustomConfig | None, str, CustomConfig | None], ...] = (
        ("model", before.model.custom, config.model.provider, config.model.custom),
        ("recipe", before.recipe.custom, config.recipe.name, config.recipe.custom),
    )
    for kind, own, name, kept in kinds:
        if given.get(kind) is not None:
            continue
        if own is not None and (settled or kept is not None):
            raise _missing(directory, kind, own)
        if name == CUSTOM:
            raise ConfigError(
                f"The name {CUSTOM!r} stands for no {kind}.", f"Pass an object as {kind}, in Python."
            )


def _is_installed(kind: Kind, kept: CustomConfig, in_file: bool) -> bool:
    if in_file and kept.source not in ("", INSTALLED):
        raise ConfigError(
            f"{kind}.custom: the config file names the code of the {kind} {kept.name!r}, and code is not"
            " loaded from there.",
            f'Name it yourself: `{kind}="{kept.source}"`',
        )
    return in_file or kept.source == INSTALLED


def _missing(directory: Path, kind: Kind, own: CustomConfig) -> RunMismatchError:
    version = f" (version {own.version})" if own.version else ""
    if own.source:
        return RunMismatchError(
            f"The run {directory} was started with the {kind} {own.name!r}{version}, which is missing now.",
            f'Give it again: `{kind}="{own.source}"`',
        )
    return RunMismatchError(
        f"The run {directory} was started with a {kind} of its own, the object {own.name!r}{version}, which"
        " is missing now.",
        f"Resume it in Python, and pass the same object as {kind}.",
    )


def _unknown_recipe(name: str) -> ConfigError:
    near = closest(name, [*RECIPES, "auto"])[:1]
    meant = f"Did you mean {near[0]}? " if near else ""
    return ConfigError(
        f"Unknown recipe {name!r}.",
        f"{meant}The recipes are auto, {', '.join(RECIPES)}, and your own: module:name, file.py:name, or the"
        " name of an installed one.",
    )
