"""`finetune`: from data and a model to a tuned model with its card, resumable at any moment."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from selfinstruct.dataset.card_metadata import UNKNOWN_LICENSE, check_license
from selfinstruct.dataset.reviewed import review_effect
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.lock import RunLock
from selfinstruct.store.notes import asked_otherwise
from selfinstruct.training.card import CardOrigin, render_model_card
from selfinstruct.training.display import LossDisplay
from selfinstruct.training.gguf import write_gguf
from selfinstruct.training.loading import merge_adapter, quiet, spec_of
from selfinstruct.training.outcome import Result, TuningResult, read_result, write_result
from selfinstruct.training.plan import FinetunePlan
from selfinstruct.training.settings import (
    ADAPTER,
    CARD,
    CHECKPOINTS,
    CONFIG,
    GGUF,
    LOSSES,
    LOSSES_DRAWN,
    MODEL,
    RESULT,
    Settings,
)
from selfinstruct.training.tune import tune
from selfinstruct.training.workers import Workers, launched

__all__ = ["finetune"]

MADE = (MODEL, ADAPTER, GGUF, LOSSES, LOSSES_DRAWN, CONFIG)
"""What may be there in the end, and is worth a line in the card."""


def finetune(
    plan: FinetunePlan,
    *,
    micro_batch: int | None = None,
    checkpoint_minutes: float = 5.0,
    merge: bool = False,
    gguf: bool = False,
    license_name: str | None = None,
    display: LossDisplay | None = None,
    workers: Workers | None = None,
) -> TuningResult:
    """Start a tuning, resume it, or add missing files to a finished one.

    micro_batch: examples computed at a time; None for what suits.
    checkpoint_minutes: between two checkpoints.
    merge: of a LoRA tuning also the whole model.
    gguf: also one file for llama.cpp, and what it is made of, the whole model.

    workers: those that a launcher started, of which this process is one; None to find out. They begin and end
    together, and the first one alone holds the lock, writes and speaks.

    Raises the errors of errors.py.
    """
    display, workers = display or LossDisplay(None), workers or launched()
    license_name = check_license(license_name or UNKNOWN_LICENSE)
    with storage_errors(plan.out):
        plan.out.mkdir(parents=True, exist_ok=True)
    with _locked(plan.out) if workers.first else nullcontext(), quiet():
        settings, result = plan.before, read_result(plan.out / RESULT)
        if settings is None or result is None:
            settings, steps, result = tune(
                plan, micro_batch, checkpoint_minutes, display, gguf=gguf, workers=workers
            )
            if result is None or not workers.first:
                return _outcome(plan.out, settings, steps, result)
            write_result(plan.out / RESULT, result)
            shutil.rmtree(plan.out / CHECKPOINTS, ignore_errors=True)
        if not workers.first:
            return _outcome(plan.out, settings, result.steps, result)
        model = plan.out / MODEL
        if settings.tuning.lora and (merge or gguf) and not model.exists():
            merge_adapter(settings.model, plan.out / ADAPTER, model)
        if gguf and not (plan.out / GGUF).exists():
            write_gguf(model, plan.out / GGUF, name=plan.out.resolve().name)
        _write_card(plan, settings, result, license_name)
        return _outcome(plan.out, settings, result.steps, result)


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    with storage_errors(out):
        lock = RunLock(out / ".lock")
    try:
        yield
    finally:
        lock.release()


def _write_card(plan: FinetunePlan, settings: Settings, result: Result, license_name: str) -> None:
    """In the folder of the tuning, and in those of the model and the adapter, which are published alone."""
    run = plan.data.run
    origin = None
    if run is not None:
        origin = CardOrigin(
            run.config(), run.summary(), asked_otherwise(run.notes()), review_effect(run, plan.data.outputs)
        )
    for folder in (plan.out, plan.out / MODEL, plan.out / ADAPTER):
        if folder.exists():
            card = render_model_card(
                plan.out.resolve().name,
                settings,
                result,
                tuple(name for name in MADE if (folder / name).exists()) if folder == plan.out else (),
                license_name=license_name,
                origin=origin,
            )
            with atomic_write(folder / CARD) as file:
                file.write(card)


def _outcome(out: Path, settings: Settings, steps: int, result: Result | None) -> TuningResult:
    here = out.absolute()
    names = (*MADE, CARD) if result else (LOSSES, LOSSES_DRAWN, CONFIG)
    return TuningResult(
        out=here,
        model=spec_of(settings.model),
        stopped="interrupted" if result is None else "done",
        steps=steps,
        result=result,
        settings=settings.tuning.model_dump(mode="json"),
        files={name: here / name for name in names if (here / name).exists()},
    )
