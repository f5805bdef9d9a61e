"""From what a user asked, and what a run already holds, to one resolved config.

In rising precedence: the defaults, the run's own config where one is resumed, the config file or the mapping
in its place, and what was asked for by name: the command line's options, or a call's arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from selfinstruct.config import (
    Config,
    EndpointConfig,
    EngineConfig,
    EvaluationSetConfig,
    ModelConfig,
    ReferenceConfig,
    StagesConfig,
)
from selfinstruct.errors import ConfigError, SeedsError, UnknownModelError
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.filters.custom import CustomFilters
from selfinstruct.models.access import is_hosted
from selfinstruct.models.base import Api, Model
from selfinstruct.models.catalog import (
    batch_price_factor,
    is_local,
    only_chat,
    parse_embedding_spec,
    parse_spec,
    require_embeddings,
    require_engine,
    suiting_api,
    without_batches,
)
from selfinstruct.models.custom import api_of, custom_model_config
from selfinstruct.models.prices import listed_prices
from selfinstruct.models.providers import CUSTOM, model_at
from selfinstruct.pipeline.asked_attributes import chosen_attributes, require_attributes
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
from selfinstruct.pipeline.own_objects import own_model, own_recipe, require_objects
from selfinstruct.pipeline.settings import BUDGETS, merge, nested, read_toml, validate
from selfinstruct.pipeline.steering import with_measured
from selfinstruct.recipes.base import Recipe
from selfinstruct.records import SeedTask, Stage
from selfinstruct.seeds.load import bundled_seeds, load_seeds, seeds_digest
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.reader import RunReader

__all__ = ["Plan", "resolve"]

CACHE_PRICES = {"price_cached", "price_cache_write"}
PRICES = ("price_in", "price_out", "price_cached", "price_cache_write")
BATCH_LAG = 64
"""The first feedback lag of a run that begins with batches: its first one may have 128 requests for
instructions."""
GIVEN = "given"
"""The source of prices that the user gave."""


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
        _forget_calls(values)
        _forget_listed_prices(values)
    merge(values, asked)
    _choose_stage_models(values["stages"])
    of_stages = choose_stage_recipes(values["stages"], stored if settled else None, settings)
    _choose_embeddings(values["filters"], meaning, options.get("filters.meaning.threshold"))
    if stored is not None and settled:
        _keep_calls(values["stages"], stored)
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
    # A run at a provider may have gone on with another base URL; its own name still means itself.
    itself = stored is not None and model_spec == f"{stored.model.provider}/{stored.model.name}"
    if (
        model is not None
        or not isinstance(model_spec, str)
        or (itself and options.get("endpoint.base_url") is None)
    ):
        model_spec = None
    if model is not None:
        merge(values, {"endpoint": {"base_url": None}})
        section = custom_model_config(model.model, options.get("model.context_window"), model.source)
        values["model"] = section.model_dump() | {"api": values["model"]["api"]}
    elif model_spec is not None or (stored is None and "provider" not in asked.get("model", {})):
        if options.get("endpoint.base_url") is None and is_local(model_spec):
            merge(values, {"endpoint": {"base_url": None}})  # the run's, or the config file's
        base_url = values.get("endpoint", {}).get("base_url")
        window = options.get("model.context_window") or asked.get("model", {}).get("context_window")
        kept = {name: values["model"][name] for name in ("extra_body", "api")}
        values["model"] = _model(model_spec, base_url, window) | kept
    given_prices = {
        "": _prices_of(asked.get("endpoint"))
        | {name for name in PRICES if options.get(f"endpoint.{name}") is not None}
    }
    _price(values, given_prices[""])
    _choose_batches(values, options, asked, settled=settled)
    for stage, own in values["stages"].items():
        if own is not None:
            own.setdefault("endpoint", {})
            given_prices[stage] = _prices_of(asked.get("stages", {}).get(stage, {}).get("endpoint"))
            _price(own, given_prices[stage])
    _price_embeddings(values, asked)
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
    _require_both_prices(config, given_prices)
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
        name = options.get("recipe.name") or asked.get("recipe", {}).get("name")
        api = options.get("model.api") or asked.get("model", {}).get("api")
        if model is not None:
            api = api or api_of(model.model)
        if house is not None:
            name, api = (
                CUSTOM,
                api or getattr(house.recipe, "api", None) or suiting_api(config.model) or "chat",
            )
        if house is None and config.reference == ReferenceConfig.exact():
            name = _exact_recipe(name)
        config, if_refused = _choose_call(config, name, api)
        given = asked.get("filters", {}).keys()
        config, if_refused = config.with_own_lists(given), if_refused and if_refused.with_own_lists(given)
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


_RECIPES: Mapping[Api, Literal["paper", "chat"]] = {"completions": "paper", "chat": "chat"}


def _choose_call(config: Config, recipe: str | None, api: Api | None) -> tuple[Config, Config | None]:
    """The config with its recipe and its call, and another one to take where the endpoint refuses that call.

    recipe, api: as the user chose them; None where not. An instruct model is asked by chat in the recipe made
    for it, a base model by completions in the paper's. The paper's prompts go by chat where that is all the
    endpoint takes.
    """
    if recipe == "chat" or api is not None:
        chosen = api or "chat"
        return _with_call(config, recipe or _RECIPES[chosen], chosen), None
    if recipe is not None:
        by_chat = _with_call(config, recipe, "chat")
        if only_chat(config.model):
            return by_chat, None
        return _with_call(config, recipe, "completions"), None if is_local(config.model.provider) else by_chat
    known = suiting_api(config.model)
    if known is not None:
        return _with_call(config, _RECIPES[known], known), None
    return _with_call(config, "chat", "chat"), _with_call(config, "paper", "completions")


def _with_call(config: Config, recipe: str, api: Api) -> Config:
    """The config asked so, the models of single stages included, each unless it names a call of its own."""
    named = config.model_copy(
        update={
            "model": config.model.model_copy(update={"api": api}),
            "recipe": config.recipe.model_copy(update={"name": recipe}),
        }
    )
    calls: dict[str, Api] = {"chat": "chat", "paper": "completions", CUSTOM: api}
    stages = {
        stage: own.model_copy(update={"model": own.model.model_copy(update={"api": own.model.api or by})})
        for stage in StagesConfig.model_fields
        if (own := getattr(config.stages, stage)) is not None
        for by in ["chat" if only_chat(own.model) else calls[named.recipe_for(stage).name]]
    }
    return named.model_copy(update={"stages": config.stages.model_copy(update=stages)})


def _exact_recipe(recipe: str | None) -> str:
    """recipe: as the user chose it; None where not. Raises ConfigError for one that is not the paper's."""
    if recipe not in (None, "paper"):
        raise ConfigError(
            f"`paper_exact` reproduces the paper's code, and the recipe {recipe!r} is not the paper's.",
            'Leave out `paper_exact`, or give `recipe="paper"`',
        )
    return "paper"


def _model(spec: str | None, base_url: str | None, context_window: int | None) -> dict[str, Any]:
    if base_url is None:
        return parse_spec("pocket" if spec is None else spec, context_window).model_dump()
    if spec is None:
        raise ConfigError(f"Which model at {base_url}?", "Name it as the endpoint does: `model=NAME`")
    provider, name = model_at(base_url, spec)
    return {"provider": provider, "name": name, "context_window": context_window}


def _forget_calls(values: dict[str, Any]) -> None:
    """Before anything was completed, it is still open by which call each model is asked."""
    for section in (values, *filter(None, values["stages"].values())):
        section["model"]["api"] = None


def _choose_stage_models(stages: Any) -> None:
    """A config file names the model of a stage as `--model` does: `[stages.instances] model = "openai/…"`."""
    for own in stages.values() if isinstance(stages, dict) else ():
        if isinstance(own, dict) and isinstance(own.get("model"), str):
            endpoint = own.setdefault("endpoint", {})
            if isinstance(endpoint, dict):
                own["model"] = _model(own["model"], endpoint.get("base_url"), None)


def _choose_embeddings(filters: Any, spec: str | None, threshold: float | None) -> None:
    """The embedding model, named as a stage's is: `[filters.meaning] model = "ollama/…"`, or by the argument,
    which goes before."""
    if not isinstance(filters, dict):
        return
    meaning = filters.get("meaning")
    if spec is not None:
        meaning = {**(meaning if isinstance(meaning, dict) else {}), "model": spec}
    if threshold is not None and meaning is None:
        raise ConfigError(
            "`meaning_threshold` is given, but no embedding model.", "Name one: `meaning=PROVIDER/NAME`"
        )
    if not isinstance(meaning, dict):
        return
    filters["meaning"] = meaning
    endpoint = meaning.setdefault("endpoint", {})
    named = meaning.get("model")
    if isinstance(named, str) and isinstance(endpoint, dict):
        base_url = endpoint.get("base_url")
        try:
            meaning["model"] = (
                parse_embedding_spec(named).model_dump()
                if base_url is None
                else _model(named, base_url, None)
            )
        except UnknownModelError as error:
            raise UnknownModelError(
                f"The embedding model: {error.message}",
                "It has an endpoint of its own: base_url in [filters.meaning.endpoint] of a config file.",
            ) from error


def _price_embeddings(values: dict[str, Any], asked: Mapping[str, Any]) -> None:
    """As any other model's, but nothing is written, and what is not reached over a network costs nothing."""
    meaning = values["filters"].get("meaning")
    if meaning is None:
        return
    asked_meaning = asked.get("filters", {}).get("meaning")
    given = _prices_of(asked_meaning.get("endpoint")) if isinstance(asked_meaning, dict) else set()
    endpoint = meaning["endpoint"]
    _price(meaning, given)
    hosted = is_hosted(ModelConfig.model_validate(meaning["model"]), EndpointConfig.model_validate(endpoint))
    if endpoint.get("price_in") is None and not hosted:
        endpoint["price_in"] = 0.0
    if endpoint.get("price_in") is not None and endpoint.get("price_out") is None:
        endpoint["price_out"] = 0.0


def _keep_calls(stages: Any, stored: Config) -> None:
    """A stage's model that the file names again is asked by the call that was settled for it."""
    for stage, own in stages.items() if isinstance(stages, dict) else ():
        before = getattr(stored.stages, stage, None)
        if before is not None and isinstance(own, dict) and isinstance(own.get("model"), dict):
            own["model"]["api"] = own["model"].get("api") or before.model.api


def _forget_listed_prices(values: dict[str, Any]) -> None:
    """Before anything was completed, the model may still be another one."""
    for section in _priced_sections(values):
        if section["endpoint"]["price_source"] not in ("", GIVEN):
            section["endpoint"].update(dict.fromkeys(PRICES), price_source="")


def _priced_sections(values: dict[str, Any]) -> list[dict[str, Any]]:
    """What has a model and an endpoint of its own: the run, stages, and the comparison by meaning."""
    meaning = values["filters"].get("meaning")
    return [values, *filter(None, values["stages"].values()), *([meaning] if meaning else [])]


def _price(section: dict[str, Any], given: Set[str]) -> None:
    """Listed prices where the user gave none; where they gave one of the two, the other. Once something was
    completed they are kept, so that a newer list changes nothing.

    given: those of `PRICES` that the user gave now. With them, those of cached tokens that the
        list has do not hold.
    """
    endpoint, model = section["endpoint"], section["model"]
    batch = endpoint.setdefault("batch", {})
    if batch.get("on") and batch.get("price_factor") is None:
        batch["price_factor"] = batch_price_factor(str(model["provider"]))
    listed = None
    if endpoint.get("price_in") is None or endpoint.get("price_out") is None:
        listed = listed_prices(str(model["provider"]), str(model["name"]), endpoint.get("base_url"))
    if given & {"price_in", "price_out"}:
        if endpoint.get("price_source", "") not in ("", GIVEN):
            endpoint.update(dict.fromkeys(CACHE_PRICES - given))
        endpoint["price_source"] = GIVEN
        for name in ("price_in", "price_out"):
            if endpoint.get(name) is None and listed is not None:
                endpoint[name] = getattr(listed, name)
    elif endpoint.get("price_in") is None and endpoint.get("price_out") is None and listed is not None:
        cached = {name: getattr(listed, name) for name in CACHE_PRICES if endpoint.get(name) is None}
        endpoint.update(price_in=listed.price_in, price_out=listed.price_out, **cached)
        endpoint["price_source"] = listed.source


def _require_both_prices(config: Config, given: Mapping[str, Set[str]]) -> None:
    """Raises ConfigError for a price without the others that a cost takes: it would do nothing.

    given: those of `PRICES` that the user gave now, by stage; that of the run is empty.
    """
    for stage, prices in given.items():
        own = getattr(config.stages, stage) if stage else config
        missing = [name for name in ("price_in", "price_out") if getattr(own.endpoint, name) is None]
        if prices and missing:
            where = f"stages.{stage}: " if stage else ""
            raise ConfigError(
                f"{where}`{min(prices, key=PRICES.index)}` is given without `{missing[0]}`, so no cost can be"
                " computed.",
                "Give both `price_in` and `price_out`, in USD per 1M tokens.",
            )


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


def _prices_of(endpoint: Any) -> set[str]:
    """Those that a table of a config file gives."""
    return {name for name in PRICES if isinstance(endpoint, dict) and endpoint.get(name) is not None}


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
