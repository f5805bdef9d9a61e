"""Which of a task's new inputs are worth an answer: what is rejected here costs no request of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from selfinstruct.filters.instances import COLONS
from selfinstruct.records import InstanceCandidate

__all__ = ["REASONS", "judge_inputs"]

REASONS = ("trailing_colon", "repeated_input", "surplus")


def judge_inputs(candidates: Sequence[InstanceCandidate], *, max_instances: int) -> list[InstanceCandidate]:
    """All candidates of one task, in their order. One that is not to be asked about has a flaw: the
    parser's, `trailing_colon`, `repeated_input` where an earlier one says the same but for case and white
    space, or `surplus` beyond the first `max_instances`.
    """
    seen: set[str] = set()
    judged = []
    for candidate in candidates:
        plain = " ".join(candidate.input.lower().split())
        if candidate.flaw is not None:
            flawed = candidate
        elif plain.endswith(COLONS):
            flawed = replace(candidate, flaw="trailing_colon", detail="input")
        elif plain in seen:
            flawed = replace(candidate, flaw="repeated_input")
        elif len(seen) == max_instances:
            flawed = replace(candidate, flaw="surplus", detail=f"more than {max_instances}")
        else:
            seen.add(plain)
            flawed = candidate
        judged.append(flawed)
    return judged
