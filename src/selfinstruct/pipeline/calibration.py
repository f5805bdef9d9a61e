"""Classification or not, by how likely the model finds Yes beside No, held against a cut learnt on the seeds.

A small model's Yes is a habit: Gemma 3 270M says it of nine instructions in ten, yet log P(Yes) - log P(No)
tells its classification seeds from the others with an area under the curve of 0.90. So where a model tells
how likely the two are, they are asked of some seeds too, whose kind people have said, and the cut between
the kinds is put where it errs as rarely on either. Where the seeds of a kind are too few for that, the cut is
the mean of what the model says of texts that are no instructions (contextual calibration, Zhao et al. 2021).

The cut is a function of the seeds, the run's seed and the replies: an interrupted run finds the same one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from selfinstruct.models.choices import told_choices
from selfinstruct.pipeline.tickets import sample
from selfinstruct.records import Completion, SeedTask
from selfinstruct.requests.dispatch import Lost

__all__ = ["Calibration", "Cut", "find_cut", "margin"]

YES, NO = "Yes", "No"
UNTOLD = -25.0
"""Log-probability of an answer that is not among the likeliest."""
MOST, FEWEST = 24, 5
"""Seeds of each kind that are asked about, and that a cut can be learnt on."""
EMPTY = ("N/A", "…", "[text]")
"""Texts without content, asked about instead."""


@dataclass(frozen=True, slots=True)
class Cut:
    """at: margins above it are classification. seeds: how many it was learnt on; 0 for texts without content.
    balanced_accuracy: on them, the mean of the shares of either kind that it gets right; None likewise."""

    at: float
    seeds: int = 0
    balanced_accuracy: float | None = None


def margin(reply: str) -> float | None:
    """Log P(Yes) - log P(No); None where the model told neither. reply: its text."""
    told = told_choices(reply)
    return told.get(YES, UNTOLD) - told.get(NO, UNTOLD) if told else None


def find_cut(margins: Sequence[tuple[float, bool]]) -> Cut:
    """Where balanced accuracy is greatest: in the middle between two margins that differ, and of several such
    places where they are furthest apart.

    margins: at least one of either kind; each with whether it is of classification.
    """
    ordered = sorted(margins)
    positive = sum(kind for _, kind in ordered)
    negative = len(ordered) - positive
    # The cut lies below all; each step up passes one more margin.
    best, right_below, right_above = (0.5, -1.0, ordered[0][0] - 1.0), 0, positive
    for place, (value, kind) in enumerate(ordered):
        right_below, right_above = right_below + (not kind), right_above - kind
        above = ordered[place + 1][0] if place + 1 < len(ordered) else value + 2.0
        if above > value:
            accuracy = (right_below / negative + right_above / positive) / 2
            best = max(best, (accuracy, above - value, (value + above) / 2))
    return Cut(best[2], len(ordered), best[0])


class Calibration:
    """The questions that are asked for the cut, by number, and what came back.

    A number is a seed's place among the seeds, or lies beyond them.
    """

    def __init__(self, seeds: Sequence[SeedTask], run_seed: int) -> None:
        self._kinds: dict[int, bool] = {}
        for kind in (True, False):
            of_kind = [number for number, seed in enumerate(seeds) if seed.is_classification == kind]
            generator = random.Random(f"calibration:{run_seed}:{kind}")
            chosen = sample(generator, len(of_kind), min(MOST, len(of_kind)))
            self._kinds |= {of_kind[place]: kind for place in chosen}
        if min(sum(self._kinds.values()), len(self._kinds) - sum(self._kinds.values())) < FEWEST:
            self._kinds.clear()
        self.questions: dict[int, str] = {number: seeds[number].instruction for number in sorted(self._kinds)}
        if not self._kinds:
            self.questions = {len(seeds) + place: text for place, text in enumerate(EMPTY)}
        self._margins: dict[int, float | None] = {}
        self._asked = False
        self.cut: Cut | None = None

    def ask(self) -> list[int]:
        """The questions that have no answer yet, the first time that one needs the cut; then none."""
        if self._asked:
            return []
        self._asked = True
        self._settle()
        return [number for number in self.questions if number not in self._margins]

    def receive(self, number: int, outcome: Completion | Lost) -> bool:
        """One answer; whether the cut is known now, and was not before."""
        self._margins[number] = None if isinstance(outcome, Lost) else margin(outcome.text)
        return self.cut is None and self._asked and self._settle()

    def _settle(self) -> bool:
        if len(self._margins) < len(self.questions):
            return False
        told = {number: value for number, value in self._margins.items() if value is not None}
        kinds = {self._kinds[number] for number in told if number in self._kinds}
        if len(kinds) == 2:
            self.cut = find_cut([(value, self._kinds[number]) for number, value in told.items()])
        else:
            self.cut = Cut(fmean(told.values()) if told and not self._kinds else 0.0)
        return True
