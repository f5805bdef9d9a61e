"""The best of several outputs of an instance, by a judge or by signals.

The run's own output is one of them, and stays where none is better: nothing changes without evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from selfinstruct.filters.signals.table import choose_signals, findings_of
from selfinstruct.pipeline.improvement import Rewrite
from selfinstruct.pipeline.judging import Case, JudgePlan, judge_cases, plan_judge_of_run
from selfinstruct.records import Row, Stage
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.improved import ORIGINAL, OutputCandidates
from selfinstruct.store.judged import JudgePaths, read_scores
from selfinstruct.store.reader import RunReader

__all__ = [
    "Chosen",
    "choose_best",
    "choose_by_signals",
    "number_of_sample",
    "plan_chooser",
    "samples_asked_for",
]

NOT_BETTER = "not_better"
"""No new output has a higher score than the original."""
NO_SCORE = "no_score"
"""The judge gave none of them a score."""

_SAMPLE = 1_000_000_000
"""Requests of the second sample are numbered from here on, so that more samples can be asked for later."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """rewrites: of the instances that the judge is done with. batch: the judge's; None where there was
    nothing to judge."""

    rewrites: list[Rewrite]
    candidates: list[OutputCandidates]
    batch: BatchOutcome | None


def number_of_sample(item: int, sample: int) -> int:
    """The request of an instance's sample, both from 0."""
    return sample * _SAMPLE + item


def samples_asked_for(directory: Path) -> int:
    """How many samples an instance the batch in a folder has; 1 where there is none."""
    if read_run_config(directory) is None:
        return 1
    recorded = RunReader(directory).recorded_requests(Stage.INSTANCES)
    return max((each.subject // _SAMPLE for each in recorded), default=0) + 1


def plan_chooser(run: Path, judge: str, options: Mapping[str, Any]) -> JudgePlan:
    """judge: the name of one that was asked about this run, or a model. options: of its endpoint, and limits.

    Raises what `plan_judge_of_run` raises.
    """
    begun = "/" not in judge and read_run_config(JudgePaths(run, judge).requests) is not None
    if begun:
        return plan_judge_of_run(run, model_spec=None, name=judge, options=options)
    return plan_judge_of_run(run, model_spec=judge, options=options)


async def choose_best(
    plan: JudgePlan, written: Iterable[Sequence[Rewrite]], name: str, display: BatchDisplay | None
) -> Chosen:
    """Have the judge score all outputs that can be used, and keep the best of each instance.

    written: the new outputs of each instance, at least one, in their order. name: of the outputs.
    Of equal scores the earlier output is kept, the original first. Raises what `judge_cases` raises.
    """
    groups = [(each, *_usable(each)) for each in written]
    cases = [
        Case(
            rewrites[0].task.id,
            rewrites[0].place,
            name if number else ORIGINAL,
            rewrites[0].task.instruction,
            replace(rewrites[0].instance, output=output),
        )
        for rewrites, outputs, _ in groups
        if len(outputs) > 1
        for number, output in enumerate(outputs)
    ]
    batch = await judge_cases(plan, cases, display) if cases else None
    verdicts = read_scores(plan.paths.run, plan.paths.name)
    digests = iter([case.digest for case in cases])

    def scores(_: Rewrite, outputs: Sequence[str]) -> list[float | None] | None:
        found = [verdicts.get(next(digests)) for _ in outputs]
        return None if None in found else [each.score for each in found if each is not None]

    return _chosen(groups, scores, batch)


def choose_by_signals(written: Iterable[Sequence[Rewrite]], language: str) -> Chosen:
    """Keep the output in which signals find least: a score is minus the number of their findings.

    language: the ISO 639-1 code of the one that outputs should be in; empty for each instruction's own.
    """
    signals = choose_signals(language=language)

    def scores(about: Rewrite, outputs: Sequence[str]) -> list[float | None]:
        task, given = about.task, about.instance.input
        rows = (
            Row(task.instruction, given, output, task.is_classification, task.instances[: about.place])
            for output in outputs
        )
        return [-float(sum(1 for _ in findings_of(row, signals))) for row in rows]

    return _chosen([(each, *_usable(each)) for each in written], scores, None)


def _chosen(
    groups: Iterable[tuple[Sequence[Rewrite], list[str], str]],
    scores_of: Callable[[Rewrite, Sequence[str]], Sequence[float | None] | None],
    batch: BatchOutcome | None,
) -> Chosen:
    """scores_of: of an instance's outputs; None where they are not known yet."""
    kept, candidates = [], []
    for rewrites, outputs, problem in groups:
        if len(outputs) == 1:
            kept.append(replace(rewrites[0], output="", reason=problem))
            continue
        scores = scores_of(rewrites[0], outputs)
        if scores is None:
            continue  # the judge is still to be asked
        known = [(score, -place) for place, score in enumerate(scores) if score is not None]
        best = -max(known)[1] if known else 0
        reason = None if best else NOT_BETTER if known else NO_SCORE
        kept.append(replace(rewrites[0], output=outputs[best] if best else "", reason=reason))
        task, place = rewrites[0].task.id, rewrites[0].place
        candidates.append(OutputCandidates(task, place, tuple(outputs), tuple(scores), best))
    return Chosen(kept, candidates, batch)


def _usable(rewrites: Sequence[Rewrite]) -> tuple[list[str], str]:
    """Different outputs, the original first; and why there is no other, where there is none."""
    first = rewrites[0]
    outputs = {first.instance.output.strip(): first.instance.output}
    for rewrite in rewrites:
        if rewrite.reason is None:
            outputs.setdefault(rewrite.output.strip(), rewrite.output)
    reasons = [rewrite.reason for rewrite in rewrites if rewrite.reason is not None]
    return list(outputs.values()), reasons[0] if reasons else NOT_BETTER
