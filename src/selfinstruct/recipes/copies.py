"""Instances that a model took from the worked examples of its prompt, instead of writing its own.

Weak models copy: 2 in 100 of the instances that `pocket` wrote were its few-shot examples, which people wrote
and which are the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from selfinstruct.records import Instance, InstanceCandidate

__all__ = ["WorkedExamples"]

FEWEST_WORDS = 5
"""Shorter texts, such as a label or a number, are equal by chance too."""


class WorkedExamples:
    """What the prompts of a recipe show."""

    def __init__(self, instances: Iterable[Instance]) -> None:
        shown = list(instances)
        # One text each, since one search is quicker than many: `_plain` leaves no line break to be found.
        self._inputs = "\n".join(_plain(instance.input) for instance in shown)
        self._outputs = "\n".join(_plain(instance.output) for instance in shown)

    def flag_copies(self, candidates: Sequence[InstanceCandidate]) -> list[InstanceCandidate]:
        """All of them, in their order. Flawed `copied_example` is one that has no flaw yet and whose input
        is found in an example's input, or whose output in an example's output: at least five words,
        whatever their case and white space.
        """
        return [
            replace(candidate, flaw="copied_example")
            if candidate.flaw is None
            and (_found(candidate.input, self._inputs) or _found(candidate.output, self._outputs))
            else candidate
            for candidate in candidates
        ]


def _found(text: str, shown: str) -> bool:
    plain = _plain(text)
    return plain.count(" ") >= FEWEST_WORDS - 1 and plain in shown


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
