"""The next token of every row of a batch, as OpenAI's API draws it: penalties, then temperature, then top_p
of what temperature left. Nothing that a checkpoint suggests in its generation_config.json is added.

A row's random numbers are its request's own, and Python's, whose `random()` is the same in every version
and for every device. So which token is drawn is a function of the row's scores and its request's seed,
whatever else is in the batch.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from selfinstruct.records import Sampling

if TYPE_CHECKING:
    import torch

__all__ = ["Sampler", "TokenSource"]

SEEDS = 2**64
SMALLEST_TEMPERATURE = 1e-4  # below, it is as good as greedy, and scores divided by it would overflow


@dataclass(frozen=True, slots=True)
class TokenSource:
    """How one row's tokens are drawn, and its own random numbers."""

    sampling: Sampling
    uniform: random.Random

    @classmethod
    def of(cls, sampling: Sampling, seed: int) -> TokenSource:
        """seed: any integer; taken modulo 2^64, since Python seeds alike with a number and its negative."""
        return cls(sampling, random.Random(seed % SEEDS))

    @property
    def penalized(self) -> bool:
        """Whether what was written before counts."""
        return bool(self.sampling.presence_penalty or self.sampling.frequency_penalty)


class Sampler:
    """Draws for the rows that were added and not taken out again, in their order."""

    def __init__(self) -> None:
        self._sources: list[TokenSource] = []
        self._written: torch.Tensor | None = None  # [rows, vocabulary]: how often each token was

    def add(self, source: TokenSource) -> None:
        """One more row, which has written nothing yet."""
        import torch

        self._sources.append(source)
        if self._written is not None:
            self._written = torch.nn.functional.pad(self._written, (0, 0, 0, 1))

    def keep(self, rows: Sequence[int]) -> None:
        """Take out all rows but these."""
        self._sources = [self._sources[row] for row in rows]
        if self._written is not None:
            self._written = self._written[list(rows)]

    def draw(self, scores: torch.Tensor) -> list[int]:
        """A token for each row. scores: [rows, vocabulary], as the model computed them."""
        import torch

        if scores.dtype in (torch.float16, torch.bfloat16):
            scores = scores.float()
        scores = self._penalized(scores)
        tokens = scores.argmax(-1)
        rows = [row for row, source in enumerate(self._sources) if source.sampling.temperature > 0]
        if rows:
            tokens[rows] = self._sampled(scores[rows], [self._sources[row] for row in rows])
        if self._written is not None:
            self._written[torch.arange(len(tokens)), tokens] += 1
        drawn: list[int] = tokens.tolist()
        return drawn

    def _penalized(self, scores: torch.Tensor) -> torch.Tensor:
        """Less the presence penalty for what was written at all, and the frequency penalty each time."""
        import torch

        if not any(source.penalized for source in self._sources):
            self._written = None
            return scores
        if self._written is None:
            self._written = torch.zeros_like(scores)
        presence, frequency = (
            scores.new_tensor([[getattr(source.sampling, name)] for source in self._sources])
            for name in ("presence_penalty", "frequency_penalty")
        )
        return scores - presence * (self._written > 0) - frequency * self._written

    @staticmethod
    def _sampled(scores: torch.Tensor, sources: Sequence[TokenSource]) -> torch.Tensor:
        """The token at which the cumulative probability, likeliest first, passes a random number."""
        temperature, top_p, uniform = (
            scores.new_tensor(values).unsqueeze(-1)
            for values in (
                [max(source.sampling.temperature, SMALLEST_TEMPERATURE) for source in sources],
                [source.sampling.top_p for source in sources],
                [source.uniform.random() for source in sources],
            )
        )
        probabilities, order = (scores / temperature).softmax(-1).sort(dim=-1, descending=True, stable=True)
        reached = probabilities.cumsum(-1)
        kept = reached - probabilities < top_p  # the first that reaches top_p is still among them
        kept[:, 0] = True
        total = (probabilities * kept).sum(-1, keepdim=True)
        place = (reached <= uniform * total).sum(-1, keepdim=True)
        place = place.minimum(kept.sum(-1, keepdim=True) - 1)  # where rounding went past the last
        return order.gather(-1, place).squeeze(-1)
