"""Steering: attributes are drawn more often where the pool lacks them, and less often where it has enough.

What a ticket is asked for depends on the pool that it sees (`tickets`), and so not on timing. Of each
attribute, the pool's share of a value is held against the target, and the value's weight multiplied by the
ratio of the two. With p the target, n tasks seen and c of them with the value:

    factor = (p · (n + k) / (c + p · k)) ^ strength, between 1/4 and 4      k = 20

k tempers what a few tasks say. What a task has is what it was asked to be; of measured attributes (first
verb, kind, length), what its text says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from selfinstruct.config import AttributeConfig, AttributesConfig, SteeringConfig
from selfinstruct.pipeline.attributes import Weights
from selfinstruct.recipes.chat.labels import names_labels
from selfinstruct.records import Attributes, SeedTask
from selfinstruct.text.tokens import count_words
from selfinstruct.text.verbs import find_verb_and_object

__all__ = ["Steering", "measured_value", "target_shares", "with_measured"]

PRIOR = 20
LEAST, MOST = 0.25, 4.0

VERB, KIND, LENGTH = "verb", "kind", "size"
CLASSIFICATION = "classification, naming every label"
SHORT, LONG = "at most ten words", "more than thirty words"
SHORT_WORDS, LONG_WORDS = 10, 30


def _verb(instruction: str) -> str:
    return find_verb_and_object(instruction).verb or ""


def _kind(instruction: str) -> str:
    return CLASSIFICATION if names_labels(instruction) else ""


def _length(instruction: str) -> str:
    words = count_words(instruction)
    return SHORT if words <= SHORT_WORDS else LONG if words > LONG_WORDS else ""


_MEASURES = {"verbs": (VERB, _verb), "kinds": (KIND, _kind), "lengths": (LENGTH, _length)}
_MEASURED = dict(_MEASURES.values())
"""By the attribute's name: its value in an instruction; empty where it has none."""


def with_measured(
    attributes: AttributesConfig, steering: SteeringConfig, seeds: Sequence[SeedTask]
) -> AttributesConfig:
    """The attributes of a run that is steered: the user's own, and those that are measured, with the seeds'
    shares as their weights. One of the user's own of the same name stays in its place."""
    names = {name: each for name, each in attributes.names.items() if not each.measured}
    if steering.on:
        for what, (name, measure) in _MEASURES.items():
            found = Counter(measure(seed.instruction) for seed in seeds)
            if what in steering.what and name not in names and any(found):
                shares = {value: float(found[value]) for value in sorted(found)}
                names[name] = AttributeConfig(values=shares, measured=True)
    return attributes.model_copy(update={"names": names})


class Steering:
    """The weights by which each ticket draws. `admit` every ticket's new tasks, in order."""

    def __init__(self, attributes: AttributesConfig, steering: SteeringConfig) -> None:
        self._steering = steering
        self._targets = {
            name: target_shares(attribute, steering)
            for name, attribute in attributes.names.items()
            if steering.on and (attribute.measured or "attributes" in steering.what)
        }
        self._measured = {name for name, attribute in attributes.names.items() if attribute.measured}
        self._tasks: list[Mapping[str, tuple[str, ...]]] = []
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in self._targets}
        self._counted = 0

    def admit(self, instructions: Sequence[str], asked: Sequence[Attributes | None]) -> None:
        """The tasks that a ticket brought: each text, and what it was asked to be."""
        for instruction, attributes in zip(instructions, asked, strict=True):
            if self._targets:
                self._tasks.append(
                    {
                        name: (measured_value(name, instruction),)
                        if name in self._measured
                        else (attributes or {}).get(name, ("",))
                        for name in self._targets
                    }
                )

    def weights(self, seen: int) -> Weights | None:
        """For a ticket that sees so many of the pool's machine-written tasks; None where nothing is steered,
        or nothing seen."""
        if not self._targets or not seen:
            return None
        self._count(seen)
        return {
            name: _moved(target, self._counts[name], self._steering.strength)
            for name, target in self._targets.items()
        }

    def _count(self, seen: int) -> None:
        """Tickets see more and more; one that is built again may see less than the last."""
        if seen < self._counted:
            self._counts, self._counted = {name: Counter() for name in self._targets}, 0
        for task in self._tasks[self._counted : seen]:
            for name, values in task.items():
                self._counts[name].update(values)
        self._counted = seen


def measured_value(name: str, instruction: str) -> str:
    """Of the measured attribute of this name; empty where the instruction has none."""
    return _MEASURED[name](instruction)


def target_shares(attribute: AttributeConfig, steering: SteeringConfig) -> dict[str, float]:
    """What the pool should have of each value; they add up to 1."""
    uniform = steering.on and steering.target == "uniform"
    values = {value: 1.0 if uniform else weight for value, weight in attribute.values.items() if weight > 0}
    total = sum(values.values())
    return {value: weight / total for value, weight in values.items()}


def _moved(target: Mapping[str, float], counts: Counter[str], strength: float) -> dict[str, float]:
    seen = sum(counts[value] for value in target)
    return {
        value: share
        * min(MOST, max(LEAST, (share * (seen + PRIOR) / (counts[value] + share * PRIOR)) ** strength))
        for value, share in target.items()
    }
