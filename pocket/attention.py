"""Causal attention for training on a CPU: blocks of queries against all before them, by matrix products.

With heads as small as ours torch's own kernel for CPUs takes nearly half of a training step; this takes half
its time, and keeps every probability for the way back (for each head, half the square of a window's length).
Needs torch and transformers; reads and writes nothing.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface

__all__ = ["BLOCKED"]

BLOCKED = "blocked"
"""Its name for `attn_implementation`. There is no padding and no dropout: windows are full."""

BLOCK = 128
"""Queries at a time; a window's length has to be a multiple of it."""


@torch.library.custom_op("pocket::causal_attention", mutates_args=())
def _attend(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """(heads, length, size) each, queries scaled already; the output, and every probability for the way back,
    block after block."""
    heads, length, _ = queries.shape
    output = torch.empty_like(queries)
    kept = queries.new_empty(_kept(heads, length))
    ahead = torch.full((BLOCK, BLOCK), float("-inf"), dtype=queries.dtype).triu(1)
    for start, probabilities in _blocks(kept, heads, length):
        end = start + BLOCK
        scores = torch.bmm(queries[:, start:end], keys[:, :end].transpose(1, 2))
        scores[:, :, start:] += ahead
        torch.softmax(scores, -1, out=probabilities)
        output[:, start:end] = torch.bmm(probabilities, values[:, :end])
    return output, kept


@_attend.register_fake
def _(queries: torch.Tensor, *_others: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    heads, length, _size = queries.shape
    return torch.empty_like(queries), queries.new_empty(_kept(heads, length))


@torch.library.custom_op("pocket::causal_attention_backward", mutates_args=())
def _attend_backward(
    gradient: torch.Tensor,
    queries: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    kept: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    heads, length, _ = queries.shape
    of_queries = torch.empty_like(queries)
    of_keys, of_values = torch.zeros_like(keys), torch.zeros_like(values)
    for start, probabilities in _blocks(kept, heads, length):
        end = start + BLOCK
        part = gradient[:, start:end]
        of_values[:, :end] += torch.bmm(probabilities.transpose(1, 2), part)
        of_probabilities = torch.bmm(part, values[:, :end].transpose(1, 2))
        of_scores = torch._softmax_backward_data(of_probabilities, probabilities, -1, probabilities.dtype)
        of_queries[:, start:end] = torch.bmm(of_scores, keys[:, :end])
        of_keys[:, :end] += torch.bmm(of_scores.transpose(1, 2), queries[:, start:end])
    return of_queries, of_keys, of_values


@_attend_backward.register_fake
def _(_gradient: torch.Tensor, *given: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return tuple(torch.empty_like(tensor) for tensor in given[:3])


def _keep(ctx: Any, inputs: tuple[torch.Tensor, ...], output: tuple[torch.Tensor, ...]) -> None:
    ctx.mark_non_differentiable(output[1])
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(*inputs, output[1])


def _back(ctx: Any, gradient: torch.Tensor, _of_kept: Any) -> tuple[torch.Tensor, ...]:
    found: tuple[torch.Tensor, ...] = _attend_backward(gradient.contiguous(), *ctx.saved_tensors)
    return found


_attend.register_autograd(_back, setup_context=_keep)


def _kept(heads: int, length: int) -> int:
    blocks = length // BLOCK
    return heads * BLOCK * BLOCK * blocks * (blocks + 1) // 2


def _blocks(kept: torch.Tensor, heads: int, length: int) -> list[tuple[int, torch.Tensor]]:
    """Where each block of queries starts, and its part of `kept`: (heads, BLOCK, start + BLOCK)."""
    found, place = [], 0
    for start in range(0, length, BLOCK):
        size = heads * BLOCK * (start + BLOCK)
        found.append((start, kept[place : place + size].view(heads, BLOCK, start + BLOCK)))
        place += size
    return found


def _blocked(
    _module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    _mask: torch.Tensor | None,
    scaling: float,
    **_options: Any,
) -> tuple[torch.Tensor, None]:
    """As `transformers` calls it: (batch, heads, length, size) in, (batch, length, heads, size) out. Raises
    ValueError for a length that is no multiple of `BLOCK`."""
    batch, heads, length, size = query.shape
    if length % BLOCK:
        raise ValueError(f"windows of {length} tokens are no multiple of {BLOCK}")
    shared = heads // key.shape[1]
    flat = (batch * heads, length, size)
    queries = (query * scaling).reshape(flat)
    keys, values = (each.repeat_interleave(shared, dim=1).reshape(flat) for each in (key, value))
    output, _kept = _attend(queries, keys, values)
    return output.view(batch, heads, length, size).transpose(1, 2).contiguous(), None


AttentionInterface.register(BLOCKED, _blocked)
