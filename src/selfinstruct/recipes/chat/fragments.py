"""One answer that a model spread over several instances: the steps of a recipe, a poem line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from selfinstruct.records import InstanceCandidate

__all__ = ["flag_fragments"]


def flag_fragments(candidates: Sequence[InstanceCandidate]) -> list[InstanceCandidate]:
    """All of them, in their order. Where several without an input have different outputs, each of these is
    flawed `fragment`: the instruction alone was to be answered once, and one answer has one instance.
    """
    outputs = {one.output for one in candidates if not one.input and one.flaw is None}
    return [
        replace(one, flaw="fragment") if len(outputs) > 1 and not one.input and one.flaw is None else one
        for one in candidates
    ]
