"""Suites of the language model evaluation harness (MMLU, MATH, GSM8K, HumanEval, MBPP and hundreds more),
from the first question to the metrics.

    my-evaluation/
      lm-eval.json         which model, which tasks; written first
      requests/TASK/       what the model wrote, stored as a run is
      likelihoods-….db     how likely it found given answers, in lm-eval's own form
      answers/TASK.jsonl   every item: what was asked, what was said, what counts as its answer, metrics
      results.json         the metrics of tasks and groups; written last
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError, MissingExtraError, RunMismatchError, UserError
from selfinstruct.evaluation.harness.model import StoppedError
from selfinstruct.evaluation.harness.opening import opened_for_lm_eval
from selfinstruct.evaluation.harness.results import metrics_of, write_results
from selfinstruct.evaluation.harness.tasks import check_code, load_tasks
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.requests.invocation import StopReason
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import damaged, storage_errors

__all__ = ["HarnessOutcome", "run_lm_eval"]

QUIET = ("TQDM_DISABLE", "HF_DATASETS_DISABLE_PROGRESS_BARS")
"""Progress bars are for terminals. Read when tqdm and `datasets` are imported."""
RESAMPLES = 1000  # for lm-eval's standard errors; its own 100,000 take minutes


@dataclass(frozen=True, slots=True)
class HarnessOutcome:
    """What came of it.

    results: metrics by their names, of each task and group; None where it was stopped before.
    answers_lost: of each task that lost some; each counts as an empty answer.
    """

    directory: Path
    model: str
    results: Mapping[str, Mapping[str, float]] | None
    answers_lost: Mapping[str, int]
    stopped: StopReason
    advice: str

    def to_json(self) -> dict[str, Any]:
        """One object, as `evaluate --json` prints it."""
        return {
            "suite": "lm-eval",
            "out": str(self.directory.absolute()),
            "model": self.model,
            "tasks": self.results,
            "lost": dict(self.answers_lost),
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
    options: Mapping[str, Any] | None = None,
    config_file: Path | None = None,
    tokenizer: str | None = None,
    run_code: bool = False,
    display: BatchDisplay | None = None,
) -> HarnessOutcome:
    """Evaluate a model on tasks or groups of lm-eval, or go on with it; blocks until it is over.

    model_spec: `provider/name`; None for the one that the folder was started with.
    limit: the first so many items of each task. shots: examples shown, in place of the task's own number.
    include: a folder of task files (YAML) of one's own. options, config_file: as in `resolve`.
    tokenizer: of an endpoint's model, a name on the Hub or a folder; needed for likelihoods where the
        endpoint does not tokenize. run_code: allow tasks that run what the model writes.

    Raises MissingExtraError, ConfigError for a task that is not there, needs what the model does not have or
    runs code unasked, UserError where a task's data cannot be had, and what `complete_batch` raises.
    """
    harness = _lm_eval()
    spec = _begin(out, model_spec, tasks)
    loaded = load_tasks(tasks, include)
    check_code(loaded.tasks, run_code)
    with opened_for_lm_eval(
        spec,
        out,
        loaded.tasks,
        options=options or {},
        config_file=config_file,
        tokenizer=tokenizer,
        display=display,
    ) as model:
        try:
            found = harness.simple_evaluate(
                model=model,
                tasks=loaded.roots,
                task_manager=loaded.manager,
                num_fewshot=shots,
                limit=limit,
                bootstrap_iters=RESAMPLES,
                confirm_run_unsafe_code=run_code,
            )
        except StoppedError as stopped:
            return HarnessOutcome(out, spec, None, {}, stopped.reason, stopped.advice)
    lost = dict(model.lost)
    results = metrics_of(found)
    facts = {"model": spec, "lm_eval": harness.__version__, "limit": limit, "lost": lost}
    write_results(out, found, results, facts)
    return HarnessOutcome(out, spec, results, lost, "done", "")


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


def _begin(out: Path, model_spec: str | None, tasks: Sequence[str]) -> str:
    """The model: the one that is named, or that of a folder that was begun. All in it was said by one."""
    path = out / "lm-eval.json"
    with storage_errors(path):
        out.mkdir(parents=True, exist_ok=True)
        if not path.exists() and any(out.iterdir()):
            raise UserError(
                f"{out} holds files, but no evaluation by lm-eval.", "Name a new or empty folder: `out=DIR`"
            )
        text = path.read_text(encoding="utf-8") if path.exists() else "{}"
    try:
        stored = json.loads(text).get("model")
    except (ValueError, AttributeError) as error:
        raise damaged(path, str(error)) from error
    spec: str | None = stored if model_spec is None else model_spec
    if spec is None:
        raise ConfigError("There is nothing to evaluate.", "Give `model=SPEC`.")
    if stored not in (None, spec):
        raise RunMismatchError(
            f"{out} was started with another model: {stored}, not {spec}.", "Name another folder: `out=DIR`"
        )
    with atomic_write(path) as file:
        file.write(json.dumps({"model": spec, "tasks": list(tasks)}, ensure_ascii=False, indent=2) + "\n")
    return spec
