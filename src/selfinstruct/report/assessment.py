"""Did it go well? One sentence, and the findings behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from selfinstruct.config import Config
from selfinstruct.dataset.statistics import DatasetStatistics
from selfinstruct.ratings.summary import RatingsSummary
from selfinstruct.report.coverage import Coverage
from selfinstruct.report.evaluated import Evaluated
from selfinstruct.report.findings import (
    LEVELS,
    Finding,
    of_evaluations,
    of_kinds,
    of_progress,
    of_ratings,
    of_requests,
    of_variety,
    of_yield,
)
from selfinstruct.report.funnel import Funnel
from selfinstruct.report.growth import Growth
from selfinstruct.report.similarity import Likeness
from selfinstruct.report.tables import percent_of
from selfinstruct.report.usage import RunUsage
from selfinstruct.report.verb_objects import Phrases

__all__ = ["Assessment", "assess"]


@dataclass(frozen=True, slots=True)
class Assessment:
    """level: `good`, `warn` (something to look at), `bad` (do not train on it before you have), `none` where
    there is nothing to judge yet. findings: the gravest first."""

    level: Literal["good", "warn", "bad", "none"]
    verdict: str
    findings: tuple[Finding, ...]


def assess(
    *,
    config: Config,
    running: bool,
    funnel: Funnel,
    growth: Growth,
    usage: RunUsage,
    phrases: Phrases,
    likeness: Likeness,
    coverage: Coverage,
    ratings: RatingsSummary | None,
    evaluated: Sequence[Evaluated],
    statistics: DatasetStatistics,
    seed_statistics: DatasetStatistics,
) -> Assessment:
    """From the figures alone."""
    if not funnel.tickets:
        waiting = "It is running." if running else "`selfinstruct generate` resumes it."
        return Assessment("none", f"Nothing to judge yet: no reply has been read. {waiting}", ())
    findings = [
        *of_progress(config, funnel, growth, running=running),
        *of_evaluations(evaluated),
        *of_yield(funnel),
        *of_requests(funnel, usage),
        *of_variety(phrases, likeness, coverage),
        *of_kinds(statistics, seed_statistics),
        *of_ratings(ratings),
    ]
    findings.sort(key=lambda finding: LEVELS.index(finding.level))
    level: Literal["good", "warn", "bad"] = "good"
    if findings and findings[0].level != "info":
        level = findings[0].level
    return Assessment(level, _verdict(level, config, funnel, running=running), tuple(findings))


def _verdict(level: str, config: Config, funnel: Funnel, *, running: bool) -> str:
    wanted = config.limits.tasks
    kept = _kept(funnel)
    if running and funnel.tasks < wanted:
        opening = {"good": "So far so good", "warn": "Under way, with something to look at"}.get(
            level, "Under way, and not well"
        )
        return f"{opening}: {funnel.tasks:,} of {wanted:,} tasks are there; {kept}."
    if funnel.tasks < wanted:
        opening = "It did not go well" if level == "bad" else "It is not done"
        return f"{opening}: {funnel.tasks:,} of {wanted:,} tasks are there; {kept}."
    opening = {"good": "It went well", "warn": "It went through, with something to look at"}.get(
        level, "It did not go well"
    )
    there = "the one task is there" if wanted == 1 else f"all {wanted:,} tasks are there"
    return f"{opening}: {there}; {kept}."


def _kept(funnel: Funnel) -> str:
    if not funnel.candidates:
        return "no instruction could be read out of the replies"
    admitted = (
        f"{percent_of(funnel.admitted, funnel.candidates)} of the instructions were new and well-formed"
    )
    if not funnel.admitted:
        return admitted
    settled = funnel.valid + funnel.dropped_count
    if not settled:
        return f"{admitted}, and for none of these it is known yet whether it becomes a task"
    return f"{admitted}, and {percent_of(funnel.valid, settled)} of these became tasks"
