"""Is the data any good, and who says so?

Quality is measured or said not to be. Only somebody who read rows (people in `review`, a judge) can make it
good; signals see form and languages and lengths see shape, so these can find fault, never praise. Everything
here needs a run's record and nothing slow, so that `generate` and `status` say what the report says.

The limits are ours, set so that what is called good is rarely a disappointment. They are no science.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from selfinstruct.config import Config
from selfinstruct.dataset.languages import language_code
from selfinstruct.dataset.source import usable_seeds
from selfinstruct.filters.signals.flags import SignalCounts
from selfinstruct.ratings.questions import ALL_THREE
from selfinstruct.ratings.scores import PEOPLE, JudgeFigures
from selfinstruct.ratings.summary import RatingsSummary
from selfinstruct.records import Task
from selfinstruct.report.findings import LEVELS, Finding
from selfinstruct.report.tables import percent_of
from selfinstruct.store.improved import ORIGINAL
from selfinstruct.store.record import RunRecord
from selfinstruct.text.language import are_kin, find_language, language_name
from selfinstruct.text.messages import percent
from selfinstruct.text.tokens import count_words

__all__ = [
    "QUALITY_NAMES",
    "Judged",
    "Quality",
    "QualityLevel",
    "describe_quality",
    "judged_by_judges",
    "judged_by_people",
]

QualityLevel = Literal["good", "warn", "bad", "unmeasured"]

GOOD_SHARE = 0.7
"""Of the rows that somebody judged, at least so many should be right in all three questions. The paper's own
data had 54 %."""
LEAST_RIGHT = 0.5
"""Where even the upper end of the interval is below this, data is bad."""
ENOUGH_JUDGED = 20
"""Rows below which a share of right ones means little: its 95 % interval is some 40 points wide."""
ENOUGH = 20
"""Rows below which nothing is said of shapes."""
OTHER_LANGUAGE = 0.1, 0.5
"""Shares of texts in another language than the one asked for: to look at, and bad."""
SURE = 0.9
"""Confidence from which a text's language counts as known."""
READ_TEXTS = 1_000
"""Whose languages are looked for, at most, drawn at random."""
FLAGGED = 0.1, 0.3
"""Shares of rows that signals flag, likewise. On good data they flag one row in twenty at most."""
SHORT = 1 / 3
"""Of the seeds' mean output length, classification left out."""
CROWDED = 0.2
"""Share of the admitted instructions whose nearest one is within 0.1 below the novelty threshold."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What somebody who read rows said. by: `people`, or a judge's name. rows: how many; right: the share of
    them that is a valid task with an appropriate input and a correct output, with its 95 % interval."""

    by: str
    rows: int
    right: float
    low: float
    high: float

    @property
    def says(self) -> str:
        """`people on 20 instances (54 % right)`."""
        return f"{self.by} on {self.counted} ({percent(self.right)} right)"

    @property
    def counted(self) -> str:
        """`20 instances`."""
        return f"{self.rows:,} {'instance' if self.rows == 1 else 'instances'}"


@dataclass(frozen=True, slots=True)
class Quality:
    """level: `good` only where somebody judged enough rows and found them right; `unmeasured` where nobody
    did, and nothing looks wrong. verdict: a sentence or two that begin with `Quality: `.
    measured_by: in a few words each. findings: the gravest first."""

    level: QualityLevel
    verdict: str
    measured_by: tuple[str, ...]
    rows: int
    signals: SignalCounts | None
    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def describe_quality(
    record: RunRecord, *, signals: SignalCounts | None = None, judged: Sequence[Judged] = ()
) -> Quality:
    """Of a run at any moment."""
    tasks = [task.task() for task in record.tasks if record.in_data_set(task)]
    rows = record.summary.instances
    findings = [
        *_of_model(record.config),
        *_of_language(record.config, tasks),
        *_of_signals(signals),
        *_of_judged(judged),
        *_of_lengths(tasks, list(usable_seeds(record.seeds))),
        *_of_kinds(tasks, list(usable_seeds(record.seeds)), record.config),
        *_of_crowding(record),
    ]
    findings.sort(key=lambda finding: LEVELS.index(finding.level))
    measured_by = (
        *((_signals_say(signals),) if signals is not None and signals.rows else ()),
        *(each.says for each in judged),
    )
    level = _level(findings, judged, rows)
    return Quality(
        level,
        _verdict(level, findings, measured_by, signals, judged, rows),
        measured_by,
        rows,
        signals,
        tuple(judged),
        tuple(findings),
    )


def judged_by_judges(figures: JudgeFigures | None) -> tuple[Judged, ...]:
    """What judges said of the run's own outputs, but for what a model said of its own; empty where no judge
    was asked."""
    found = []
    for data in figures.outputs if figures else ():
        tables = data.tables if data.outputs == ORIGINAL else ()
        for table in tables:
            share = table.questions[ALL_THREE]
            if share.share is not None and table.name != PEOPLE and not table.itself:
                judge = f"the judge {table.name}"
                found.append(Judged(judge, share.items, share.share, share.low, share.high))
    return tuple(found)


def judged_by_people(ratings: RatingsSummary | None) -> tuple[Judged, ...]:
    """What reviewers said of the run's own outputs; empty where nobody has."""
    for data in ratings.data if ratings else ():
        share = next(each.share for each in data.questions if each.name == ALL_THREE)
        if data.outputs == ORIGINAL and share.share is not None:
            return (Judged("people", data.items, share.share, share.low, share.high),)
    return ()


def _level(findings: Sequence[Finding], judged: Sequence[Judged], rows: int) -> QualityLevel:
    worst = findings[0].level if findings else "info"
    if not rows:
        return "unmeasured"
    if worst == "bad":
        return "bad"
    if worst == "warn":
        return "warn"
    return "good" if any(each.rows >= min(ENOUGH_JUDGED, rows) for each in judged) else "unmeasured"


QUALITY_NAMES: Mapping[QualityLevel, str] = {
    "good": "good",
    "warn": "doubtful",
    "bad": "bad",
    "unmeasured": "not judged",
}


def _verdict(
    level: QualityLevel,
    findings: Sequence[Finding],
    measured_by: Sequence[str],
    signals: SignalCounts | None,
    judged: Sequence[Judged],
    rows: int,
) -> str:
    opening = f"Quality: {QUALITY_NAMES[level]}"
    if not rows:
        return f"{opening}: there are no instances yet."
    by = f"Measured by {', '.join(measured_by)}." if judged else _unjudged(signals)
    if level in ("warn", "bad"):
        return f"{opening}. {findings[0].text} {by}"
    if level == "unmeasured" and judged:
        return f"{opening} on enough instances. {by} At least {min(ENOUGH_JUDGED, rows)} should be judged."
    return f"{opening}. {by}"


def _unjudged(signals: SignalCounts | None) -> str:
    """What signals found, if they looked, and that this says nothing of whether an answer is right."""
    if signals is None or not signals.rows:
        return "Nobody has judged whether the answers are right."
    flagged = f"{signals.flagged:,}" if signals.flagged else "none"
    sample = "" if signals.rows == signals.of else f", a sample of {signals.of:,}"
    return (
        f"Signals flagged {flagged} of {signals.rows:,} instances{sample}; "
        "nobody has judged whether the answers are right."
    )


def _signals_say(signals: SignalCounts) -> str:
    flagged = f"{signals.flagged:,} flagged" if signals.flagged else "none flagged"
    rows = f"all {signals.rows:,}" if signals.rows == signals.of else f"{signals.rows:,} of {signals.of:,}"
    return f"signals on {rows} instances ({flagged})"


def _of_model(config: Config) -> Iterator[Finding]:
    if config.model.provider == "pocket":
        yield Finding(
            "warn",
            "The bundled model wrote this: good for a first try, not for training data.",
            "config",
        )
    if config.model.provider == "scripted":
        yield Finding(
            "warn", "Templates wrote this, no model: for trial runs only, not for training data.", "config"
        )


def _of_language(config: Config, tasks: Sequence[Task]) -> Iterator[Finding]:
    """Instructions and outputs that are not in the language asked for; of no language asked for, nothing."""
    named = {code for word in config.recipe.language.split() if (code := language_code(word))}
    if not named:
        return
    outputs = [instance.output for task in tasks if not task.is_classification for instance in task.instances]
    for what, all_texts in (("instructions", [task.instruction for task in tasks]), ("outputs", outputs)):
        texts = random.Random(config.seed).sample(all_texts, min(READ_TEXTS, len(all_texts)))
        known = [found for text in texts if (found := find_language(text)) and found.confidence >= SURE]
        other = Counter(found.code for found in known if not any(are_kin(found.code, code) for code in named))
        count = other.total()
        if count > OTHER_LANGUAGE[0] * len(known) and count >= min(3, len(texts)):
            mostly = language_name(other.most_common(1)[0][0])
            yield Finding(
                "bad" if count > OTHER_LANGUAGE[1] * len(known) else "warn",
                f"{count:,} of {len(texts):,} {what} are not in {config.recipe.language}, but in {mostly}"
                f"{' and others' if len(other) > 1 else ''}.",
                "samples",
            )


def _of_signals(signals: SignalCounts | None) -> Iterator[Finding]:
    if signals is None or not signals.rows:
        return
    share = signals.flagged / signals.rows
    if share > FLAGGED[0] and signals.flagged >= 3:
        most = ", ".join(f"{name} {count:,}" for name, count in list(signals.by_signal.items())[:3])
        yield Finding(
            "bad" if share > FLAGGED[1] else "warn",
            f"Signals flag {signals.flagged:,} of {signals.rows:,} instances ({percent(share)}): {most}.",
            "samples",
        )


def _of_judged(judged: Sequence[Judged]) -> Iterator[Finding]:
    for each in judged:
        text = (
            f"{each.by[:1].upper()}{each.by[1:]} judged {each.counted}: "
            f"{percent(each.right)} are a valid task with an appropriate input and an acceptable output "
            f"({percent(each.low)} to {percent(each.high)})."
        )
        enough = each.rows >= ENOUGH_JUDGED
        bad, few = each.high < LEAST_RIGHT, each.right < GOOD_SHARE and (enough or each.high < GOOD_SHARE)
        yield Finding("bad" if bad else "warn" if few else "info", text, "ratings")


def _of_lengths(tasks: Sequence[Task], seeds: Sequence[Task]) -> Iterator[Finding]:
    ours, theirs = _output_words(tasks), _output_words(seeds)
    if min(len(ours), len(theirs)) < ENOUGH:
        return
    here, there = sum(ours) / len(ours), sum(theirs) / len(theirs)
    if here < SHORT * there:
        yield Finding(
            "warn",
            f"Outputs are far shorter than the seeds': {here:.0f} words on average, where the seeds have "
            f"{there:.0f} (classification left out).",
            "lengths",
        )


def _output_words(tasks: Sequence[Task]) -> list[int]:
    return [
        count_words(instance.output)
        for task in tasks
        if not task.is_classification
        for instance in task.instances
    ]


def _of_kinds(tasks: Sequence[Task], seeds: Sequence[Task], config: Config) -> Iterator[Finding]:
    """Classification is far commoner or rarer than among the seeds."""
    if len(tasks) < ENOUGH or len(seeds) < ENOUGH or config.recipe.classification_only:
        return
    here, there = (sum(task.is_classification for task in those) for those in (tasks, seeds))
    ours, theirs = here / len(tasks), there / len(seeds)
    if ours > theirs + 0.25 and ours > 1.5 * theirs:
        how = "Far more classification tasks than among the seeds"
    elif theirs > 0.1 and ours < theirs / 3:
        how = "Far fewer classification tasks than among the seeds"
    else:
        return
    yield Finding(
        "warn",
        f"{how}: {percent_of(here, len(tasks))}, where {percent(theirs)} of the seeds are.",
        "statistics",
    )


def _of_crowding(record: RunRecord) -> Iterator[Finding]:
    """Many instructions that escaped the novelty filter by a hair."""
    limit = record.config.filters.max_similarity
    scores = [each.nearest.score for each in record.candidates if each.verdict.accepted and each.nearest]
    near = sum(score > limit - 0.1 for score in scores)
    admitted = sum(each.verdict.accepted for each in record.candidates)
    recorded = round(len(scores) * record.scale)
    which = "admitted" if len(scores) >= admitted - 1 else f"first {recorded:,} admitted"
    if len(scores) >= ENOUGH and near > CROWDED * len(scores):
        yield Finding(
            "warn",
            f"{percent_of(near, len(scores))} of the {which} instructions are almost repeats: their nearest "
            f"one has a ROUGE-L between {limit - 0.1:.2g} and the threshold of {limit:.2g}. "
            "`selfinstruct filter` with a lower `--novelty` removes them.",
            "similarity",
        )
