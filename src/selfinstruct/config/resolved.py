"""All sections together, and what may be asked of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import Field

from selfinstruct.config.attributes import AttributesConfig, SteeringConfig
from selfinstruct.config.checks import Section
from selfinstruct.config.filter_lists import OWN_LISTS
from selfinstruct.config.sections import (
    EndpointConfig,
    EngineConfig,
    FeedbackConfig,
    FilterConfig,
    LimitsConfig,
    MeaningConfig,
    ModelConfig,
    RecipeConfig,
    ReferenceConfig,
    SamplingConfig,
    SeedsConfig,
    StageConfig,
    StagesConfig,
    Tokens,
)

__all__ = ["Config"]

INSTRUCTIONS, INSTANCES, ANSWERS = "instructions", "instances", "answers"


class Config(Section):
    """All of it. Written to `config.toml` of the run before anything else."""

    seed: int = 42
    """Of the run: decides demonstrations, and the seeds sent with requests."""
    window: Annotated[int, Field(ge=0)] = 0
    """Maximum feedback lag, in instruction requests (tickets); 0: no maximum."""
    feedback: FeedbackConfig = FeedbackConfig()
    seeds: SeedsConfig = SeedsConfig()
    model: ModelConfig = ModelConfig()
    recipe: RecipeConfig = RecipeConfig()
    attributes: AttributesConfig = AttributesConfig()
    steering: SteeringConfig = SteeringConfig()
    sampling: SamplingConfig = SamplingConfig()
    filters: FilterConfig = FilterConfig()
    reference: ReferenceConfig = ReferenceConfig()
    limits: LimitsConfig = LimitsConfig()
    endpoint: EndpointConfig = EndpointConfig()
    engine: EngineConfig = EngineConfig()
    stages: StagesConfig = StagesConfig()

    def own_stage(self, stage: str) -> StageConfig | MeaningConfig | None:
        """The stage's own model, with its endpoint; None where it is the run's. Instances with a recipe of
        their own bring their answers along, unless these have a model too."""
        if stage == "meaning":
            return self.filters.meaning
        own: StageConfig | None = getattr(self.stages, stage)
        instances = self.stages.instances
        if own is None and stage == ANSWERS and instances is not None and instances.recipe is not None:
            return instances
        return own

    def for_stage(self, stage: str) -> Config:
        """The same with the model and the endpoint that the stage's requests go to."""
        own = self.own_stage(stage)
        return self if own is None else self.model_copy(update={"model": own.model, "endpoint": own.endpoint})

    def recipe_for(self, stage: str) -> RecipeConfig:
        """The run's recipe, under the name of the one that does the stage. Inputs and their answers are one
        recipe's, that of the instances."""
        if stage == "meaning":
            return self.recipe
        own: StageConfig | None = getattr(self.stages, INSTANCES if stage == ANSWERS else stage)
        if own is None or own.recipe is None:
            return self.recipe
        return self.recipe.model_copy(update={"name": own.recipe, "custom": own.custom})

    @property
    def recipes(self) -> tuple[tuple[RecipeConfig, tuple[str, ...]], ...]:
        """Each recipe of the run with the stages that it does; as a rule one that does all."""
        by_stage = {stage: self.recipe_for(stage) for stage in StagesConfig.model_fields}
        all_of_them = list(by_stage.values())
        return tuple(
            (recipe, tuple(stage for stage, other in by_stage.items() if other == recipe))
            for place, recipe in enumerate(all_of_them)
            if recipe not in all_of_them[:place]
        )

    @property
    def recipe_title(self) -> str:
        """For people: `chat`, or `paper (instructions), chat (classification, instances)`."""
        if len(self.recipes) == 1:
            return self.recipes[0][0].title
        return ", ".join(
            f"{recipe.title} ({', '.join(stage for stage in stages if stage != ANSWERS)})"
            for recipe, stages in self.recipes
        )

    def asks(self, stage: str) -> bool:
        """False for `meaning` where instructions are not compared by it."""
        return stage != "meaning" or self.filters.meaning is not None

    def with_smallest_window(self, stages: Collection[str] = tuple(StagesConfig.model_fields)) -> Config:
        """The same with the smallest context window of these stages' models, so that every prompt fits."""
        windows = [self.for_stage(stage).model.context_window for stage in stages]
        known = [window for window in windows if window is not None]
        model = self.model.model_copy(update={"context_window": min(known, default=None)})
        return self.model_copy(update={"model": model})

    @property
    def priced(self) -> bool:
        """Whether the prices of every stage are known."""
        endpoints = [self.for_stage(stage).endpoint for stage in (*StagesConfig.model_fields, "meaning")]
        return all(each.price_in is not None and each.price_out is not None for each in endpoints)

    def cost(self, used: Mapping[Any, Tokens], batched: Mapping[Any, Tokens] = {}) -> float | None:
        """US dollars for these tokens, by stage; None unless all prices are known. batched: of these, those
        of requests that went in batches."""
        total = 0.0
        for stage, tokens in used.items():
            cost = self.for_stage(stage).endpoint.cost(tokens, batched.get(stage))
            if cost is None:
                return None
            total += cost
        return total

    def with_own_lists(self, given: Collection[str] = ()) -> Config:
        """The same with the lists of the recipe that writes instructions in place of another's, but for those
        `given`."""
        own = {
            name: words
            for name, words in OWN_LISTS.get(self.recipe_for(INSTRUCTIONS).name, {}).items()
            if name not in given
            and any(getattr(self.filters, name) == lists[name] for lists in OWN_LISTS.values())
        }
        return self.model_copy(update={"filters": self.filters.model_copy(update=own)})

    def identity(self) -> dict[str, Any]:
        """The fields that may not change within a run, flat: dotted name to JSON value.

        Paths are left out where a digest stands for the content.
        """
        kept = self.model_dump(mode="json", exclude={"limits": True, "endpoint": True, "engine": True})
        kept["seeds"] = {"digest": kept["seeds"]["digest"]}
        kept["attributes"] = {name: kept["attributes"][name] for name in ("digest", "at_most")}
        kept["filters"]["decontaminate"] = [each["digest"] for each in kept["filters"]["decontaminate"]]
        kept["filters"]["custom"] = [str(each) for each in self.filters.custom]
        versions = kept["filters"].pop("signal_versions")
        kept["filters"]["signals"] = [f"{name} (version {version})" for name, version in versions.items()]
        meaning = kept["filters"].pop("meaning")
        if meaning is not None:
            del meaning["endpoint"]
            kept["filters"]["meaning"] = meaning | {"model": _named(meaning["model"])}
        stages = [each for each in kept["stages"].values() if each is not None]
        for own in stages:
            del own["endpoint"]
            _leave_out_path(own["model"])
            if own["recipe"] is None:
                del own["recipe"], own["custom"]
        _leave_out_path(kept["model"])
        for section in (kept["recipe"], kept["model"], *(each["model"] for each in stages), *stages):
            if section.get("custom") is not None:
                del section["custom"]["source"]
        return dict(_flatten(kept, ""))


def _leave_out_path(model: dict[str, Any]) -> None:
    if model["digest"]:
        del model["name"]


def _named(model: dict[str, Any]) -> str:
    """An embedding model as one text: which it is, and whatever else was set."""
    name, digest = model["name"], model["digest"]
    named = f"{model['provider']} (SHA-256 {digest})" if digest else f"{model['provider']}/{name}"
    rest = {key: value for key, value in model.items() if value and key not in ("provider", "name", "digest")}
    return named + (f" {json.dumps(rest)}" if rest else "")


def _flatten(value: dict[str, Any], prefix: str) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, item in value.items():
        name = f"{prefix}{key}"
        flat.extend(_flatten(item, f"{name}.") if isinstance(item, dict) else [(name, item)])
    return flat
