"""The `chat` recipe, put together: each stage's prompt and reader, with its sampling and the schema of its
reply, and as many demonstrations as fit the model's context window."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from selfinstruct.config import AttributesConfig, RecipeConfig, SamplingConfig
from selfinstruct.recipes.attributes import longest_values
from selfinstruct.recipes.base import Usual
from selfinstruct.recipes.chat import input_prompts, instance_prompts, schemas, task_prompts
from selfinstruct.recipes.chat.answers import ChatAnswers
from selfinstruct.recipes.chat.fragments import flag_fragments
from selfinstruct.recipes.chat.inputs import read_inputs
from selfinstruct.recipes.chat.instances import read_instances
from selfinstruct.recipes.chat.instructions import attribute_field, read_instructions
from selfinstruct.recipes.chat.phrasing import task_line
from selfinstruct.recipes.copies import WorkedExamples
from selfinstruct.recipes.fitting import INSTRUCTION_TOKENS, largest_fitting, stage_sampling
from selfinstruct.recipes.reply import Reply, read_reply
from selfinstruct.records import (
    Attributes,
    Completion,
    Example,
    InstanceCandidate,
    InstructionCandidate,
    Prompt,
    Sampling,
    Stage,
)
from selfinstruct.text.tokens import estimate_tokens

__all__ = ["ChatRecipe"]

DEMONSTRATION_TOKENS = 40
"""Of a pool instruction with its number, generously: they average 16 words."""

EXAMPLE_TOKENS = 100
"""Of one with its input and its kind, generously: the bundled ones average 53 tokens."""

FRAME_TOKENS = 80
"""Around what varies: a chat template's marks, and the user's turn but for the instructions in it."""

LINE_TOKENS = 4
"""Around a line of attributes, or between its fields."""

_EXAMPLES = WorkedExamples((*instance_prompts.EXAMPLES, *input_prompts.EXAMPLES))

USUALLY_ADMITTED = 0.8
"""Of the instructions asked for, those that join the pool."""

USUALLY_LABELLED = 0.04
"""Of the tasks, those that are classification."""

USUALLY_WITHOUT_INPUT = 0.05
"""Those that need an input, and came without one."""

USUALLY_WITH_INPUT = 0.4
"""Those of the others that are done on an input."""

USUALLY_DOUBTED = 0.04
"""Those whose kind takes a request of its own."""

USUALLY_ASKED_ABOUT = 0.85
"""Of the inputs wanted, those that are written, and different."""

_YES = re.compile(r"[\W_]*+(?:answer[\W_]++)?+yes(?![^\W_])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Stage:
    """What all requests of a stage have in common."""

    system: str
    sampling: Sampling

    def prompt(self, request: str, demonstrations: int = 0) -> Prompt:
        """The examples in a system prompt are not counted: they explain the reply, and never become fewer."""
        return Prompt(self.system, request, self.sampling, demonstrations)

    def read(self, completion: Completion) -> Reply:
        return read_reply(completion, self.sampling.stop)


def _usual(recipe: RecipeConfig, most: int, *, inline: bool, own_instructions: bool) -> Mapping[Stage, Usual]:
    """own_instructions: whether they are this recipe's, so that they come with their kind, and with an input
    where they need one."""
    asked = recipe.instructions_a_request
    lists = Usual(1 / max(1.0, USUALLY_ADMITTED * asked), 40 * asked)
    if inline:
        return {Stage.INSTRUCTIONS: lists, Stage.INSTANCES: Usual(1, 90 * most)}
    share = USUALLY_LABELLED + (USUALLY_WITH_INPUT if recipe.more_inputs else USUALLY_WITHOUT_INPUT)
    share = 1.0 if recipe.classification_only or not own_instructions else share
    return {
        Stage.INSTRUCTIONS: lists,
        Stage.CLASSIFICATION: Usual(USUALLY_DOUBTED if own_instructions else 1, 2),
        Stage.INSTANCES: Usual(share, 50 * most),
        Stage.ANSWERS: Usual(1 - share + share * max(1.0, USUALLY_ASKED_ABOUT * most), 250),
    }


class ChatRecipe:
    """Prompts for instruct models. Every prompt is fixed at construction but for what it is about.

    context_window: tokens of prompt and reply together. Where given, `max_tokens` is capped at half of it,
        and as many demonstrations are shown as fit.
    count_tokens: how long a text is for the model.
    attributes: those that new instructions are asked for with; room is kept for them.
    stages: those that are asked by this recipe; the prompts of others need not fit. Instructions come with
        inputs only where this recipe uses them too.
    Raises ConfigError where a prompt does not fit, that for new instructions with two demonstrations.
    """

    name = "chat"

    def __init__(
        self,
        recipe: RecipeConfig,
        sampling: SamplingConfig,
        context_window: int | None = None,
        count_tokens: Callable[[str], int] = estimate_tokens,
        attributes: AttributesConfig | None = None,
        stages: Collection[Stage] = tuple(Stage),
    ) -> None:
        self._wanted = self.attribute_sets = recipe.instructions_a_request
        about = {"language": recipe.language, "about": recipe.about}
        asks = recipe.answers == "asked"
        # Of classification the labels come before their inputs.
        self._with_inputs = asks and Stage.INSTANCES in stages and not recipe.classification_only
        self._fields = {name: attribute_field(name) for name in attributes.names} if attributes else {}
        self._instructions = _Stage(
            task_prompts.instructions_system(
                **about,
                classification_only=recipe.classification_only,
                inputs=self._with_inputs,
                attributes=tuple(self._fields.values()),
            ),
            stage_sampling(
                sampling.chat_instructions,
                context_window,
                schema=schemas.tasks_schema(self._fields.values(), inputs=self._with_inputs),
            ),
        )
        # Greedy, and with room for thinking, as instances are, rather than the three tokens of the paper.
        self._classification = _Stage(
            task_prompts.CLASSIFICATION_SYSTEM, stage_sampling(sampling.chat_instances, context_window)
        )
        most = recipe.instances_a_task
        self.answers = (
            ChatAnswers(recipe, stage_sampling(sampling.chat_answers, context_window)) if asks else None
        )
        self.usual = _usual(recipe, most, inline=not asks, own_instructions=Stage.INSTRUCTIONS in stages)
        if self.answers is None:
            system = instance_prompts.instances_system(**about, most=most)
            labelled_system = instance_prompts.labelled_instances_system(**about, most=most)
            schema, labelled_schema = schemas.INSTANCES_SCHEMA, schemas.LABELLED_INSTANCES_SCHEMA
        else:
            system = input_prompts.inputs_system(**about, most=most)
            labelled_system = input_prompts.labelled_inputs_system(**about, most=most)
            schema, labelled_schema = schemas.INPUTS_SCHEMA, schemas.LABELLED_INPUTS_SCHEMA
        drawn = sampling.chat_instances if self.answers is None else sampling.chat_inputs
        self._instances = _Stage(system, stage_sampling(drawn, context_window, schema=schema))
        self._more_instances = (
            _Stage(input_prompts.inputs_system(**about, most=most - 1), self._instances.sampling)
            if asks and most > 1
            else self._instances
        )
        self._labelled_instances = _Stage(
            labelled_system, stage_sampling(drawn, context_window, schema=labelled_schema)
        )

        shown_tokens = EXAMPLE_TOKENS if self._with_inputs else DEMONSTRATION_TOKENS

        def largest(name: str, stage: _Stage, most: int, other_tokens: int) -> int:
            fixed = count_tokens(stage.system) + FRAME_TOKENS + other_tokens
            return largest_fitting(
                name,
                lambda count: fixed + count * shown_tokens,
                most=most,
                max_tokens=stage.sampling.max_tokens,
                context_window=context_window,
            )

        lines = 0
        if attributes:
            lines = count_tokens(task_prompts.FITTING) + self._wanted * (
                count_tokens(self._line(longest_values(attributes))) + LINE_TOKENS
            )
        self._demonstrations = recipe.demonstrations
        if Stage.INSTRUCTIONS in stages:
            self._demonstrations = largest("instructions", self._instructions, recipe.demonstrations, lines)
        shows_none = (self._instances, self._labelled_instances) if Stage.INSTANCES in stages else ()
        for stage in shows_none:
            largest("instances", stage, 0, INSTRUCTION_TOKENS)

    def fitting_demonstrations(self) -> int:
        """Pool instructions to draw for one prompt: the config's number, or as many as the window holds."""
        return self._demonstrations

    def instructions_prompt(
        self,
        demonstrations: Sequence[str],
        *,
        examples: Sequence[Example] = (),
        asked: Sequence[Attributes] = (),
    ) -> Prompt:
        """Ask for new instructions, showing these; with their inputs where answers are asked."""
        shown = (examples or [Example(text) for text in demonstrations]) if self._with_inputs else ()
        request = task_prompts.instructions_request(
            demonstrations, shown, self._wanted, [self._line(each) for each in asked]
        )
        return self._instructions.prompt(request, len(demonstrations))

    def _line(self, asked: Attributes) -> str:
        return task_prompts.line(self._fields, asked)

    def parse_instructions(self, completion: Completion) -> list[InstructionCandidate]:
        """The instructions in a reply, in its order."""
        return read_instructions(self._instructions.read(completion))

    def classification_prompt(self, instruction: str, *, at_most: int | None = None) -> Prompt:  # noqa: ARG002 - shows none
        """Ask whether the instruction is a classification task, if its own reply did not say."""
        return self._classification.prompt(task_line(instruction))

    def parse_classification(self, completion: Completion) -> bool:
        """True where the first word is yes, `Answer:` aside; every other answer is a no."""
        return _YES.match(self._classification.read(completion).text) is not None

    def instances_prompt(
        self,
        instruction: str,
        is_classification: bool,
        *,
        given: str = "",
        at_most: int | None = None,  # noqa: ARG002 - shows none
    ) -> Prompt:
        """Ask for inputs, with their outputs unless answers are asked; for classification label first."""
        if is_classification:
            return self._labelled_instances.prompt(task_line(instruction))
        if self.answers is None:
            return self._instances.prompt(task_line(instruction))
        stage = self._more_instances if given else self._instances
        return stage.prompt(input_prompts.inputs_request(instruction, given))

    def parse_instances(self, completion: Completion, is_classification: bool) -> list[InstanceCandidate]:
        """What `instances_prompt` asked for, in the reply's order."""
        answer = self._instances.read(completion)
        if self.answers is not None:
            found = read_inputs(answer, is_classification=is_classification)
        else:
            found = flag_fragments(read_instances(answer, is_classification=is_classification))
        return _EXAMPLES.flag_copies(found)
