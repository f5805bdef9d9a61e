"""From a checkpoint's files to a network in memory, an adapter merged into its model."""

from __future__ import annotations

import inspect
import os
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal

from selfinstruct.models.huggingface.checkpoint import Checkpoint
from selfinstruct.models.huggingface.network import Network
from selfinstruct.models.huggingface.quiet import quiet_transformers
from selfinstruct.models.huggingface.tokenizer import Tokenizer, in_gguf

if TYPE_CHECKING:
    import torch

__all__ = ["best_device", "load_network"]


@cache
def best_device() -> Literal["cuda", "mps", "cpu"]:
    """A GPU where torch finds one. Imports torch."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load_network(checkpoint: Checkpoint, tokenizer: Tokenizer) -> Network:
    """On the best device. Raises ConfigError for a checkpoint that transformers cannot load."""
    import torch

    device = torch.device(best_device())
    if device.type == "cpu" and checkpoint.is_small and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)
    with quiet_transformers(checkpoint.name):
        model = _load(checkpoint, device)
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    parameters = inspect.signature(model.forward).parameters
    layers = DynamicCache(config=model.config).layers
    joinable = all(type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers)
    return Network(
        forward=model,
        device=device,
        # A plain cache keeps what a sliding window has left behind, which the mask then hides.
        new_cache=DynamicCache if joinable else partial(DynamicCache, config=model.config),
        cache_name="cache" if "cache" in parameters else "past_key_values",
        joinable=joinable,
        last_only={"logits_to_keep": 1} if "logits_to_keep" in parameters else {},
        ends=_ends(model, tokenizer),
        decode=tokenizer.decode,
    )


def _load(checkpoint: Checkpoint, device: torch.device) -> Any:
    from transformers import AutoModelForCausalLM

    base = checkpoint.model
    model = AutoModelForCausalLM.from_pretrained(
        base.local(weights=True), dtype=_dtype(base, device), **in_gguf(base)
    )
    if checkpoint.base is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, checkpoint.local(weights=True)).merge_and_unload()
    return model.to(device).eval()


def _dtype(checkpoint: Checkpoint, device: torch.device) -> torch.dtype | Literal["auto"]:
    """As saved on a GPU. Processors compute half precision slowly."""
    import torch

    if device.type != "cpu":
        return "auto"
    return torch.float64 if checkpoint.is_small else torch.float32


def _ends(model: Any, tokenizer: Tokenizer) -> frozenset[int]:
    """Tokens that end a reply: the generation config's, such as that which ends a chat's turn, and the
    tokenizer's own."""
    named = model.generation_config.eos_token_id if model.generation_config else None
    ends = named if isinstance(named, list) else [named]
    return frozenset(token for token in (*ends, tokenizer.end) if token is not None)
