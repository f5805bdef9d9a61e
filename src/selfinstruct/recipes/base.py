"""What every recipe is: for each stage a way to write its prompt, and the inverse, a way to read the reply.

Pure: no model is called, no file is read, no random number is drawn. Reading never raises, whatever the
text; what cannot be read comes back as a candidate with a flaw, or as nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from selfinstruct.records import (
    Attributes,
    Completion,
    Example,
    InstanceCandidate,
    InstructionCandidate,
    Prompt,
    Stage,
)

__all__ = ["FLAWS", "Answers", "Recipe", "TakesAttributes", "Usual", "attribute_sets", "requests_to_come"]

FLAWS = ("truncated", "no_output", "copied_example", "disagrees", "fragment")
"""Every flaw that our parsers find in a candidate. A recipe of the user's own may have others: those of its
attribute `flaws`."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What a stage takes where nothing is known yet. requests: for an admitted instruction, on the average;
    reply_tokens: of one reply."""

    requests: float
    reply_tokens: int


def attribute_sets(recipe: Recipe) -> int:
    """For how many tasks of a request the recipe takes attributes: 1 where one set holds for all of them, 0
    where it takes none."""
    return int(getattr(recipe, "attribute_sets", 0))


class TakesAttributes(Protocol):
    """What a recipe has where a run asks for attributes."""

    def instructions_prompt(
        self,
        demonstrations: Sequence[str],
        *,
        examples: Sequence[Example] = (),
        asked: Sequence[Attributes] = (),
    ) -> Prompt:
        """As in `Recipe`; asked: the attributes of each task that is asked for."""


class Answers(Protocol):
    """The stage in which each input is asked about on its own."""

    @property
    def asks_labels(self) -> bool:
        """Whether inputs that were written for a label are asked about too."""

    def prompt(self, instruction: str, given: str) -> Prompt:
        """Ask for the output; `given` is empty where the instruction holds all that is needed."""

    def parse(
        self, completion: Completion, asked: InstanceCandidate, labels: Sequence[str]
    ) -> InstanceCandidate:
        """The instance: the input with the reply as its output or, where it was written for a label, with
        that, and a flaw where the reply says another of the task's labels."""


@runtime_checkable
class Recipe(Protocol):
    """The prompts and parsers of all stages.

    One of the user's own may also say, by attributes, its `version` and `settings`, which are part of a run's
    identity; by which call its prompts are sent (`api`: `chat` or `completions`); its `flaws`; and for how
    many tasks of a request it takes attributes (`attribute_sets`; without it, none). One that takes them has
    `instructions_prompt` as in `TakesAttributes`.
    """

    @property
    def name(self) -> str:
        """As on the command line."""

    @property
    def usual(self) -> Mapping[Stage, Usual]:
        """What each stage takes, as a rule; no entry for one that the recipe does without."""

    @property
    def answers(self) -> Answers | None:
        """How inputs are asked about, where what `parse_instances` reads are inputs alone; None where
        instances come with their outputs."""

    def fitting_demonstrations(self) -> int:
        """How many pool instructions to show in one prompt for new ones."""

    def instructions_prompt(
        self, demonstrations: Sequence[str], *, examples: Sequence[Example] = ()
    ) -> Prompt:
        """Ask for new instructions, showing these. examples: the same ones with what came with them."""

    def parse_instructions(self, completion: Completion) -> list[InstructionCandidate]:
        """The instructions in a reply, in its order."""

    def classification_prompt(self, instruction: str, *, at_most: int | None = None) -> Prompt:
        """Ask whether the instruction is a classification task.

        at_most: worked examples to show, where the model's context proved too short for more.
        """

    def parse_classification(self, completion: Completion) -> bool:
        """The answer; False where it is neither yes nor no, as in the reference code."""

    def instances_prompt(
        self, instruction: str, is_classification: bool, *, given: str = "", at_most: int | None = None
    ) -> Prompt:
        """Ask for instances: input first, or for classification output first. `at_most` as above.

        given: the input that came with the instruction, where others than that one are wanted.
        """

    def parse_instances(self, completion: Completion, is_classification: bool) -> list[InstanceCandidate]:
        """The instances in a reply, in its order."""


def requests_to_come(recipe: Recipe) -> float:
    """What an admitted instruction still needs, as a rule."""
    return sum(usual.requests for stage, usual in recipe.usual.items() if stage is not Stage.INSTRUCTIONS)
