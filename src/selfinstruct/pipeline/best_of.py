"""The best of several outputs of an instance, by a judge. The run's own output is one of them, and stays
where none is better: nothing changes without evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from selfinstruct.pipeline.improvement import Rewrite
from selfinstruct.pipeline.judging import Case, JudgePlan, judge_cases, plan_judge_of_run
from selfinstruct.records import Stage
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.improved import ORIGINAL, OutputCandidates
from selfinstruct.store.judged import JudgePaths, read_scores
from selfinstruct.store.reader import RunReader

__all__ = ["Chosen", "choose_best", "number_of_sample", "plan_chooser", "samples_asked_for"]

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
    kept, candidates = [], []
    for rewrites, outputs, problem in groups:
        if len(outputs) == 1:
            kept.append(replace(rewrites[0], output="", reason=problem))
            continue
        found = [verdicts.get(next(digests)) for _ in outputs]
        if None in found:
            continue  # the judge is still to be asked
        scores = tuple(None if verdict is None else verdict.score for verdict in found)
        best = max(range(len(outputs)), key=lambda place: (scores[place] or 0, -place))
        reason = None if best else NOT_BETTER if any(scores) else NO_SCORE
        kept.append(replace(rewrites[0], output=outputs[best] if best else "", reason=reason))
        task, place = rewrites[0].task.id, rewrites[0].place
        candidates.append(OutputCandidates(task, place, tuple(outputs), scores, best))
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
