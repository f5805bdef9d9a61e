"""Did it go well? One sentence, and what to look at or change, the gravest first.

The limits here are ours, set so that what is called good is rarely a disappointment. They are no science;
each finding says the number behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from selfinstruct.config import Config
from selfinstruct.dataset.statistics import Statistics
from selfinstruct.pages.templates import percent
from selfinstruct.report.coverage import Coverage
from selfinstruct.report.funnel import Funnel
from selfinstruct.report.growth import Growth
from selfinstruct.report.likeness import Likeness
from selfinstruct.report.phrases import Phrases
from selfinstruct.report.usage import Usage

__all__ = ["Assessment", "Finding", "assess"]

Level = Literal["bad", "warn", "info"]
LEVELS: tuple[Level, ...] = ("bad", "warn", "info")

ENOUGH = 50
"""Instructions or instances from which a share of them means something."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know. section: the part of the page that shows it."""

    level: Level
    text: str
    section: str


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
    usage: Usage,
    phrases: Phrases,
    likeness: Likeness,
    coverage: Coverage,
    statistics: Statistics,
    seed_statistics: Statistics,
) -> Assessment:
    """From the figures alone."""
    if not funnel.tickets:
        waiting = "It is running." if running else "The command that began it goes on with it."
        return Assessment("none", f"Nothing to judge yet: no reply has been read. {waiting}", ())
    findings = [
        *_of_progress(config, funnel, growth, running=running),
        *_of_yield(funnel),
        *_of_requests(funnel, usage),
        *_of_variety(phrases, likeness, coverage),
        *_of_kinds(statistics, seed_statistics),
    ]
    findings.sort(key=lambda finding: LEVELS.index(finding.level))
    level: Literal["good", "warn", "bad"] = "good"
    if findings and findings[0].level != "info":
        level = findings[0].level
    return Assessment(level, _verdict(level, config, funnel, running=running), tuple(findings))


def _verdict(level: str, config: Config, funnel: Funnel, *, running: bool) -> str:
    wanted = config.limits.tasks
    admitted = _percent(funnel.admitted, funnel.candidates)
    settled = funnel.admitted - funnel.pending
    valid = _percent(settled - sum(each.count for each in funnel.dropped), settled)
    kept = f"{admitted} of the instructions were new and well-formed, and {valid} of these became tasks"
    if running and funnel.tasks < wanted:
        opening = {"good": "So far so good", "warn": "Under way, with something to look at"}.get(
            level, "Under way, and not well"
        )
        return f"{opening}: {funnel.tasks:,} of {wanted:,} tasks are there; {kept}."
    opening = {"good": "It went well", "warn": "It went through, with something to look at"}.get(
        level, "It did not go well"
    )
    there = (
        f"all {wanted:,} tasks are there"
        if funnel.tasks >= wanted
        else f"{funnel.tasks:,} of {wanted:,} tasks are there"
    )
    return f"{opening}: {there}; {kept}."


def _of_progress(config: Config, funnel: Funnel, growth: Growth, *, running: bool) -> Iterator[Finding]:
    saturation = growth.saturation
    if saturation.state == "saturated":
        yield Finding("bad", f"Saturated: {saturation.advice}", "growth")
    elif saturation.state == "filling":
        yield Finding("warn", saturation.advice, "growth")
    if funnel.tasks < config.limits.tasks and not running:
        missing = config.limits.tasks - funnel.tasks
        yield Finding(
            "warn", f"{missing:,} tasks are missing. The command that began the run goes on with it.", "yield"
        )
    if config.model.provider == "pocket":
        yield Finding(
            "info",
            "The bundled model wrote this. It is small: good for a first run, not for training data.",
            "config",
        )
    if config.model.provider == "scripted":
        yield Finding(
            "info", "No model wrote this, but templates: good for trying things out, and for nothing else.",
            "config",
        )  # fmt: skip


def _of_yield(funnel: Funnel) -> Iterator[Finding]:
    if funnel.candidates >= ENOUGH and funnel.admitted < 0.6 * funnel.candidates:
        first = funnel.rejected[0]
        yield Finding(
            "bad" if funnel.admitted < 0.3 * funnel.candidates else "warn",
            f"Only {_percent(funnel.admitted, funnel.candidates)} of the instructions were admitted; "
            f"{percent(first.share)} were rejected as “{first.reason}”. {first.remedy}",
            "yield",
        )
    if funnel.candidates == 0:
        yield Finding(
            "bad",
            "No instruction could be read out of the replies. Look at some: selfinstruct export RUN "
            "--format requests",
            "yield",
        )
    for each in funnel.dropped:
        if each.share > 0.25 and each.count >= 10:
            yield Finding(
                "bad" if each.share > 0.5 else "warn",
                f"{percent(each.share)} of the admitted instructions got no task: “{each.reason}”. "
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


def _of_requests(funnel: Funnel, usage: Usage) -> Iterator[Finding]:
    lost = sum(each.count for each in funnel.lost_requests)
    if lost > 0.02 * (funnel.requests + lost):
        first = funnel.lost_requests[0]
        yield Finding(
            "bad" if lost > 0.1 * (funnel.requests + lost) else "warn",
            f"{lost:,} requests ({_percent(lost, funnel.requests + lost)}) were lost, most of them "
            f"“{first.reason}”. {first.remedy}",
            "usage",
        )
    failed = sum(usage.errors.values())
    if failed > 0.1 * funnel.attempts and failed >= 10:
        most = next(iter(usage.errors))
        yield Finding(
            "warn",
            f"{_percent(failed, funnel.attempts)} of the attempts failed, most of them by {most}. "
            "A lower --concurrency may be faster.",
            "usage",
        )


def _of_variety(phrases: Phrases, likeness: Likeness, coverage: Coverage) -> Iterator[Finding]:
    if phrases.with_both >= ENOUGH:
        top = phrases.commonest[0]
        if top.count > 0.25 * phrases.with_both:
            yield Finding(
                "warn",
                f"{_percent(top.count, phrases.with_both)} of the instructions have the root verb "
                f"“{top.verb}”. "
                "Seeds with other verbs give more variety.",
                "verbs",
            )
    mean = likeness.to_seeds_spread.mean
    if mean is not None and mean > 0.5:
        yield Finding(
            "warn",
            f"The instructions stay close to the seeds: their largest ROUGE-L to one is {mean:.2f} on "
            "average. "
            "More seeds, or a higher temperature, give more variety.",
            "likeness",
        )
    if coverage.repeated_outputs is not None and coverage.repeated_outputs > 0.2:
        yield Finding(
            "warn",
            f"{percent(coverage.repeated_outputs)} of the outputs that are no labels occur more than once.",
            "coverage",
        )
    thin = [item.name for item in coverage.verbs.thin[:5]]
    if thin and phrases.instructions >= ENOUGH:
        yield Finding(
            "info", f"The seeds have verbs that the data hardly has: {', '.join(thin)}.", "coverage"
        )


def _of_kinds(here: Statistics, seeds: Statistics) -> Iterator[Finding]:
    if here.instructions < ENOUGH or not seeds.instructions:
        return
    ours, theirs = here.classification / here.instructions, seeds.classification / seeds.instructions
    if theirs > 0.05 and ours < theirs / 3:
        yield Finding(
            "info",
            f"Few classification tasks: {percent(ours)}, where {percent(theirs)} of the seeds are. A run "
            "with "
            "--classification-only brings more.",
            "statistics",
        )


def _percent(part: int, whole: int) -> str:
    return percent(part / whole if whole else None)
