"""`bakeoff`: several models, recipes or settings compared in one call."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from selfinstruct.api.blocking import run_to_end
from selfinstruct.api.given import given_path, given_seeds
from selfinstruct.studies.bakeoff.file import read_study
from selfinstruct.studies.bakeoff.plan import plan_bakeoff
from selfinstruct.studies.bakeoff.result import Bakeoff
from selfinstruct.studies.bakeoff.running import bake_off

__all__ = ["bakeoff"]


def bakeoff(
    study: str | PathLike[str] | Mapping[str, Any],
    out: str | PathLike[str] | None = None,
    *,
    progress: bool = False,
) -> Bakeoff:
    """Compare several models, recipes or settings: each generates tasks from the same seeds with the same
    budget.

    The result ranks them by yield, price, variety, signals and, if asked for, a judge and a small student;
    all values have 95 % intervals, and only significant differences count. `result.page` is the page. The
    same call resumes; finished entries are not generated again. Each entry is a run of its own, below `out`.

    study: a TOML file, or what one holds: arguments of `generate` and sections of a config file that all
        entries share, `entries` with what each has of its own, and, if wanted, `judge`, `student` and
        `rank_by`. In a mapping, models, recipes and filters may be objects, and `seeds` a list.
    out: the folder of the study, in place of the file's own `out`.
    progress: show progress on standard error.

    An entry that fails does not end the others: `result.entries` says how each ended.
    Raises `ConfigError` naming the entry and the setting that is wrong, `RunMismatchError` for an entry that
    was started with other settings, and `StorageError`.
    """
    given = study if isinstance(study, Mapping) else given_path(study, "study")
    if isinstance(given, Mapping) and not isinstance(given.get("seeds"), str | PathLike | None):
        given = {**given, "seeds": given_seeds(given["seeds"])}
    plan = plan_bakeoff(read_study(given, None if out is None else given_path(out, "out")))
    console = None
    if progress:
        from rich.console import Console

        console = Console(stderr=True)
    return bake_off(plan, run=run_to_end, progress=console)
