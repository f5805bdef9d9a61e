"""Progress and quality of a run, apart: one sentence each, and the findings behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from selfinstruct.config import Config
from selfinstruct.pipeline.description import run_state
from selfinstruct.report.coverage import Coverage
from selfinstruct.report.evaluated import Evaluated
from selfinstruct.report.findings import (
    LEVELS,
    Finding,
    of_evaluations,
    of_progress,
    of_requests,
    of_variety,
    of_yield,
)
from selfinstruct.report.funnel import Funnel
from selfinstruct.report.growth import Growth
from selfinstruct.report.quality import Quality, QualityLevel
from selfinstruct.report.similarity import Similarity
from selfinstruct.report.tables import percent_of
from selfinstruct.report.usage import RunUsage
from selfinstruct.report.verb_objects import VerbObjects

__all__ = ["Assessment", "Progress", "assess"]

ORDER: tuple[QualityLevel, ...] = ("good", "unmeasured", "warn", "bad")
"""From the best to the gravest."""


@dataclass(frozen=True, slots=True)
class Progress:
    """level: `good` (all tasks are there, or more come), `warn` (something to look at), `bad` (it will not
    get there as it is). verdict: a sentence."""

    level: Literal["good", "warn", "bad"]
    verdict: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """level: the gravest of progress, quality and findings: `good`, `unmeasured` (nobody judged the rows),
    `warn` (something to look at), `bad` (do not train on it before you have). verdict: both in words.
    findings: all of them, the gravest first."""

    level: QualityLevel
    verdict: str
    progress: Progress
    quality: Quality
    findings: tuple[Finding, ...]

    @property
    def further(self) -> tuple[Finding, ...]:
        """Those that the verdict does not tell already."""
        return tuple(each for each in self.findings if each.text not in self.verdict)


def assess(
    *,
    config: Config,
    running: bool,
    funnel: Funnel,
    growth: Growth,
    usage: RunUsage,
    verb_objects: VerbObjects,
    similarity: Similarity,
    coverage: Coverage,
    quality: Quality,
    evaluated: Sequence[Evaluated],
) -> Assessment:
    """From the figures alone."""
    if not funnel.tickets:
        waiting = "It is running." if running else "`selfinstruct generate` resumes it."
        progress = Progress(
            "good" if running else "warn", f"Nothing to judge yet: no reply has been read. {waiting}"
        )
        return Assessment("unmeasured", progress.verdict, progress, quality, ())
    of_run = [
        *of_progress(config, funnel, growth, running=running),
        *of_yield(funnel),
        *of_requests(funnel, usage),
    ]
    of_data = [*of_evaluations(evaluated), *quality.findings, *of_variety(verb_objects, similarity, coverage)]
    progress = Progress(_worst(of_run), _progress_verdict(config, funnel, running=running))
    findings = sorted([*of_run, *of_data], key=lambda finding: LEVELS.index(finding.level))
    level = max(progress.level, quality.level, _worst(of_data), key=ORDER.index)
    return Assessment(level, f"{progress.verdict} {quality.verdict}", progress, quality, tuple(findings))


def _worst(findings: Sequence[Finding]) -> Literal["good", "warn", "bad"]:
    levels = {finding.level for finding in findings}
    return "bad" if "bad" in levels else "warn" if "warn" in levels else "good"


def _progress_verdict(config: Config, funnel: Funnel, *, running: bool) -> str:
    return f"{run_state(funnel.tasks, config.limits.tasks, running=running)}; {_kept(funnel)}."


def _kept(funnel: Funnel) -> str:
    if not funnel.candidates:
        return "no instruction could be parsed from the replies"
    admitted = f"{percent_of(funnel.admitted, funnel.candidates)} of the instructions were admitted"
    if not funnel.admitted:
        return admitted
    settled = funnel.valid + funnel.dropped_count
    if not settled:
        return f"{admitted}, and none of these has its instances yet"
    return f"{admitted}, and {percent_of(funnel.valid, settled)} of these became tasks"
