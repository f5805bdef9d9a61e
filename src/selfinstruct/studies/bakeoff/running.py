"""A bake-off from its plan to what came of it: one entry after the other, so that none takes the other's
processor or rate limit; then the judge, the figures, the students and the page.

What ends one entry (its endpoint, its budget, a pool that is full) is noted and shown, and the next one
begins. Only Ctrl-C and a disk that takes nothing more end the study.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from rich.console import Console
from rich.text import Text

from selfinstruct.errors import RunInUseError, SelfInstructError, StorageError
from selfinstruct.models.access import endpoint_warning
from selfinstruct.models.catalog import model_notice
from selfinstruct.pipeline.description import GenerateResult
from selfinstruct.pipeline.display import Display, choose_display
from selfinstruct.pipeline.judging import judge, plan_judge_of_run
from selfinstruct.pipeline.run import generate
from selfinstruct.report.writing import write_report
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.judged import read_scores
from selfinstruct.store.lock import RunLock
from selfinstruct.store.reader import RunReader
from selfinstruct.studies.bakeoff.measures import data_set, equal_size, measure
from selfinstruct.studies.bakeoff.page import bakeoff_page
from selfinstruct.studies.bakeoff.plan import BakeoffPaths, BakeoffPlan, EntryPlan, Runner, keep_asked
from selfinstruct.studies.bakeoff.ranking import compare_entries, rank
from selfinstruct.studies.bakeoff.result import Bakeoff, Ending, EntryResult
from selfinstruct.studies.bakeoff.students import teach
from selfinstruct.studies.bakeoff.study import JudgeFile

__all__ = ["bake_off"]


def bake_off(plan: BakeoffPlan, *, run: Runner, progress: Console | None = None) -> Bakeoff:
    """Start a study, or resume it. progress: where to show it; None for nowhere.

    Raises RunInUseError where another process works on the study, and StorageError.
    """
    paths = plan.paths
    with storage_errors(paths.directory):
        paths.directory.mkdir(parents=True, exist_ok=True)
    with _alone(paths):
        keep_asked(plan)
        entries: list[EntryResult] = []
        for number, entry in enumerate(plan.entries, start=1):
            if Bakeoff(paths.directory, tuple(entries)).interrupted:
                entries.append(EntryResult.of(entry, "not started"))
                continue
            _say(progress, f"[{number} of {len(plan.entries)}] {entry.entry.name}", "bold")
            entries.append(_generated(entry, run, progress))
            if plan.study.judge is not None and entries[-1].stopped != "interrupted":
                entries[-1] = _judged(entries[-1], plan.study.judge, run, progress)
        result = Bakeoff(paths.directory.absolute(), tuple(entries))
        return result if result.interrupted else _compared(plan, result, run, progress)


def _generated(entry: EntryPlan, run: Runner, progress: Console | None) -> EntryResult:
    if entry.finished:
        _say(progress, f"{entry.plan.config.limits.tasks:,} tasks: done before.", "dim")
        return EntryResult.of(entry, "done")
    config = entry.plan.config
    for told in (endpoint_warning(config.endpoint, config.model.provider), model_notice(config.model)):
        if told:
            _say(progress, told, "yellow")
    display: Display | None = None if progress is None else choose_display(progress)
    work: Callable[[], Coroutine[Any, Any, GenerateResult]] = partial(
        generate, entry.directory, entry.plan, display=display
    )
    try:
        outcome = run(work)
    except (StorageError, RunInUseError):
        raise
    except SelfInstructError as error:
        failed = EntryResult.of(entry, "failed", str(error), error.exit_code)
        _say(progress, failed.advice, "yellow")
        return failed
    if outcome.advice:
        _say(progress, outcome.advice, "yellow")
    result = EntryResult.of(entry, outcome.stopped, outcome.advice)
    _say(progress, f"{result.tasks:,} of {config.limits.tasks:,} tasks.", "dim")
    return result


def _judged(entry: EntryResult, file: JudgeFile, run: Runner, progress: Console | None) -> EntryResult:
    """With what kept the judge from its verdicts, if something did."""
    if not entry.tasks:
        return entry
    try:
        plan = plan_judge_of_run(
            entry.run,
            model_spec=file.model,
            name=file.name,
            rubric=file.rubric,
            options=file.options,
        )
        display = BatchDisplay(progress, "verdicts")
        if warning := plan.warning():
            _say(progress, warning, "yellow")
        outcome = run(partial(judge, plan, sample=file.sample, seed=file.seed, display=display))
    except (StorageError, RunInUseError):
        raise
    except SelfInstructError as error:
        _say(progress, str(error), "yellow")
        return replace(entry, judging=Ending("failed", str(error), error.exit_code))
    batch = outcome.batch
    ending = None if batch.stopped == "done" else Ending(batch.stopped, batch.advice)
    return replace(entry, judge=plan.paths.name, judging=ending)


def _compared(plan: BakeoffPlan, result: Bakeoff, run: Runner, progress: Console | None) -> Bakeoff:
    """With figures, ranks and the page."""
    readers = {each.name: RunReader.open(each.run) for each in result.entries if each.tasks}
    _say(progress, "Measuring.", "dim")
    records = {name: reader.record() for name, reader in readers.items()}
    counts = {name: len(data_set(record)) for name, record in records.items()}
    size, compared_names = equal_size(counts, {each.name: each.stopped == "done" for each in result.entries})
    judges = {each.name: each.judge for each in result.entries if each.judge}
    estimates = {
        name: measure(
            records[name],
            size,
            read_scores(readers[name].directory, judges[name]) if name in judges else None,
        )
        for name in compared_names
    }
    compared = compare_entries(estimates)
    if plan.study.student is not None and size:
        taught = teach(plan, compared_names, size, run, progress)
        result = replace(
            result,
            entries=tuple(replace(each, student=taught.endings.get(each.name)) for each in result.entries),
        )
        if result.interrupted:
            return result
        for name, estimate in taught.scores.items():
            estimates[name]["student"] = estimate
        compared = (*compared, *taught.compared)
    result = replace(
        result,
        size=size,
        estimates=estimates,
        compared=compared,
        standings=rank(compared_names, compared, plan.study.rank_by),
        rank_by=plan.study.rank_by,
    )
    page = bakeoff_page(result, {each.entry.name: each for each in plan.entries}, readers, records)
    return replace(result, page=write_report(plan.paths.page, page).absolute())


@contextmanager
def _alone(paths: BakeoffPaths) -> Iterator[None]:
    with storage_errors(paths.lock):
        lock = RunLock(paths.lock)
    try:
        yield
    finally:
        lock.release()


def _say(progress: Console | None, text: str, style: str = "") -> None:
    if progress is not None:
        progress.print(Text(text, style=style), soft_wrap=True)
