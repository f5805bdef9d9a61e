"""Which of a task's new instances are kept (section 2.2, steps 3 and 4; the reference code's own rules).

Reasons, in the order in which they are looked for: the parser's flaw, those of `Form`, `contaminated`, then
those of the user's own filters, of single instances and of rows; then `conflicting`, of all of them together;
then `duplicate` and `surplus`. So an instance that is dropped for itself can neither conflict with others nor
use up a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.contamination import ContaminationIndex
from selfinstruct.filters.custom import CustomFilters
from selfinstruct.records import ACCEPTED, Instance, InstanceCandidate, JudgedInstance, Row, Verdict

__all__ = ["COLONS", "REASONS", "Form", "judge_instances"]

_ASCII_COLON = (":",)
COLONS = (*_ASCII_COLON, "\uff1a")  # the full-width one is what Chinese and Japanese write


@dataclass(frozen=True, slots=True)
class Form:
    """A `Filter` of single instances. ascii_colons: only `:` is a trailing colon."""

    ascii_colons: bool = False
    name: ClassVar[str] = "form"
    version: ClassVar[str] = "1"
    reasons: ClassVar[tuple[str, ...]] = ("empty_output", "same_as_input", "trailing_colon")

    def __call__(self, instance: Instance) -> Verdict:
        """White space around input and output does not matter."""
        given, output = instance.input.strip(), instance.output.strip()
        if not output:
            return Verdict("empty_output")
        if given == output:
            return Verdict("same_as_input")
        colons = _ASCII_COLON if self.ascii_colons else COLONS
        if given.endswith(colons) or output.endswith(colons):
            return Verdict("trailing_colon", "input" if given.endswith(colons) else "output")
        return ACCEPTED


REASONS = (*Form.reasons, "conflicting", "duplicate", "surplus")


def judge_instances(
    candidates: Sequence[InstanceCandidate],
    *,
    max_instances: int,
    ascii_colons: bool = False,
    contamination: ContaminationIndex | None = None,
    custom: CustomFilters | None = None,
    instruction: str = "",
    is_classification: bool | None = None,
) -> list[JudgedInstance]:
    """All candidates of one task, in their order, each with its verdict. White space around input and
    output does not matter. ascii_colons: only `:` is a trailing colon. contamination: None where no
    evaluation set is to be kept out. custom: filters of the user's own; they see instances without that white
    space, and rows of them with the task's instruction and kind. Raises `FilterError` where one fails.

    Where one input, not empty, has different outputs, the task itself is in doubt: no instance is kept.
    """
    form = Form(ascii_colons)
    pairs = [(each.input.strip(), each.output.strip()) for each in candidates]
    verdicts = [
        form(Instance(*pair)) if each.flaw is None else Verdict(each.flaw, each.detail)
        for each, pair in zip(candidates, pairs, strict=True)
    ]
    if contamination is not None:
        found = contamination.judge_instances(candidates)
        verdicts = [own if not own.accepted else also for own, also in zip(verdicts, found, strict=True)]
    if custom:
        earlier: tuple[Instance, ...] = ()
        for place, pair in enumerate(pairs):
            if verdicts[place].accepted:
                instance = Instance(*pair)
                verdicts[place] = custom.judge_instance(instance)
                if verdicts[place].accepted:
                    verdicts[place] = custom.judge_row(Row(instruction, *pair, is_classification, earlier))
                earlier += (instance,)
    valid = [pair for pair, verdict in zip(pairs, verdicts, strict=True) if verdict.accepted]
    conflict = _conflicting_input(valid)
    kept: set[tuple[str, str]] = set()
    judged = []
    for candidate, pair, verdict in zip(candidates, pairs, verdicts, strict=True):
        if verdict.accepted:
            if conflict is not None:
                verdict = Verdict("conflicting", f"different outputs for the input {conflict[:60]!r}")
            elif pair in kept:
                verdict = Verdict("duplicate")
            elif len(kept) == max_instances:
                verdict = Verdict("surplus", f"more than {max_instances}")
            else:
                kept.add(pair)
        judged.append(JudgedInstance(candidate.input, candidate.output, verdict))
    return judged


def _conflicting_input(pairs: Sequence[tuple[str, str]]) -> str | None:
    """The first input, not empty, that appears again with another output."""
    outputs: dict[str, str] = {}
    return next(
        (given for given, output in pairs if given and outputs.setdefault(given, output) != output), None
    )
