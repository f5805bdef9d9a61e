"""The loss of completions without the logits of prompts.

A language model's head multiplies each hidden state with one vector per word of its vocabulary. For a small
model with 262,144 words that is most of the work, and prompts have no loss. On a GPU, TRL computes
completions only; elsewhere it computes all positions, and all of them twice. Here the head sees completions
only, once: its gradient is taken while its logits are there, a piece at a time.

Importing this loads torch.
"""

from __future__ import annotations

from functools import wraps
from types import MethodType
from typing import Any

import torch
from torch.nn import functional

__all__ = ["completion_loss", "has_plain_head", "teach_completion_loss"]

IGNORED = -100
"""The label of a token that is not learned."""

PIECE = 2**25
"""Logits computed at a time, 128 MiB of float32. Also bounds the memory; a larger number is not faster."""


def has_plain_head(model: Any) -> bool:
    """Whether a causal model's logits are its head times the last hidden states and nothing else: no
    soft-capping (Gemma 2), no scaling (Granite, Cohere), no second loss (routers), no LoRA on the head.

    It is tried on three tokens rather than looked up, so that it holds for models not known here.
    """
    head = model.get_output_embeddings()
    if not isinstance(head, torch.nn.Linear):
        return False
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            tokens = torch.arange(3, device=model.device).unsqueeze(0)
            hidden = model.base_model(input_ids=tokens, use_cache=False).last_hidden_state
            logits = model(input_ids=tokens, use_cache=False).logits
            # Exactly: with the small logits of a fresh model, a soft-cap changes little.
            return bool(torch.equal(head(hidden), logits))
    finally:
        model.train(training)


def completion_loss(model: Any, inputs: Any, items: Any = None) -> torch.Tensor:
    """The mean negative log-likelihood of the labels that are not `IGNORED`, in nats, as transformers
    computes it; of a causal model for which `has_plain_head` is true, with or without LoRA on its layers.

    items: what the sum is divided by; None for the number of those labels, at least 1.
    """
    labels = inputs["labels"][:, 1:]
    rest = {name: value for name, value in inputs.items() if name not in ("labels", "use_cache")}
    hidden = model.base_model(**rest, use_cache=False).last_hidden_state[:, :-1]
    wanted = labels != IGNORED
    head = model.get_output_embeddings()
    total = _HeadLoss.apply(hidden[wanted], head.weight, head.bias, labels[wanted], torch.is_grad_enabled())
    count = wanted.sum() if items is None else torch.as_tensor(items, device=total.device)
    loss: torch.Tensor = total / count.clamp(min=1)
    return loss


def teach_completion_loss(model: Any) -> None:
    """Have the model answer a call with `completion_loss=True` by `{"loss": …}` alone, with `items` as in
    `completion_loss`. By a call, since that is all that wrappers (mixed precision, workers) see.
    """
    before, loss_of = model.forward, completion_loss

    @wraps(type(model).forward)  # generation looks at its arguments
    def forward(_: Any, *values: Any, completion_loss: bool = False, items: Any = None, **inputs: Any) -> Any:
        return {"loss": loss_of(model, inputs, items)} if completion_loss else before(*values, **inputs)

    model.forward = MethodType(forward, model)


class _HeadLoss(torch.autograd.Function):  # type: ignore[misc] # its types are skipped
    """The sum of the labels' negative log-likelihoods, in float32.

    hidden: (n, width). weight: (words, width). bias: (words), or None. labels: (n). learning: whether
    gradients will be wanted.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Any, weight: Any, bias: Any, labels: Any, learning: bool) -> torch.Tensor:
        kind = hidden.device.type
        dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else hidden.dtype
        of_hidden, of_weight, of_bias = (
            torch.zeros_like(value, dtype=torch.float32) if learning and needed else None
            for value, needed in zip((hidden, weight, bias), ctx.needs_input_grad[:3], strict=True)
        )
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        with torch.autocast(kind, enabled=False):
            matrix, offset = weight.to(dtype), None if bias is None else bias.to(dtype)
            rows = max(1, PIECE // weight.shape[0])
            for piece in range(0, len(hidden), rows):
                part = slice(piece, piece + rows)
                states = hidden[part].to(dtype)
                logits = functional.linear(states, matrix, offset).float()
                wanted = labels[part, None]
                total += (logits.logsumexp(1) - logits.gather(1, wanted).squeeze(1)).sum()
                if of_hidden is None and of_weight is None and of_bias is None:
                    continue
                # The derivative by the logits: the probabilities, less 1 at the label.
                slope = torch.softmax(logits, 1)
                slope.scatter_add_(1, wanted, slope.new_full(wanted.shape, -1))
                small = slope.to(dtype)
                if of_hidden is not None:
                    of_hidden[part] = small @ matrix
                if of_weight is not None:
                    of_weight += small.T @ states
                if of_bias is not None:
                    of_bias += slope.sum(0)
        ctx.save_for_backward(of_hidden, of_weight, of_bias)
        ctx.dtypes = hidden.dtype, weight.dtype, None if bias is None else bias.dtype
        return total

    @staticmethod
    def backward(ctx: Any, slope: Any) -> tuple[Any, ...]:
        gradients = (
            None if value is None else (value * slope).to(dtype)
            for value, dtype in zip(ctx.saved_tensors, ctx.dtypes, strict=True)
        )
        return (*gradients, None, None)
