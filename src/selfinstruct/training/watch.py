"""What goes on around the updates: measuring, checkpoints, Ctrl-C, the line that people see.

Importing this loads torch and transformers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from transformers import TrainerCallback

from selfinstruct.errors import UserError
from selfinstruct.training.checkpoints import seal_checkpoint
from selfinstruct.training.curve import curve_of, write_curve
from selfinstruct.training.display import LossDisplay, TuningMoment
from selfinstruct.training.workers import ALONE, Workers

__all__ = ["Watch"]

MEASUREMENTS = 10
"""Of the held-out loss on the way, beside that before."""

SAVING_SHARE = 20
"""A checkpoint is written at most every so many times the seconds that writing one takes, unless one is
wanted after every update."""


@dataclass(slots=True, eq=False)
class Watch(TrainerCallback):  # type: ignore[misc] # its types are skipped
    """Says when to measure, to save and to stop, and shows how it goes.

    tokens_at: tokens learnt from after so many updates.
    """

    display: LossDisplay
    folder: Path
    tokens_at: list[int]
    epochs: float
    measuring: bool
    checkpoint_seconds: float
    workers: Workers = ALONE
    interrupted: bool = False
    _began: float = field(default_factory=monotonic)
    _before: float = 0.0
    _step_before: int = 0
    _saved: float = field(default_factory=monotonic)
    _saving_seconds: float = 0.0
    _loss: float | None = None
    _held_out_loss: float | None = None

    def seconds(self) -> float:
        """Of all invocations."""
        return self._before + monotonic() - self._began

    def interrupt(self) -> None:
        """Stop after this update."""
        again = "; Ctrl-C again to stop at once" if self.workers.count == 1 else ""
        self.display.say(f"Finishing this step and saving{again}.")
        self.interrupted = True

    def on_train_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """After a checkpoint was read, if there is one."""
        self._began = self._saved = monotonic()
        self._step_before = state.global_step
        self._before = max((row.get("seconds", 0.0) for row in state.log_history), default=0.0)
        self._show(state)

    def on_substep_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """A part of an update is done."""
        self._show(state)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """An update is done."""
        steps = len(self.tokens_at) - 1
        last = state.global_step == steps
        due = state.global_step * MEASUREMENTS // steps > (state.global_step - 1) * MEASUREMENTS // steps
        control.should_evaluate = self.measuring and (last or due)
        wait = self.checkpoint_seconds and max(self.checkpoint_seconds, SAVING_SHARE * self._saving_seconds)
        overdue = monotonic() - self._saved >= wait
        stop = self.interrupted or self.workers.told_to_stop
        self.interrupted, overdue = self.workers.any((stop, overdue), args.device)
        control.should_save = last or self.interrupted or overdue
        control.should_training_stop = control.should_training_stop or self.interrupted
        self._saving_seconds = 0.0 if control.should_save else self._saving_seconds
        self._saved = monotonic() if control.should_save else self._saved
        return control

    def on_log(self, _args: Any, state: Any, _control: Any, logs: dict[str, float], **_: Any) -> None:
        """There is a loss."""
        self._loss = logs.get("loss", self._loss)
        self._held_out_loss = logs.get("eval_loss", self._held_out_loss)
        if not math.isfinite((self._loss or 0.0) + (self._held_out_loss or 0.0)):
            raise UserError(
                f"The loss became NaN after {state.global_step} updates.",
                "Start again with a smaller `learning_rate`, or with `bf16=False`.",
            )
        self._show(state)

    def on_save(self, args: Any, state: Any, _control: Any, **_: Any) -> None:
        """A checkpoint was written; by all workers, once all have said so."""
        self.workers.any((True,), args.device)
        if self.workers.first:
            seal_checkpoint(self.folder, state.global_step)
            write_curve(curve_of(state.log_history), self.folder.parent)
        self._saving_seconds, self._saved = monotonic() - self._saved, monotonic()

    def _show(self, state: Any) -> None:
        step, steps = state.global_step, len(self.tokens_at) - 1
        self.display.update(
            TuningMoment(
                step=step,
                steps=steps,
                epoch=self.epochs * step / steps,
                epochs=self.epochs,
                loss=self._loss,
                held_out_loss=self._held_out_loss,
                tokens=self.tokens_at[step] - self.tokens_at[self._step_before],
                seconds=monotonic() - self._began,
                share=self.tokens_at[step] / self.tokens_at[-1],
                share_before=self.tokens_at[self._step_before] / self.tokens_at[-1],
            )
        )
