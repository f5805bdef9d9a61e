"""Where a tuning goes on after it was stopped: folders that count only once they are whole.

transformers writes a checkpoint file by file; a kill in between leaves a torn one that it would take for
good. So a checkpoint is sealed when all of it is on the disk, and what has no seal is thrown away.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from selfinstruct.store.failures import storage_errors

__all__ = ["latest_checkpoint", "seal_checkpoint"]

SEAL = "complete"


def latest_checkpoint(folder: Path) -> Path | None:
    """The one to go on from; torn ones are removed."""
    with storage_errors(folder):
        for path in _checkpoints(folder):
            if not (path / SEAL).exists():
                shutil.rmtree(path)
    return max(_checkpoints(folder), key=_step, default=None)


def seal_checkpoint(folder: Path, step: int) -> None:
    """Have the checkpoint of this step on the disk, mark it as whole, and remove earlier ones."""
    sealed = folder / f"checkpoint-{step}"
    with storage_errors(sealed):
        for path in (*sealed.iterdir(), sealed):
            _sync(path)
        (sealed / SEAL).touch()
        _sync(sealed)
        _sync(folder)
        for path in _checkpoints(folder):
            if path != sealed:
                (path / SEAL).unlink(
                    missing_ok=True
                )  # first, so that a kill leaves it torn rather than short
                shutil.rmtree(path)


def _checkpoints(folder: Path) -> list[Path]:
    return [path for path in folder.glob("checkpoint-*") if path.name.rpartition("-")[2].isdigit()]


def _step(path: Path) -> int:
    return int(path.name.rpartition("-")[2])


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
