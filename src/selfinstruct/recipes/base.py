"""What every recipe is: for each stage a way to write its prompt, and the inverse, a way to read the reply.

Pure: no model is called, no file is read, no random number is drawn. Reading never raises, whatever the
text; what cannot be read comes back as a candidate with a flaw, or as nothing at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from selfinstruct.records import Completion, InstanceCandidate, InstructionCandidate, Prompt

__all__ = ["Recipe"]


class Recipe(Protocol):
    """The prompts and parsers of all stages."""

    @property
    def name(self) -> str:
        """As on the command line."""

    @property
    def requests_a_task(self) -> int:
        """Requests that an admitted instruction still needs, as a rule: 2, or 1 where replies with new
        instructions say themselves which are classification."""

    def fitting_demonstrations(self) -> int:
        """How many pool instructions to show in one prompt for new ones."""

    def instructions_prompt(self, demonstrations: Sequence[str]) -> Prompt:
        """Ask for new instructions, showing these."""

    def parse_instructions(self, completion: Completion) -> list[InstructionCandidate]:
        """The instructions in a reply, in its order."""

    def classification_prompt(self, instruction: str, *, at_most: int | None = None) -> Prompt:
        """Ask whether the instruction is a classification task.

        at_most: worked examples to show, where the model's context proved too short for more.
        """

    def parse_classification(self, completion: Completion) -> bool:
        """The answer; False where it is neither yes nor no, as in the reference code."""

    def instances_prompt(
        self, instruction: str, is_classification: bool, *, at_most: int | None = None
    ) -> Prompt:
        """Ask for instances: input first, or for classification output first. `at_most` as above."""

    def parse_instances(self, completion: Completion, is_classification: bool) -> list[InstanceCandidate]:
        """The instances in a reply, in its order."""
