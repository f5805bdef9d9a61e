"""`evaluate` and `compare`: did it help?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
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
    stop: str | Sequence[str] | None = None,
    samples: int | None = None,
    temperature: float | None = None,
    run_code: bool = False,
    sandbox: str | None = None,
    **options: Unpack[AskOptions],
) -> Evaluation:
    """Evaluate a model on a suite, or score existing predictions.

    The same call resumes.

    out: the folder for answers and scores; may be None if `predictions` are scored.
    suite: `superni`, `user-oriented`, `jsonl`, or a benchmark: `humaneval`, `mbpp`, `gsm8k`, `math`, `mmlu`,
        `wtq`, `dolly`, `infinitebench`. model: PROVIDER/NAME.
    tasks: path of the suite's items. None: a benchmark that the Hugging Face Hub has is fetched.
    predictions: a file of answers to score, instead of a model.
    run: the run whose seeds and tasks are compared with the items. judge: a model that rates the answers.
    limit: use only the first items. per_task: of each task (`superni`) or subject (`mmlu`). examples: solved
        ones in the prompt. template, max_tokens, stop: prompt layout and decoding limits.
    samples, temperature: answers per item, and their sampling temperature. run_code: run the programs that
        the model writes (`humaneval`, `mbpp`). sandbox: where: `namespaces`, `docker`, `docker:IMAGE` or
        `process`.
    Raises the errors of errors.py. For suites of lm-eval see `evaluate_lm_eval` in this module.
    """
    if suite is not None and not isinstance(suite, str):
        raise ConfigError(f"`suite` is {suite!r:.80}, not the name of a suite.", 'Give one, such as "gsm8k".')
    if suite is not None and suite.startswith(HARNESS):
        raise ConfigError(
            f"`suite` is {suite!r}, but lm-eval suites return different results.",
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
            "stop": _texts(stop, "stop"),
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
    """Compare two or more evaluations of the same items with the first of them, with paired intervals.

    systems: folders that `evaluate` wrote, or files of predictions. judge: a model that chooses the
        better of two answers; its verdicts are stored in `out`.
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
    """Evaluate a model on lm-eval tasks (extra `lm-eval`): `["gsm8k", "mmlu"]`. The same call resumes.

    shots: number of few-shot examples. include: a folder with your own tasks. max_tokens: limit per answer,
        instead of the task's own. Tasks that run the model's code are refused: see `evaluate`.
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


def _texts(value: Any, argument: str) -> tuple[str, ...] | None:
    """Texts, also where one was given alone. Raises `ConfigError` for another type."""
    if value is None:
        return None
    texts = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
    if not all(isinstance(each, str) for each in texts):
        raise ConfigError(f"`{argument}` is {value!r:.80}, not texts.", "Give a list of texts.")
    return texts


def _path(value: str | PathLike[str] | None, argument: str) -> Path | None:
    return None if value is None else given_path(value, argument)
