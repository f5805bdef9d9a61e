"""Students: one small model, tuned on equally many tasks of each entry, and measured on the same items. What
data is for is the one measure that no look at it replaces.

All begin as the same model, with the same settings. Their scores are compared item by item
(`evaluation.compare`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path

from rich.console import Console

from selfinstruct.errors import RunInUseError, SelfInstructError, StorageError
from selfinstruct.evaluation.comparison import compare, read_systems
from selfinstruct.evaluation.evaluate import evaluate
from selfinstruct.evaluation.plan import plan_evaluation
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.studies.bakeoff.estimates import Difference, Estimate
from selfinstruct.studies.bakeoff.plan import BakeoffPlan, Runner
from selfinstruct.studies.bakeoff.ranking import Compared
from selfinstruct.studies.bakeoff.result import Ending
from selfinstruct.studies.bakeoff.study import StudentFile
from selfinstruct.training.display import LossDisplay
from selfinstruct.training.finetune import finetune
from selfinstruct.training.plan import plan_finetuning
from selfinstruct.training.settings import ADAPTER, GGUF, MODEL

__all__ = ["Taught", "teach"]

SEED = 42


@dataclass(frozen=True, slots=True)
class Taught:
    """scores: of each entry's student, in percent. compared: every two, paired by item. endings: of those
    that came to no score, why."""

    scores: Mapping[str, Estimate] = field(default_factory=dict)
    compared: tuple[Compared, ...] = ()
    endings: Mapping[str, Ending] = field(default_factory=dict)


def teach(
    plan: BakeoffPlan, entries: Sequence[str], tasks: int, run: Runner, progress: Console | None
) -> Taught:
    """Tune and measure a student for each entry, or resume that. tasks: of each, from the first."""
    student = plan.study.student
    assert student is not None, "asked for only where there is one"
    folders: dict[str, Path] = {}
    endings: dict[str, Ending] = {}
    for name in entries:
        folder = plan.paths.student(name, tasks)
        if progress is not None:
            progress.print(f"student of {name}, {tasks:,} tasks", style="bold", markup=False)
        try:
            ending = _taught(student, plan.paths.run(name), folder, tasks, run, progress)
        except (StorageError, RunInUseError):
            raise
        except SelfInstructError as error:
            ending = Ending("failed", str(error), error.exit_code)
        if ending is None:
            folders[name] = folder / "evaluation"
            continue
        endings[name] = ending
        if ending.stopped == "interrupted":
            return Taught(endings=endings)
    return _scored(folders, endings)


def _taught(
    student: StudentFile, source: Path, folder: Path, tasks: int, run: Runner, progress: Console | None
) -> Ending | None:
    """None where it has a score."""
    tuning = folder / "tuning"
    planned = plan_finetuning(
        source, tuning, model_spec=student.model, tasks=tasks, options={"seed": SEED, **student.tuning}
    )
    fast = student.model == "pocket"  # through llama.cpp, which not every other model can go
    tuned = finetune(planned, gguf=fast, display=LossDisplay(progress))
    if tuned.result is None:
        return Ending("interrupted", "")
    model = tuning / (ADAPTER if planned.options.get("lora") else MODEL)
    spec = f"gguf/{tuning / GGUF}" if fast else f"hf/{model}"
    evaluation = plan_evaluation(
        folder / "evaluation",
        settings={
            "suite": student.suite,
            "limit": student.limit,
            "max_tokens": student.max_tokens,
            "seed": SEED,
        },
        tasks=student.items,
        model_spec=spec,
        options={},
    )
    found = run(partial(evaluate, evaluation, BatchDisplay(progress, "answers")))
    last = found.last_batch
    return None if last is None or last.stopped == "done" else Ending(last.stopped, last.advice)


def _scored(folders: Mapping[str, Path], endings: Mapping[str, Ending]) -> Taught:
    if not folders:
        return Taught(endings=endings)
    systems = dict(zip(folders, read_systems(list(folders.values())), strict=True))
    compared = []
    scores: dict[str, Estimate] = {}
    for name, system in systems.items():
        (own,) = compare([system], SEED).scores
        mean = own.metrics[own.main]
        scores[name] = Estimate(mean.mean, None, 0.0, mean.low, mean.high)
    for one, other in combinations(systems, 2):
        held = compare([systems[other], systems[one]], SEED)
        less = held.differences[0].metrics[held.scores[0].main]
        compared.append(Compared("student", one, other, Difference(less.mean, less.low, less.high)))
    return Taught(scores, tuple(compared), endings)
