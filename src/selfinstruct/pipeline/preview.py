"""What a run would send, before it sends anything: each stage's real prompt, and a guess at the whole.

Nothing is requested and nothing written. A local model is loaded all the same, since prompts are fitted with
its own tokenizer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from selfinstruct.config import Config
from selfinstruct.errors import ConfigError
from selfinstruct.models.access import endpoint_access, is_hosted
from selfinstruct.models.base import Api, Model
from selfinstruct.models.catalog import is_for_trial, is_local, likelihoods, open_model
from selfinstruct.pipeline.calibration import Calibration
from selfinstruct.pipeline.forecast import Forecast, in_batches
from selfinstruct.pipeline.projection import Projection
from selfinstruct.pipeline.rendering import RequestBuilder
from selfinstruct.pipeline.resolve import Plan
from selfinstruct.pipeline.scheduler import Job, Scheduler
from selfinstruct.pipeline.tickets import lag
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.registry import CountTokens, build_recipe
from selfinstruct.records import Prompt, SeedTask, Stage, TokenCounts
from selfinstruct.text.tokens import estimate_tokens

__all__ = ["Call", "ModelPrice", "Preview", "PreviewedPrompt", "StageCall", "preview"]


@dataclass(frozen=True, slots=True)
class PreviewedPrompt:
    """title: which of a stage's prompts. tokens: of the prompt, as the model or our estimate counts them.
    api: by which call it is sent."""

    title: str
    stage: Stage
    prompt: Prompt
    tokens: int
    api: Api

    def to_json(self) -> dict[str, Any]:
        """One object, as `generate --dry-run --json` prints it."""
        return {
            "title": self.title,
            "stage": self.stage.value,
            "preamble": self.prompt.preamble,
            "body": self.prompt.body,
            "prompt_tokens": self.tokens,
            "max_tokens": self.prompt.sampling.max_tokens,
            "demonstrations": self.prompt.demonstrations,
        }


@dataclass(frozen=True, slots=True)
class Call:
    """How a run asks: a recipe, and which of the two calls."""

    recipe: str
    api: Api


@dataclass(frozen=True, slots=True)
class StageCall:
    """How one stage of a mix asks."""

    stage: Stage
    recipe: str
    api: Api


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """What a model costs, in US dollars a million tokens; None where that is not known.

    stages: those that it does. hosted: it runs elsewhere, so that somebody may charge for it. source: where
    the prices are from, and their date; empty where that is not kept. batch_factor: the share of them that a
    request in a batch costs; None where requests go one by one.
    """

    model: str
    stages: tuple[Stage, ...]
    price_in: float | None
    price_out: float | None
    price_cached: float | None
    hosted: bool
    source: str = ""
    batch_factor: float | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """estimate: rough, from usual lengths and yields. call: how the run asks; mix: how each stage does, where
    they have several recipes, else empty; if_refused: what it tries where
    the endpoint refuses that, None where nothing. may_think: models are asked that may think first, which is
    not in the estimate. missing: what the run would refuse to begin without, such as a key."""

    call: Call
    mix: tuple[StageCall, ...]
    if_refused: Call | None
    prices: tuple[ModelPrice, ...]
    may_think: bool
    prompts: tuple[PreviewedPrompt, ...]
    estimate: Forecast
    missing: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """One object."""
        return {
            **asdict(self.call),
            "mix": [asdict(each) for each in self.mix],
            "if_refused": self.if_refused and asdict(self.if_refused),
            "estimate": self.estimate.to_json(),
            "prices": [asdict(price) for price in self.prices],
            "may_think": self.may_think,
            "prompts": [prompt.to_json() for prompt in self.prompts],
            "missing": list(self.missing),
        }


def preview(plan: Plan) -> Preview:
    """Raises what opening a local model and fitting prompts to it do."""
    opened: dict[str, Model] = {}
    try:
        return _preview(plan, dict(_counts(plan, opened)))
    finally:
        for model in opened.values():
            asyncio.run(model.aclose())


def _counts(plan: Plan, opened: dict[str, Model]) -> Iterator[tuple[Stage, CountTokens]]:
    """How each stage's tokens are counted: as the model does that the first stage of the same recipe has.
    opened: by name; local models are added."""
    for _, stages in plan.config.recipes:
        own = plan.config.for_stage(stages[0])
        count: CountTokens = estimate_tokens
        if plan.model is not None and own.model.custom is not None:
            count = plan.model.count_tokens
        elif is_local(own.model.provider):
            name = own.model.model_dump_json()
            if name not in opened:
                opened[name] = open_model(own.model, own.endpoint)
            count = opened[name].count_tokens
        yield from ((Stage(stage), count) for stage in stages)


def _preview(plan: Plan, counts: Mapping[Stage, CountTokens]) -> Preview:
    recipe = build_recipe(plan.config, counts, plan.recipes)
    prompts = tuple(
        PreviewedPrompt(
            title, stage, prompt, counts[stage](prompt.preamble + prompt.body), _api(plan.config, stage)
        )
        for title, stage, prompt in _prompts(plan, recipe)
    )
    estimate = _estimate(plan, recipe, prompts)
    config = plan.config
    return Preview(
        call=_call(config),
        mix=_mix(config),
        if_refused=None if plan.if_refused is None else _call(plan.if_refused),
        prices=_prices(config),
        may_think=any(_may_think(config.for_stage(stage)) for stage in filter(config.asks, Stage)),
        prompts=prompts,
        estimate=estimate,
        missing=_missing(config),
    )


def _call(config: Config) -> Call:
    return Call(config.recipe_title, config.model.api or "completions")


def _api(config: Config, stage: str) -> Api:
    return config.for_stage(stage).model.api or "completions"


def _mix(config: Config) -> tuple[StageCall, ...]:
    if len(config.recipes) == 1:
        return ()
    asked = (stage for stage in Stage if stage is not Stage.MEANING)  # which no recipe does
    return tuple(StageCall(stage, config.recipe_for(stage).title, _api(config, stage)) for stage in asked)


def _prices(config: Config) -> tuple[ModelPrice, ...]:
    """One for each model and its place, in the order of the stages."""
    found: dict[str, ModelPrice] = {}
    for stage in filter(config.asks, Stage):
        own = config.for_stage(stage)
        endpoint, name = own.endpoint, f"{own.model.provider}/{own.model.name}"
        if own.model.provider == "http":
            name = f"{own.model.name} at {endpoint.base_url}"
        before = found[name].stages if name in found else ()
        found[name] = ModelPrice(
            model=name,
            stages=(*before, stage),
            price_in=endpoint.price_in,
            price_out=endpoint.price_out,
            price_cached=endpoint.price_cached,
            hosted=is_hosted(own.model, own.endpoint),
            source=endpoint.price_source,
            batch_factor=(endpoint.batch.price_factor or 0.0) if endpoint.batch.on else None,
        )
    return tuple(found.values())


def _may_think(config: Config) -> bool:
    """Every model that is asked by chat; not those that come with the package."""
    return config.model.api == "chat" and not is_for_trial(config.model)


def _missing(config: Config) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for own in map(config.for_stage, filter(config.asks, Stage)):
        if not (own.model.custom or is_local(own.model.provider)):
            try:
                endpoint_access(own.model, own.endpoint)
            except ConfigError as error:
                found[str(error)] = None
    return tuple(found)


def _prompts(plan: Plan, recipe: Recipe) -> list[tuple[str, Stage, Prompt]]:
    """The first ticket's prompt as it will be sent; of the other stages, those of two seeds."""
    scheduler = Scheduler(wanted=1, lag=lag, backlog=1)
    examples = [seed.example for seed in plan.seeds]
    builder = RequestBuilder(plan.config, recipe, scheduler, examples, len(examples))
    first_ticket = builder.build(Job(Stage.INSTRUCTIONS, 0)).prompt
    found = [("new instructions, request 0", Stage.INSTRUCTIONS, first_ticket)]
    if Stage.CLASSIFICATION in recipe.usual:
        asked = recipe.classification_prompt(_example(plan.seeds, is_classification=False))
        found.append(("classification or not", Stage.CLASSIFICATION, asked))
    for title, is_classification in (("a task", False), ("a classification task", True)):
        example = _example(plan.seeds, is_classification)
        asked = recipe.instances_prompt(example, is_classification)
        found.append((f"instances of {title}", Stage.INSTANCES, asked))
    if recipe.answers is not None:
        seed = next(
            (seed for seed in plan.seeds if not seed.is_classification and seed.instances), plan.seeds[0]
        )
        given = seed.instances[0].input if seed.instances else ""
        found.append(("an answer", Stage.ANSWERS, recipe.answers.prompt(seed.instruction, given)))
    return found


def _example(seeds: tuple[SeedTask, ...], is_classification: bool) -> str:
    found = (seed.instruction for seed in seeds if seed.is_classification == is_classification)
    return next(found, seeds[0].instruction)


def _estimate(plan: Plan, recipe: Recipe, prompts: tuple[PreviewedPrompt, ...]) -> Forecast:
    config = plan.config
    tasks = config.limits.tasks / Projection().valid_share
    tokens: dict[Stage, TokenCounts] = {}
    once = _about_seeds(plan) if Stage.CLASSIFICATION in recipe.usual else 0
    for stage, usual in recipe.usual.items():
        count = tasks * usual.requests + (once if stage is Stage.CLASSIFICATION else 0)
        lengths = [each.tokens for each in prompts if each.stage is stage]
        tokens[stage] = TokenCounts(
            round(count * sum(lengths) / len(lengths)), round(count * usual.reply_tokens)
        )
    if (meaning := config.filters.meaning) is not None:  # what replies hold, and the seeds
        asked = tasks * recipe.usual[Stage.INSTRUCTIONS].requests
        once += round(asked) + -(-len(plan.seeds) // meaning.texts_a_request)
        of_seeds = sum(estimate_tokens(seed.instruction) for seed in plan.seeds)
        texts = round(asked * recipe.usual[Stage.INSTRUCTIONS].reply_tokens)
        tokens[Stage.MEANING] = TokenCounts(of_seeds + texts, 0)
    return Forecast(
        tasks=config.limits.tasks,
        requests=round(tasks * sum(usual.requests for usual in recipe.usual.values())) + once,
        prompt_tokens=sum(each.prompt_tokens for each in tokens.values()),
        completion_tokens=sum(each.completion_tokens for each in tokens.values()),
        cost_usd=config.cost(tokens, in_batches(config, tokens)),
        seconds=None,
    )


def _about_seeds(plan: Plan) -> int:
    """Requests by which the cut between the kinds is learnt; an endpoint may turn out to tell nothing."""
    config = plan.config
    tells = likelihoods(config.for_stage(Stage.CLASSIFICATION).model) != "none"
    of_kinds = config.recipe_for(Stage.CLASSIFICATION)
    if not tells or of_kinds.name != "paper" or not of_kinds.calibrate:
        return 0
    return len(Calibration(plan.seeds, config.seed).questions)
