"""A model as judge of two systems: which answers better, asked in both orders.

Judges favour a place: many the first, whatever stands there. An item is won only by the system that is
better from both places; a judge that changes its mind with the order has not found a difference, so that
item is a tie, and counted as inconsistent. Equal answers are a tie without a request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from selfinstruct.evaluation.comparison import ComparedSystem
from selfinstruct.evaluation.intervals import Interval, intervals
from selfinstruct.evaluation.judge_prompts import PAIR_RUBRIC, PAIR_SCHEMA, pair_case, read_side
from selfinstruct.evaluation.judgment import write_verdicts
from selfinstruct.pipeline.asking import BatchPlan, ask_judge, reply_text
from selfinstruct.records import Completion
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.dispatch import Lost

__all__ = ["PairVerdict", "Preference", "judge_pair"]

PairOutcome = Literal["win", "tie", "loss"]
WAITING = "waiting"
_POINTS = {"win": 100.0, "tie": 50.0, "loss": 0.0}


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """base_first, base_last: what the judge said, `1`, `2` or `tie`, with the base's answer in that place;
    both empty where the answers are equal. problem: why there is no outcome."""

    id: str
    base_first: str = ""
    base_last: str = ""
    problem: str = ""

    @property
    def consistent(self) -> bool:
        """Whether both orders gave the same verdict."""
        return self.base_last == {"1": "2", "2": "1"}.get(self.base_first, self.base_first)

    @property
    def outcome(self) -> PairOutcome | None:
        """For the other system against the base; None where there is none."""
        if self.problem:
            return None
        if not self.consistent or self.base_first in ("", "tie"):
            return "tie"
        return "win" if self.base_first == "2" else "loss"

    def to_json(self) -> dict[str, str]:
        """A row of the file."""
        said = {"base_first": self.base_first, "base_last": self.base_last}
        result = {"problem": self.problem} if self.problem else {"outcome": str(self.outcome)}
        return {"id": self.id, **said, **result}


@dataclass(frozen=True, slots=True)
class Preference:
    """What a judge made of a pair of systems.

    win, tie, loss: items, for the other system. equal: ties without a request. consistent: items with the
    same verdict in both orders, of those that were asked and answered; asked: how many these are.
    problems: items without an outcome, by reason.
    score: wins and half the ties, in percent of the items with an outcome; None without any.
    """

    judge: str
    base: str
    other: str
    win: int
    tie: int
    loss: int
    equal: int
    consistent: int
    asked: int
    problems: dict[str, int]
    score: Interval | None

    def to_json(self) -> dict[str, Any]:
        """One object."""
        return {
            "judge": self.judge,
            "from": self.base,
            "system": self.other,
            "win": self.win,
            "tie": self.tie,
            "loss": self.loss,
            "equal": self.equal,
            "position_consistency": self.consistent / self.asked if self.asked else None,
            "problems": self.problems,
            "score": None if self.score is None else self.score.mean,
            "interval": None if self.score is None else self.score.to_json(),
        }


async def judge_pair(
    base: ComparedSystem, other: ComparedSystem, plan: BatchPlan, seed: int, display: BatchDisplay | None
) -> tuple[Preference, BatchOutcome | None]:
    """Ask for all verdicts that are not there yet, and write them. No batch where all answers are equal.

    plan: in a folder of the pair's, within the judge's.
    Raises what `complete_batch` does; an endpoint that is given up on is in the outcome.
    """
    pairs = [
        (one.item, one.response.strip(), two.response.strip())
        for one, two in zip(base.predictions, other.predictions, strict=True)
    ]
    cases, names = [], []
    for item, of_base, of_other in pairs:
        if of_base != of_other:
            cases += [pair_case(item, of_base, of_other), pair_case(item, of_other, of_base)]
            names += [f"the answers to {item.id}", f"the answers to {item.id}, turned round"]
    batch, outcomes = await ask_judge(plan, PAIR_RUBRIC, PAIR_SCHEMA, cases, names, display)
    replies = iter(outcomes)
    verdicts = [
        PairVerdict(item.id) if of_base == of_other else _verdict(item.id, next(replies), next(replies))
        for item, of_base, of_other in pairs
    ]
    there = [verdict for verdict in verdicts if verdict.problem != WAITING]
    write_verdicts(plan.directory, there)
    tasks = {item.id: item.task for item, _, _ in pairs}
    return _preference(plan.directory.parent.name, base.name, other.name, there, tasks, seed), batch


def _verdict(
    name: str, base_first: Completion | Lost | None, base_last: Completion | Lost | None
) -> PairVerdict:
    problems, said = [], []
    for outcome in (base_first, base_last):
        if isinstance(outcome, Completion):
            said.append(read_side(reply_text(outcome)).choice)
            problems += [] if said[-1] else ["unreadable"]
        else:
            said.append("")
            problems.append(outcome.reason if isinstance(outcome, Lost) else WAITING)
    problem = WAITING if WAITING in problems else next(iter(problems), "")
    return PairVerdict(name, said[0], said[1], problem)


def _preference(
    judge: str, base: str, other: str, verdicts: Sequence[PairVerdict], tasks: dict[str, str], seed: int
) -> Preference:
    settled = [verdict for verdict in verdicts if verdict.outcome is not None]
    outcomes = Counter(verdict.outcome for verdict in settled)
    asked = [verdict for verdict in settled if verdict.base_first]
    problems = Counter(verdict.problem for verdict in verdicts if verdict.problem)
    score = None
    if settled:
        points = [_POINTS[verdict.outcome or "tie"] for verdict in settled]
        (score,) = intervals([points], [tasks[verdict.id] for verdict in settled], seed)
    return Preference(
        judge=judge,
        base=base,
        other=other,
        win=outcomes["win"],
        tie=outcomes["tie"],
        loss=outcomes["loss"],
        equal=len(settled) - len(asked),
        consistent=sum(verdict.consistent for verdict in asked),
        asked=len(asked),
        problems=dict(sorted(problems.items(), key=lambda each: (-each[1], each[0]))),
        score=score,
    )
