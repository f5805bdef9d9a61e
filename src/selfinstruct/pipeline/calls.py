"""Which model is asked, of the run, of a stage or for embeddings, in which recipe, and by which call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from selfinstruct.config import Config, StagesConfig
from selfinstruct.errors import ConfigError, UnknownModelError
from selfinstruct.models.base import Api
from selfinstruct.models.catalog import is_local, only_chat, parse_embedding_spec, parse_spec, suiting_api
from selfinstruct.models.providers import CUSTOM, model_at

__all__ = [
    "choose_call",
    "choose_embeddings",
    "choose_stage_models",
    "exact_recipe",
    "forget_calls",
    "keep_calls",
    "model_section",
]


def model_section(spec: str | None, base_url: str | None, context_window: int | None) -> dict[str, Any]:
    """`[model]` by what the user calls the model. Raises UnknownModelError, and ConfigError for an endpoint
    without a model's name."""
    if base_url is None:
        return parse_spec("pocket" if spec is None else spec, context_window).model_dump()
    if spec is None:
        raise ConfigError(f"Which model at {base_url}?", "Name it as the endpoint does: `model=NAME`")
    provider, name = model_at(base_url, spec)
    return {"provider": provider, "name": name, "context_window": context_window}


def forget_calls(values: dict[str, Any]) -> None:
    """Before anything was completed, it is still open by which call each model is asked."""
    for section in (values, *filter(None, values["stages"].values())):
        section["model"]["api"] = None


def keep_calls(stages: Any, stored: Config) -> None:
    """A stage's model that the file names again is asked by the call that was settled for it."""
    for stage, own in stages.items() if isinstance(stages, dict) else ():
        before = getattr(stored.stages, stage, None)
        if before is not None and isinstance(own, dict) and isinstance(own.get("model"), dict):
            own["model"]["api"] = own["model"].get("api") or before.model.api


def choose_stage_models(stages: Any) -> None:
    """A config file names the model of a stage as `--model` does: `[stages.instances] model = "openai/…"`."""
    for own in stages.values() if isinstance(stages, dict) else ():
        if isinstance(own, dict) and isinstance(own.get("model"), str):
            endpoint = own.setdefault("endpoint", {})
            if isinstance(endpoint, dict):
                own["model"] = model_section(own["model"], endpoint.get("base_url"), None)


def choose_embeddings(filters: Any, spec: str | None, threshold: float | None) -> None:
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
                else model_section(named, base_url, None)
            )
        except UnknownModelError as error:
            raise UnknownModelError(
                f"The embedding model: {error.message}",
                "It has an endpoint of its own: base_url in [filters.meaning.endpoint] of a config file.",
            ) from error


def exact_recipe(recipe: str | None) -> str:
    """recipe: as the user chose it; None where not. Raises ConfigError for one that is not the paper's."""
    if recipe not in (None, "paper"):
        raise ConfigError(
            f"`paper_exact` reproduces the paper's code, and the recipe {recipe!r} is not the paper's.",
            'Leave out `paper_exact`, or give `recipe="paper"`',
        )
    return "paper"


_RECIPES: Mapping[Api, Literal["paper", "chat"]] = {"completions": "paper", "chat": "chat"}


def choose_call(config: Config, recipe: str | None, api: Api | None) -> tuple[Config, Config | None]:
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
