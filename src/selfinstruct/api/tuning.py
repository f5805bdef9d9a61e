"""`finetune`: a model tuned on a run, or on an exported file."""

from __future__ import annotations

from os import PathLike
from typing import Literal

from selfinstruct.api.asking import spec
from selfinstruct.api.given import given_path
from selfinstruct.api.run import Run
from selfinstruct.training.display import LossDisplay
from selfinstruct.training.on_ray import tuner
from selfinstruct.training.outcome import TuningResult
from selfinstruct.training.plan import plan_finetuning

__all__ = ["finetune"]


def finetune(
    data: Run | str | PathLike[str],
    out: str | PathLike[str],
    *,
    model: str | None = None,
    tasks: int | None = None,
    include_seeds: bool | None = None,
    outputs: str | None = None,
    min_score: float | None = None,
    lora: bool | None = None,
    lora_rank: int | None = None,
    template: Literal["auto", "mixture", "chat"] = "auto",
    epochs: float | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    micro_batch: int | None = None,
    max_length: int | None = None,
    held_out: float | None = None,
    bf16: bool | None = None,
    seed: int | None = None,
    checkpoint_minutes: float = 5.0,
    merge: bool = False,
    gguf: bool = False,
    license: str | None = None,  # noqa: A002 - what everybody calls it
    engine: Literal["local", "ray"] = "local",
    workers: int | None = None,
    progress: bool = False,
) -> TuningResult:
    """Fine-tune a model on a run's tasks or an exported file, into the folder `out`. Needs the extra
    `train`. The same call resumes after any interruption.

    model: `pocket`, `gguf/FILE` or `hf/FOLDER-OR-NAME`; not needed to resume.
    tasks: use only the first tasks; 0: only a run's seeds. include_seeds: also train on the seeds (default).
        outputs: those that `improve` wrote under this name. min_score: only instances with at least this mean
        score over judges.
    lora: train an adapter of rank `lora_rank` instead of all weights. micro_batch: examples per forward pass.
        merge: with `lora`, also write the merged model. gguf: also write a file for llama.cpp.
    engine: `ray` tunes by `workers` on the Ray cluster of `RAY_ADDRESS`, or of this machine (extra `ray`);
        by default one worker per GPU, or per node without GPUs.
    Defaults depend on the model; on resume, they are the tuning's own.
    Raises the errors of errors.py.
    """
    tune = tuner(engine, workers)
    plan = plan_finetuning(
        data.path if isinstance(data, Run) else given_path(data, "data"),
        given_path(out, "out"),
        model_spec=spec(model, "model"),
        tasks=tasks,
        include_seeds=include_seeds,
        outputs=outputs,
        min_score=min_score,
        options={
            "lora": lora,
            "lora_rank": lora_rank,
            "template": template,
            "max_length": max_length,
            "held_out": held_out,
            "epochs": epochs,
            "learning_rate": learning_rate,
            "batch_size": batch_size,
            "bf16": bf16,
            "seed": seed,
        },
    )
    return tune(
        plan,
        micro_batch=micro_batch,
        checkpoint_minutes=checkpoint_minutes,
        merge=merge,
        gguf=gguf,
        license_name=license,
        display=_display(progress),
    )


def _display(progress: bool) -> LossDisplay:
    if not progress:
        return LossDisplay(None)
    from rich.console import Console

    return LossDisplay(Console(stderr=True))
