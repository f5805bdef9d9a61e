"""Writing what was tuned: the model's folder, the adapter's, and the two merged."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from selfinstruct.store.failures import storage_errors
from selfinstruct.training.loading import load
from selfinstruct.training.settings import ModelSettings

__all__ = ["merge_adapter", "save"]


def save(model: Any, tokenizer: Any, folder: Path) -> Path:
    """A folder that `from_pretrained` loads, there as a whole or not at all; what was there is replaced."""
    growing = folder.with_name(f".{folder.name}.partial")
    with storage_errors(folder):
        shutil.rmtree(growing, ignore_errors=True)
        if hasattr(model.config, "use_cache"):
            model.config.use_cache = True
        model.save_pretrained(growing)
        tokenizer.save_pretrained(growing)
        (growing / "README.md").unlink(missing_ok=True)  # peft's, which is a form to fill in
        shutil.rmtree(folder, ignore_errors=True)
        return growing.replace(folder)


def merge_adapter(source: ModelSettings, adapter: Path, folder: Path) -> Path:
    """The whole model that a base model and its adapter are together, in `folder`."""
    import torch
    from peft import PeftModel

    loaded = load(source, dtype=torch.float32)
    merged = PeftModel.from_pretrained(loaded.model, str(adapter)).merge_and_unload()
    return save(merged.to(loaded.stored), loaded.tokenizer, folder)
