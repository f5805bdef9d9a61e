"""Small facts that a run keeps by key, about what its endpoint takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from selfinstruct.records import Stage

__all__ = ["CUT_NOTE", "asked_otherwise", "capabilities_note", "changes_note"]

CUT_NOTE = "classification.cut"
"""Where it keeps what tells classification from other tasks (`pipeline.calibration.Cut`)."""


def capabilities_note(stage: Stage) -> str:
    """Where a run keeps what the endpoint takes in a stage (`Capabilities.to_json`)."""
    return f"capabilities.{stage}"


def changes_note(stage: Stage) -> str:
    """Where it keeps how a stage's requests differ from what was asked for: a list of phrases for people."""
    return f"changes.{stage}"


def asked_otherwise(notes: Mapping[str, Any]) -> dict[Stage, tuple[str, ...]]:
    """Those phrases, by stage; only of stages that have some."""
    found = {stage: tuple(notes.get(changes_note(stage), ())) for stage in Stage}
    return {stage: phrases for stage, phrases in found.items() if phrases}
