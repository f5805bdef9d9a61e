"""What to look at or change in a run, each with the number behind it.

The limits here are ours, set so that what is called good is rarely a disappointment. They are no science.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from selfinstruct.config import Config
from selfinstruct.models.base import GREEDY_SAMPLED
from selfinstruct.report.tables import percent_of
from selfinstruct.text.messages import percent

if TYPE_CHECKING:
    from selfinstruct.report.coverage import Coverage
    from selfinstruct.report.evaluated import Evaluated, EvaluatedSystem
    from selfinstruct.report.funnel import Funnel
    from selfinstruct.report.growth import Growth
    from selfinstruct.report.similarity import Similarity
    from selfinstruct.report.usage import RunUsage
    from selfinstruct.report.verb_objects import VerbObjects

__all__ = [
    "LEVELS",
    "Finding",
    "Level",
    "of_evaluations",
    "of_progress",
    "of_requests",
    "of_variety",
    "of_yield",
]

Level = Literal["bad", "warn", "info"]
LEVELS: tuple[Level, ...] = ("bad", "warn", "info")

ENOUGH = 50
"""Instructions or instances from which a share of them means something."""


NAMES: dict[Level, str] = {"bad": "Problem", "warn": "Look at", "info": "Note"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know. section: the part of the page that shows it."""

    level: Level
    text: str
    section: str

    @property
    def name(self) -> str:
        """Of its level, for people."""
        return NAMES[self.level]


def of_progress(config: Config, funnel: Funnel, growth: Growth, *, running: bool) -> Iterator[Finding]:
    """Saturation, and what is missing."""
    saturation = growth.saturation
    if saturation.state == "saturated":
        yield Finding("bad", f"Saturated: {saturation.advice}", "growth")
    elif saturation.state == "filling":
        yield Finding("warn", saturation.advice, "growth")
    if funnel.tasks < config.limits.tasks and not running:
        missing = config.limits.tasks - funnel.tasks
        yield Finding(
            "warn", f"{missing:,} tasks are missing; `selfinstruct generate` resumes the run.", "yield"
        )


def of_yield(funnel: Funnel) -> Iterator[Finding]:
    """Too few admitted, too few that became tasks, too much cut by length limits."""
    if funnel.candidates >= ENOUGH and funnel.admitted < 0.6 * funnel.candidates:
        first = funnel.rejected[0]
        yield Finding(
            "bad" if funnel.admitted < 0.3 * funnel.candidates else "warn",
            f"Only {percent_of(funnel.admitted, funnel.candidates)} of the instructions were admitted; "
            f"{percent(first.share)} were rejected as “{first.reason}”. {first.remedy}",
            "yield",
        )
    if funnel.candidates == 0:
        yield Finding(
            "bad",
            "No instruction could be parsed from the replies. Read some of them: export the format requests.",
            "yield",
        )
    for each in funnel.dropped:
        if each.share > 0.25 and each.count >= 10:
            yield Finding(
                "bad" if each.share > 0.5 else "warn",
                f"{percent(each.share)} of the admitted instructions did not become tasks: “{each.reason}”. "
                f"{each.remedy}",
                "yield",
            )
    for each in (*funnel.rejected, *funnel.rejected_instances):
        if each.reason == "truncated" and each.share > 0.1 and each.count >= 10:
            what = "instructions" if each in funnel.rejected else "instances"
            yield Finding(
                "warn",
                f"{percent(each.share)} of the {what} were cut by the length limit. {each.remedy}",
                "yield",
            )


def of_requests(funnel: Funnel, usage: RunUsage) -> Iterator[Finding]:
    """Lost requests, greedy stages that were sampled, and attempts that failed."""
    lost = sum(each.count for each in funnel.lost_requests)
    if lost > 0.02 * (funnel.requests + lost):
        first = funnel.lost_requests[0]
        yield Finding(
            "bad" if lost > 0.1 * (funnel.requests + lost) else "warn",
            f"{lost:,} requests ({percent_of(lost, funnel.requests + lost)}) were lost, most of them "
            f"“{first.reason}”. {first.remedy}",
            "usage",
        )
    sampled = [
        str(stage)
        for stage, changes in usage.asked_otherwise.items()
        if any(GREEDY_SAMPLED in phrase for phrase in changes)
    ]
    if sampled:
        yield Finding(
            "warn",
            f"The endpoint samples where the recipe decodes greedily ({', '.join(sampled)}): these replies "
            "are drawn by chance, so that a second run differs.",
            "usage",
        )
    failed = sum(usage.errors.values())
    if failed > 0.1 * funnel.attempts and failed >= 10:
        most = next(iter(usage.errors))
        yield Finding(
            "warn",
            f"{percent_of(failed, funnel.attempts)} of the attempts failed, most of them by {most}. "
            "A lower concurrency may be faster.",
            "usage",
        )


def of_variety(verb_objects: VerbObjects, similarity: Similarity, coverage: Coverage) -> Iterator[Finding]:
    """One verb everywhere, instructions close to the seeds, repeated outputs, under-represented verbs."""
    if verb_objects.with_both >= ENOUGH:
        top = verb_objects.commonest[0]
        if top.count > 0.25 * verb_objects.with_both:
            yield Finding(
                "warn",
                f"{percent_of(top.count, verb_objects.with_both)} of the instructions have the root verb "
                f"“{top.verb}”. "
                "Seeds with other verbs give more variety.",
                "verbs",
            )
    mean = similarity.to_seeds_spread.mean
    if mean is not None and mean > 0.5:
        yield Finding(
            "warn",
            f"The instructions stay close to the seeds: their largest ROUGE-L to one is {mean:.2f} on "
            "average. "
            "More seeds, or a higher temperature, give more variety.",
            "similarity",
        )
    if coverage.repeated_outputs is not None and coverage.repeated_outputs > 0.2:
        yield Finding(
            "warn",
            f"{percent(coverage.repeated_outputs)} of the outputs that are not labels occur more than once.",
            "coverage",
        )
    rare = [item.name for item in coverage.verbs.under_represented[:5]]
    if rare and verb_objects.instructions >= ENOUGH:
        yield Finding(
            "info",
            f"Verbs under-represented compared with the seeds: {', '.join(rare)}.",
            "coverage",
        )


def of_evaluations(evaluated: Sequence[Evaluated]) -> Iterator[Finding]:
    """What the best of each set gained over the first, and which others are no better than that one."""
    for each in evaluated:
        first, *others = each.systems
        if not others:
            continue
        best = max(others, key=lambda system: system.main.mean)
        who = best.name if len(others) == 1 else f"{best.name}, the best of {len(others)},"
        text = f"On {each.suite} {who} {_gain(best, first)}."
        for gained, says in ((None, "Cannot be told from"), (False, "Worse than")):
            names = [system.name for system in others if system.gained is gained and system is not best]
            text += f" {says} {first.name}: {', '.join(names)}." if names else ""
        level: Level = "warn" if best.gained is None else "info" if best.gained else "bad"
        yield Finding(level, text, "evaluated")


def _gain(system: EvaluatedSystem, first: EvaluatedSystem) -> str:
    from selfinstruct.evaluation.metrics import metric_label  # not where there are no evaluations

    assert system.gain is not None
    metric = next(iter(system.metrics))
    points = f"{abs(system.gain.mean):.1f} points of {metric_label(metric)}"
    says = {
        True: f"gains {points} over {first.name}",
        False: f"loses {points} to {first.name}",
        None: f"cannot be told from {first.name}",
    }[system.gained]
    return f"{says} (95 % interval {system.gain.low:+.1f} to {system.gain.high:+.1f})"
