"""Prompts read by the network, what many begin with only once.

The prompts of a stage share a preamble, for the paper's recipe a sheet of thousands of tokens: reading it
again would take most of the time. What the network makes of it is kept and continued. A prompt is always read
in these two parts, whether the first was at hand or not, so that what comes out does not depend on what was
asked before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from selfinstruct.models.huggingface.network import Network

if TYPE_CHECKING:
    import torch

__all__ = ["PromptReader"]

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
