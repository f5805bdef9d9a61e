"""The part of `finetune` that learns: model and data loaded, defaults settled, trained, saved."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import ConfigError
from selfinstruct.training.curve import curve_of, write_curve
from selfinstruct.training.display import LossDisplay
from selfinstruct.training.loading import Loaded, has_bf16, load, save, spec_of
from selfinstruct.training.outcome import DataCounts, Result, result_losses
from selfinstruct.training.plan import FinetunePlan
from selfinstruct.training.settings import (
    ADAPTER,
    CONFIG,
    MODEL,
    Settings,
    TuningSettings,
    suiting_learning_rate,
    suiting_max_length,
    validated,
    write_settings,
)
from selfinstruct.training.workers import ALONE, Workers

if TYPE_CHECKING:
    from pathlib import Path

    from selfinstruct.training.preparing import Prepared
    from selfinstruct.training.trainer import Trained

__all__ = ["tune"]


def tune(
    plan: FinetunePlan,
    micro_batch: int | None,
    checkpoint_minutes: float,
    display: LossDisplay,
    *,
    gguf: bool,
    workers: Workers = ALONE,
) -> tuple[Settings, int, Result | None]:
    """The settings, the updates that are done, and the result where those are all.

    gguf: whether the whole model is to be written as GGUF in the end, which is checked before anything is
        learnt.
    workers: those that learn it together; only the first one writes.

    Raises ConfigError for settings that do not fit the model, and what loading, preparing and training raise.
    """
    import torch

    from selfinstruct.models.huggingface.loading import best_device
    from selfinstruct.training.gguf import check_loaded
    from selfinstruct.training.preparing import prepare
    from selfinstruct.training.trainer import train

    chosen: dict[str, Any] = {"bf16": has_bf16(), **plan.options}
    if plan.before is not None:
        chosen = plan.before.tuning.model_dump()
    # The frozen weights of LoRA need no more digits than they had; those that are learnt do.
    half = chosen.get("lora") and chosen["bf16"]
    loaded = load(plan.model, dtype=torch.bfloat16 if half else torch.float32)
    if gguf:
        check_loaded(loaded.model, loaded.tokenizer, spec_of(plan.model), plan.out / MODEL)
    settings = plan.before or _settled(plan, loaded, chosen)
    tuning = settings.tuning
    share = workers.share(tuning.batch_size)
    if micro_batch and share % micro_batch:
        each = f", of which each of {workers.count} workers computes {share}" if workers.count > 1 else ""
        raise ConfigError(
            f"`micro_batch={micro_batch}` does not divide `batch_size={tuning.batch_size}`{each}.",
            "Choose one that does.",
        )
    prepared = prepare(
        plan.data,
        loaded.tokenizer,
        template=tuning.template,
        max_length=tuning.max_length,
        held_out=tuning.held_out,
        seed=tuning.seed,
        ends=loaded.ends,
    )
    if workers.first:
        write_settings(plan.out / CONFIG, settings)
    display.say(_announcement(settings, prepared, workers))
    trained = train(
        loaded,
        prepared,
        tuning,
        out=plan.out,
        device=best_device(),
        micro_batch=micro_batch,
        checkpoint_minutes=checkpoint_minutes,
        display=display,
        workers=workers,
    )
    workers.leave()
    curve = curve_of(trained.history)
    if workers.first:
        write_curve(curve, plan.out)
    if not trained.done:
        return settings, trained.steps, None
    if workers.first:
        _save(trained, loaded, tuning, plan.out)
    result = Result(
        data=_counts(plan, prepared),
        parameters=loaded.parameters,
        steps=trained.steps,
        tokens=trained.tokens,
        seconds=round(trained.seconds, 1),
        losses=result_losses(curve),
        hardware=_hardware(workers),
        software=_software(),
    )
    return settings, trained.steps, result


def _settled(plan: FinetunePlan, loaded: Loaded, chosen: dict[str, Any]) -> Settings:
    """With what suits the model where nothing was said."""
    from selfinstruct.training.preparing import choose_template

    template = choose_template(str(chosen.get("template", "auto")), plan.data, loaded.tokenizer)
    suiting = {
        "learning_rate": suiting_learning_rate(loaded.parameters, lora=bool(chosen.get("lora"))),
        "max_length": suiting_max_length(loaded.parameters, loaded.context),
    }
    tuning = validated({**suiting, **chosen, "template": template})
    if tuning.max_length > loaded.context:
        raise ConfigError(
            f"`max_length={tuning.max_length}` does not fit the model.",
            f"It was trained for {loaded.context} tokens.",
        )
    return Settings(data=plan.source, model=plan.model, tuning=tuning)


def _save(trained: Trained, loaded: Loaded, tuning: TuningSettings, out: Path) -> None:
    if tuning.lora:
        save(trained.model, loaded.tokenizer, out / ADAPTER, trained.weights)
    elif trained.weights is None:
        save(trained.model.to(loaded.stored), loaded.tokenizer, out / MODEL)
    else:
        weights = {name: weight.to(loaded.stored) for name, weight in trained.weights.items()}
        save(trained.model, loaded.tokenizer, out / MODEL, weights)


def _announcement(settings: Settings, prepared: Prepared, workers: Workers) -> str:
    tuning = settings.tuning
    by = f" by {workers.count} workers" if workers.count > 1 else ""
    left_out = "".join(f", {count:,} left out as {reason}" for reason, count in prepared.left_out.items())
    return (
        f"{len(prepared.train):,} examples to learn from, {len(prepared.held_out):,} held out"
        f" ({prepared.duplicates:,} duplicates removed{left_out}); template {tuning.template}, learning rate"
        f" {tuning.learning_rate:g}, {tuning.batch_size} an update{by}, {tuning.epochs:g} epochs."
    )


def _counts(plan: FinetunePlan, prepared: Prepared) -> DataCounts:
    return DataCounts(
        tasks=plan.data.tasks,
        seeds=plan.data.seeds,
        examples=len(plan.data.examples),
        learnt=len(prepared.train),
        held_out=len(prepared.held_out),
        duplicates=prepared.duplicates,
        left_out=prepared.left_out,
    )


def _hardware(workers: Workers) -> str:
    import torch

    if torch.cuda.is_available():
        return f"{workers.count} × {torch.cuda.get_device_name(0)}"
    threads = torch.get_num_threads() * workers.count
    return f"{threads} {platform.machine()} processor {'core' if threads == 1 else 'cores'}"


def _software() -> str:
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "trl", "peft"))
