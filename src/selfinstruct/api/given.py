"""Converts arguments that may be a name, a path or an object to the form that the rooms below take."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError, SeedsError
from selfinstruct.pipeline.dropping import read_words
from selfinstruct.records import SeedTask
from selfinstruct.seeds.rows import SeedRow
from selfinstruct.seeds.tasks import tasks_from_rows

__all__ = [
    "filled",
    "given_attributes",
    "given_config",
    "given_filters_of",
    "given_path",
    "given_paths",
    "given_seeds",
    "given_signals",
    "given_words",
]


def filled(value: Any, argument: str) -> Any:
    """The value. Raises `ConfigError` for a text without a character but spaces."""
    if isinstance(value, str) and not value.strip():
        raise ConfigError(f"`{argument}` is empty.", "Give it a value, or leave it out.")
    return value


def given_path(value: object, argument: str) -> Path:
    """Raises `ConfigError` for an empty path, and for a value of another type."""
    if not isinstance(value, str | PathLike) or not str(os.fspath(value)).strip():
        raise ConfigError(f"`{argument}` is {value!r}, not a path.", "Give it as a text or a path.")
    return Path(os.fspath(value))  # type: ignore[arg-type, unused-ignore]


def given_paths(value: Any, argument: str) -> list[Path]:
    """Paths as a list, also where one was given alone. Raises `ConfigError` as `given_path`."""
    if isinstance(value, str | PathLike) or not isinstance(value, Iterable):
        return [given_path(value, argument)]
    return [given_path(each, argument) for each in value]


def given_config(value: object) -> Path | Mapping[str, Any] | None:
    """A file of settings, or the settings."""
    return value if value is None or isinstance(value, Mapping) else given_path(value, "config")


def given_attributes(value: object) -> Path | Mapping[str, Any] | None:
    """A file of attributes, `bundled`, or the attributes."""
    return value if value is None or isinstance(value, Mapping) else given_path(value, "attributes")


def given_filters_of(value: Any) -> list[object] | None:
    """Filters as a list, also where one was given alone; None for none, which leaves the run its own."""
    if value is None:
        return None
    if isinstance(value, str) or callable(value):
        return [value]
    if not isinstance(value, Iterable):
        raise ConfigError(
            f"`filters` is {value!r}, not a list of filters.", "Give a list of functions or objects."
        )
    return list(value) or None


def given_signals(value: Any) -> str | None:
    """As the setting `filters.signals` has them: names with commas between them. Raises `ConfigError` for
    another type; the names are looked up below."""
    if value is None or isinstance(value, str):
        return value if value is None else str(filled(value, "signals"))
    names: list[Any] = list(value) if isinstance(value, Iterable) else [value]
    if not all(isinstance(each, str) for each in names):
        raise ConfigError(
            f"`signals` is {value!r:.80}, and not names of signals.",
            'Give "certain", "all", "none" or a list.',
        )
    return ",".join(names) or "none"


def given_words(value: Any, argument: str) -> tuple[str, ...]:
    """Words and phrases, of a list or of a file, a word a line; none for None. Raises `ConfigError`."""
    if value is None:
        return ()
    if isinstance(value, str | PathLike):
        return read_words(given_path(value, argument))
    words = list(value) if isinstance(value, Iterable) else []
    if not words or not all(isinstance(each, str) and each.strip() for each in words):
        raise ConfigError(
            f"`{argument}` is {value!r:.80}, and not words.", "Give a list of words, or a file."
        )
    return tuple(dict.fromkeys(" ".join(word.split()) for word in words))


def given_seeds(value: Any) -> Path | tuple[SeedTask, ...] | None:
    """A file of seed tasks, or the tasks: each a `SeedTask`, a mapping as a line of such a file, or the text
    of an instruction.

    Raises `SeedsError` naming the first that cannot be used.
    """
    if value is None:
        return None
    if isinstance(value, str | PathLike):
        return given_path(value, "seeds")
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        raise ConfigError(
            f"`seeds` is {value!r:.80}, not seed tasks.",
            "Give a file, or a list of instructions or tasks.",
        )
    rows = [SeedRow(place, _row(seed)) for place, seed in enumerate(value)]
    numbered, problems = tasks_from_rows(rows)
    if problems:
        first, more = problems[0], len(problems) - 1
        rest = f" ({more} more of them)" if more else ""
        raise SeedsError(f"`seeds`, item {first.line} (from 0): {first}{rest}.", first.hint)
    if not numbered:
        raise SeedsError("`seeds` has no seed tasks.", "Leave it out to use the bundled seeds.")
    return tuple(task for _, task in numbered)


def _row(seed: object) -> object:
    match seed:
        case str():
            return {"instruction": seed}
        case SeedTask():
            return asdict(seed) | {"instances": [asdict(each) for each in seed.instances]}
        case Mapping():
            return dict(seed)
    return seed
