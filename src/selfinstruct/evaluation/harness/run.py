"""Suites of the language model evaluation harness (MMLU, MATH, GSM8K and hundreds more), from the first
question to the metrics.

    my-evaluation/
      lm-eval.json         which model, which tasks, how; written before the first request
      requests/TASK/       what the model wrote, stored as a run is; TASK-likelihoods/ of an endpoint
      likelihoods-….db     how likely a local model found given answers, in lm-eval's own form
      answers/TASK.jsonl   every item: what was asked, what was said, what counts as its answer, metrics
      results.json         the metrics of tasks and groups, as lm-eval has them
      predictions.jsonl, scores.json, evaluation.json    the same items as those of every other suite
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError, MissingExtraError, RunMismatchError, UserError
from selfinstruct.evalsets.suites import HARNESS, items_digest
from selfinstruct.evaluation.harness.model import StoppedError
from selfinstruct.evaluation.harness.opening import opened_for_lm_eval
from selfinstruct.evaluation.harness.results import metrics_of, predictions_of, write_results
from selfinstruct.evaluation.harness.tasks import load_tasks, refuse_code
from selfinstruct.evaluation.predictions import Prediction, write_predictions
from selfinstruct.evaluation.scores import Scores
from selfinstruct.evaluation.settings import EvaluationPaths, EvaluationSettings
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.invocation import StopReason
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import damaged, storage_errors

__all__ = ["HarnessOutcome", "begun_by_lm_eval", "run_lm_eval"]

SETTINGS = "lm-eval.json"
QUIET = ("TQDM_DISABLE", "HF_DATASETS_DISABLE_PROGRESS_BARS")
"""Progress bars are for terminals. Read when tqdm and `datasets` are imported."""
RESAMPLES = 1000  # for lm-eval's standard errors; its own 100,000 take minutes
INTERVAL_SEED = 42


@dataclass(frozen=True, slots=True)
class HarnessOutcome:
    """What came of it.

    results: metrics by their names, as lm-eval has them, of each task and group; None where it was stopped
    before. scores: of all items, in percent; None too where no task has a score for each item.
    answers_lost: of each task that lost some; each counts as an empty answer.
    """

    directory: Path
    model: str
    results: Mapping[str, Mapping[str, float]] | None
    scores: Scores | None
    answers_lost: Mapping[str, int]
    stopped: StopReason
    advice: str

    def to_json(self) -> dict[str, Any]:
        """One object, as `evaluate --json` prints it. `tasks`: as lm-eval has them; the rest in percent."""
        return {
            "suite": "lm-eval",
            **({} if self.scores is None else self.scores.to_json()),
            "out": str(self.directory.absolute()),
            "model": self.model,
            "tasks": self.results,
            "answers_lost": dict(self.answers_lost),
            "stopped": self.stopped,
            "advice": self.advice,
        }


def run_lm_eval(
    model_spec: str | None,
    tasks: Sequence[str],
    out: Path,
    *,
    limit: int | None = None,
    shots: int | None = None,
    include: Path | None = None,
    max_tokens: int | None = None,
    options: Mapping[str, Any] | None = None,
    config_file: Path | None = None,
    display: BatchDisplay | None = None,
) -> HarnessOutcome:
    """Evaluate a model on tasks or groups of lm-eval, or resume that; blocks until it is over.

    model_spec: `provider/name`; None for the one that the folder was started with. tasks: empty for
        those that it was started with; so are the others that are None.
    limit: the first so many items of each task; 0 for all. shots: examples shown, in place of the task's own
        number. include: a folder of task files (YAML) of one's own. max_tokens: of an answer, in place of the
        task's own number. options, config_file: as in `resolve`.

    Raises MissingExtraError, ConfigError for a task that is not there, needs what the model does not have or
    runs code, UserError where a task's data cannot be had, and what `complete_batch` raises.
    """
    begun = begun_by_lm_eval(out) or {}
    tasks = list(tasks) or list(begun.get("tasks", ()))
    refuse_code(tasks)
    harness = _lm_eval()
    spec = _model(out, begun, model_spec)
    same = begun if begun.get("tasks") == tasks else {}
    limit = (same.get("limit") if limit is None else limit) or None
    shots = same.get("shots") if shots is None else shots
    max_tokens = same.get("max_tokens") if max_tokens is None else max_tokens
    if include is None and same.get("include"):
        include = Path(same["include"])
    loaded = load_tasks(tasks, include)
    settings = {
        "model": spec,
        "tasks": tasks,
        "limit": limit,
        "shots": shots,
        "max_tokens": max_tokens,
        "include": None if include is None else str(include.absolute()),
    }
    with opened_for_lm_eval(
        spec,
        out,
        loaded.tasks,
        named=model_spec is not None,
        options=options or {},
        config_file=config_file,
        display=display,
        max_tokens=max_tokens,
    ) as model:
        _keep(out, settings)
        try:
            with _without_git():
                found = harness.simple_evaluate(
                    model=model,
                    tasks=loaded.roots,
                    task_manager=loaded.manager,
                    num_fewshot=shots,
                    limit=limit,
                    bootstrap_iters=RESAMPLES,
                )
        except StoppedError as stopped:
            return HarnessOutcome(out, spec, None, None, {}, stopped.reason, stopped.advice)
    lost = {task: count for task, count in model.lost.items() if count}
    results = metrics_of(found)
    facts = {"model": spec, "lm_eval": harness.__version__, "limit": limit, "lost": lost}
    write_results(out, found, results, facts)
    predictions = predictions_of(found, model.answered)
    scores = _write_as_others(out, tasks, predictions, settings) if predictions else None
    return HarnessOutcome(out, spec, results, scores, lost, "done", "")


def begun_by_lm_eval(out: Path) -> dict[str, Any] | None:
    """The settings of the evaluation by lm-eval in a folder; None where there is none.

    Raises StorageError for a damaged file.
    """
    path = out / SETTINGS
    with storage_errors(path):
        if not path.is_file():
            return None
        text = path.read_text(encoding="utf-8")
    try:
        found = json.loads(text)
        found["model"], found["tasks"]
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path, str(error)) from error
    return dict(found)


def _write_as_others(
    out: Path, tasks: Sequence[str], predictions: Sequence[Prediction], asked: Mapping[str, Any]
) -> Scores:
    """What `compare`, `--judge` and reports read."""
    paths = EvaluationPaths(out)
    each = [prediction.score() for prediction in predictions]
    scores = Scores.of(predictions, each, INTERVAL_SEED)
    settings = EvaluationSettings(
        suite=f"{HARNESS}{','.join(tasks)}",
        items=items_digest([prediction.item for prediction in predictions]),
        examples=asked["shots"] or 0,
        limit=asked["limit"],
    )
    write_predictions(paths.predictions, predictions, each)
    facts = {"suite": settings.suite, **scores.to_json(), "model": asked["model"]}
    facts |= {name: asked[name] for name in ("shots", "max_tokens")}
    for path, value in ((paths.scores, facts), (paths.settings, settings.model_dump(mode="json"))):
        with atomic_write(path) as file:
            file.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    return scores


def _lm_eval() -> Any:
    try:
        import lm_eval
    except ImportError as error:
        raise MissingExtraError(
            "The suites of lm-eval need the package lm-eval, which is not installed.",
            "Install it with: pip install 'selfinstruct[lm-eval]'",
        ) from error
    logging.getLogger("lm_eval").setLevel(os.environ.get("LMEVAL_LOG_LEVEL", "ERROR").upper())
    if not sys.stderr.isatty():
        for switch in QUIET:
            os.environ.setdefault(switch, "1")
    return lm_eval


@contextmanager
def _without_git() -> Iterator[None]:
    """lm-eval asks git for the revision of whatever folder the command runs in, and git may complain."""
    from lm_eval import evaluator

    asks = evaluator.get_git_commit_hash
    evaluator.get_git_commit_hash = lambda: None
    try:
        yield
    finally:
        evaluator.get_git_commit_hash = asks


def _model(out: Path, begun: Mapping[str, Any], model_spec: str | None) -> str:
    """The one that is named, or that of a folder in which something was asked. All in it was said by one."""
    with storage_errors(out):
        if out.exists() and not out.is_dir():
            raise UserError(f"{out} is a file, not a folder.", "Name a folder: `out=DIR`")
        if not begun and out.exists() and any(out.iterdir()):
            raise UserError(
                f"{out} holds files, but no evaluation by lm-eval.", "Name a new or empty folder: `out=DIR`"
            )
        asked = out.exists() and any(path.name != SETTINGS for path in out.iterdir())
    stored: str | None = begun.get("model")
    spec = stored if model_spec is None else model_spec
    if spec is None:
        raise ConfigError("There is nothing to evaluate.", "Give `model=SPEC`.")
    if stored not in (None, spec) and asked:
        raise RunMismatchError(
            f"{out} was started with another model: {stored}, not {spec}.", "Name another folder: `out=DIR`"
        )
    return spec


def _keep(out: Path, settings: Mapping[str, Any]) -> None:
    with storage_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    with atomic_write(out / SETTINGS) as file:
        file.write(json.dumps(settings, ensure_ascii=False, indent=2) + "\n")
