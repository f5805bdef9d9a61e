"""Round after round, until one brings nothing, the number asked for is reached, or the budget is spent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from selfinstruct.report.page import render_page
from selfinstruct.report.writing import write_report
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.lock import RunLock
from selfinstruct.studies.rounds.figures import RoundFigures, figures_of, read_figures, write_figures
from selfinstruct.studies.rounds.page import rounds_page
from selfinstruct.studies.rounds.phases import Phases, StoppedError, Waiting, model_of
from selfinstruct.studies.rounds.plan import RoundsPlan
from selfinstruct.studies.rounds.settings import RoundsSettings, write_settings
from selfinstruct.studies.rounds.verdict import Ending, best_of, verdict
from selfinstruct.training.loading import quiet, require_extra

__all__ = ["RoundsResult", "run_rounds"]


@dataclass(frozen=True, slots=True)
class RoundsResult:
    """What came of them.

    stopped: `no_gain`, `max_rounds`, `no_tasks` (a round of which nothing was kept), or why a phase could not
    come to its end. verdict: the same in words, with the numbers that decided. advice: what would help;
    empty where nothing has to.
    best: the number of the last round whose gain is one, 0 for the starting model; None before round 0 is
    measured. best_model: its SPEC.
    """

    out: Path
    settings: RoundsSettings
    rounds: tuple[RoundFigures, ...]
    stopped: Ending
    verdict: str
    advice: str
    best: int | None
    best_model: str
    page: Path | None

    def __repr__(self) -> str:
        """One line."""
        return f"<Rounds in {self.out}: {len(self.rounds) - 1} done, {self.stopped}, best {self.best}>"

    def to_json(self) -> dict[str, Any]:
        """One object, as `rounds --json` prints it."""
        return {
            "out": str(self.out),
            "stopped": self.stopped,
            "verdict": self.verdict,
            "advice": self.advice,
            "best": self.best,
            "best_model": self.best_model,
            "page": None if self.page is None else str(self.page),
            "rounds": [each.to_json() for each in self.rounds],
        }


def run_rounds(plan: RoundsPlan, *, console: Console | None, wait: Waiting) -> RoundsResult:
    """Begin, or resume, at whatever phase it was. The page is written after each round.

    console: for progress; None for silence. wait: runs a coroutine to its end.

    Raises the errors of errors.py; an endpoint that is given up on is a result.
    """
    phases = Phases(plan, console, wait)
    rounds: list[RoundFigures] = []
    with storage_errors(plan.out):
        plan.out.mkdir(parents=True, exist_ok=True)
    with _locked(plan):
        write_settings(plan.out, plan.settings)
        result = None
        while result is None:
            try:
                figures, ending = _round(phases, len(rounds)), None
                rounds += [] if figures is None else [figures]
                ending = "no_tasks" if figures is None else _ending(plan.settings, rounds)
                advice = ""
            except StoppedError as stopped:
                ending, advice = stopped.reason, stopped.advice
            page = _write_page(plan, rounds, ending) if rounds else None
            if ending is not None:
                result = _result(plan, rounds, ending, advice, page)
        with atomic_write(plan.paths.figures) as file:
            file.write(json.dumps(result.to_json(), ensure_ascii=False, indent=1) + "\n")
    return result


def _round(phases: Phases, number: int) -> RoundFigures | None:
    """None where there is nothing to learn. What is done is not done again."""
    plan = phases.plan
    paths = plan.paths.round(number)
    figures = read_figures(paths.figures)
    if figures is not None:
        return figures
    if number:
        if not paths.kept.exists():
            phases.write(number)
            phases.judge(number)
        if not phases.keep(number):
            return None
        phases.collect(number)
        phases.tune(number)
    elif not paths.evaluation.exists():
        phases.say("Checking that what tuning needs is installed.")
        with quiet():  # before anything is spent
            require_extra()
    phases.measure(number)
    figures = figures_of(plan, number)
    write_figures(paths.figures, figures)
    return figures


def _ending(settings: RoundsSettings, rounds: Sequence[RoundFigures]) -> Ending | None:
    """Why there is no next round; None where there is one."""
    gain = rounds[-1].gain
    if gain is not None and not gain.is_one:
        return "no_gain"
    return "max_rounds" if rounds[-1].number >= settings.max_rounds else None


def _write_page(plan: RoundsPlan, rounds: Sequence[RoundFigures], ending: Ending | None) -> Path:
    page = rounds_page(plan.out.resolve().name, plan.settings, rounds, ending)
    return write_report(plan.paths.page, render_page(page))


def _result(
    plan: RoundsPlan, rounds: Sequence[RoundFigures], ending: Ending, advice: str, page: Path | None
) -> RoundsResult:
    best = best_of(rounds)
    return RoundsResult(
        out=plan.out.absolute(),
        settings=plan.settings,
        rounds=tuple(rounds),
        stopped=ending,
        verdict=verdict(rounds, ending),
        advice=advice,
        best=best,
        best_model="" if best is None else model_of(plan, best),
        page=None if page is None else page.absolute(),
    )


@contextmanager
def _locked(plan: RoundsPlan) -> Iterator[None]:
    with storage_errors(plan.out):
        lock = RunLock(plan.paths.lock)
    try:
        yield
    finally:
        lock.release()
