"""`evaluate` and `compare`: did it help?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from selfinstruct.api.asking import AskOptions, asked_settings, display, spec
from selfinstruct.api.blocking import run_to_end
from selfinstruct.api.given import given_path
from selfinstruct.api.run import Run
from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.compare import JudgedComparison, compare_systems, plan_comparison
from selfinstruct.evaluation.evaluate import Evaluation
from selfinstruct.evaluation.evaluate import evaluate as evaluate_plan
from selfinstruct.evaluation.plan import plan_evaluation

if TYPE_CHECKING:
    from selfinstruct.evaluation.harness.run import HarnessOutcome

__all__ = ["compare", "evaluate", "evaluate_lm_eval"]

HARNESS = "lm-eval:"


def evaluate(
    out: str | PathLike[str] | None = None,
    *,
    suite: str | None = None,
    model: str | None = None,
    tasks: str | PathLike[str] | None = None,
    predictions: str | PathLike[str] | None = None,
    run: Run | str | PathLike[str] | None = None,
    judge: str | None = None,
    limit: int | None = None,
    per_task: int | None = None,
    examples: int | None = None,
    template: str | None = None,
    max_tokens: int | None = None,
    stop: Sequence[str] | None = None,
    samples: int | None = None,
    temperature: float | None = None,
    run_code: bool = False,
    sandbox: str | None = None,
    **options: Unpack[AskOptions],
) -> Evaluation:
    """Ask a model the questions of a suite and score its answers, or score answers that are there.

    The same call resumes.

    out: the folder that keeps the answers. None where `predictions` are only scored.
    suite: `superni`, `user-oriented`, `jsonl`, or a benchmark: `humaneval`, `mbpp`, `gsm8k`, `math`, `mmlu`,
        `wtq`, `dolly`, `infinitebench`. model: PROVIDER/NAME.
    tasks: where the suite's items are. A benchmark that the Hugging Face Hub has is fetched where it is None.
    predictions: a file of answers to score, in place of a model.
    run: whose seeds and tasks the items are compared with. judge: a model that judges the answers.
    limit: only the first items. per_task: of each task (`superni`) or subject (`mmlu`). examples: solved ones
        in the prompt. template, max_tokens, stop: how they are asked.
    samples, temperature: answers per item, and of their drawing. run_code: run the programs that the
        model writes (`humaneval`, `mbpp`). sandbox: where: `namespaces`, `docker`, `docker:IMAGE` or
        `process`.
    Raises the errors of errors.py. For suites of lm-eval see `evaluate_lm_eval` in this module.
    """
    if suite is not None and suite.startswith(HARNESS):
        raise ConfigError(
            f"`suite` is {suite!r}, and suites of lm-eval return other results.",
            "Call selfinstruct.api.evaluating.evaluate_lm_eval.",
        )
    plan = plan_evaluation(
        None if out is None else given_path(out, "out"),
        settings={
            "suite": suite,
            "per_task": per_task,
            "limit": limit,
            "examples": examples,
            "samples": samples,
            "temperature": temperature,
            "template": template,
            "max_tokens": max_tokens,
            "stop": None if stop is None else tuple(stop),
            "seed": options.get("seed"),
        },
        tasks=_path(tasks, "tasks"),
        predictions=_path(predictions, "predictions"),
        run=run.path if isinstance(run, Run) else _path(run, "run"),
        model_spec=spec(model, "model"),
        judge_spec=spec(judge, "judge"),
        run_code=run_code,
        sandbox=sandbox,
        **asked_settings(options),
    )
    shown = display(options, "answers")
    return run_to_end(lambda: evaluate_plan(plan, shown))


def compare(
    *systems: str | PathLike[str],
    out: str | PathLike[str] | None = None,
    judge: str | None = None,
    **options: Unpack[AskOptions],
) -> JudgedComparison:
    """Two evaluations or more of the same items, each held against the first, with paired intervals.

    systems: folders that `evaluate` wrote, or files of predictions. judge: a model that prefers one of each
        pair of answers; its verdicts are kept in `out`.
    Raises the errors of errors.py.
    """
    plan = plan_comparison(
        [given_path(each, "systems") for each in systems],
        seed=options.get("seed"),
        directory=_path(out, "out"),
        judge_spec=spec(judge, "judge"),
        **asked_settings(options),
    )
    shown = display(options, "verdicts")
    return run_to_end(lambda: compare_systems(plan, shown))


def evaluate_lm_eval(
    out: str | PathLike[str],
    *,
    suites: Sequence[str],
    model: str | None = None,
    limit: int | None = None,
    shots: int | None = None,
    include: str | PathLike[str] | None = None,
    max_tokens: int | None = None,
    **options: Unpack[AskOptions],
) -> HarnessOutcome:
    """Suites of lm-eval (extra `lm-eval`) on a model: `["gsm8k", "mmlu"]`. The same call resumes.

    shots: solved examples shown. include: a folder of tasks of your own. max_tokens: of an answer, in place
        of the task's own number. Tasks that run what the model writes are refused: see `evaluate`.
    Raises the errors of errors.py.
    """
    from selfinstruct.evaluation.harness.run import run_lm_eval

    asked: dict[str, Any] = asked_settings(options)
    shown = display(options, "answers")
    directory = given_path(out, "out")

    def work() -> HarnessOutcome:
        return run_lm_eval(
            spec(model, "model"),
            list(suites),
            directory,
            limit=limit,
            shots=shots,
            include=_path(include, "include"),
            max_tokens=max_tokens,
            display=shown,
            **asked,
        )

    # lm-eval is not asynchronous, and asks by event loops of its own: in a thread, none is in its way.
    return run_to_end(lambda: asyncio.to_thread(work))


def _path(value: str | PathLike[str] | None, argument: str) -> Path | None:
    return None if value is None else given_path(value, argument)
