"""What a training run sees when: the shards, the order of their windows, the learning rate.

Data: the shards that prepare.py wrote. Nothing is written; the state to resume from is `Order.taken` and a
`Progress`, which train.py keeps in its checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

__all__ = ["Order", "Progress", "learning_rate", "read_mixture", "read_source"]


def read_source(prepared: Path, source: str, split: str) -> np.ndarray:
    """All tokens of a source, its shards in order. Raises FileNotFoundError where there are none."""
    shards = sorted((prepared / source).glob(f"{split}-*.bin"))
    if not shards:
        raise FileNotFoundError(f"no {split} shards of {source} under {prepared}")
    return np.concatenate([np.fromfile(shard, np.uint16) for shard in shards])


def read_mixture(text: str) -> dict[str, float]:
    """`tasks=0.6,books=0.4` as shares that add up to 1."""
    shares = {name: float(share) for name, share in (part.split("=") for part in text.split(","))}
    return {name: share / sum(shares.values()) for name, share in shares.items()}


@dataclass(slots=True)
class Order:
    """Which window comes next. `taken` is the whole state: windows taken of each source at each length.

    Sources take turns so that their shares hold at every moment. Within a source windows come in random
    order, each once before any comes again, and then cut at other places.
    """

    sources: Mapping[str, np.ndarray]
    seed: int
    taken: dict[str, int] = field(default_factory=dict)
    _shuffled: dict[str, tuple[int, int, np.ndarray]] = field(default_factory=dict)

    def batch(self, shares: Mapping[str, float], length: int, count: int) -> np.ndarray:
        """(count, length + 1) tokens."""
        return np.stack([self._next(shares, length) for _ in range(count)])

    def _next(self, shares: Mapping[str, float], length: int) -> np.ndarray:
        keys = {name: f"{name}/{length}" for name in shares}
        total = sum(self.taken.get(key, 0) for key in keys.values()) + 1
        name = max(shares, key=lambda name: shares[name] * total - self.taken.get(keys[name], 0))
        key, tokens = keys[name], self.sources[name]
        taken = self.taken.get(key, 0)
        self.taken[key] = taken + 1
        windows = (len(tokens) - 1) // length - 1
        epoch, place = divmod(taken, windows)
        if key not in self._shuffled or self._shuffled[key][0] != epoch:
            dice = np.random.default_rng([self.seed, epoch, length, *name.encode()])
            self._shuffled[key] = (epoch, int(dice.integers(length)), dice.permutation(windows))
        _, offset, order = self._shuffled[key]
        start = offset + int(order[place]) * length
        return tokens[start : start + length + 1]


@dataclass(slots=True)
class Progress:
    """How far the training is. seconds: of training, over all its processes."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0

    def share(self, tokens: int | None, minutes: float | None) -> float:
        """0 to 1, by what is further."""
        by_tokens = self.tokens / tokens if tokens else 0.0
        by_clock = self.seconds / (60 * minutes) if minutes else 0.0
        return min(1.0, max(by_tokens, by_clock))


def learning_rate(step: int, share: float, *, peak: float, warm_up: int, decay_share: float) -> float:
    """Linear over `warm_up` steps, constant, then linear to zero over the last `decay_share`."""
    return peak * min(1.0, (step + 1) / warm_up) * min(1.0, (1 - share) / decay_share)
