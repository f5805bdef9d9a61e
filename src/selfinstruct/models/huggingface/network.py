"""A network in memory: what is asked of transformers, apart from which model it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

__all__ = ["Network"]


@dataclass(frozen=True, slots=True)
class Network:
    """A loaded model.

    forward: the model itself. cache_name: what this version of transformers calls the argument.
    new_cache: an empty cache. joinable: whether caches of several rows can be put together.
    last_only: the argument that asks for the last position's scores alone, where the model knows it.
    ends: tokens that end a reply. decode: text of tokens, special ones left out.
    """

    forward: Callable[..., Any]
    device: torch.device
    new_cache: Callable[[], Any]
    cache_name: str
    joinable: bool
    last_only: dict[str, int]
    ends: frozenset[int]
    decode: Callable[[Sequence[int]], str]

    def scores(self, tokens: torch.Tensor, cache: Any, **where: torch.Tensor) -> torch.Tensor:
        """Of the token after the last of each row, [rows, vocabulary]; the cache then holds these too."""
        out = self.forward(
            input_ids=tokens, use_cache=True, **{self.cache_name: cache}, **self.last_only, **where
        )
        last: torch.Tensor = out.logits[:, -1]
        return last
