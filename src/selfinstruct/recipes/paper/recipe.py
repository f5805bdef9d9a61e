"""The paper's recipe, put together: each stage's prompt and parser, with its sampling, its stops, and as
many demonstrations as fit the model's context window."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from types import MappingProxyType

from selfinstruct.config import (
    AttributesConfig,
    RecipeConfig,
    ReferenceConfig,
    SamplingConfig,
    StageSampling,
)
from selfinstruct.recipes.attributes import attribute_line, longest_values
from selfinstruct.recipes.base import Usual
from selfinstruct.recipes.copies import WorkedExamples
from selfinstruct.recipes.fitting import INSTRUCTION_TOKENS, largest_fitting, reply_tokens, stage_sampling
from selfinstruct.recipes.paper import classification, instances, instructions
from selfinstruct.recipes.paper.classification_examples import CLASSIFICATION_EXAMPLES
from selfinstruct.recipes.paper.input_first_examples import INPUT_FIRST_EXAMPLES
from selfinstruct.recipes.paper.output_first_examples import OUTPUT_FIRST_EXAMPLES
from selfinstruct.recipes.reply import read_reply
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

__all__ = ["PaperRecipe"]

DEMONSTRATION_TOKENS = 40
"""Of a pool instruction with its number, generously: they average 16 words."""

_EXAMPLES = WorkedExamples(
    instance for task in (*INPUT_FIRST_EXAMPLES, *OUTPUT_FIRST_EXAMPLES) for instance in task.instances
)


@dataclass(frozen=True, slots=True)
class _FewShot:
    """A stage's few-shot prompt, fitted: `preamble(demonstrations)` is sent with the stage's requests."""

    preamble: Callable[[int], str]
    sampling: Sampling
    demonstrations: int

    def prompt(self, body: str, at_most: int | None) -> Prompt:
        count = self.demonstrations if at_most is None else min(at_most, self.demonstrations)
        return Prompt(self.preamble(count), body, self.sampling, count)


class PaperRecipe:
    """Completion-style prompts for base models. Every prompt is fixed at construction but for the
    instructions in it.

    context_window: tokens of prompt and reply together. Where given, `max_tokens` is capped at half of
        it, and few-shot prompts lose their last examples until the longest instruction fits.
    count_tokens: how long a text is for the model.
    attributes: those that new instructions are asked for with, of one set for all of a list; room is kept
        for them.
    stages: those that are asked by this recipe; the prompts of others need not fit.
    Raises ConfigError where a prompt of two demonstrations does not fit.
    """

    name = "paper"
    usual: Mapping[Stage, Usual] = MappingProxyType(
        {
            Stage.INSTRUCTIONS: Usual(1 / 4, 350),
            Stage.CLASSIFICATION: Usual(1, 2),
            Stage.INSTANCES: Usual(1, 160),
        }
    )
    """Of the paper's own runs."""
    answers = None
    attribute_sets = 1

    def __init__(
        self,
        recipe: RecipeConfig,
        sampling: SamplingConfig,
        reference: ReferenceConfig,
        context_window: int | None = None,
        count_tokens: Callable[[str], int] = estimate_tokens,
        attributes: AttributesConfig | None = None,
        stages: Collection[Stage] = tuple(Stage),
    ) -> None:
        windows = {stage: context_window if stage in stages else None for stage in Stage}
        context_window = windows[Stage.INSTRUCTIONS]
        self._reference = reference
        self._header = instructions.header(recipe)
        max_tokens = reply_tokens(sampling.instructions.max_tokens, context_window)
        header_tokens = count_tokens(self._header)
        if attributes:
            header_tokens += count_tokens(
                f"{instructions.MORE}{attribute_line(longest_values(attributes))}):\n"
            )
        self._demonstrations = largest_fitting(
            "instructions",
            lambda count: header_tokens + count * DEMONSTRATION_TOKENS,
            most=recipe.demonstrations,
            max_tokens=max_tokens,
            context_window=context_window,
        )
        stops = (
            instructions.REFERENCE_STOPS
            if reference.stop_at_16
            else instructions.list_stops(self._demonstrations)
        )
        if attributes:
            stops += (f"\n{instructions.MORE}",)
        self._list_sampling = stage_sampling(sampling.instructions, context_window, own_stops=stops)
        self._classification = _fit_few_shot(
            "classification",
            _classification_preamble,
            size=len(CLASSIFICATION_EXAMPLES),
            asked=sampling.classification,
            own_stops=classification.STOPS,
            context_window=windows[Stage.CLASSIFICATION],
            count_tokens=count_tokens,
            choices=classification.ANSWERS if recipe.calibrate else (),
        )
        self._input_first = _fit_few_shot(
            "input-first instances",
            partial(_input_first_preamble, instances.in_language(recipe.language)),
            size=len(INPUT_FIRST_EXAMPLES),
            asked=sampling.input_first,
            own_stops=instances.instance_stops(recipe.instances_a_task),
            context_window=windows[Stage.INSTANCES],
            count_tokens=count_tokens,
        )
        self._output_first = _fit_few_shot(
            "output-first instances",
            partial(_output_first_preamble, instances.in_language(recipe.language)),
            size=len(OUTPUT_FIRST_EXAMPLES),
            asked=sampling.output_first,
            own_stops=instances.instance_stops(recipe.instances_a_task),
            context_window=windows[Stage.INSTANCES],
            count_tokens=count_tokens,
        )

    def fitting_demonstrations(self) -> int:
        """Pool instructions to draw for one prompt: the config's number, or as many as the window holds.

        Also where lists end: before item 16 for 8, in prompts and in parsing alike.
        """
        return self._demonstrations

    def instructions_prompt(
        self,
        demonstrations: Sequence[str],
        *,
        examples: Sequence[Example] = (),  # noqa: ARG002 - shows instructions alone, as the paper does
        asked: Sequence[Attributes] = (),
    ) -> Prompt:
        """Ask for new instructions, showing these."""
        body = instructions.render_list(
            demonstrations, strip_colons=self._reference.strip_colons, asked=asked
        )
        return Prompt(self._header, body, self._list_sampling, len(demonstrations))

    def parse_instructions(self, completion: Completion) -> list[InstructionCandidate]:
        """The instructions in a reply, in its order."""
        return instructions.parse_list(
            read_reply(completion, self._list_sampling.stop),
            exact_items=self._reference.exact_items,
            lowercase=self._reference.lowercase,
            discard_cut=self._reference.discard_cut_lists,
        )

    def classification_prompt(self, instruction: str, *, at_most: int | None = None) -> Prompt:
        """Ask whether the instruction is a classification task."""
        return self._classification.prompt(classification.render_question(instruction), at_most)

    def parse_classification(self, completion: Completion) -> bool:
        """The answer; False where it is not a yes."""
        return classification.parse_answer(
            read_reply(completion, self._classification.sampling.stop), exact_yes=self._reference.exact_yes
        )

    def instances_prompt(
        self,
        instruction: str,
        is_classification: bool,
        *,
        given: str = "",  # noqa: ARG002 - its lists bring none
        at_most: int | None = None,
    ) -> Prompt:
        """Ask for instances: input first, or for classification output first."""
        few_shot = self._output_first if is_classification else self._input_first
        return few_shot.prompt(instances.render_question(instruction), at_most)

    def parse_instances(self, completion: Completion, is_classification: bool) -> list[InstanceCandidate]:
        """The instances in a reply, in its order."""
        if is_classification:
            found = instances.parse_output_first(
                read_reply(completion, self._output_first.sampling.stop),
                exact_class_label=self._reference.exact_class_label,
            )
        else:
            found = instances.parse_input_first(
                read_reply(completion, self._input_first.sampling.stop),
                split_inner_examples=self._reference.split_inner_examples,
                unmarked_outputs=self._reference.unmarked_outputs,
                end_at_inner_outputs=self._reference.end_at_inner_outputs,
            )
        return found if self._reference.copied_examples else _EXAMPLES.flag_copies(found)


@cache
def _classification_preamble(count: int) -> str:
    return classification.render_examples(CLASSIFICATION_EXAMPLES[:count])


@cache
def _input_first_preamble(language: str, count: int) -> str:
    return instances.render_examples(
        instances.INPUT_FIRST_HEADER + language, INPUT_FIRST_EXAMPLES[:count], instances.render_input_first
    )


@cache
def _output_first_preamble(language: str, count: int) -> str:
    return instances.render_examples(
        instances.OUTPUT_FIRST_HEADER + language, OUTPUT_FIRST_EXAMPLES[:count], instances.render_output_first
    )


def _fit_few_shot(
    stage: str,
    preamble: Callable[[int], str],
    *,
    size: int,
    asked: StageSampling,
    own_stops: tuple[str, ...],
    context_window: int | None,
    count_tokens: Callable[[str], int],
    choices: tuple[str, ...] = (),
) -> _FewShot:
    """The first examples of `size`, as many as fit; `preamble(count)` renders that many."""
    drawn = replace(stage_sampling(asked, context_window, own_stops=own_stops), choices=choices)
    count = largest_fitting(
        stage,
        lambda count: count_tokens(preamble(count)) + INSTRUCTION_TOKENS,
        most=size,
        max_tokens=drawn.max_tokens,
        context_window=context_window,
    )
    return _FewShot(preamble, drawn, count)
