"""The paper's statistics of a data set (Table 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from selfinstruct.records import Task
from selfinstruct.text.tokens import count_words

__all__ = ["PAPER", "DatasetStatistics", "Tally", "measure"]


@dataclass(frozen=True, slots=True)
class DatasetStatistics:
    """Counts, and mean lengths in words (`count_words`), None where there is nothing to measure.

    classification: of the instructions, those that are classification tasks.
    instruction_words: each instruction counts once, however many instances it has.
    input_words: of inputs that are not empty.
    """

    instructions: int
    classification: int
    instances: int
    empty_inputs: int
    instruction_words: float | None
    input_words: float | None
    output_words: float | None


PAPER = DatasetStatistics(52_445, 11_584, 82_439, 35_878, 15.9, 12.7, 18.9)
"""What Wang et al. generated with GPT-3."""


@dataclass(slots=True)
class Tally:
    """Statistics under way, for whoever goes through the tasks for another reason."""

    _instructions: int = 0
    _classification: int = 0
    _instances: int = 0
    _empty_inputs: int = 0
    _instruction_words: int = 0
    _input_words: int = 0
    _output_words: int = 0

    def add(self, task: Task) -> None:
        """Count a task and its instances."""
        self._instructions += 1
        self._classification += task.is_classification
        self._instruction_words += count_words(task.instruction)
        for instance in task.instances:
            self._instances += 1
            self._empty_inputs += not instance.input
            self._input_words += count_words(instance.input)
            self._output_words += count_words(instance.output)

    def statistics(self) -> DatasetStatistics:
        """Of what was added so far."""
        return DatasetStatistics(
            instructions=self._instructions,
            classification=self._classification,
            instances=self._instances,
            empty_inputs=self._empty_inputs,
            instruction_words=_mean(self._instruction_words, self._instructions),
            input_words=_mean(self._input_words, self._instances - self._empty_inputs),
            output_words=_mean(self._output_words, self._instances),
        )


def measure(tasks: Iterable[Task]) -> DatasetStatistics:
    """Of a run's data set, say (`RunReader.tasks`); one task at a time."""
    tally = Tally()
    for task in tasks:
        tally.add(task)
    return tally.statistics()


def _mean(words: int, texts: int) -> float | None:
    return words / texts if texts else None
