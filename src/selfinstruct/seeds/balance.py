"""Seeds in numbers, and what in them will show in the data that they breed.

Generation shows a model a few seeds at a time and it writes more of the kind (section 2.2, step 1). The
thresholds are rules of thumb, placed so that the paper's 175 seed tasks pass them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median_low

from selfinstruct.config import RecipeConfig
from selfinstruct.records import SeedTask
from selfinstruct.text.tokens import count_words, tokenize

__all__ = ["Advice", "SeedStatistics", "balance_advice", "measure"]

FEW = 25
MOST_CLASSIFICATION = 2 / 3
MOST_WITH_ONE_FIRST_WORD = 1 / 4
LONG_WORDS = 60


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that works, and would work better otherwise.

    kind: a stable snake_case word. line: counted from 1; 0 is the file as a whole. hint: how to fix it.
    """

    kind: str
    line: int
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class SeedStatistics:
    """Counts of seeds, where nothing else is said.

    with_instances, with_input: how many have any instance, and any with an input that is not empty.
    first_words: how many distinct ones; commonest_first_words: at most five, with their counts.
    shortest, median, longest: words of an instruction; 0 without seeds.
    """

    seeds: int
    classification: int
    with_instances: int
    with_input: int
    first_words: int
    commonest_first_words: tuple[tuple[str, int], ...]
    shortest: int
    median: int
    longest: int


def measure(tasks: Sequence[SeedTask]) -> SeedStatistics:
    """Of none, all 0."""
    first_words = Counter(tokens[0] for task in tasks if (tokens := tokenize(task.instruction)))
    words = sorted(count_words(task.instruction) for task in tasks) or [0]
    return SeedStatistics(
        seeds=len(tasks),
        classification=sum(task.is_classification for task in tasks),
        with_instances=sum(bool(task.instances) for task in tasks),
        with_input=sum(any(each.input.strip() for each in task.instances) for task in tasks),
        first_words=len(first_words),
        commonest_first_words=tuple(first_words.most_common(5)),
        shortest=words[0],
        median=median_low(words),
        longest=words[-1],
    )


def balance_advice(numbers: SeedStatistics) -> Iterator[Advice]:
    """About the seeds as a whole. Shares are not looked at while there are too few for one prompt."""
    shown = RecipeConfig().demonstrations
    if numbers.seeds < shown:
        yield Advice(
            "too_few", 0, f"no more than {numbers.seeds}; one prompt shows {shown} seeds",
            f"Write at least {shown - numbers.seeds} more: until then every prompt shows the same ones.",
        )  # fmt: skip
        return
    if numbers.seeds < FEW:
        yield Advice(
            "few", 0, f"{numbers.seeds} seeds, so prompts soon repeat",
            f"{FEW} or more work better; the paper started with 175.",
        )  # fmt: skip
    yield from _kinds(numbers)
    word, count = numbers.commonest_first_words[0] if numbers.commonest_first_words else ("", 0)
    if count > numbers.seeds * MOST_WITH_ONE_FIRST_WORD:
        yield Advice(
            "first_word", 0, f"{count} of {numbers.seeds} instructions begin with “{word}”",
            "Start some of them differently: models imitate how the seeds start.",
        )  # fmt: skip
    if numbers.median > LONG_WORDS:
        yield Advice(
            "long", 0, f"half of the instructions have {numbers.median} words or more",
            f"A prompt shows {shown} of them; move the data they work on into `input`.",
        )  # fmt: skip


def _kinds(numbers: SeedStatistics) -> Iterator[Advice]:
    if not numbers.classification:
        yield Advice(
            "no_classification", 0, "no seed is marked as classification",
            "Mark those that are with is_classification, or write some (the paper: 26 of 175); "
            "plain text cannot mark them.",
        )  # fmt: skip
    elif numbers.classification > numbers.seeds * MOST_CLASSIFICATION:
        yield Advice(
            "mostly_classification", 0,
            f"{numbers.classification} of {numbers.seeds} seeds are classification",
            "Add other tasks, unless you want classification tasks only.",
        )  # fmt: skip
    if numbers.with_instances and not numbers.with_input:
        yield Advice(
            "no_input", 0, "no seed has an input",
            "If the data should have such tasks, write some that work on a given text, with that text as "
            "their input.",
        )  # fmt: skip
