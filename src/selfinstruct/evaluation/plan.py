"""From what a user asked, and what an evaluation's folder already holds, to what is to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from selfinstruct.errors import ConfigError
from selfinstruct.evalsets.code import CODE_SUITES
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.suites import BENCHMARK_SUITES, HARNESS, SUITES, items_digest, load_items, no_suite
from selfinstruct.evalsets.superni import PER_TASK
from selfinstruct.evaluation.benchmarks.base import Benchmark, Wanted
from selfinstruct.evaluation.benchmarks.registry import BENCHMARKS, load_benchmark
from selfinstruct.evaluation.code.sandbox import AUTO
from selfinstruct.evaluation.code.suite import RUNS_CODE, CodeSuite
from selfinstruct.evaluation.judging import plan_judge
from selfinstruct.evaluation.layouts import TK_INSTRUCT, layout_for
from selfinstruct.evaluation.settings import EvaluationPaths, EvaluationSettings, read_settings
from selfinstruct.pipeline.asking import BatchPlan, plan_batch
from selfinstruct.pipeline.settings import wrong_argument
from selfinstruct.store.directory import holds_run
from selfinstruct.store.reader import RunReader

__all__ = ["EvaluationPlan", "plan_evaluation"]


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """What is to be evaluated.

    directory: None where nothing is kept. items: of the suite; None where the predictions say what they are.
    predictions: the file to score; None where a model is asked.
    batch: which model to ask; None where predictions are there.
    judge: which model is to judge the answers, once all are there; None for none.
    run: whose seeds and tasks the items are compared with; None for the seeds that come with the package.
    benchmark: where the suite has prompts and metrics of its own.
    sandbox: where programs may run; empty where none may.
    """

    directory: Path | None
    settings: EvaluationSettings
    items: tuple[EvaluationItem, ...] | None
    predictions: Path | None
    batch: BatchPlan | None
    judge: BatchPlan | None
    run: RunReader | None
    benchmark: Benchmark | None = None
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
        raise ConfigError("`model` and `predictions` cannot be combined.", "Give `model` or `predictions`.")
    if predictions is not None and asked.get("limit"):
        raise ConfigError("`limit` does not apply to predictions: all are scored.", "Leave out `limit`.")
    chosen = _settings(directory, asked)
    if chosen.predictions and model_spec is not None:
        raise ConfigError(
            f"{directory} holds the scores of {chosen.predictions}.", "Name another folder: `out=DIR`"
        )
    if chosen.suite.startswith(HARNESS):
        predictions = _of_harness(directory, model_spec)
    benchmark = None
    if chosen.suite in BENCHMARK_SUITES:
        benchmark, chosen = _benchmark(chosen, asked, tasks)
    _require_use(chosen.suite, settings, run_code, sandbox)
    if chosen.suite in CODE_SUITES:
        _require_leave(chosen.suite, run_code, directory)
    trained_on = RunReader.open(Path(chosen.run)) if chosen.run else None
    items = _items(chosen, tasks) if benchmark is None else benchmark.items
    if items is not None and benchmark is None:
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
        benchmark=benchmark,
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
    try:
        return EvaluationSettings.model_validate(values | {"limit": values.get("limit") or None})
    except ValidationError as error:
        raise wrong_argument(error, zero_lifts=("limit",)) from None


def _of_harness(directory: Path | None, model_spec: str | None) -> Path:
    """The answers to lm-eval's tasks in a folder, which are judged there."""
    answers = None if directory is None else EvaluationPaths(directory).predictions
    if answers is None or not answers.is_file() or model_spec is not None:
        raise ConfigError("Tasks of lm-eval need another function.", "Call `evaluate_lm_eval`.")
    return answers


def _benchmark(
    settings: EvaluationSettings, asked: Mapping[str, Any], tasks: Path | None
) -> tuple[Benchmark, EvaluationSettings]:
    """asked: what the user gives now; otherwise the folder's settings apply. tasks: the same."""
    if settings.template:
        raise ConfigError(f"{settings.suite} has its own prompts.", "Leave out `template`.")
    begun = bool(settings.items)  # the folder's
    takes = BENCHMARKS[settings.suite].takes
    kept = {name: getattr(settings, name) for name in takes if begun or asked.get(name) is not None}
    path = tasks or (Path(settings.tasks) if settings.tasks else None)
    benchmark = load_benchmark(settings.suite, Wanted(path, **kept))
    found: dict[str, Any] = {"items": benchmark.digest, "samples": benchmark.samples}
    if not begun and asked.get("max_tokens") is None:
        found["max_tokens"] = benchmark.max_tokens
    if isinstance(benchmark, CodeSuite):
        found["examples"] = len(benchmark.shown)  # whichever call it is asked by
    return benchmark, settings.model_copy(update=found)


def _require_leave(suite: str, run_code: bool, directory: Path | None) -> None:
    """To run code: once in a folder, for the programs that are there."""
    if not run_code and not (directory is not None and EvaluationPaths(directory).programs.exists()):
        raise ConfigError(f"{suite} {RUNS_CODE}.", "Allow it to, in a sandbox: `run_code=True`")


def _require_use(suite: str, settings: Mapping[str, Any], run_code: bool, sandbox: str | None) -> None:
    """Raises ConfigError for an option that the suite has no use for."""
    given = {"run_code": run_code, "sandbox": sandbox}
    if suite not in CODE_SUITES:
        _refuse(suite, given, CODE_SUITES)
    for name in ("per_task", "examples", "samples", "temperature"):
        takers = ["superni"] if name == "per_task" else []
        takers += [each for each, entry in BENCHMARKS.items() if name in entry.takes]
        if suite not in takers and (name != "examples" or suite in BENCHMARKS):
            _refuse(suite, {name: settings.get(name)}, takers)


def _refuse(suite: str, given: Mapping[str, Any], takers: Sequence[str]) -> None:
    for name, value in given.items():
        if value:
            known = f"{', '.join(takers[:-1])} and {takers[-1]}" if takers[1:] else takers[0]
            raise ConfigError(f"`{name}` is for {known}, not for {suite}.", "Leave it out.")


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
            per_task=settings.per_task or PER_TASK,
            examples=settings.examples or 0,
        )
    if settings.predictions or settings.suite.startswith(HARNESS):
        return None
    if settings.suite not in SUITES:
        raise no_suite(settings.suite)
    what = "a checkout of natural-instructions" if settings.suite == "superni" else "the file of its items"
    raise ConfigError(f"Which file holds the tasks of {settings.suite}?", f"Name {what}: `tasks=PATH`")
