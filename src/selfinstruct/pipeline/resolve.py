"""From what a user asked, and what a run already holds, to one resolved config.

In rising precedence: the defaults, the run's own config where one is resumed, the config file or the mapping
in its place, and what was asked for by name: the command line's options, or a call's arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from selfinstruct.config import (
    Config,
    EngineConfig,
    EvaluationSetConfig,
    ReferenceConfig,
)
from selfinstruct.errors import ConfigError, SeedsError
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.filters.custom import CustomFilters
from selfinstruct.models.base import Model
from selfinstruct.models.catalog import (
    is_local,
    require_embeddings,
    require_engine,
    suiting_api,
    without_batches,
)
from selfinstruct.models.custom import api_of, custom_model_config
from selfinstruct.models.providers import CUSTOM
from selfinstruct.pipeline.asked_attributes import chosen_attributes, require_attributes
from selfinstruct.pipeline.calls import (
    choose_call,
    choose_embeddings,
    choose_stage_models,
    exact_recipe,
    forget_calls,
    keep_calls,
    model_section,
)
from selfinstruct.pipeline.evaluation_sets import read_evaluation_sets
from selfinstruct.pipeline.mixing import (
    choose_stage_recipes,
    instructions_object,
    makes_sense,
    require_mix,
    require_stage_recipes,
)
from selfinstruct.pipeline.own_filters import (
    chosen_signals,
    given_filters,
    recorded_filters,
    recorded_signals,
    with_signals,
)
from selfinstruct.pipeline.own_objects import OwnModel, OwnRecipe, own_model, own_recipe, require_objects
from selfinstruct.pipeline.pricing import (
    PRICES,
    forget_listed_prices,
    price,
    price_embeddings,
    prices_of,
    require_both_prices,
)
from selfinstruct.pipeline.settings import BUDGETS, merge, nested, read_toml, validate
from selfinstruct.pipeline.steering import with_measured
from selfinstruct.recipes.base import Recipe
from selfinstruct.records import SeedTask, Stage
from selfinstruct.seeds.load import bundled_seeds, load_seeds, seeds_digest
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.reader import RunReader

__all__ = ["Plan", "resolve"]

BATCH_LAG = 64
"""The first feedback lag of a run that begins with batches: its first one may have 128 requests for
instructions."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to generate, and from which seeds.

    evaluation_items: what the data must not hold. filters: the user's own, and signals that reject.
    model: an object of the user's own; None where the config names one of ours. recipes: likewise, by the
        stage whose recipe it is; the run's under the empty text.
    if_refused: what to do instead where the model's first answer is that it does not take this kind of
        request; None where that was chosen, or is known.
    """

    config: Config
    seeds: tuple[SeedTask, ...]
    evaluation_items: tuple[EvaluationItem, ...] = ()
    if_refused: Config | None = None
    filters: CustomFilters = CustomFilters()  # noqa: RUF009 - a frozen value
    model: Model | None = None
    recipes: Mapping[str, Recipe] = field(default_factory=dict)


def resolve(
    directory: Path,
    *,
    options: Mapping[str, Any],
    config_file: Path | Mapping[str, Any] | None = None,
    seeds_file: Path | Sequence[SeedTask] | None = None,
    decontaminate: Sequence[Path] = (),
    model_spec: str | Model | None = None,
    recipe: Recipe | None = None,
    filters: Iterable[object] | None = None,
    attributes: Path | Mapping[str, Any] | None = None,
    meaning: str | None = None,
    paper_exact: bool = False,
) -> Plan:
    """The plan for one `generate`.

    options: dotted field names of `Config` to values; those that are None were not given. A budget of 0
        lifts the one that the run has. Without `recipe.name` or `model.api`, here or in the file, a run that
        has no completion yet takes what suits the model: chat first, where nothing is known.
    config_file, seeds_file: also what such files hold.
    recipe: an object of the user's own; `recipe.name` may name one too.
    filters: the user's own, in place of the run's or the file's, each an object or a reference to one; None
        where they were not given.
    attributes: of the new instructions, in place of the run's or the file's: a file, `bundled` for the
        library, or what such a file holds.
    meaning: the embedding model by which instructions are compared, in place of the run's or the file's.
    decontaminate: evaluation sets to keep out of the data, in place of the run's or the file's.
    model_spec: `provider/name`, or just the endpoint's name for the model where `endpoint.base_url` is
        an option too, or is what the run already uses. Or a model of the user's own: an object, or the name
        of one.
    Raises `ConfigError` naming the field, `SeedsError`, `UnknownModelError`, `NotARunError`,
    `RunMismatchError` for an object that the run was started with and that was not given again, and
    `UserError` for an evaluation set that cannot be read.
    """
    stored = read_run_config(directory)
    settled = stored is not None and RunReader(directory).has_completions()
    asked = read_toml(config_file) if isinstance(config_file, Path) else dict(config_file or {})
    settings = config_file if isinstance(config_file, Path | None) else "`config`"  # as messages call it
    values: dict[str, Any] = (stored or Config()).model_dump()
    begun_with = (stored or Config()).attributes
    own_attributes = chosen_attributes(attributes, asked.pop("attributes", None), begun_with, settings)
    values["attributes"] = own_attributes.model_dump()
    if not settled:
        forget_calls(values)
        forget_listed_prices(values)
    merge(values, asked)
    choose_stage_models(values["stages"])
    of_stages = choose_stage_recipes(values["stages"], stored if settled else None, settings)
    choose_embeddings(values["filters"], meaning, options.get("filters.meaning.threshold"))
    if stored is not None and settled:
        keep_calls(values["stages"], stored)
    checked = validate(values, settings)  # before anything below relies on its sections being tables
    named = tuple(EvaluationSetConfig(source=str(path)) for path in decontaminate)
    sets, items = read_evaluation_sets(named or checked.filters.decontaminate)
    values["filters"]["decontaminate"] = [each.model_dump() for each in sets]
    named_in_file = "custom" in asked.get("filters", {})
    own_filters = _own_filters(directory, filters, checked, settled=settled, asked=named_in_file)
    values["filters"]["custom"] = [each.config().model_dump() for each in own_filters]
    at_endpoint = options.get("endpoint.base_url") or values["endpoint"]["base_url"]
    model = own_model(
        model_spec,
        checked.model.custom,
        at_endpoint=at_endpoint is not None,
        in_file="custom" in asked.get("model", {}),
    )
    recipe_named = options.get("recipe.name")
    house = own_recipe(
        recipe or recipe_named, checked.recipe.custom, in_file="custom" in asked.get("recipe", {})
    )
    if house is not None:
        options = {**options, "recipe.name": None}
        values["recipe"] |= house.values()
    elif recipe_named is not None and not settled:
        values["recipe"]["custom"] = None
    signals_named = "signals" in asked.get("filters", {}) or options.get("filters.signals") is not None
    if options.get("engine.name") == "local":
        values["engine"] = EngineConfig().model_dump()  # the run's replicas belong to its cluster
    for name, value in options.items():
        if value is not None:
            lifted = name in BUDGETS and value == 0
            merge(values, nested(name, None if lifted else value))
    if paper_exact:
        values["reference"] = ReferenceConfig.exact().model_dump()
        if not (settled or signals_named):
            values["filters"]["signals"] = "none"
        if not (settled or "calibrate" in asked.get("recipe", {})):
            values["recipe"]["calibrate"] = False
    _put_model(values, model_spec, model, options, asked, stored)
    given_prices = {
        "": prices_of(asked.get("endpoint"))
        | {name for name in PRICES if options.get(f"endpoint.{name}") is not None}
    }
    price(values, given_prices[""])
    _choose_batches(values, options, asked, settled=settled)
    for stage, own in values["stages"].items():
        if own is not None:
            own.setdefault("endpoint", {})
            given_prices[stage] = prices_of(asked.get("stages", {}).get(stage, {}).get("endpoint"))
            price(own, given_prices[stage])
    price_embeddings(values, asked)
    seeds = _seeds(directory, seeds_file, resumed=stored is not None)
    if values["recipe"].get("classification_only"):
        seeds = _only_classification(seeds)
    if seeds_file is not None or stored is None:
        source = "bundled" if seeds_file is None else "given"
        if isinstance(seeds_file, Path):
            source = str(seeds_file.absolute())
        values["seeds"] = {"source": source, "digest": seeds_digest(seeds), "count": len(seeds)}
    steering = validate(values, settings, options).steering
    values["attributes"] = with_measured(own_attributes, steering, seeds).model_dump()
    config = validate(values, settings, options)
    _require_batches(config)
    require_engine(config)
    require_both_prices(config, given_prices)
    held = settled and not signals_named
    signals = recorded_signals(config, directory) if held else chosen_signals(config)
    config, own_filters = with_signals(config, signals), replace(own_filters, signals=signals)
    objects = {stage: each.recipe for stage, each in of_stages.items()}
    objects |= {} if house is None else {"": house.recipe}
    require_attributes(config, instructions_object(config, objects))
    require_objects(directory, stored, config, {"model": model, "recipe": house}, settled=settled)
    require_stage_recipes(directory, config, of_stages)
    if_refused = None
    if not settled:
        config, if_refused = _settle_call(config, options, asked, model, house)
    require_mix(config, objects, settings)
    if if_refused is not None and not makes_sense(if_refused, objects):
        if_refused = None
    return Plan(
        config,
        seeds,
        items,
        if_refused,
        own_filters,
        model.model if model else None,
        objects,
    )


def _put_model(
    values: dict[str, Any],
    spec: str | Model | None,
    own: OwnModel | None,
    options: Mapping[str, Any],
    asked: Mapping[str, Any],
    stored: Config | None,
) -> None:
    """The run's model, where one is named, or an object of the user's own is given."""
    # A run at a provider may have gone on with another base URL; its own name still means itself.
    itself = stored is not None and spec == f"{stored.model.provider}/{stored.model.name}"
    if own is not None:
        merge(values, {"endpoint": {"base_url": None}})
        section = custom_model_config(own.model, options.get("model.context_window"), own.source)
        values["model"] = section.model_dump() | {"api": values["model"]["api"]}
        return
    base_url = options.get("endpoint.base_url")
    named = spec if isinstance(spec, str) and (base_url is not None or not itself) else None
    if named is None and (stored is not None or "provider" in asked.get("model", {})):
        return
    if base_url is None and is_local(named):
        merge(values, {"endpoint": {"base_url": None}})  # the run's, or the config file's
    window = options.get("model.context_window") or asked.get("model", {}).get("context_window")
    kept = {name: values["model"][name] for name in ("extra_body", "api")}
    at = values.get("endpoint", {}).get("base_url")
    values["model"] = model_section(named, at, window) | kept


def _settle_call(
    config: Config,
    options: Mapping[str, Any],
    asked: Mapping[str, Any],
    model: OwnModel | None,
    recipe: OwnRecipe | None,
) -> tuple[Config, Config | None]:
    """The config with its recipe and call, and another to take where the endpoint refuses that call."""
    name = options.get("recipe.name") or asked.get("recipe", {}).get("name")
    api = options.get("model.api") or asked.get("model", {}).get("api")
    if model is not None:
        api = api or api_of(model.model)
    if recipe is not None:
        name = CUSTOM
        api = api or getattr(recipe.recipe, "api", None) or suiting_api(config.model) or "chat"
    elif config.reference == ReferenceConfig.exact():
        name = exact_recipe(name)
    config, if_refused = choose_call(config, name, api)
    given = asked.get("filters", {}).keys()
    return config.with_own_lists(given), if_refused and if_refused.with_own_lists(given)


def _own_filters(
    directory: Path, given: Iterable[object] | None, config: Config, *, settled: bool, asked: bool
) -> CustomFilters:
    """As given, else as the file asks, else the run's.

    asked: whether the file names some. settled: whether the run is held to those that it has.
    """
    if given is not None:
        return given_filters(given)
    if not (asked or settled):
        return CustomFilters()
    return recorded_filters(config.filters.custom, None if asked else directory)


def _choose_batches(
    values: dict[str, Any], options: Mapping[str, Any], asked: Mapping[str, Any], *, settled: bool
) -> None:
    """Whether to wait for batches is asked anew each time. A run that begins with them has a longer feedback
    lag, unless one is given: a lag of a few requests would cost it a batch each."""
    batch = values["endpoint"].setdefault("batch", {})
    in_file = asked.get("endpoint", {}).get("batch", {})
    if options.get("endpoint.batch.wait") is None and "wait" not in in_file:
        batch["wait"] = True
    for own in filter(None, values["stages"].values()):
        own.setdefault("endpoint", {}).setdefault("batch", {})["wait"] = batch["wait"]
    lag_given = options.get("feedback.lag") is not None or "lag" in asked.get("feedback", {})
    if batch.get("on") and not settled and not lag_given:
        values["feedback"]["lag"] = BATCH_LAG


def _require_batches(config: Config) -> None:
    """Raises ConfigError where batches should go to a model that takes none, and for embeddings, which are
    asked for directly."""
    if config.filters.meaning is not None:
        require_embeddings(config.filters.meaning.model)
        if config.filters.meaning.endpoint.batch.on:
            raise ConfigError(
                "filters.meaning.endpoint.batch.on is set, but embeddings are not asked for in batches.",
                "Leave it out.",
            )
    for own in map(config.for_stage, Stage):
        if own.endpoint.batch.on and (why := without_batches(own.model)):
            raise ConfigError(why, "Leave out `batch`, or name another model.")


def _seeds(
    directory: Path, seeds: Path | Sequence[SeedTask] | None, *, resumed: bool
) -> tuple[SeedTask, ...]:
    if isinstance(seeds, Path):
        return load_seeds(seeds)
    if seeds is not None:
        return tuple(seeds)
    if resumed:
        return RunReader(directory).seeds()
    return bundled_seeds()


def _only_classification(seeds: tuple[SeedTask, ...]) -> tuple[SeedTask, ...]:
    kept = tuple(seed for seed in seeds if seed.is_classification)
    if not kept:
        raise SeedsError(
            "No seed task is marked as classification, but only classification seeds are wanted.",
            'Mark them with "is_classification": true.',
        )
    return kept
