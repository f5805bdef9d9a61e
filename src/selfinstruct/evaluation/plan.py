"""From what a user asked, and what an evaluation's folder already holds, to what is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError
from selfinstruct.evalsets.code import CODE_SUITES
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.suites import HARNESS, SUITES, items_digest, load_items, no_suite
from selfinstruct.evaluation.code.sandbox import AUTO
from selfinstruct.evaluation.code.suite import RUNS_CODE, CodeSuite, load_code_suite
from selfinstruct.evaluation.judging import plan_judge
from selfinstruct.evaluation.layouts import TK_INSTRUCT, layout_for
from selfinstruct.evaluation.settings import EvaluationPaths, EvaluationSettings, read_settings
from selfinstruct.pipeline.asking import BatchPlan, plan_batch
from selfinstruct.store.directory import holds_run
from selfinstruct.store.reader import RunReader

__all__ = ["EvaluationPlan", "plan_evaluation"]

OF_CODE = ("samples", "temperature")


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """What is to be evaluated.

    directory: None where nothing is kept. items: of the suite; None where the predictions say what they are.
    predictions: the file to score; None where a model is asked.
    batch: which model to ask; None where predictions are there.
    judge: which model is to judge the answers, once all are there; None for none.
    run: whose seeds and tasks the items are compared with; None for the seeds that come with the package.
    code: where the answers are programs. sandbox: where these may run; empty where none may.
    """

    directory: Path | None
    settings: EvaluationSettings
    items: tuple[EvaluationItem, ...] | None
    predictions: Path | None
    batch: BatchPlan | None
    judge: BatchPlan | None
    run: RunReader | None
    code: CodeSuite | None = None
    sandbox: str = ""


def plan_evaluation(
    directory: Path | None,
    *,
    settings: Mapping[str, Any],
    tasks: Path | None = None,
    predictions: Path | None = None,
    run: Path | None = None,
    model_spec: str | None = None,
    judge_spec: str | None = None,
    options: Mapping[str, Any],
    config_file: Path | None = None,
    run_code: bool = False,
    sandbox: str | None = None,
) -> EvaluationPlan:
    """settings: fields of `EvaluationSettings`; what is None comes from an earlier invocation in the folder.
        A limit of 0 lifts the one that it has.
    tasks: where the suite's items are. predictions: the file to score instead of asking a model.
    run: whose seeds and tasks the items are compared with, too.
    options, config_file: of the model, as in `resolve`; of the judge, where only a judge is named. A judge
        beside a model has the same limits, a budget of its own.
    run_code: whether programs of the model may run (`humaneval`, `mbpp`). sandbox: where, as in
        `open_sandbox`.

    Raises ConfigError for options that are missing or do not go together, UserError for files that cannot be
    read, RunMismatchError, and what `plan_batch` raises. Writes nothing.
    """
    named = {"tasks": tasks, "predictions": predictions, "run": run}
    files = {name: str(path.absolute()) for name, path in named.items() if path is not None}
    asked = {name: value for name, value in settings.items() if value is not None} | files
    if predictions is not None and model_spec is not None:
        raise ConfigError(
            "Either a model is asked or predictions are scored.", "Give `model` or `predictions`."
        )
    if predictions is not None and asked.get("limit"):
        raise ConfigError("All predictions are scored.", "Leave out `limit`.")
    chosen = _settings(directory, asked)
    if settings.get("per_task") and chosen.suite != "superni":
        raise ConfigError(f"`per_task` is for superni, not for {chosen.suite}.", "Leave it out.")
    if chosen.predictions and model_spec is not None:
        raise ConfigError(
            f"{directory} holds the scores of {chosen.predictions}.", "Name another folder: `out=DIR`"
        )
    if chosen.suite.startswith(HARNESS):
        predictions = _of_harness(directory, model_spec)
    code = None
    if chosen.suite in CODE_SUITES:
        code = _code(chosen, asked.get("examples"), tasks)
        chosen = chosen.model_copy(update={"examples": len(code.shown), "items": code.digest})
        _require_leave(chosen.suite, run_code, directory)
    else:
        _refuse_code(chosen, settings, run_code, sandbox)
    trained_on = RunReader.open(Path(chosen.run)) if chosen.run else None
    items = _items(chosen, tasks) if code is None else code.items
    if items is not None and code is None:
        chosen = chosen.model_copy(update={"items": items_digest(items)})
    judge_alone = judge_spec is not None and model_spec is None
    return EvaluationPlan(
        directory=directory,
        settings=chosen,
        items=items,
        predictions=predictions or (Path(chosen.predictions) if chosen.predictions else None),
        batch=None
        if chosen.predictions or chosen.suite.startswith(HARNESS)
        else _batch(
            directory, model_spec, {} if judge_alone else options, None if judge_alone else config_file
        ),
        judge=None
        if judge_spec is None
        else _judge(
            directory,
            judge_spec,
            options if judge_alone else {name: options[name] for name in options if _shared(name)},
            config_file if judge_alone else None,
        ),
        run=trained_on,
        code=code,
        sandbox=(sandbox or AUTO) if run_code else "",
    )


def _settings(directory: Path | None, asked: Mapping[str, Any]) -> EvaluationSettings:
    """What is not asked comes from the folder, unless that holds another suite's."""
    stored = None if directory is None else read_settings(directory)
    same_suite = stored is not None and asked.get("suite", stored.suite) == stored.suite
    kept = stored.model_dump() if stored is not None and same_suite else {}
    values = kept | dict(asked)
    if not values.get("suite"):
        raise ConfigError("Which suite?", f"Choose one: `suite={'|'.join(SUITES)}|lm-eval:TASK`")
    return EvaluationSettings.model_validate(values | {"limit": values.get("limit") or None})


def _of_harness(directory: Path | None, model_spec: str | None) -> Path:
    """The answers to lm-eval's tasks in a folder, which are judged there."""
    answers = None if directory is None else EvaluationPaths(directory).predictions
    if answers is None or not answers.is_file() or model_spec is not None:
        raise ConfigError("Tasks of lm-eval are asked by lm-eval.", "Call `evaluate_lm_eval` for them.")
    return answers


def _code(settings: EvaluationSettings, examples: int | None, tasks: Path | None) -> CodeSuite:
    """examples: as the user said just now, or None. tasks: likewise."""
    if settings.template:
        raise ConfigError(f"{settings.suite} is asked in its own words.", "Leave out `template`.")
    if not settings.tasks:
        files = {
            "humaneval": "HumanEval.jsonl or HumanEval.jsonl.gz",
            "mbpp": "mbpp.jsonl or sanitized-mbpp.json",
        }
        raise ConfigError(
            f"Where are the problems of {settings.suite}?", f"Name {files[settings.suite]}: `tasks=PATH`"
        )
    if examples is None and settings.items:
        examples = settings.examples  # the folder's
    return load_code_suite(
        settings.suite,
        tasks or Path(settings.tasks),
        samples=settings.samples,
        temperature=settings.temperature,
        examples=examples,
    )


def _require_leave(suite: str, run_code: bool, directory: Path | None) -> None:
    """To run code: once in a folder, for the programs that are there."""
    if not run_code and not (directory is not None and EvaluationPaths(directory).programs.exists()):
        raise ConfigError(f"{suite} {RUNS_CODE}.", "Allow it to, in a sandbox: `run_code=True`")


def _refuse_code(
    chosen: EvaluationSettings, settings: Mapping[str, Any], run_code: bool, sandbox: str | None
) -> None:
    given = {"run_code": run_code, "sandbox": sandbox, **{name: settings.get(name) for name in OF_CODE}}
    for name, value in given.items():
        if value:
            raise ConfigError(
                f"`{name}` is for {' and '.join(CODE_SUITES)}, not for {chosen.suite}.", "Leave it out."
            )


def _batch(
    directory: Path | None, model_spec: str | None, options: Mapping[str, Any], config_file: Path | None
) -> BatchPlan:
    if directory is None:
        raise ConfigError("There is no folder for the model's answers.", "Name a folder: `out=DIR`")
    requests = EvaluationPaths(directory).requests
    if model_spec is None and not holds_run(requests):
        raise ConfigError("There is nothing to evaluate.", "Give `model=SPEC`, or `predictions=FILE`.")
    return plan_batch(requests, model_spec=model_spec, options=options, config_file=config_file)


def _judge(
    directory: Path | None, spec: str, options: Mapping[str, Any], config_file: Path | None
) -> BatchPlan:
    if directory is None:
        raise ConfigError("There is no folder for the judge's verdicts.", "Name a folder: `out=DIR`")
    return plan_judge(EvaluationPaths(directory).judges, spec, options=options, config_file=config_file)


def _shared(option: str) -> bool:
    return option == "seed" or option.startswith("limits.")


def _items(settings: EvaluationSettings, tasks: Path | None) -> tuple[EvaluationItem, ...] | None:
    """tasks: as the user named them just now."""
    layout = layout_for(settings.template, settings.suite, chat=False)
    if settings.examples and (settings.suite != "superni" or layout != TK_INSTRUCT):
        raise ConfigError(
            "Only superni has examples to show, and only the template tk-instruct has a place for them.",
            "Leave out `examples`, or the other `template`.",
        )
    if settings.tasks:
        return load_items(
            settings.suite,
            tasks or Path(settings.tasks),
            per_task=settings.per_task,
            examples=settings.examples,
        )
    if settings.predictions or settings.suite.startswith(HARNESS):
        return None
    if settings.suite not in SUITES:
        raise no_suite(settings.suite)
    what = "a checkout of natural-instructions" if settings.suite == "superni" else "the file of its items"
    raise ConfigError(f"Where are the tasks of {settings.suite}?", f"Name {what}: `tasks=PATH`")
