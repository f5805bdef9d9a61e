"""From a job to the request that does it: which pool entries are shown, which prompt, which seed.

The same job gives the same request whenever it is built, before a kill or after: that is what makes a
resumed run ask what an uninterrupted one would have asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from selfinstruct.config import Config
from selfinstruct.pipeline.answering import Answering
from selfinstruct.pipeline.attributes import draw_attributes
from selfinstruct.pipeline.calibration import Calibration
from selfinstruct.pipeline.meaning import Meanings
from selfinstruct.pipeline.scheduler import Job, Scheduler
from selfinstruct.pipeline.steering import Steering
from selfinstruct.pipeline.tickets import draw_demonstrations
from selfinstruct.recipes.base import Recipe, TakesAttributes, attribute_sets
from selfinstruct.records import CALIBRATION, Attributes, Example, Prompt, Request, Stage, request_seed

__all__ = ["RequestBuilder", "instructions_prompt"]


def instructions_prompt(recipe: Recipe, examples: Sequence[Example], asked: Sequence[Attributes]) -> Prompt:
    """The prompt for new instructions. asked: only given to a recipe that takes attributes."""
    shown = [each.instruction for each in examples]
    if not asked:
        return recipe.instructions_prompt(shown, examples=examples)
    taking = cast(TakesAttributes, recipe)
    return taking.instructions_prompt(shown, examples=examples, asked=asked)


class RequestBuilder:
    """Reads scheduler, examples, inputs and steering, changes nothing.

    answering: None where instances come with their outputs.
    examples: the pool with what came with each instruction, seeds first; it grows as the pool does.
    seeds: how many of them are seeds.
    """

    def __init__(
        self,
        config: Config,
        recipe: Recipe,
        scheduler: Scheduler,
        examples: Sequence[Example],
        seeds: int,
        answering: Answering | None = None,
        calibration: Calibration | None = None,
        steering: Steering | None = None,
        meanings: Meanings | None = None,
    ) -> None:
        self._config, self._recipe, self._scheduler = config, recipe, scheduler
        self._examples, self._seeds = examples, seeds
        self._answering, self._calibration = answering, calibration
        self._meanings = meanings
        self._steering = steering or Steering(config.attributes, config.steering)

    def build(self, job: Job, at_most: int | None = None) -> Request:
        """The request of a ticket whose pool is known, or of a task.

        at_most: demonstrations to show, where the model's context proved too short for more; of embeddings,
            characters of each text.
        """
        seed = request_seed(self._config.seed, job.stage, job.subject, job.position)
        if job.stage is Stage.INSTRUCTIONS:
            shown = self._demonstrations(job.subject)[:at_most]
            examples = [self._examples[index] for index in shown]
            asked = self._attributes(job.subject)
            prompt = instructions_prompt(self._recipe, examples, asked)
            return Request(job.stage, job.subject, prompt, seed, shown, asked=asked)
        if job.stage is Stage.CLASSIFICATION and job.position == CALIBRATION:
            assert self._calibration is not None, "seeds are jobs where there is a calibration"
            question = self._calibration.questions[job.subject]
            prompt = self._recipe.classification_prompt(question, at_most=at_most)
            return Request(job.stage, job.subject, prompt, seed, position=job.position)
        if job.stage is Stage.MEANING:
            assert self._meanings is not None, (
                "embeddings are jobs where instructions are compared by meaning"
            )
            prompt = self._meanings.prompt(job.subject, job.position, at_most)
            return Request(job.stage, job.subject, prompt, seed, position=job.position)
        instruction = self._scheduler.instructions[job.subject]
        if job.stage is Stage.CLASSIFICATION:
            prompt = self._recipe.classification_prompt(instruction, at_most=at_most)
        elif job.stage is Stage.ANSWERS:
            assert self._answering is not None, "answers are jobs where the recipe asks for them"
            prompt = self._answering.prompt(job.subject, job.position, instruction)
        else:
            is_classification = bool(self._scheduler.is_classification[job.subject])
            given = self._examples[self._seeds + job.subject].input
            prompt = self._recipe.instances_prompt(
                instruction, is_classification, given=given, at_most=at_most
            )
        return Request(job.stage, job.subject, prompt, seed, position=job.position)

    def _attributes(self, ticket: int) -> tuple[Attributes, ...]:
        weights = self._steering.weights(self._scheduler.pool_seen_by(ticket))
        sets = attribute_sets(self._recipe)
        return draw_attributes(self._config.attributes, self._config.seed, ticket, sets, weights)

    def _demonstrations(self, ticket: int) -> tuple[int, ...]:
        return draw_demonstrations(
            self._config.seed,
            ticket,
            seeds=self._seeds,
            machine=self._scheduler.pool_seen_by(ticket),
            count=self._recipe.fitting_demonstrations(),
            machine_count=self._config.recipe.machine_demonstrations,
        )
