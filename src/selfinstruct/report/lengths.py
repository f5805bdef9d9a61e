"""How long instructions, inputs and outputs are, in words (Figure 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from selfinstruct.records import Task
from selfinstruct.report.distribution import Histogram, Spread, bins_for, histogram, spread
from selfinstruct.text.tokens import count_words

__all__ = ["Lengths", "PartLengths", "measure_lengths"]


@dataclass(frozen=True, slots=True)
class PartLengths:
    """Of one part of the tasks, beside the seeds', over the same bins."""

    words: Spread
    histogram: Histogram
    seed_words: Spread
    seed_histogram: Histogram


@dataclass(frozen=True, slots=True)
class Lengths:
    """inputs: of those that are not empty."""

    instructions: PartLengths
    inputs: PartLengths
    outputs: PartLengths


def measure_lengths(tasks: Sequence[Task], seeds: Sequence[Task]) -> Lengths:
    """Words as `count_words` counts them."""
    ours, theirs = _words(tasks), _words(seeds)
    return Lengths(*(_part(*pair) for pair in zip(ours, theirs, strict=True)))


def _words(tasks: Iterable[Task]) -> tuple[list[int], list[int], list[int]]:
    instructions, inputs, outputs = [], [], []
    for task in tasks:
        instructions.append(count_words(task.instruction))
        for instance in task.instances:
            if instance.input:
                inputs.append(count_words(instance.input))
            outputs.append(count_words(instance.output))
    return instructions, inputs, outputs


def _part(ours: list[int], theirs: list[int]) -> PartLengths:
    edges = bins_for(ours, theirs)
    return PartLengths(
        spread(ours),
        histogram(ours, edges, open_ended=True),
        spread(theirs),
        histogram(theirs, edges, open_ended=True),
    )
