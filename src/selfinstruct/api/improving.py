"""`improve`: a run's outputs rewritten by another model."""

from __future__ import annotations

from os import PathLike
from typing import Unpack

from selfinstruct.api.asking import AskOptions, asked_settings, display, spec
from selfinstruct.api.blocking import run_to_end
from selfinstruct.api.given import given_path
from selfinstruct.api.run import Run
from selfinstruct.pipeline.improve import improve as improve_run
from selfinstruct.pipeline.improve import plan_improvement
from selfinstruct.pipeline.improvement import Improvement

__all__ = ["improve"]


def improve(
    run: Run | str | PathLike[str],
    *,
    model: str | None = None,
    name: str | None = None,
    tasks: int | None = None,
    samples: int | None = None,
    judge: str | None = None,
    judge_base_url: str | None = None,
    judge_api_key_env: str | None = None,
    **options: Unpack[AskOptions],
) -> Improvement:
    """Rewrite the run's outputs with another, usually stronger, model. The same call resumes.

    The originals stay; `Run.export(outputs=name)` chooses the rewritten ones. Outputs that are empty, cut,
    refused or that repeat the input are not used.

    model: PROVIDER/NAME; not needed to resume by `name`. name: name of the outputs; by default the model's.
    tasks: rewrite only the first tasks.
    samples: outputs per instance; the best of them and the original is kept. judge: the model
        that scores them, or the name of a judge of this run; by default the signals of `check` choose.
        judge_base_url, judge_api_key_env: its endpoint.
    Raises the errors of errors.py. If the endpoint fails or a budget is reached, the result's `stopped` and
    `advice` say so.
    """
    plan = plan_improvement(
        run.path if isinstance(run, Run) else given_path(run, "run"),
        model_spec=spec(model, "model"),
        name=name,
        samples=samples,
        judge=spec(judge, "judge"),
        judge_options={"endpoint.base_url": judge_base_url, "endpoint.api_key_env": judge_api_key_env},
        **asked_settings(options),
    )
    shown = display(options, "outputs")
    return run_to_end(lambda: improve_run(plan, tasks=tasks, display=shown))
