"""A recipe of several: each stage's prompts and parsers are those of the recipe that does it.

Three stages choose freely: instructions, classification and instances. Answers belong to the recipe that
writes their inputs. What one hands to the next is the instruction, the kind and the input that its reply gave
it, if any; a kind counts only where the same recipe decides kinds, else it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from selfinstruct.recipes.base import Answers, Recipe, TakesAttributes, Usual, attribute_sets
from selfinstruct.records import (
    Attributes,
    Completion,
    Example,
    InstanceCandidate,
    InstructionCandidate,
    Prompt,
    Stage,
)

__all__ = ["MixedRecipe"]

YES_OR_NO = Usual(1, 2)
"""Of a stage in which each task's kind is asked for."""


class MixedRecipe:
    """Satisfies `Recipe`. The arguments are recipes, of which two may be the same object."""

    def __init__(self, instructions: Recipe, classification: Recipe, instances: Recipe) -> None:
        self._instructions, self._classification, self._instances = instructions, classification, instances
        self._keeps_kinds = classification is instructions
        self.name = " + ".join(dict.fromkeys(each.name for each in (instructions, classification, instances)))
        self.answers: Answers | None = instances.answers
        self.attribute_sets = attribute_sets(instructions)
        self.usual: Mapping[Stage, Usual] = dict(self._usual())

    def _usual(self) -> list[tuple[Stage, Usual]]:
        """In the order of the stages. Without an entry of its own, one that decides kinds takes a word."""
        kinds = self._classification.usual.get(Stage.CLASSIFICATION)
        if not self._keeps_kinds:
            kinds = replace(kinds or YES_OR_NO, requests=1)
        found = {
            Stage.INSTRUCTIONS: self._instructions.usual.get(Stage.INSTRUCTIONS),
            Stage.CLASSIFICATION: kinds,
            Stage.INSTANCES: self._instances.usual.get(Stage.INSTANCES),
            Stage.ANSWERS: self._instances.usual.get(Stage.ANSWERS),
        }
        return [(stage, usual) for stage, usual in found.items() if usual is not None]

    def fitting_demonstrations(self) -> int:
        """See `Recipe`."""
        return self._instructions.fitting_demonstrations()

    def instructions_prompt(
        self,
        demonstrations: Sequence[str],
        *,
        examples: Sequence[Example] = (),
        asked: Sequence[Attributes] = (),
    ) -> Prompt:
        """See `Recipe` and `TakesAttributes`."""
        if not asked:
            return self._instructions.instructions_prompt(demonstrations, examples=examples)
        taking = cast(TakesAttributes, self._instructions)
        return taking.instructions_prompt(demonstrations, examples=examples, asked=asked)

    def parse_instructions(self, completion: Completion) -> list[InstructionCandidate]:
        """See `Recipe`. Without their kinds where another recipe decides those."""
        found = self._instructions.parse_instructions(completion)
        return found if self._keeps_kinds else [replace(each, is_classification=None) for each in found]

    def classification_prompt(self, instruction: str, *, at_most: int | None = None) -> Prompt:
        """See `Recipe`."""
        return self._classification.classification_prompt(instruction, at_most=at_most)

    def parse_classification(self, completion: Completion) -> bool:
        """See `Recipe`."""
        return self._classification.parse_classification(completion)

    def instances_prompt(
        self, instruction: str, is_classification: bool, *, given: str = "", at_most: int | None = None
    ) -> Prompt:
        """See `Recipe`."""
        return self._instances.instances_prompt(instruction, is_classification, given=given, at_most=at_most)

    def parse_instances(self, completion: Completion, is_classification: bool) -> list[InstanceCandidate]:
        """See `Recipe`."""
        return self._instances.parse_instances(completion, is_classification)
