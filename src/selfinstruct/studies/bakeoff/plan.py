"""A study resolved: every entry as `generate` would, and held against what it was started with, before
anything is sent. A mistake in the last entry does not wait for the first one's tasks.

What the runs themselves hold is compared with the file too, setting by setting (`bakeoff.json`): a setting
that was taken out of the file would otherwise keep its old value in a run, and nobody would know.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar

from selfinstruct.errors import ConfigError, RunMismatchError, UserError
from selfinstruct.evalsets.code import CODE_SUITES
from selfinstruct.evalsets.suites import SUITES, no_suite
from selfinstruct.models.catalog import parse_spec
from selfinstruct.pipeline.resolve import Plan, resolve
from selfinstruct.pipeline.settings import BUDGETS, merge, nested, validate
from selfinstruct.requests.budget import require_prices
from selfinstruct.store.directory import RunPaths, atomic_write, read_run_config
from selfinstruct.store.failures import damaged, storage_errors
from selfinstruct.store.opening import check_identity
from selfinstruct.store.reader import RunReader
from selfinstruct.studies.bakeoff.measures import MEASURES
from selfinstruct.studies.bakeoff.study import EntryFile, StudyFile
from selfinstruct.text.spelling import did_you_mean
from selfinstruct.training.loading import require_extra, tunable
from selfinstruct.training.settings import validated

__all__ = [
    "BakeoffPaths",
    "BakeoffPlan",
    "EntryPlan",
    "Runner",
    "describe_model",
    "keep_asked",
    "plan_bakeoff",
]

EXTRA = ("peft", "torch", "transformers", "trl")
FORMAT = 1
ANOTHER = "Give the entry another name, or remove the folder of its run to start it again."

_Result = TypeVar("_Result")


class Runner(Protocol):
    """Runs a coroutine to its end: `asyncio.run` in a program that has no loop yet, or `run_to_end`."""

    def __call__(self, work: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        """Its result."""


@dataclass(frozen=True, slots=True)
class BakeoffPaths:
    """Where everything of a study lies (`studies/bakeoff/__init__.py` draws it)."""

    directory: Path

    @property
    def asked(self) -> Path:
        """What each entry was started with."""
        return self.directory / "bakeoff.json"

    @property
    def page(self) -> Path:
        """For people."""
        return self.directory / "report.html"

    @property
    def lock(self) -> Path:
        """Locked while a process works on the study."""
        return self.directory / ".lock"

    def run(self, entry: str) -> Path:
        """An entry's run."""
        return self.directory / "runs" / entry

    def student(self, entry: str, tasks: int) -> Path:
        """What was tuned on so many of an entry's tasks, and measured."""
        return self.directory / "students" / entry / f"{tasks}-tasks"


@dataclass(frozen=True, slots=True)
class EntryPlan:
    """finished: whether the run has all its tasks, so that nothing is left to do."""

    entry: EntryFile
    directory: Path
    plan: Plan
    finished: bool


@dataclass(frozen=True, slots=True)
class BakeoffPlan:
    """What is to be done."""

    study: StudyFile
    paths: BakeoffPaths
    entries: tuple[EntryPlan, ...]


def plan_bakeoff(study: StudyFile) -> BakeoffPlan:
    """Raises ConfigError naming the study, the entry and the setting that is wrong, RunMismatchError for an
    entry that was started with other settings, and StorageError. Writes nothing."""
    paths = BakeoffPaths(study.out)
    kept = _kept(paths)
    if unknown := [name for name in study.rank_by if name not in MEASURES]:
        raise ConfigError(
            f"{study.source}: rank_by names {unknown[0]!r}, which is no measure.",
            did_you_mean(unknown[0], MEASURES) or f"Measures are {', '.join(MEASURES)}.",
        )
    entries = tuple(_planned(study, paths, entry, kept.get(entry.name)) for entry in study.entries)
    _require_judge(study)
    _require_student(study)
    _require_measured(study, entries)
    return BakeoffPlan(study, paths, entries)


def keep_asked(plan: BakeoffPlan) -> None:
    """Write what the entries are started with, those included that the file no longer has."""
    asked = _kept(plan.paths) | {each.entry.name: each.entry.asked() for each in plan.entries}
    with atomic_write(plan.paths.asked) as file:
        file.write(json.dumps({"format": FORMAT, "entries": asked}, ensure_ascii=False, indent=1) + "\n")


def _planned(
    study: StudyFile, paths: BakeoffPaths, entry: EntryFile, kept: Mapping[str, str] | None
) -> EntryPlan:
    directory = paths.run(entry.name)
    where = f"{study.source}, entry {entry.name!r}"
    try:
        plan = resolve(
            directory,
            options=entry.options,
            config_file=dict(entry.config) or None,
            seeds_file=study.seeds,
            decontaminate=entry.decontaminate,
            model_spec=entry.model,
            recipe=entry.recipe,
            filters=entry.filters,
            paper_exact=entry.paper_exact,
        )
        require_prices(plan.config)
        stored = read_run_config(directory)
        if stored is None or not RunReader(directory).has_completions():
            return EntryPlan(entry, directory, plan, finished=False)
        check_identity(RunPaths(directory), stored, plan.config)
        _require_same(entry, kept)
    except UserError as error:
        message, hint = (_in_file(text) for text in (error.message, error.hint))
        if isinstance(error, RunMismatchError):
            raise RunMismatchError(f"{where}: {message}", ANOTHER) from error
        raise ConfigError(f"{where}: {message}", hint) from error
    complete = RunReader(directory).task_count() >= plan.config.limits.tasks
    return EntryPlan(entry, directory, plan, finished=complete and stored.limits == plan.config.limits)


def _require_same(entry: EntryFile, kept: Mapping[str, str] | None) -> None:
    """Other values show in the run's identity; that a setting is gone shows only here."""
    asked = entry.asked()
    for name, value in sorted((kept or {}).items()):
        if name not in asked:
            raise RunMismatchError(
                f"The run was started with other settings: {name} was {value}, and is not set now.", ANOTHER
            )


def _in_file(text: str) -> str:
    """A message that speaks of arguments, for somebody who wrote them in a file."""
    return text.removeprefix("`config`: ").replace("`", "")


def _kept(paths: BakeoffPaths) -> dict[str, dict[str, str]]:
    """Raises ConfigError for a folder that is somebody else's, StorageError for a damaged file."""
    directory, hint = paths.directory, "Name a new or empty folder for the study, or that of this one."
    with storage_errors(directory):
        if not directory.exists():
            return {}
        if not directory.is_dir():
            raise ConfigError(f"{directory} is a file, not a folder.", hint)
        if not paths.asked.exists():
            if any(each.name != paths.lock.name for each in directory.iterdir()):
                raise ConfigError(f"{directory} holds files, but no bake-off.", hint)
            return {}
        text = paths.asked.read_text(encoding="utf-8")
    try:
        entries: dict[str, dict[str, str]] = json.loads(text)["entries"]
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(paths.asked, f"it is not what a bake-off wrote ({error})") from error
    return entries


def _require_measured(study: StudyFile, entries: Sequence[EntryPlan]) -> None:
    """What the study ranks by has to be measured in it."""
    priced = any(each.plan.config.endpoint.price_in is not None for each in entries)
    lacking = {
        "judge": "Add a table [judge]." if study.judge is None else "",
        "score": "Add a table [judge]." if study.judge is None else "",
        "student": "Add a table [student]." if study.student is None else "",
        "cost": "" if priced else "Add prices: price_in and price_out.",
    }
    if missing := [name for name in study.rank_by if lacking.get(name)]:
        raise ConfigError(
            f"{study.source}: rank_by names {missing[0]!r}, which is not measured here.", lacking[missing[0]]
        )


def _require_judge(study: StudyFile) -> None:
    if study.judge is None:
        return
    values: dict[str, Any] = {}
    for name, value in study.judge.options.items():
        merge(values, nested(name, None if name in BUDGETS and value == 0 else value))
    try:
        validate(values, None, study.judge.options)  # before the runs that it is to judge
        if not study.judge.options.get("endpoint.base_url"):
            parse_spec(study.judge.model)
    except UserError as error:
        raise ConfigError(
            f"{study.source}, [judge]: {_in_file(error.message)}", _in_file(error.hint)
        ) from error


def _require_student(study: StudyFile) -> None:
    """As far as that goes without loading a model."""
    student = study.student
    if student is None:
        return
    if any(find_spec(name) is None for name in EXTRA):  # importing them takes seconds
        require_extra()
    try:
        tunable(student.model)
        validated({"learning_rate": 1.0, "max_length": 512, "bf16": False, **student.tuning})
        if student.suite not in SUITES:
            raise no_suite(student.suite)
        if student.suite in CODE_SUITES:
            raise ConfigError(f"{student.suite} runs programs that a model wrote.", "Choose another suite.")
        if student.items is not None and not student.items.exists():
            raise ConfigError(f"items = {str(student.items)!r} does not exist.")
    except UserError as error:
        raise ConfigError(
            f"{study.source}, [student]: {_in_file(error.message)}", _in_file(error.hint)
        ) from error


def describe_model(plan: Plan) -> str:
    """`provider/name`, for people."""
    model: Any = plan.config.model
    return f"{model.provider}/{Path(model.name).name}"
