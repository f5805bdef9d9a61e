"""How far an evaluation is: what its folder keeps, read without asking anything, while it runs too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.settings import EvaluationPaths, read_settings
from selfinstruct.store.directory import holds_run
from selfinstruct.store.failures import damaged, storage_errors
from selfinstruct.store.reader import RunReader
from selfinstruct.store.summary import Summary

__all__ = ["EvaluationStanding", "evaluation_standing"]


@dataclass(frozen=True, slots=True)
class EvaluationStanding:
    """scores: the content of scores.json; empty before the first end of the command. requests: of all batches
    of the folder, its judges' aside."""

    suite: str
    scores: dict[str, Any]
    requests: tuple[Summary, ...]

    @property
    def metrics(self) -> dict[str, Interval]:
        """Means with their bounds, in percent, by metric."""
        bounds = self.scores.get("intervals", {})
        return {
            name: Interval(self.scores[name], *bound)
            for name, bound in bounds.items()
            if name in self.scores and isinstance(bound, list)
        }

    def to_json(self) -> dict[str, Any]:
        """One object: the scores so far, then what was sent."""
        return {
            **self.scores,
            "suite": self.suite,
            "answered": sum(each.requests for each in self.requests),
            "attempts": sum(each.attempts for each in self.requests),
            "tokens": sum(each.prompt_tokens + each.completion_tokens for each in self.requests),
        }


def evaluation_standing(directory: Path) -> EvaluationStanding | None:
    """None where no evaluation is in the folder.

    Raises StorageError for a damaged file.
    """
    paths = EvaluationPaths(directory)
    if not paths.settings.is_file():
        return None
    settings = read_settings(directory)
    assert settings is not None, "its file is there"
    scores: dict[str, Any] = {}
    with storage_errors(paths.scores):
        if paths.scores.is_file():
            text = paths.scores.read_text(encoding="utf-8")
            try:
                scores = dict(json.loads(text))
            except (ValueError, TypeError) as error:
                raise damaged(paths.scores, str(error)) from error
        folders = [each for each in sorted(paths.requests.glob("*")) if each.is_dir()] or [paths.requests]
    batches = [RunReader(each).summary() for each in folders if each.is_dir() and holds_run(each)]
    return EvaluationStanding(settings.suite, scores, tuple(batches))
