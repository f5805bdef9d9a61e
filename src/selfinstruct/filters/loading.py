"""Filters by name: `module:name`, `file.py:name`, or what an installed package offers under `ENTRY_POINTS`.

Loading runs the code that is named. So only what the user names himself is loaded, in this call or on this
command line, and what is installed; never what a run's directory or a config file happens to name.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from selfinstruct.errors import ConfigError, FilterError
from selfinstruct.filters.custom import CustomFilter

__all__ = ["ENTRY_POINTS", "INSTALLED", "installed_filter", "load_filter"]

ENTRY_POINTS = "selfinstruct.filters"
"""The group in which a package's `pyproject.toml` offers filters."""

INSTALLED = "installed"
"""The source of a filter that was found there."""

_HOW = "Name it as module:name, as file.py:name, or as an installed package offers it."


def load_filter(reference: str) -> CustomFilter:
    """Raises `ConfigError` where there is nothing of that name, or it is no filter, and `FilterError` where
    its code fails to load."""
    place, colon, name = reference.rpartition(":")
    if not colon:
        return installed_filter(reference)
    if not place or not name:
        raise ConfigError(f"{reference!r} names no filter.", _HOW)
    module = _load_file(Path(place), reference) if place.endswith(".py") else _load_module(place, reference)
    try:
        found = getattr(module, name)
    except AttributeError:
        close = get_close_matches(name, [each for each in vars(module) if each[0] != "_"], n=1)
        meant = f" Did you mean {place}:{close[0]}?" if close else ""
        raise ConfigError(f"{place} has nothing named {name!r}.", f"{_HOW}{meant}") from None
    return CustomFilter.of(found, reference)


def installed_filter(name: str) -> CustomFilter:
    """What an installed package offers under this name. Raises as `load_filter`."""
    offered: dict[str, EntryPoint] = {each.name: each for each in entry_points(group=ENTRY_POINTS)}
    if name not in offered:
        installed = f" Installed: {', '.join(sorted(offered))}." if offered else ""
        raise ConfigError(f"No installed package offers a filter {name!r}.", f"{_HOW}{installed}")
    try:
        found = offered[name].load()
    except Exception as error:
        raise _failed(name, error) from error
    return CustomFilter.of(found, INSTALLED)


def _load_file(path: Path, reference: str) -> ModuleType:
    if not path.is_file():
        raise ConfigError(f"There is no file {path}, which should hold the filter {reference!r}.", _HOW)
    name = f"selfinstruct_filters_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path.absolute())
    assert spec is not None, path
    assert spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise _failed(reference, error) from error
    return module


def _load_module(name: str, reference: str) -> ModuleType:
    """As if the code stood in the folder from which the command is run."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise ConfigError(f"There is no module {name}, which should hold {reference!r}.", _HOW) from None
        raise _failed(reference, error) from error
    except Exception as error:
        raise _failed(reference, error) from error
    finally:
        sys.path.remove(here)


def _failed(reference: str, error: Exception) -> FilterError:
    return FilterError(
        f"The filter {reference!r} cannot be loaded: {type(error).__name__}: {error}.",
        "Fix the code, and run this again.",
    )
