"""Why rounds ended, and which model is the best, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.metrics import metric_label
from selfinstruct.requests.invocation import StopReason
from selfinstruct.studies.rounds.figures import RoundFigures

__all__ = ["Ending", "best_of", "between", "signed", "verdict"]

Ending = Literal["no_gain", "max_rounds", "no_tasks"] | StopReason


def best_of(rounds: Sequence[RoundFigures]) -> int | None:
    """The last round whose interval of the gain lies above zero; 0 where none does, None without rounds."""
    if not rounds:
        return None
    return max((each.number for each in rounds if each.gain is not None and each.gain.is_one), default=0)


def verdict(rounds: Sequence[RoundFigures], ending: Ending | None) -> str:
    """Sentences. ending: None while they go on."""
    return " ".join(filter(None, (_why(rounds, ending), _best(rounds))))


def signed(interval: Interval) -> str:
    """`+1.2 (−0.3 to +2.7)`."""
    return f"{interval.mean:+.1f} ({between(interval, '+')})".replace("-", "−")


def between(interval: Interval, sign: str = "") -> str:
    """`1.2 to 3.4`."""
    return f"{interval.low:{sign}.1f} to {interval.high:{sign}.1f}"


def _why(rounds: Sequence[RoundFigures], ending: Ending | None) -> str:
    number = len(rounds) - 1
    match ending:
        case None:
            return f"Round {number + 1} is under way."
        case "no_gain":
            gain = rounds[-1].gain
            assert gain is not None, "round 0 does not stop for want of a gain"
            where = "includes zero" if gain.points.high >= 0 else "lies below zero"
            return (
                f"Stopped after round {number}: its gain over {_name(number - 1)} is {signed(gain.points)},"
                f" and the interval {where}."
            )
        case "max_rounds":
            return f"Stopped after round {number}, the last one asked for."
        case "no_tasks":
            return f"Stopped in round {number + 1}: of what its model wrote, no task was kept."
        case "budget":
            return f"Stopped in round {number + 1}: the budget is spent."
        case _:
            return f"Stopped in round {number + 1}: {ending}."


def _best(rounds: Sequence[RoundFigures]) -> str:
    best = best_of(rounds)
    if best is None or len(rounds) < 2:
        return ""
    metric = metric_label(next(iter(rounds[0].metrics)))
    start = rounds[0].main
    if best == 0:
        return f"No round is shown to be better than the starting model ({metric} {start.mean:.1f})."
    gain = rounds[best].from_start
    assert gain is not None, "only round 0 has none"
    return (
        f"Best is {_name(best)}: {metric} {rounds[best].main.mean:.1f}, {signed(gain.points)} over the"
        f" starting model's {start.mean:.1f}."
    )


def _name(number: int) -> str:
    return f"round {number}" if number else "the starting model"
