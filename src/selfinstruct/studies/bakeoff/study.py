"""A study as its file has it: what all entries have in common, and what each has of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selfinstruct.models.base import Model
from selfinstruct.recipes.base import Recipe
from selfinstruct.records import SeedTask

__all__ = ["EntryFile", "JudgeFile", "StudentFile", "StudyFile", "flat_settings"]


@dataclass(frozen=True, slots=True)
class EntryFile:
    """An entry with all that the head says too, as `resolve` takes it. options: fields of `Config` to
    values."""

    name: str
    model: str | Model | None
    recipe: Recipe | None
    filters: Sequence[object] | None
    options: Mapping[str, Any]
    config: Mapping[str, Any]
    decontaminate: tuple[Path, ...]
    paper_exact: bool

    def asked(self) -> dict[str, str]:
        """All of it that decides the data, as text by dotted name: what a later invocation is compared
        with."""
        flat = dict(flat_settings(self.config)) | dict(self.options)
        flat |= {"model": self.model, "recipe": self.recipe, "filters": self.filters}
        flat |= {"paper_exact": self.paper_exact or None}
        flat["decontaminate"] = [str(path) for path in self.decontaminate] or None
        return {
            name: json.dumps(value, default=_named, ensure_ascii=False)
            for name, value in sorted(flat.items())
            if value is not None
            and not name.startswith(("limits.", "endpoint."))
            and ".endpoint." not in name
        }


@dataclass(frozen=True, slots=True)
class JudgeFile:
    """Who judges every entry's rows. sample: tasks of each; None for all rows. options: as in `EntryFile`."""

    model: str
    name: str | None = None
    sample: int | None = None
    rubric: Path | None = None
    seed: int = 42
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StudentFile:
    """The model that is tuned on as many tasks of each entry, and on what it is measured. limit: items;
    max_tokens: of an answer. tuning: fields of `TuningSettings`."""

    model: str
    suite: str
    items: Path | None = None
    limit: int | None = None
    max_tokens: int | None = None
    tuning: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StudyFile:
    """source: what messages call it. rank_by: names of measures; empty for all."""

    source: str
    out: Path
    seeds: Path | tuple[SeedTask, ...] | None
    entries: tuple[EntryFile, ...]
    judge: JudgeFile | None = None
    student: StudentFile | None = None
    rank_by: tuple[str, ...] = ()


def flat_settings(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values of nested tables; an empty table is a value."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from flat_settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _named(value: object) -> str:
    """What stands for an object of the user's own: the run itself checks that it is the same."""
    name = getattr(value, "__qualname__", None) or type(value).__qualname__
    return f"{getattr(value, '__module__', '')}:{name}"
