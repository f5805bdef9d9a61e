"""The names of what lies in the folder of a tuning; `training/__init__.py` draws it."""

from __future__ import annotations

__all__ = [
    "ADAPTER",
    "CARD",
    "CHECKPOINTS",
    "CONFIG",
    "GGUF",
    "LOSSES",
    "LOSSES_DRAWN",
    "MODEL",
    "RESULT",
]

CONFIG, RESULT, CARD = "config.toml", "result.json", "README.md"
CHECKPOINTS, MODEL, ADAPTER, GGUF = "checkpoints", "model", "adapter", "model.gguf"
LOSSES, LOSSES_DRAWN = "losses.jsonl", "losses.svg"
