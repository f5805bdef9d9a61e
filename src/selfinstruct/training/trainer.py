"""TRL's `SFTTrainer` with fixed examples in a fixed order, with checkpoints that survive a kill.

Importing this loads torch, transformers and trl.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import PrinterCallback
from trl import SFTConfig, SFTTrainer

from selfinstruct.errors import UserError
from selfinstruct.training.checkpoints import latest_checkpoint, remove_torn_checkpoints
from selfinstruct.training.display import LossDisplay
from selfinstruct.training.head import has_plain_head, teach_completion_loss
from selfinstruct.training.loading import Loaded
from selfinstruct.training.order import training_order, updates
from selfinstruct.training.preparing import Prepared, TokenizedExample
from selfinstruct.training.settings import CHECKPOINTS, TuningSettings, suiting_micro_batch, wants_recomputing
from selfinstruct.training.stopping import stop_signals
from selfinstruct.training.watch import Watch
from selfinstruct.training.workers import ALONE, Workers

__all__ = ["Trained", "train"]

WARM_UP = 0.03
"""Share of the updates in which the learning rate rises."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A tuning that came to its end or was interrupted.

    weights: of the model, where each worker holds only a part of it. steps: of all its updates, those that
    are done. history: as transformers keeps it. tokens, seconds: of all invocations.
    """

    model: Any
    weights: dict[str, Any] | None
    done: bool
    steps: int
    history: tuple[dict[str, Any], ...]
    tokens: int
    seconds: float


def train(
    loaded: Loaded,
    prepared: Prepared,
    tuning: TuningSettings,
    *,
    out: Path,
    device: str,
    micro_batch: int | None,
    checkpoint_minutes: float,
    display: LossDisplay,
    workers: Workers = ALONE,
) -> Trained:
    """Learn, from the latest checkpoint in `out` or from the beginning, to the end or to Ctrl-C.

    micro_batch: of each worker.

    Raises UserError where memory does not suffice or the loss is no number any more.
    """
    folder = out / CHECKPOINTS
    if workers.first:
        remove_torn_checkpoints(folder)
    checkpoint = latest_checkpoint(folder)
    lengths = [len(example.tokens) for example in prepared.train]
    order = training_order(lengths, epochs=tuning.epochs, batch=tuning.batch_size, seed=tuning.seed)
    share = workers.share(tuning.batch_size)
    micro_batch = micro_batch or suiting_micro_batch(loaded.parameters, share, device)
    whole = micro_batch * workers.count if workers.count > 1 else 1
    steps = updates(len(lengths), epochs=tuning.epochs, batch=tuning.batch_size)
    seen = list(accumulate((lengths[place] for place in order), initial=0))
    config = SFTConfig(
        output_dir=str(folder),
        per_device_train_batch_size=micro_batch,
        per_device_eval_batch_size=micro_batch,
        gradient_accumulation_steps=share // micro_batch,
        num_train_epochs=1,  # the order holds all of them
        train_sampling_strategy="sequential",
        learning_rate=tuning.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=round(WARM_UP * steps),
        weight_decay=0.0,
        max_grad_norm=1.0,
        bf16=tuning.bf16,
        gradient_checkpointing=wants_recomputing(loaded.parameters),
        max_length=None,  # what is too long was left out
        dataset_kwargs={"skip_prepare_dataset": True},
        logging_steps=1,
        logging_nan_inf_filter=False,
        eval_strategy="no",  # the watch says when
        eval_on_start=bool(prepared.held_out) and checkpoint is None,
        save_strategy="no",  # likewise
        report_to="none",
        disable_tqdm=True,
        use_cpu=device == "cpu",
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=device == "cuda",
        seed=tuning.seed,
    )
    if config.n_gpu > 1:  # all that are visible, for torch's DataParallel, which TRL refuses
        config._n_gpu = 1
    watch = Watch(
        display,
        folder,
        tokens_at=[seen[min(step * tuning.batch_size, len(order))] for step in range(steps + 1)],
        epochs=tuning.epochs,
        measuring=bool(prepared.held_out),
        checkpoint_seconds=60 * checkpoint_minutes,
        workers=workers,
    )
    trainer = _Trainer(
        watch,
        model=_with_adapter(loaded.model, tuning),
        args=config,
        train_dataset=_dataset(_filled_up(prepared.train, order, whole)),
        eval_dataset=_dataset(prepared.held_out) if prepared.held_out else None,
        processing_class=loaded.tokenizer,
        callbacks=[watch],
    )
    trainer.remove_callback(PrinterCallback)
    with stop_signals(watch.interrupt, again=workers.count == 1), display.showing(), _memory_errors():
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    step = trainer.state.global_step
    sharded = trainer.is_fsdp_enabled and step >= steps  # all workers have to put the weights together
    weights = trainer.accelerator.get_state_dict(trainer.model) if sharded else None
    return Trained(
        model=trainer.model,
        weights=weights,
        done=step >= steps,
        steps=step,
        history=tuple(trainer.state.log_history),
        tokens=watch.tokens_at[step],
        seconds=watch.seconds(),
    )


def _filled_up(
    examples: Sequence[TokenizedExample], order: Sequence[int], whole: int
) -> list[TokenizedExample]:
    """In their order; then, up to a multiple of `whole`, examples of which nothing is learnt. Where several
    workers share them, accelerate would have the first ones learnt again."""
    ordered = [examples[place] for place in order]
    shortest = min(ordered, key=lambda example: len(example.tokens))
    blank = replace(shortest, prompt=len(shortest.tokens))
    return ordered + [blank] * (-len(ordered) % whole)


def _dataset(examples: Sequence[TokenizedExample]) -> Any:
    return Dataset.from_dict(
        {
            "input_ids": [list(example.tokens) for example in examples],
            "labels": [example.labels for example in examples],
        }
    )


def _with_adapter(model: Any, tuning: TuningSettings) -> Any:
    if not tuning.lora:
        return model
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(tuning.seed)  # an adapter begins at random
    config = LoraConfig(
        r=tuning.lora_rank,
        lora_alpha=2 * tuning.lora_rank,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


class _Trainer(SFTTrainer):  # type: ignore[misc] # its types are skipped
    """Writes no cards of its own, tells nobody, keeps tokens and seconds with every loss, and leaves out the
    logits of prompts."""

    def __init__(self, watch: Watch, **arguments: Any) -> None:
        self._watch = watch
        super().__init__(**arguments)
        # On a GPU, TRL's own loss is as frugal. A router's second loss is its business too.
        bare = self.model.get_base_model() if hasattr(self.model, "peft_config") else self.model
        self._ours = self.args.device.type != "cuda" and not self.aux_loss_enabled and has_plain_head(bare)
        if self._ours:
            teach_completion_loss(bare)

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """TRL's value, computed for completions only where the model's head allows it."""
        if not self._ours or return_outputs:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        loss = model(**inputs, completion_loss=True, items=num_items_in_batch)["loss"]
        # Items are those of all workers, and gradients become the mean over workers.
        return loss if num_items_in_batch is None else loss * self.accelerator.num_processes

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """Ours says more."""

    def _send_telemetry(self) -> None:
        """Nothing leaves this machine."""

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        logs["seconds"] = round(self._watch.seconds(), 3)
        logs["tokens"] = self._watch.tokens_at[self.state.global_step]
        super().log(logs, start_time)


@contextmanager
def _memory_errors() -> Iterator[None]:
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        known = isinstance(error, torch.OutOfMemoryError | MemoryError)
        if not known and "allocate memory" not in str(error):  # what torch says on a processor
            raise
        raise UserError(
            "Not enough memory to train with these settings.",
            "Try `micro_batch=1`; or start a new one with `lora`, a smaller `max_length` or a smaller model.",
        ) from error
