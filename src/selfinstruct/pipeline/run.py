"""One `generate`, from the open run to its data set and what to tell about it."""

from __future__ import annotations

import asyncio
import hashlib
from functools import partial
from pathlib import Path
from time import monotonic

from selfinstruct.config import Config
from selfinstruct.dataset.writers import write_dataset
from selfinstruct.errors import EndpointMismatchError, RunMismatchError, UserError
from selfinstruct.pipeline.description import GenerateResult, describe
from selfinstruct.pipeline.display import Display, SilentDisplay
from selfinstruct.pipeline.evaluation_sets import build_contamination
from selfinstruct.pipeline.forecast import forecast
from selfinstruct.pipeline.generation import Generation
from selfinstruct.pipeline.progress import RunProgress
from selfinstruct.pipeline.rendering import instructions_prompt
from selfinstruct.pipeline.resolve import Plan
from selfinstruct.pipeline.unread import unread_replies
from selfinstruct.recipes.base import Recipe
from selfinstruct.recipes.registry import build_recipe
from selfinstruct.records import Example
from selfinstruct.requests.batches.insisting import recover_batches
from selfinstruct.requests.budget import require_prices
from selfinstruct.requests.following import said_if_slow
from selfinstruct.requests.invocation import (
    StopReason,
    naming_the_other_call,
    opened_models,
    opened_writer,
    stop_advice,
    watched,
    whichever_call_it_takes,
)
from selfinstruct.store.directory import RunPaths
from selfinstruct.store.reader import RunReader
from selfinstruct.store.state import RunState
from selfinstruct.store.writer import RunWriter

__all__ = ["generate"]


async def generate(directory: Path, plan: Plan, *, display: Display | None = None) -> GenerateResult:
    """Start a run in `directory`, or go on with the one that is there, and write its data set.

    Whatever stops it, `dataset.jsonl` then holds a prefix of what the finished run would hold.
    Raises the errors of errors.py; an endpoint that is given up on is an `GenerateResult`, not an error.
    """
    began = monotonic()
    attempt = partial(_generate, directory, plan, display=display or SilentDisplay())
    if plan.if_refused is not None:
        otherwise = partial(attempt, plan.if_refused)
        generation, stopped = await whichever_call_it_takes(
            directory, partial(attempt, plan.config), otherwise
        )
    else:
        try:
            generation, stopped = await attempt(plan.config)
        except EndpointMismatchError as refused:
            if RunReader(directory).has_completions():
                raise
            other = "paper" if plan.config.model.api == "chat" else "chat"
            option = f'`recipe="{other}"`'
            if len(plan.config.recipes) > 1:
                option = "another recipe for the stage whose model refused (stages.STAGE.recipe)"
            raise naming_the_other_call(refused, plan.config.model.api, option) from refused
    paths = RunPaths(directory.absolute())
    return GenerateResult(
        run=paths.directory,
        dataset=paths.dataset,
        stopped=stopped,
        advice=_advice(RunReader(directory), generation, stopped),
        description=describe(RunReader(directory)),
        seconds=monotonic() - began,
    )


async def _generate(
    directory: Path, plan: Plan, config: Config, *, display: Display
) -> tuple[Generation, StopReason]:
    """One attempt at the plan, with this config of its two."""
    require_prices(config)
    async with opened_models(config, plan.model, display.say) as models:
        counts = {stage: model.count_tokens for stage, model in models.items()}
        with said_if_slow(display.say, "Preparing the prompts; a local model is loaded for that."):
            recipe = await asyncio.to_thread(build_recipe, config, counts, plan.recipes)
        with said_if_slow(display.say, "Reading the evaluation sets to decontaminate against."):
            contamination = await asyncio.to_thread(build_contamination, config, plan.evaluation_items)
        async with opened_writer(directory, config, plan.seeds, display.say) as writer:
            with said_if_slow(display.say, f"Reading what {directory} holds already."):
                await recover_batches(models, writer, config.endpoint.patience_seconds)
                state = writer.state()
                _keep_to_prompts(writer, state, recipe)
                before = RunReader(directory).summary()
                generation = Generation(writer, state, before, models, recipe, contamination, plan.filters)
            try:
                stopped = await watched(
                    generation.run(),
                    generation.sender,
                    display.say,
                    display.follow(RunProgress(generation)),
                    _tell_forecast(generation, writer, display),
                )
            except (UserError, asyncio.CancelledError):
                await _write_data_set(writer)  # what was paid for until then is not lost
                raise
            await _write_data_set(writer)
    return generation, stopped


def _keep_to_prompts(writer: RunWriter, state: RunState, recipe: Recipe) -> None:
    """A run keeps the prompts that it started with. The store compares settings; a few-shot prompt that a
    newer version of this package changed shows only here.
    """
    samples = [
        recipe.instructions_prompt(["a", "b"]),
        recipe.classification_prompt("a"),
        recipe.instances_prompt("a", is_classification=False),
        recipe.instances_prompt("a", is_classification=True),
    ]
    if len(state.config.recipes) > 1 and recipe.answers is not None:
        samples.append(recipe.answers.prompt("a", "b"))
    if state.config.attributes:
        asked = ({"a": ("b",)}, {"a": ("b", "c")})
        samples.append(instructions_prompt(recipe, [Example("a"), Example("b")], asked))
    digest = hashlib.sha256(repr(samples).encode()).hexdigest()
    begun_with = state.notes.get("prompts", digest)
    if begun_with != digest:
        raise RunMismatchError(
            f"The prompts of the recipe {state.config.recipe_title!r} are not those that the run"
            f" {writer.directory} was started with.",
            "Resume it with the version of selfinstruct that started it, or start a new run.",
        )
    writer.note("prompts", digest)


async def _write_data_set(writer: RunWriter) -> None:
    await writer.flush()
    write_dataset(RunReader(writer.directory), RunPaths(writer.directory).dataset)


async def _tell_forecast(generation: Generation, writer: RunWriter, display: Display) -> None:
    """Once the pilot is over, unless the run is nearly over too: what all of it will take, told and kept."""
    scheduler = generation.scheduler
    await generation.pilot_over.wait()
    if 2 * scheduler.valid > scheduler.wanted:
        return
    await writer.flush()
    summary = await asyncio.to_thread(RunReader(writer.directory).summary)
    expected = forecast(
        summary, generation.config, wanted=scheduler.wanted, concurrency=generation.router.most
    )
    if expected is not None:
        writer.note("forecast", expected.to_json())
        display.say(expected.sentence())


def _advice(reader: RunReader, generation: Generation, stopped: StopReason) -> str:
    sender = generation.sender
    advice = stop_advice(stopped, sender.failure, sender.shortfall, reader.summary())
    why = generation.advice if stopped == "saturated" else advice
    unread = unread_replies(reader, generation.config, nothing_read=generation.nothing_read)
    return " ".join(filter(None, (why, *unread)))
