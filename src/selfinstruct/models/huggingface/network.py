"""A network in memory, and reading prompts with it; what many prompts begin with is read only once.

The prompts of a stage share a preamble, in the paper's recipe a few-shot prompt of thousands of tokens.
Reading it again would take most of the time, so the network's state after it is kept and continued. A prompt
is always read in these two parts, whether the first was kept or not, so that the output does not depend on
what was asked before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

__all__ = ["Network", "PromptReader"]


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


LARGEST_BYTES = 2 * 2**30
"""Of all that is kept. A model of 8 B parameters makes 128 KB of each token."""
FEWEST_TOKENS = 32


class PromptReader:
    """Keeps what was read last, up to 2 GB."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._kept: OrderedDict[tuple[int, ...], list[tuple[Any, Any]]] = OrderedDict()

    def read(self, prompt: Sequence[int], shared: int) -> tuple[torch.Tensor, Any]:
        """Scores of the token after it, [1, vocabulary], and a cache that holds the prompt.

        shared: so many of its first tokens are the beginning of other prompts too; fewer than all.
        """
        import torch

        network, cache = self._network, self._network.new_cache()
        if network.joinable and shared >= FEWEST_TOKENS:
            for layer, (keys, values) in enumerate(self._beginning(tuple(prompt[:shared]))):
                cache.update(keys, values, layer)
            prompt = prompt[shared:]
        return network.scores(torch.tensor([list(prompt)], device=network.device), cache), cache

    def _beginning(self, tokens: tuple[int, ...]) -> list[tuple[Any, Any]]:
        """Keys and values of each layer."""
        import torch

        if tokens not in self._kept:
            cache = self._network.new_cache()
            self._network.scores(torch.tensor([tokens], device=self._network.device), cache)
            self._kept[tokens] = [(layer.keys, layer.values) for layer in cache.layers]
        self._kept.move_to_end(tokens)
        found = self._kept[tokens]
        while sum(map(_bytes, self._kept.values())) > LARGEST_BYTES:
            self._kept.popitem(last=False)
        return found


def _bytes(layers: list[tuple[Any, Any]]) -> int:
    return sum(states.nbytes for layer in layers for states in layer)
