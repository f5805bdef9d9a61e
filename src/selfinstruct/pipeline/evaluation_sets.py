"""The evaluation sets that a run keeps out of its data: read, known by their digests, made into a filter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from selfinstruct.config import Config, EvaluationSetConfig
from selfinstruct.errors import ConfigError, UserError
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.recognition import load_any
from selfinstruct.evalsets.suites import items_digest
from selfinstruct.filters.contamination import ContaminationIndex, ProtectedText

__all__ = ["build_contamination", "read_evaluation_sets"]


def read_evaluation_sets(
    sets: Sequence[EvaluationSetConfig],
) -> tuple[tuple[EvaluationSetConfig, ...], tuple[EvaluationItem, ...]]:
    """The same sets with their digests, and all their items.

    Raises UserError for one that cannot be read, ConfigError where it is no longer what its digest says.
    """
    known: list[EvaluationSetConfig] = []
    items: list[EvaluationItem] = []
    for each in sets:
        path = Path(each.source).absolute()
        if each.digest and not path.exists():
            raise ConfigError(
                f"The evaluation set {path} that the run keeps out was not found.",
                "If it has moved, name it again: `decontaminate=PATH`",
            )
        try:
            own = load_any(path)
        except UserError as error:
            raise UserError(f"`decontaminate`: {error.message}", error.hint) from error
        digest = items_digest(own)
        if each.digest not in ("", digest):
            raise ConfigError(
                f"The evaluation set {path} has changed since the run was started.",
                "Restore it, or start a new run.",
            )
        known.append(EvaluationSetConfig(source=str(path), digest=digest, items=len(own)))
        items += own
    return tuple(known), tuple(items)


def build_contamination(config: Config, items: Sequence[EvaluationItem]) -> ContaminationIndex | None:
    """The filter of a run's settings; None where there is nothing to keep out."""
    if not items:
        return None
    return ContaminationIndex(
        (ProtectedText(item.id, field, text) for item in items for field, text in item.texts()),
        max_similarity=config.filters.max_similarity,
        ascii_tokens=config.reference.ascii_tokens,
    )
