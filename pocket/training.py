"""What is trained: a model in bf16 with masters in fp32, its optimizers, its checkpoints.

Needs torch and transformers. bf16 weights are what CPUs with avx512_bf16 and GPUs multiply fastest; updates
are too small for them, hence the masters.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from attention import BLOCKED
from model import CONTEXT, build, parameters
from order import Order, Progress

__all__ = ["Training", "export", "load", "save", "set_up"]

END_OF_TEXT = "<|endoftext|>"


@dataclass(slots=True)
class Training:
    """A model in bf16, its masters in fp32, their optimizers, and the loss, compiled or not."""

    model: Any
    masters: list[torch.Tensor]
    optimizers: list[torch.optim.Optimizer]
    loss: Callable[[torch.Tensor], torch.Tensor]
    device: str

    def step(self, batch: np.ndarray, rate: float) -> torch.Tensor:
        """One update; the batch's loss, still on the device."""
        loss = self.loss(self.tensor(batch))
        loss.backward()
        weights = list(self.model.parameters())
        for master, weight in zip(self.masters, weights, strict=True):
            assert weight.grad is not None
            master.grad = weight.grad.float()
            weight.grad = None
        torch.nn.utils.clip_grad_norm_(self.masters, 1.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * group["factor"]
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.publish()
        return loss.detach()

    def publish(self) -> None:
        """The masters' values into the model."""
        with torch.no_grad():
            torch._foreach_copy_(list(self.model.parameters()), self.masters)

    def measure(self, tokens: np.ndarray, length: int, count: int, windows: int) -> float:
        """Mean loss, nats a token, on the first windows of these tokens."""
        losses = []
        with torch.no_grad():
            for first in range(0, windows, count):
                starts = [number * length for number in range(first, first + count)]
                if starts[-1] + length + 1 <= len(tokens):
                    batch = np.stack([tokens[start : start + length + 1] for start in starts])
                    losses.append(self.loss(self.tensor(batch)).item())
        return sum(losses) / len(losses) if losses else float("nan")

    def tensor(self, batch: np.ndarray) -> torch.Tensor:
        """The batch on the device."""
        return torch.from_numpy(batch.astype(np.int64)).to(self.device)


def set_up(options: argparse.Namespace, tokenizer: Tokenizer) -> Training:
    """The training as train.py's options want it, before its first step."""
    end = tokenizer.token_to_id(END_OF_TEXT)
    if end is None:
        raise SystemExit(f"The tokenizer has no {END_OF_TEXT}: prepare.py makes one that has.")
    model = build(
        options.size,
        vocabulary=tokenizer.get_vocab_size(),
        end_of_text=end,
        seed=options.seed,
        attention=BLOCKED if options.device == "cpu" else "sdpa",
    )
    if options.start is not None:
        model.load_state_dict(_weights(options.start))
    print(f"{parameters(model) / 1e6:.2f} M parameters", file=sys.stderr)
    model.config.use_cache = False
    model.to(options.device)
    masters = [weight.detach().clone() for weight in model.parameters()]
    for master in masters:
        master.requires_grad_()
    model.to(torch.bfloat16)

    def loss(batch: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=batch[:, :-1], use_cache=False).logits
        return cross_entropy(logits.float().flatten(0, 1), batch[:, 1:].flatten())

    compiled = torch.compile(loss, dynamic=False) if options.compile else loss
    return Training(model, masters, _optimizers(model, masters, options), compiled, options.device)


def _weights(path: Path) -> dict[str, torch.Tensor]:
    """Of a checkpoint folder or a GGUF file, in fp32. The model that is read from a GGUF file would not let
    itself be saved, so its weights alone are taken."""
    if path.is_dir():
        found = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    else:
        file = str(path.absolute())
        found = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=file, dtype=torch.float32)
    return dict(found.state_dict())


def _optimizers(
    model: Any, masters: list[torch.Tensor], options: argparse.Namespace
) -> list[torch.optim.Optimizer]:
    """AdamW for everything, with weight decay on matrices; with --muon, Muon for the matrices of layers."""
    named = list(zip((name for name, _ in model.named_parameters()), masters, strict=True))
    layers = [master for name, master in named if master.ndim == 2 and "layers" in name]
    embeddings = [master for name, master in named if master.ndim == 2 and "layers" not in name]
    vectors = [master for master in masters if master.ndim < 2]
    groups = [
        {"params": embeddings, "weight_decay": 0.1, "factor": 1.0},
        {"params": vectors, "weight_decay": 0.0, "factor": 1.0},
    ]
    found: list[torch.optim.Optimizer] = []
    if options.muon:
        group = {"params": layers, "factor": options.muon / options.rate}
        found.append(torch.optim.Muon([group], lr=options.muon, weight_decay=0.1))
    else:
        groups.append({"params": layers, "weight_decay": 0.1, "factor": 1.0})
    found.append(torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.95), fused=True))
    return found


def save(path: Path, training: Training, order: Order, progress: Progress, size: str) -> None:
    """Replace the checkpoint atomically."""
    state = {
        "size": size,
        "masters": training.masters,
        "optimizers": [optimizer.state_dict() for optimizer in training.optimizers],
        "taken": order.taken,
        "progress": (progress.step, progress.tokens, progress.seconds),
    }
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def load(path: Path, training: Training, order: Order, size: str) -> Progress:
    """Take the training and the order to where the checkpoint was saved."""
    state = torch.load(path, map_location=training.device, weights_only=True)
    if state["size"] != size:
        sys.exit(f"{path} holds a model of size {state['size']}, not {size}.")
    with torch.no_grad():
        torch._foreach_copy_(training.masters, state["masters"])
    for optimizer, saved in zip(training.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    training.publish()
    order.taken.update(state["taken"])
    return Progress(*state["progress"])


def export(training: Training, tokenizer: Tokenizer, folder: Path) -> None:
    """The masters as a Hugging Face checkpoint in fp32, with the tokenizer."""
    training.model.to(torch.float32)
    training.publish()
    training.model.config.use_cache = True
    training.model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TEXT,
        model_max_length=CONTEXT,
    ).save_pretrained(folder)
