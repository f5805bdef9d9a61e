"""`finetune`: from data and a model to a tuned model with its card, resumable at any moment."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from selfinstruct.dataset.card_metadata import UNKNOWN_LICENSE, check_license
from selfinstruct.dataset.reviewed import review_effect
from selfinstruct.models.catalog import local_file
from selfinstruct.models.huggingface.checkpoint import find_checkpoint
from selfinstruct.models.llamacpp.gguf import architecture_of
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.lock import RunLock
from selfinstruct.store.notes import asked_otherwise
from selfinstruct.training.adapted_gguf import ADAPTABLE, write_adapted
from selfinstruct.training.card import CardOrigin, render_model_card
from selfinstruct.training.display import LossDisplay
from selfinstruct.training.gguf import check_architecture, write_gguf
from selfinstruct.training.loading import merge_adapter, quiet, require_unchanged, spec_of
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
    ModelSettings,
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
    gguf: also one file for llama.cpp. Of an adapter to a GGUF file it is that file with the adapter in it;
        else the whole model, converted, and that is written too.

    workers: those that a launcher started, of which this process is one; None to find out. They begin and end
    together, and the first one alone holds the lock, writes and speaks.

    Raises the errors of errors.py.
    """
    display, workers = display or LossDisplay(None), workers or launched()
    license_name = check_license(license_name or UNKNOWN_LICENSE)
    base = _adapted_file(plan)
    if gguf and base is None:
        named = _architecture(plan.model)
        adaptable = plan.model.provider != "hf" and named in ADAPTABLE
        check_architecture(spec_of(plan.model), named, plan.out / MODEL, adaptable=adaptable)
    with storage_errors(plan.out):
        plan.out.mkdir(parents=True, exist_ok=True)
    with _locked(plan.out) if workers.first else nullcontext(), quiet():
        settings, result = plan.before, read_result(plan.out / RESULT)
        if settings is None or result is None:
            settings, steps, result = tune(
                plan,
                micro_batch,
                checkpoint_minutes,
                display,
                gguf=gguf and base is None,
                workers=workers,
            )
            if result is None or not workers.first:
                return _outcome(plan.out, settings, steps, result)
            write_result(plan.out / RESULT, result)
            shutil.rmtree(plan.out / CHECKPOINTS, ignore_errors=True)
        if not workers.first:
            return _outcome(plan.out, settings, result.steps, result)
        model = plan.out / MODEL
        whole = merge or (gguf and base is None)
        if settings.tuning.lora and whole and not model.exists():
            merge_adapter(settings.model, plan.out / ADAPTER, model)
        if gguf and not (plan.out / GGUF).exists():
            name = plan.out.resolve().name
            if base is None:
                write_gguf(model, plan.out / GGUF, name=name)
            else:
                require_unchanged(settings.model)
                write_adapted(base, plan.out / ADAPTER, plan.out / GGUF, name=name)
        _write_card(plan, settings, result, license_name)
        return _outcome(plan.out, settings, result.steps, result)


def _adapted_file(plan: FinetunePlan) -> Path | None:
    """The GGUF file that an adapter can be put into; None where the whole model has to be converted."""
    if not plan.lora or plan.model.provider == "hf":
        return None
    file = local_file(spec_of(plan.model))
    return file if architecture_of(file) in ADAPTABLE else None


def _architecture(model: ModelSettings) -> str:
    """As its file or its folder says, before anything is loaded."""
    if model.provider != "hf":
        return architecture_of(local_file(spec_of(model)))
    config = find_checkpoint(model.name, model.digest).local() / "config.json"
    with storage_errors(config):
        return str(json.loads(config.read_text(encoding="utf-8")).get("model_type"))


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
