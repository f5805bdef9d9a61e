"""`judge`: a model's verdicts on a run's instances."""

from __future__ import annotations

from os import PathLike
from typing import Unpack

from selfinstruct.api.asking import AskOptions, asked_settings, display, spec
from selfinstruct.api.blocking import run_to_end
from selfinstruct.api.given import given_path
from selfinstruct.api.run import Run
from selfinstruct.errors import ConfigError
from selfinstruct.pipeline.judge_result import JudgeResult
from selfinstruct.pipeline.judging import judge as judge_run
from selfinstruct.pipeline.judging import plan_judge_of_run
from selfinstruct.store.improved import ORIGINAL

__all__ = ["judge"]


def judge(
    run: Run | str | PathLike[str],
    *,
    model: str | None = None,
    name: str | None = None,
    sample: int | None = None,
    rubric: str | PathLike[str] | None = None,
    outputs: str = ORIGINAL,
    **options: Unpack[AskOptions],
) -> JudgeResult:
    """Let a model judge the run's instances: three questions and a score from 1 to 5. The same call resumes.

    Verdicts are kept beside the run; `Run.export(min_score=4)` selects by them.

    model: PROVIDER/NAME; not needed to resume by `name`. name: name of the judge; by default the model's.
    sample: judge only this many tasks, one instance each, drawn with `seed` (42) as in `review`.
    rubric: a file that replaces the built-in rubric.
    outputs: the run's own, or those that `improve` wrote under this name.
    Raises the errors of errors.py. If the endpoint fails or a budget is reached, the result's
    `batch.stopped` and `batch.advice` say so. Its `warning` says if the judge judges its own outputs.
    """
    plan = plan_judge_of_run(
        run.path if isinstance(run, Run) else given_path(run, "run"),
        model_spec=spec(model, "model"),
        name=name,
        rubric=None if rubric is None else given_path(rubric, "rubric"),
        **asked_settings(options),
    )
    if sample is not None and (isinstance(sample, bool) or not isinstance(sample, int) or sample < 1):
        raise ConfigError(f"`sample` is {sample!r}, not a number of tasks.", "Give 1 or more.")
    shown, seed = display(options, "verdicts"), options.get("seed")
    return run_to_end(lambda: judge_run(plan, sample=sample, seed=seed, outputs=outputs, display=shown))
