"""What a bake-off came to: what `bakeoff --json` prints, and the page and the terminal show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from selfinstruct.requests.invocation import StopReason
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.reader import RunReader
from selfinstruct.studies.bakeoff.estimates import Estimate
from selfinstruct.studies.bakeoff.measures import MEASURES
from selfinstruct.studies.bakeoff.plan import EntryPlan, describe_model
from selfinstruct.studies.bakeoff.ranking import Compared, Standing, counting

__all__ = ["Bakeoff", "Ending", "EntryResult"]

Stopped = StopReason | Literal["failed", "not started"]


@dataclass(frozen=True, slots=True)
class Ending:
    """Why something stopped early. code: exit code of an error, else 0."""

    stopped: Stopped
    advice: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class EntryResult:
    """An entry after this invocation.

    run: its folder. stopped: as a run's, or `failed` for an error, and `not started` behind an interruption;
    advice: why, and what would help; code: exit code of an error, else 0.
    judge: the judge's name, where it was asked. judging, student: what kept it from its verdicts, and the
    student from a score, each with `stopped` and `code` as above.
    """

    name: str
    model: str
    recipe: str
    run: Path
    tasks: int
    stopped: Stopped
    advice: str = ""
    code: int = 0
    judge: str = ""
    judging: Ending | None = None
    student: Ending | None = None

    @classmethod
    def of(cls, entry: EntryPlan, stopped: Stopped, advice: str = "", code: int = 0) -> EntryResult:
        """With the tasks that its run has now."""
        begun = read_run_config(entry.directory) is not None
        return cls(
            name=entry.entry.name,
            model=describe_model(entry.plan),
            recipe=entry.plan.config.recipe.title,
            run=entry.directory.absolute(),
            tasks=RunReader(entry.directory).task_count() if begun else 0,
            stopped=stopped,
            advice=advice,
            code=code,
        )

    @property
    def endings(self) -> tuple[Ending, ...]:
        """What stopped early: itself, its judge, its student."""
        own = None if self.stopped == "done" else Ending(self.stopped, self.advice, self.code)
        return tuple(each for each in (own, self.judging, self.student) if each is not None)

    @property
    def problems(self) -> tuple[str, ...]:
        """The same in sentences."""
        told = (
            ("" if self.stopped == "done" else self.advice or f"It is {self.stopped}."),
            f"Judge: {self.judging.advice}" if self.judging else "",
            f"Student: {self.student.advice}" if self.student else "",
        )
        return tuple(text for text in told if text)


@dataclass(frozen=True, slots=True)
class Bakeoff:
    """directory: of the study. entries: as in its file. page: None where the study was interrupted.

    size: tasks of each compared entry on which variety is measured. estimates: by entry and measure, of those
    that are compared. compared: every two of these by every measure that both have. standings: best first.
    """

    directory: Path
    entries: tuple[EntryResult, ...]
    page: Path | None = None
    size: int = 0
    estimates: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    compared: tuple[Compared, ...] = ()
    standings: tuple[Standing, ...] = ()
    rank_by: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """One line: the order."""
        if not self.standings:
            return f"<Bakeoff {str(self.directory)!r}: nothing to rank yet>"
        order = ", ".join(f"{each.rank}. {each.entry}" for each in self.standings)
        return f"<Bakeoff {str(self.directory)!r}: {order}>"

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended it."""
        return any(each.stopped == "interrupted" for entry in self.entries for each in entry.endings)

    @property
    def ending(self) -> Ending:
        """`interrupted`; or else what stopped the first entry in the file that something stopped; `done`."""
        if self.interrupted:
            return Ending("interrupted", "Interrupted. Run the same command again to resume.")
        stopped = (each for entry in self.entries for each in entry.endings)
        return next(stopped, Ending("done", ""))

    @property
    def measures(self) -> tuple[str, ...]:
        """Those that some entry has, in order."""
        return tuple(name for name in MEASURES if any(name in each for each in self.estimates.values()))

    @property
    def counting(self) -> tuple[str, ...]:
        """Those that decide the order."""
        return counting(self.compared, self.rank_by)

    def best(self, measure: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The entries with the best value, and the others that are not significantly worse."""
        having = {name: own[measure] for name, own in self.estimates.items() if measure in own}
        if len(having) < 2:
            return (), ()
        choose = max if MEASURES[measure].more else min
        top = choose(each.value for each in having.values())
        best = tuple(name for name, each in having.items() if each.value == top)
        beaten = {
            each.other if each.better == each.one else each.one
            for each in self.compared
            if each.measure == measure and each.better in best
        }
        return best, tuple(name for name in having if name not in best and name not in beaten)

    def unlike(self, measure: str) -> bool:
        """Whether any two entries differ significantly."""
        return any(each.better for each in self.compared if each.measure == measure)

    def to_json(self) -> dict[str, Any]:
        """One object, as `bakeoff --json` prints it."""
        ranks = {each.entry: each.rank for each in self.standings}
        return {
            "study": str(self.directory),
            "page": None if self.page is None else str(self.page),
            "stopped": self.ending.stopped,
            "advice": self.ending.advice,
            "size": self.size,
            "ranked_by": list(self.counting),
            "entries": [
                {
                    "name": each.name,
                    "rank": ranks.get(each.name),
                    "model": each.model,
                    "recipe": each.recipe,
                    "run": str(each.run),
                    "tasks": each.tasks,
                    "stopped": each.stopped,
                    "advice": each.advice,
                    "problems": list(each.problems),
                    "measures": {
                        name: {"value": own.value, "interval": [own.low, own.high]}
                        for name, own in self.estimates.get(each.name, {}).items()
                    },
                }
                for each in self.entries
            ],
            "differences": [each.to_json() for each in self.compared],
        }

    def verdict(self) -> str:
        """Who is first, in a sentence or two."""
        return _verdict(self.standings)


def _verdict(standings: Sequence[Standing]) -> str:
    if not standings:
        return "There is nothing to compare yet."
    if len(standings) == 1:
        return f"Only {standings[0].entry} has enough tasks to be compared."
    first = [each for each in standings if each.rank == 1]
    if len(first) == len(standings):
        return "No significant difference decides between the entries."
    names = " and ".join(each.entry for each in first)
    wins = sum(map(len, first[0].better.values()))
    losses = sum(map(len, first[0].worse.values()))
    if len(first) > 1:
        return f"{names} share first place."
    lost = f" and loses {losses:,}" if losses else ""
    return (
        f"{names} is first: it wins {wins:,} of its {first[0].comparisons:,} comparisons significantly{lost}."
    )
