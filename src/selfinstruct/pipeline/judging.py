"""A model as judge of a run's instances: the three questions of Table 2, and a score from 1 to 5.

One request for each text that has to be judged, greedy; texts that were judged once are never asked about
again, whichever outputs or samples they are in. The run stays as it is: verdicts are kept beside it
(`store.judged`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from selfinstruct.config import Config
from selfinstruct.dataset.reviewed import reviewed_places
from selfinstruct.errors import ConfigError, RunMismatchError, UserError
from selfinstruct.pipeline.asking import BatchPlan, ask_judge, name_of_model, plan_batch
from selfinstruct.pipeline.judge_result import JudgeResult
from selfinstruct.ratings.decisions import instance_digest, instance_id
from selfinstruct.ratings.drawing import drawn_instances
from selfinstruct.ratings.scores import wrote
from selfinstruct.recipes.instance_judge import (
    INSTANCE_RUBRIC,
    INSTANCE_SCHEMA,
    instance_case,
    judge_prompt,
    read_score,
)
from selfinstruct.recipes.reply import read_reply
from selfinstruct.records import Completion, Instance, Task
from selfinstruct.requests.batch import BatchOutcome
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.dispatch import Lost
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.improved import ORIGINAL, chosen_tasks
from selfinstruct.store.judged import (
    InstanceVerdict,
    JudgePaths,
    append_cases,
    keep_rubric,
    kept_rubric,
    read_rubric,
    read_scores,
    rubric_digest,
    write_scores,
)
from selfinstruct.store.lock import RunLock
from selfinstruct.store.reader import RunReader

__all__ = ["Case", "JudgePlan", "judge", "judge_cases", "plan_judge_of_run"]

MAX_TOKENS = 2048  # of a reply, so that a model that thinks first comes to its verdict
SAMPLE_SEED = 42  # as `review` draws


@dataclass(frozen=True, slots=True)
class Case:
    """An instance to be judged: the texts, and where they were met. outputs: whose output it is."""

    task: str
    place: int
    outputs: str
    instruction: str
    instance: Instance

    @property
    def digest(self) -> str:
        """Of the texts, as people's ratings have it."""
        return instance_digest(self.instruction, self.instance)

    def __str__(self) -> str:
        return f"instance {instance_id(self.task, self.place)}"


@dataclass(frozen=True, slots=True)
class JudgePlan:
    """Who judges, by what, and where that is kept."""

    paths: JudgePaths
    rubric: str
    batch: BatchPlan

    @property
    def config(self) -> Config:
        """Of the batch of requests."""
        return self.batch.config

    def warning(self, outputs: str = ORIGINAL) -> str:
        """For people; empty unless the judge is a model that wrote what it is to judge."""
        if not wrote(RunReader(self.paths.run), self.config, outputs):
            return ""
        return (
            f"The judge {self.paths.name} is the model that wrote these outputs. Models favour their own: use"
            " another judge, or check a sample with `selfinstruct review`."
        )


def plan_judge_of_run(
    run: Path,
    *,
    model_spec: str | None,
    name: str | None = None,
    rubric: Path | None = None,
    options: Mapping[str, Any],
    config_file: Path | None = None,
) -> JudgePlan:
    """model_spec: not needed for a judge that was begun. name: of the judge; by default the model's. rubric:
    a text in place of the built-in one; by default what the judge was started with.

    Raises NotARunError where there is no run, ConfigError for a name that is no file's, a model that is
    missing or a rubric that cannot be read, RunMismatchError for another rubric than the judge was begun
    with, and what `plan_batch` raises. Writes nothing.
    """
    RunReader.open(run)
    if model_spec is None and name is None:
        raise ConfigError("Which model should judge?", "Name it: `model=SPEC`")
    paths = JudgePaths(run, name_of_model(model_spec or "") if name is None else name)
    if model_spec is None and read_run_config(paths.requests) is None:
        raise ConfigError(f"{run} has no judge named {paths.name!r} yet.", "Add `model=SPEC`")
    kept = kept_rubric(paths)
    wanted = (kept or INSTANCE_RUBRIC) if rubric is None else read_rubric(rubric)
    begun = kept is not None and read_run_config(paths.requests) is not None
    if begun and kept is not None and rubric_digest(wanted) != rubric_digest(kept):
        raise RunMismatchError(
            f"The judge {paths.name!r} of {run} was started with another rubric.",
            "Give this one a `name` of its own, or leave out `rubric`.",
        )
    own = {key: value for key, value in options.items() if key != "seed"}  # greedy: it is the sample's only
    batch = plan_batch(paths.requests, model_spec=model_spec, options=own, config_file=config_file)
    return JudgePlan(paths, wanted, batch)


async def judge(
    plan: JudgePlan,
    *,
    sample: int | None = None,
    seed: int | None = None,
    outputs: str = ORIGINAL,
    display: BatchDisplay | None = None,
) -> JudgeResult:
    """Ask for all verdicts that are not there yet, and keep them beside the run.

    sample: only so many tasks, each with one of its instances, those that `review` draws with this seed; None
        for all instances. Instances that people edited are judged in both forms.
    Raises the errors of errors.py; an endpoint that is given up on is in the result.
    """
    began = monotonic()
    reader = RunReader.open(plan.paths.run)
    cases = list(_cases(reader, outputs, sample, SAMPLE_SEED if seed is None else seed))
    if not cases:
        raise UserError(f"{plan.paths.run} has no tasks yet.", "Resume it with `selfinstruct generate`.")
    batch = await judge_cases(plan, cases, display)
    return JudgeResult.of(
        {case.digest for case in cases},
        read_scores(plan.paths.run, plan.paths.name),
        paths=plan.paths,
        outputs=outputs,
        rubric=rubric_digest(plan.rubric),
        warning=plan.warning(outputs),
        batch=batch,
        seconds=monotonic() - began,
    )


async def judge_cases(plan: JudgePlan, cases: Sequence[Case], display: BatchDisplay | None) -> BatchOutcome:
    """Verdicts on at least one case, those that are not there yet, kept with all earlier ones.

    Raises RunInUseError while another process asks the same judge, and what `ask_judge` raises.
    """
    paths = plan.paths
    with _alone(paths):
        keep_rubric(paths, plan.rubric)
        wanted: dict[str, Case] = {}
        for case in cases:
            wanted.setdefault(case.digest, case)
        numbers = append_cases(paths, wanted)
        batch, outcomes = await ask_judge(
            plan.batch,
            judge_prompt(plan.rubric),
            INSTANCE_SCHEMA,
            [instance_case(case.instruction, case.instance) for case in wanted.values()],
            [str(case) for case in wanted.values()],
            display,
            numbers=[numbers[digest] for digest in wanted],
            max_tokens=MAX_TOKENS,
            hint="Give this judge a `name` of its own.",
        )
        assert batch is not None, "there is a case"
        verdicts = read_scores(paths.run, paths.name)
        for (digest, case), outcome in zip(wanted.items(), outcomes, strict=True):
            if outcome is not None:
                verdicts[digest] = _verdict(case, digest, outcome)
        write_scores(paths, sorted(verdicts.values(), key=lambda each: numbers[each.digest]))
    return batch


@contextmanager
def _alone(paths: JudgePaths) -> Iterator[None]:
    with storage_errors(paths.directory):
        paths.directory.mkdir(parents=True, exist_ok=True)
        lock = RunLock(paths.directory / ".lock")
    try:
        yield
    finally:
        lock.release()


def _cases(reader: RunReader, outputs: str, sample: int | None, seed: int) -> Iterator[Case]:
    """In the data set's order, or the sample's; what people edited right after the original."""
    edited = {
        (task.id, place): (task.instruction, instance)
        for task, places in reviewed_places(reader, outputs)
        for place, instance in zip(places, task.instances, strict=True)
    }
    for task, place in _chosen(chosen_tasks(reader, outputs), sample, seed):
        yield Case(task.id, place, outputs, task.instruction, task.instances[place])
        if (task.id, place) in edited:
            yield Case(task.id, place, outputs, *edited[task.id, place])


def _chosen(tasks: Iterable[Task], sample: int | None, seed: int) -> Iterable[tuple[Task, int]]:
    if sample is not None:
        return drawn_instances(tasks, sample, seed)[0]
    return ((task, place) for task in tasks for place in range(len(task.instances)))


def _verdict(case: Case, digest: str, outcome: Completion | Lost) -> InstanceVerdict:
    where = (case.task, case.place, case.outputs, digest)
    if isinstance(outcome, Lost):
        return InstanceVerdict(*where, None, problem=outcome.reason)
    reply = read_reply(outcome)
    said = read_score(reply.text, cut=reply.cut)
    return InstanceVerdict(*where, said.score, said.answers, said.reason, said.problem)
