"""Filters, models and recipes of the user's own, by name: `module:name`, `file.py:name`, or what an installed
package offers under an entry point.

Loading runs the code that is named. So only what the user names himself is loaded, in this call or on this
command line, and what is installed; never what a run's directory or a config file happens to name.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Literal

from selfinstruct.config import CustomConfig
from selfinstruct.errors import ConfigError, FilterError, UserError

__all__ = [
    "ENTRY_POINTS",
    "INSTALLED",
    "Kind",
    "described",
    "is_reference",
    "load",
    "load_installed",
    "made",
    "offered",
]

Kind = Literal["filter", "model", "recipe"]

ENTRY_POINTS: Mapping[Kind, str] = {
    "filter": "selfinstruct.filters",
    "model": "selfinstruct.models",
    "recipe": "selfinstruct.recipes",
}
"""The group in which a package's `pyproject.toml` offers each."""

INSTALLED = "installed"
"""The source of what was found there."""

_REFERENCE = re.compile(r"(?:.+\.py|[^\W\d]\w*(?:\.[^\W\d]\w*)*):[^\W\d]\w*")
_HOW = "Name it as module:name, as file.py:name, or as an installed package offers it."
_FIX = "Fix the code, and run this again."


def is_reference(text: str) -> bool:
    """Whether it has the form of `module:name` or `file.py:name`. (`qwen2.5:7b` has not.)"""
    return _REFERENCE.fullmatch(text) is not None


def load(kind: Kind, reference: str) -> object:
    """What a name stands for, as it stands in the code.

    Raises `ConfigError` where there is nothing of that name; `FilterError`, for another kind `UserError`,
    where its code fails to load.
    """
    place, colon, name = reference.rpartition(":")
    if not colon:
        return load_installed(kind, reference)
    if not place or not name:
        raise ConfigError(f"{reference!r} names no {kind}.", _HOW)
    in_a_file = place.endswith(".py")
    module = _load_file(kind, Path(place), reference) if in_a_file else _load_module(kind, place, reference)
    try:
        found: object = getattr(module, name)
    except AttributeError:
        close = get_close_matches(name, [each for each in vars(module) if each[0] != "_"], n=1)
        meant = f" Did you mean {place}:{close[0]}?" if close else ""
        raise ConfigError(f"{place} has nothing named {name!r}.", f"{_HOW}{meant}") from None
    return found


def offered(kind: Kind) -> Mapping[str, EntryPoint]:
    """What installed packages offer, by name. Nothing is loaded."""
    return {each.name: each for each in entry_points(group=ENTRY_POINTS[kind])}


def load_installed(kind: Kind, name: str) -> object:
    """What an installed package offers under this name. Raises as `load`."""
    found = offered(kind)
    if name not in found:
        installed = f" Installed: {', '.join(sorted(found))}." if found else ""
        raise ConfigError(f"No installed package offers a {kind} {name!r}.", f"{_HOW}{installed}")
    try:
        return found[name].load()
    except Exception as error:
        raise _failed(kind, name, error) from error


def made(kind: Kind, found: object, reference: str) -> object:
    """An object, where the name stands for a class or a function that makes one.

    Raises `ConfigError` for one that cannot be called without arguments, and as `load` where it fails.
    """
    if not (isinstance(found, type) or inspect.isroutine(found)):
        return found
    try:
        inspect.signature(found).bind()
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"The {kind} {reference!r} cannot be made without arguments: {error}.",
            "Name an object, or a class or a function that makes one without arguments.",
        ) from None
    try:
        return found()
    except Exception as error:
        raise _failed(kind, reference, error) from error


def described(given: object, kind: Kind, source: str = "") -> CustomConfig:
    """What tells a model or a recipe from others: its attributes `name` (its class's, where it has none),
    `version` and `settings`.

    source: as the user named it; empty for an object that was passed. Raises `ConfigError` where they cannot
    be kept.
    """
    name = getattr(given, "name", None) or type(given).__name__
    version, settings = getattr(given, "version", ""), getattr(given, "settings", {})
    try:
        return CustomConfig(
            name=name,
            version=str(version),
            settings=dict(settings),
            flaws=tuple(getattr(given, "flaws", ())),
            source=source,
        )
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"The {kind} {type(given).__name__} does not say what it is: {error}.",
            "Its attributes 'name' and 'version' should be texts, 'settings' a mapping that JSON can hold.",
        ) from None


def _load_file(kind: Kind, path: Path, reference: str) -> ModuleType:
    if not path.is_file():
        raise ConfigError(f"There is no file {path}, which should hold the {kind} {reference!r}.", _HOW)
    name = f"selfinstruct_{kind}s_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path.absolute())
    assert spec is not None, path
    assert spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise _failed(kind, reference, error) from error
    return module


def _load_module(kind: Kind, name: str, reference: str) -> ModuleType:
    """As if the code stood in the folder from which the command is run."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise ConfigError(f"There is no module {name}, which should hold {reference!r}.", _HOW) from None
        raise _failed(kind, reference, error) from error
    except Exception as error:
        raise _failed(kind, reference, error) from error
    finally:
        sys.path.remove(here)


def _failed(kind: Kind, reference: str, error: Exception) -> UserError:
    message = f"The {kind} {reference!r} cannot be loaded: {type(error).__name__}: {error}."
    return FilterError(message, _FIX) if kind == "filter" else UserError(message, _FIX)
