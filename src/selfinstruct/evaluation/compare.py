"""A comparison from end to end: systems read, held against the first, and judged in pairs if wanted.

OUT/
  comparison.json     what `compare --json` prints; replaced as a whole
  pairwise/NAME/OTHER-against-BASE/
    config.toml, run.db …, verdicts.jsonl     what the judge of that name was asked and said
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.comparison import ComparedSystem, Comparison, compare, read_systems
from selfinstruct.evaluation.judging import plan_judge
from selfinstruct.evaluation.pairwise import Preference, judge_pair
from selfinstruct.pipeline.asking import BatchPlan, file_name
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import storage_errors

__all__ = ["ComparisonPlan", "JudgedComparison", "compare_systems", "plan_comparison"]


@dataclass(frozen=True, slots=True)
class ComparisonPlan:
    """directory: None where nothing is kept. judges: for each system but the first, the model that holds it
    against that; none where no judge is asked."""

    systems: tuple[ComparedSystem, ...]
    seed: int
    directory: Path | None
    judges: tuple[BatchPlan, ...]


def plan_comparison(
    paths: Sequence[Path],
    *,
    seed: int | None,
    directory: Path | None,
    judge_spec: str | None,
    options: Mapping[str, Any],
    config_file: Path | None = None,
) -> ComparisonPlan:
    """options, config_file: of the judge, as in `resolve`.

    Raises ConfigError for fewer than two systems and where a judge is named but no folder, and what
    `read_systems` and `plan_judge` raise.
    """
    if len(paths) < 2:
        raise ConfigError("There is nothing to compare.", "Name at least two evaluations.")
    systems = read_systems(paths)
    judges = []
    if judge_spec is not None:
        if directory is None:
            raise ConfigError("There is no folder for the judge's verdicts.", "Name a folder: `out=DIR`")
        judges = [
            plan_judge(
                directory / "pairwise",
                judge_spec,
                options=options,
                config_file=config_file,
                part=file_name(f"{system.name}-against-{systems[0].name}"),
            )
            for system in systems[1:]
        ]
    return ComparisonPlan(systems, 42 if seed is None else seed, directory, tuple(judges))


@dataclass(frozen=True, slots=True)
class JudgedComparison:
    """preferences: what the judge made of each pair it was asked of. judging: its last batch."""

    comparison: Comparison
    preferences: tuple[Preference, ...]
    judging: BatchOutcome | None

    def __repr__(self) -> str:
        """That of the comparison, with the number of pairs of systems that a judge compared."""
        judged = f", judged {len(self.preferences):,}" if self.preferences else ""
        return f"<Judged{repr(self.comparison)[1:-1]}{judged}>"

    def to_json(self) -> dict[str, Any]:
        """One object, as `compare --json` prints it."""
        found = self.comparison.to_json()
        if self.preferences:
            found["judged"] = [preference.to_json() for preference in self.preferences]
        if self.judging is not None:
            found |= {"stopped": self.judging.stopped, "advice": self.judging.advice}
        return found


async def compare_systems(plan: ComparisonPlan, display: BatchDisplay | None = None) -> JudgedComparison:
    """Hold all systems against the first, by the metrics and then by the judge. A judge that has to stop is
    not asked of later pairs.

    Raises the errors of errors.py; an endpoint that is given up on is an outcome.
    """
    base, *others = plan.systems
    preferences: list[Preference] = []
    judging: BatchOutcome | None = None
    for other, judge in zip(others, plan.judges, strict=False):
        if judging is not None and judging.stopped != "done":
            break
        preference, judging = await judge_pair(base, other, judge, plan.seed, display)
        preferences.append(preference)
    outcome = JudgedComparison(compare(plan.systems, plan.seed), tuple(preferences), judging)
    if plan.directory is not None:
        with storage_errors(plan.directory):
            plan.directory.mkdir(parents=True, exist_ok=True)
        with atomic_write(plan.directory / "comparison.json") as file:
            file.write(json.dumps(outcome.to_json(), ensure_ascii=False, indent=2) + "\n")
    return outcome
