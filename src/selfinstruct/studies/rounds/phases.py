"""The phases of one round, each resumable, each skipped where what it makes is there already."""

from __future__ import annotations

import shutil
from collections.abc import Coroutine, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rich.console import Console
from rich.text import Text

from selfinstruct.dataset.merging import merge_named
from selfinstruct.dataset.source import usable_seeds
from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.evaluate import evaluate
from selfinstruct.pipeline.display import choose_display
from selfinstruct.pipeline.judging import judge, plan_judge_of_run
from selfinstruct.pipeline.refilter import change_filters, write_refiltered
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.pipeline.run import generate
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.invocation import StopReason
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.reader import RunReader
from selfinstruct.studies.rounds.plan import RoundsPlan, plan_evaluation_of
from selfinstruct.studies.rounds.spending import Spending, spent_in
from selfinstruct.training.display import LossDisplay
from selfinstruct.training.finetune import finetune
from selfinstruct.training.gguf import check_convertible
from selfinstruct.training.outcome import read_result
from selfinstruct.training.plan import plan_finetuning
from selfinstruct.training.settings import GGUF, MODEL, RESULT

__all__ = ["Phases", "StoppedError", "Waiting", "model_of"]

_Result = TypeVar("_Result")
GOING_ON = ("done", "saturated")


class Waiting(Protocol):
    """Runs a coroutine to its end: `asyncio.run`, or what does without the caller's event loop."""

    def __call__(self, work: Coroutine[Any, Any, _Result], /) -> _Result:
        """Its result."""


class StoppedError(Exception):
    """A phase could not come to its end. advice: what would help."""

    def __init__(self, reason: StopReason, advice: str) -> None:
        super().__init__(reason, advice)
        self.reason, self.advice = reason, advice


def model_of(plan: RoundsPlan, number: int) -> str:
    """The SPEC of the model that a finished round tuned; of round 0, of the starting model. llama.cpp runs a
    GGUF file faster, so it is that where one could be written."""
    if number == 0:
        return plan.settings.model
    tuned = plan.paths.round(number).tuned.absolute()
    gguf = tuned / GGUF
    return f"gguf/{gguf}" if gguf.exists() else f"hf/{tuned / MODEL}"


@dataclass(frozen=True, slots=True)
class Phases:
    """console: for progress; None for silence. Every phase raises `StoppedError` where it cannot come to its
    end, and the errors of errors.py."""

    plan: RoundsPlan
    console: Console | None
    wait: Waiting

    def say(self, message: str) -> None:
        """One line for the user."""
        if self.console is not None:
            self.console.print(Text(message, style="bold"), soft_wrap=True, highlight=False)

    def write(self, number: int) -> None:
        """The tasks of a round, by the model of the round before."""
        settings, paths = self.plan.settings, self.plan.paths.round(number)
        spec = model_of(self.plan, number - 1)
        self.say(f"Round {number}: {_shown(spec, self.plan)} writes {settings.tasks:,} tasks.")
        plan = resolve(
            paths.run,
            options={
                "limits.tasks": settings.tasks,
                "seed": settings.seed + number - 1,
                "endpoint.concurrency": settings.concurrency,
                **self._budget(paths.run),
            },
            config_file=deepcopy(settings.config),
            seeds_file=self.plan.seeds,
            model_spec=spec,
        )
        display = None if self.console is None else choose_display(self.console)
        outcome = self.wait(generate(paths.run, plan, display=display))
        if outcome.stopped not in GOING_ON:
            raise StoppedError(outcome.stopped, outcome.advice)

    def judge(self, number: int) -> None:
        """What the judge says of them, where there is one."""
        settings, paths = self.plan.settings, self.plan.paths.round(number)
        if not settings.judge or not RunReader(paths.run).task_count():
            return
        self.say(f"Round {number}: {settings.judge} judges them.")
        options = {
            "endpoint.base_url": settings.judge_base_url or None,
            **self._budget(paths.run / "judge"),
        }
        plan = plan_judge_of_run(paths.run, model_spec=settings.judge, options=options)
        result = self.wait(judge(plan, display=BatchDisplay(self.console, "verdicts")))
        if result.batch.stopped != "done":
            raise StoppedError(result.batch.stopped, result.batch.advice)

    def keep(self, number: int) -> int:
        """The best of them, as a run. Returns the number of tasks."""
        settings, paths = self.plan.settings, self.plan.paths.round(number)
        if not paths.kept.exists():
            _remove_torn(paths.kept)
            reader = RunReader.open(paths.run)
            # Without a task nobody has judged, and there is nothing to look up.
            least = settings.min_score if reader.task_count() else None
            write_refiltered(
                reader,
                change_filters(reader.config(), signals=settings.signals),
                paths.kept,
                drop_only=True,
                min_score=least,
            )
        kept, written = RunReader(paths.kept).task_count(), RunReader(paths.run).task_count()
        self.say(f"Round {number}: {kept:,} of {written:,} tasks are kept.")
        return kept

    def collect(self, number: int) -> None:
        """What this round learns from: seeds, and what was kept in all rounds so far."""
        paths = self.plan.paths
        folder = paths.round(number).training
        if folder.exists():
            return
        _remove_torn(folder)
        runs = {f"round-{each}": paths.round(each).kept for each in range(1, number + 1)}
        limit = RunReader(paths.round(number).kept).config().filters.max_similarity
        seeds = usable_seeds(self.plan.seeds) if self.plan.settings.include_seeds else ()
        merge_named(runs, folder, max_similarity=limit, seeds=seeds)

    def tune(self, number: int) -> None:
        """The model of this round; as a GGUF file too, where its kind can be written as one."""
        settings, paths = self.plan.settings, self.plan.paths.round(number)
        base = settings.model
        if settings.tune_from == "last" and number > 1:
            base = f"hf/{self.plan.paths.round(number - 1).tuned.absolute() / MODEL}"
        if read_result(paths.tuned / RESULT) is None:
            learnt = _learnt(settings.include_seeds, number)
            self.say(f"Round {number}: {_shown(base, self.plan)} is tuned on {learnt}.")
        whole = bool(settings.tuning.get("lora"))

        def run(*, gguf: bool) -> StopReason:
            plan = plan_finetuning(
                paths.training,
                paths.tuned,
                model_spec=base,
                options={"seed": settings.seed, **settings.tuning},
            )
            return finetune(plan, merge=whole, gguf=gguf, display=LossDisplay(self.console)).stopped

        made = (paths.tuned / RESULT, paths.tuned / MODEL)
        if not all(each.exists() for each in made) and run(gguf=False) != "done":
            raise StoppedError("interrupted", "Interrupted. Run the same command again to resume.")
        if not (paths.tuned / GGUF).exists() and _convertible(paths.tuned / MODEL):
            run(gguf=True)

    def measure(self, number: int) -> None:
        """What the model of this round answers to the items."""
        directory = self.plan.paths.round(number).evaluation
        spec = model_of(self.plan, number)
        self.say(f"Round {number}: {_shown(spec, self.plan)} is measured on {self.plan.settings.suite}.")
        plan = plan_evaluation_of(self.plan, number, spec, self._budget(directory / "requests"))
        outcome = self.wait(evaluate(plan, BatchDisplay(self.console, "answers")))
        batch = outcome.last_batch
        if batch is not None and batch.stopped != "done":
            raise StoppedError(batch.stopped, batch.advice)

    def _budget(self, place: Path) -> Mapping[str, Any]:
        """What may be spent in a folder by its end: all that there is, less what others have spent. 0 lifts
        a limit that it has."""
        settings = self.plan.settings
        everything, own = spent_in(self.plan.out), spent_in(place)
        left = {}
        for name, most, field in (
            ("max_requests", settings.max_requests, "requests"),
            ("max_total_tokens", settings.max_total_tokens, "tokens"),
        ):
            left[f"limits.{name}"] = 0 if most is None else most - _less(everything, own, field)
            if most is not None and left[f"limits.{name}"] <= 0:
                raise StoppedError(
                    "budget",
                    f"The budget is spent (`{name}={most}`). Run the same command with a larger one, or 0"
                    " for none, to resume.",
                )
        return left


def _less(everything: Spending, own: Spending, field: str) -> int:
    return int(getattr(everything, field) - getattr(own, field))


def _convertible(folder: Path) -> bool:
    try:
        check_convertible(folder)
    except ConfigError:
        return False
    return True


def _remove_torn(folder: Path) -> None:
    """What a kill left of an earlier attempt at it (`new_directory`). Nobody else writes here."""
    for torn in folder.parent.glob(f".{folder.name}.*.tmp"):
        with storage_errors(torn):
            shutil.rmtree(torn)


def _shown(spec: str, plan: RoundsPlan) -> str:
    """Short where it lies in the folder of the rounds."""
    return spec.replace(f"{plan.out.absolute()}/", "")


def _learnt(include_seeds: bool, number: int) -> str:
    rounds = {1: "round 1", 2: "rounds 1 and 2"}.get(number, f"rounds 1 to {number}")
    seeds = "the seeds and " if include_seeds else ""
    return f"{seeds}what was kept in {rounds}"
