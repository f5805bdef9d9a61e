"""`rounds`: generate, tune and measure, round after round."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeVar

from selfinstruct.api.asking import spec
from selfinstruct.api.blocking import run_to_end
from selfinstruct.api.given import given_config, given_path, given_signals
from selfinstruct.errors import ConfigError
from selfinstruct.studies.rounds.experiment import RoundsResult, run_rounds
from selfinstruct.studies.rounds.plan import plan_rounds

__all__ = ["rounds"]

_Result = TypeVar("_Result")


def rounds(
    out: str | PathLike[str],
    *,
    model: str | None = None,
    items: str | PathLike[str] | None = None,
    suite: str | None = None,
    tasks: int | None = None,
    max_rounds: int | None = None,
    seeds: str | PathLike[str] | None = None,
    seed: int | None = None,
    config: str | PathLike[str] | Mapping[str, Any] | None = None,
    signals: str | Sequence[str] | None = None,
    judge: str | None = None,
    judge_base_url: str | None = None,
    min_score: float | None = None,
    tune_from: Literal["start", "last"] | None = None,
    include_seeds: bool | None = None,
    lora: bool | None = None,
    lora_rank: int | None = None,
    epochs: float | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    max_length: int | None = None,
    limit: int | None = None,
    max_tokens: int | None = None,
    template: str | None = None,
    stop: str | Sequence[str] | None = None,
    max_requests: int | None = None,
    max_total_tokens: int | None = None,
    concurrency: int | None = None,
    progress: bool = False,
) -> RoundsResult:
    """Let a model write tasks, tune it on the best, measure it, and let the tuned model write the next
    tasks, until a round's gain is not certain. Needs the extra `train`. The same call resumes.

    out: the folder of all rounds. model: the starting model, `pocket`, `gguf/FILE` or `hf/FOLDER-OR-NAME`;
        not needed to resume.
    items, suite: what each round is measured on, as `tasks` and `suite` of `evaluate`; by default a JSON
        Lines file. limit, max_tokens, template, stop: as there.
    tasks: number of tasks per round. Default: 100. max_rounds: default 3. seeds: a file of seed tasks.
    seed: random seed of round 1 and of all tunings; round 2 generates with the next number. Default: 42.
    config: other settings of each round's run, as in `generate`.
    signals: drop instances that these signals flag: `all` (the default), `certain`, `none`, or names.
        judge: a model that scores each instance, at `judge_base_url` where that is given; `min_score`: keep
        those with this score or more (4).
    tune_from: what each round tunes: the `start` model on the kept tasks of all rounds so far (the default),
        or the `last` round's model. include_seeds: also train on the seeds (default). lora, lora_rank,
        epochs, learning_rate, batch_size, max_length: as in `finetune`.
    max_requests, max_total_tokens: budgets over all rounds: tasks, verdicts and answers. 0 removes one.

    A budget that is reached, or an endpoint that fails, is not an error: the result's `stopped` and `advice`
    say so. Raises the errors of errors.py.
    """
    plan = plan_rounds(
        given_path(out, "out"),
        values={
            "model": spec(model, "model"),
            "suite": suite,
            "tasks": tasks,
            "max_rounds": max_rounds,
            "seed": seed,
            "signals": given_signals(signals),
            "judge": spec(judge, "judge"),
            "judge_base_url": judge_base_url,
            "min_score": min_score,
            "tune_from": tune_from,
            "include_seeds": include_seeds,
            "limit": limit,
            "max_tokens": max_tokens,
            "template": template,
            "stop": _stops(stop),
            "max_requests": max_requests,
            "max_total_tokens": max_total_tokens,
            "concurrency": concurrency,
        },
        tuning={
            "lora": lora,
            "lora_rank": lora_rank,
            "epochs": epochs,
            "learning_rate": learning_rate,
            "batch_size": batch_size,
            "max_length": max_length,
        },
        seeds=_path(seeds, "seeds"),
        items=_path(items, "items"),
        config=given_config(config),
    )
    console = None
    if progress:
        from rich.console import Console

        console = Console(stderr=True)
    return run_rounds(plan, console=console, wait=_to_its_end)


def _to_its_end(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Also where the caller's event loop is running."""
    return run_to_end(lambda: work)


def _path(value: str | PathLike[str] | None, argument: str) -> Path | None:
    return None if value is None else given_path(value, argument)


def _stops(value: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Texts, also where one was given alone."""
    if value is None:
        return None
    texts = (value,) if isinstance(value, str) else tuple(value)
    if not all(isinstance(each, str) for each in texts):
        raise ConfigError(f"`stop` is {value!r:.80}, not texts.", "Give a list of texts.")
    return texts
