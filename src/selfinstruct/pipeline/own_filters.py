"""Which filters a run has beside the fixed ones: of the user's own, as given, or as installed; and signals.

A run's config keeps what tells them apart, not their code. So they are given again whenever candidates are to
be judged, but for installed ones, which are found by name. Code that a run's directory names is never loaded:
a run may come from somebody else. Signals come with the package, and are found by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from selfinstruct.config import Config, CustomFilterConfig
from selfinstruct.dataset.languages import language_code
from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.extensions import INSTALLED, load, load_installed
from selfinstruct.filters import contamination, inputs, instances, meaning, novelty
from selfinstruct.filters.custom import CustomFilter, CustomFilters
from selfinstruct.filters.heuristics import Heuristics
from selfinstruct.filters.signals.base import Signal
from selfinstruct.filters.signals.table import SIGNALS, certain_signals, choose_signals
from selfinstruct.pipeline.saturation import UNREADABLE
from selfinstruct.recipes.base import FLAWS

__all__ = [
    "INSTANCE_REASONS",
    "INSTRUCTION_REASONS",
    "LOW_SCORE",
    "NO_SCORE",
    "chosen_signals",
    "given_filters",
    "recorded_filters",
    "recorded_signals",
    "with_signals",
]

INSTRUCTION_REASONS = frozenset(
    (*Heuristics.reasons, *contamination.REASONS, *novelty.REASONS, *meaning.REASONS)
)
"""What our filters say of instructions."""
INSTANCE_REASONS = frozenset((*instances.REASONS, *inputs.REASONS, *contamination.REASONS))
"""What they say of instances."""

LOW_SCORE, NO_SCORE = "low_score", "no_score"
"""What `filter --min-score` says of instances."""

_RESERVED = frozenset(
    (
        *INSTRUCTION_REASONS,
        *INSTANCE_REASONS,
        *FLAWS,
        "accepted",
        LOW_SCORE,
        NO_SCORE,
        "no_valid_instance",
        UNREADABLE,
        "lost",
        "refused",
        "failed",
    )
)


def given_filters(given: Iterable[object]) -> CustomFilters:
    """Of functions, objects and references (`module:name`), in their order.

    Raises `ConfigError` for what is no filter and for two of one name, `FilterError` for code that fails.
    """
    return _named_apart(
        [_by_name(each) if isinstance(each, str) else CustomFilter.of(each) for each in given]
    )


def recorded_filters(wanted: Sequence[CustomFilterConfig], run: Path | None) -> CustomFilters:
    """Those that a config names, where installed packages offer them.

    run: the directory of the run whose config it is; None for a config file.
    Raises `RunMismatchError`, for a config file `ConfigError`, naming the first that has to be given again.
    """
    for each in wanted:
        if run is not None and each.source != INSTALLED:
            how = (
                f'`filters="{each.source}"`'
                if each.source
                else "in Python, as the object that it was: `filters`"
            )
            raise RunMismatchError(
                f"The run {run} was started with the filter {each.name!r}, which is missing now.",
                f"Give it again: {how}",
            )
        if run is None and each.source not in ("", INSTALLED):
            raise ConfigError(
                f"filters.custom: the config file names the code of the filter {each.name!r}, and code is not"
                " loaded from there.",
                f'Give it yourself: `filters="{each.source}"`',
            )
    return _named_apart([CustomFilter.of(load_installed("filter", each.name), INSTALLED) for each in wanted])


def _by_name(reference: str) -> CustomFilter:
    return CustomFilter.of(load("filter", reference), reference if ":" in reference else INSTALLED)


def chosen_signals(config: Config) -> tuple[Signal, ...]:
    """Those that reject by `filters.signals`. Raises `ConfigError` for a name that no signal has."""
    wanted, language = config.filters.signals, language_code(config.recipe.language) or ""
    if wanted == "certain":
        return certain_signals()
    if wanted == "none" or not wanted:
        return ()
    if wanted == "all":
        return choose_signals(language=language)
    try:
        return choose_signals(wanted, language=language)
    except ConfigError as error:
        raise ConfigError(f"filters.signals: {error.message}", error.hint) from None


def recorded_signals(config: Config, run: Path) -> tuple[Signal, ...]:
    """Those that have rejected in this run, which are certain no longer perhaps, as they are today.

    Raises `RunMismatchError` for one that is gone.
    """
    names = [signal.name for signal in SIGNALS]
    for name in config.filters.signal_versions:
        if name not in names:
            raise RunMismatchError(
                f"The run {run} was started with the signal {name!r}, which this version does not have.",
                "Resume it with the version of selfinstruct that started it, or start a new run.",
            )
    if not config.filters.signal_versions:
        return ()
    return choose_signals(
        config.filters.signal_versions, language=language_code(config.recipe.language) or ""
    )


def with_signals(config: Config, signals: Iterable[Signal]) -> Config:
    """The config that says that these reject."""
    versions = {each.name: each.version for each in signals}
    filters = config.filters.model_copy(update={"signal_versions": versions})
    return config.model_copy(update={"filters": filters})


def _named_apart(filters: Sequence[CustomFilter]) -> CustomFilters:
    names = [each.name for each in filters]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"Two filters are named {name!r}.", "Give each a name of its own.")
    return CustomFilters(tuple(filters), _RESERVED)
