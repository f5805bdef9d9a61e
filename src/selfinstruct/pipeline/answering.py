"""Inputs on their way to becoming instances: of each task, which are asked about, and what came back.

Bookkeeping in memory, and a function of the replies alone: an interrupted run that reads the same replies
again asks for the same answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from selfinstruct.filters.inputs import judge_inputs
from selfinstruct.recipes.base import Answers
from selfinstruct.records import Completion, InstanceCandidate, Prompt
from selfinstruct.requests.dispatch import Lost

__all__ = ["Answering"]


@dataclass(slots=True)
class _Asked:
    """A task's inputs. missing: the places of those whose answers are not there yet."""

    candidates: list[InstanceCandidate]
    missing: set[int] = field(default_factory=set)


class Answering:
    """The tasks that wait for answers. answers: the recipe's way of asking. max_instances: inputs asked
    about, at most."""

    def __init__(self, answers: Answers, max_instances: int) -> None:
        self._answers, self._max_instances = answers, max_instances
        self._tasks: dict[int, _Asked] = {}

    def begin(
        self, task: int, candidates: Sequence[InstanceCandidate], *, is_classification: bool
    ) -> list[int]:
        """The places of the inputs to ask about; none where none can be used, or where each has its answer
        already. What is not asked about has its reason then."""
        judged = judge_inputs(candidates, max_instances=self._max_instances)
        asks = self._answers.asks_labels or not is_classification
        missing = {place for place, each in enumerate(judged) if each.flaw is None} if asks else set()
        self._tasks[task] = _Asked(judged, missing)
        return sorted(missing)

    def prompt(self, task: int, position: int, instruction: str) -> Prompt:
        """The question about the input at this place."""
        return self._answers.prompt(instruction, self._tasks[task].candidates[position].input)

    def receive(self, task: int, position: int, outcome: Completion | Lost) -> bool:
        """One answer; whether it was the last that was missing."""
        asked = self._tasks[task]
        candidate = asked.candidates[position]
        labels = [each.output for each in asked.candidates if each.output]
        asked.candidates[position] = (
            replace(candidate, flaw="lost", detail=outcome.reason)
            if isinstance(outcome, Lost)
            else self._answers.parse(outcome, candidate, labels)
        )
        asked.missing.remove(position)
        return not asked.missing

    def end(self, task: int) -> list[InstanceCandidate]:
        """The task's instances, in the order of its inputs."""
        return self._tasks.pop(task).candidates
