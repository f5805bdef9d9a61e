"""Which attributes a run asks for: those given, those of the config file, or those that it began with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from selfinstruct.attributes.library import BUNDLED
from selfinstruct.attributes.load import attributes_from_mapping, bundled_attributes, read_attributes
from selfinstruct.config import AttributesConfig, Config, ReferenceConfig
from selfinstruct.errors import ConfigError
from selfinstruct.recipes.base import Recipe, attribute_sets

__all__ = ["chosen_attributes", "require_attributes"]

_SETTINGS = ("source", "at_most", "names")


def chosen_attributes(
    given: Path | Mapping[str, Any] | None,
    asked: Any,
    stored: AttributesConfig,
    config_file: Path | str | None,
) -> AttributesConfig:
    """given: a file, `bundled` or the attributes themselves; None where the user gave none by name.
    asked: `attributes` of the config file: a source, or a table with `source` or `names`, and `at_most`.
    stored: the run's own, which hold where nothing else is said.

    Raises ConfigError naming the file and what is wrong in it.
    """
    where = f"{config_file}: attributes" if config_file else "attributes"
    table = {"source": asked} if isinstance(asked, str) else {} if asked is None else asked
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where} is {asked!r:.80}, and no table.", "Write [attributes], or a file's path.")
    if unknown := [name for name in table if name not in (*_SETTINGS, "digest")]:
        raise ConfigError(
            f"{where}: there is no setting named {unknown[0]!r}.",
            f"Attributes themselves stand in a table below it: [attributes.names], with {unknown[0]} = [...]",
        )
    chosen = stored
    if isinstance(given, Path):
        chosen = bundled_attributes() if str(given) == BUNDLED else read_attributes(given)
    elif given is not None:
        chosen = attributes_from_mapping(given, "`attributes`: ")
    elif table.get("names"):  # of a run's own config.toml, whatever they were read from
        if not isinstance(table["names"], Mapping):
            raise ConfigError(f"{where}.names is {table['names']!r:.80}, and no table.")
        own = {
            name: each
            for name, each in table["names"].items()
            if not (isinstance(each, Mapping) and each.get("measured") is True)
        }
        chosen = attributes_from_mapping(own, f"{where}: ") if own else AttributesConfig()
        if isinstance(source := table.get("source"), str) and source:
            chosen = chosen.model_copy(update={"source": source})
    elif source := table.get("source"):
        if not isinstance(source, str):
            raise ConfigError(f"{where}.source is {source!r:.80}, and no path.")
        chosen = bundled_attributes() if source == BUNDLED else read_attributes(Path(source))
    if "at_most" in table:
        chosen = chosen.model_copy(update={"at_most": table["at_most"]})  # checked with all other settings
    return chosen


def require_attributes(config: Config, recipe: Recipe | None) -> None:
    """recipe: an object of the user's own; ours all take attributes. Raises ConfigError where the run asks
    for attributes, and cannot."""
    if not (config.attributes or config.steering.on):
        return
    if config.reference == ReferenceConfig.exact():
        raise ConfigError(
            "`paper_exact` reproduces the original prompts, which have no attributes.",
            "Leave out `attributes` and `steer`, or `paper_exact`.",
        )
    if recipe is not None and not attribute_sets(recipe):
        raise ConfigError(
            f"The recipe {recipe.name!r} takes no attributes.",
            "Give it `attribute_sets`, and a parameter `asked` of `instructions_prompt`; or leave out"
            " `attributes`.",
        )
