"""What suits a model of this size, where nobody says otherwise.

Small models want far larger learning rates than large ones. `2e-5 × √(7 billion / parameters)` gives 2e-5
for seven billion parameters, 5e-5 for one, and 5e-4 for ten million. The first bundled model, which had that
many, learnt some 250 examples best at 3e-4 and 6e-4 (held-out losses of 2.25 and 2.26 nats a token, 3.99
before), less well at 1e-3 (2.42), and by heart at 3e-3 (3.47). LoRA takes ten times the rate, at most 2e-3.
"""

from __future__ import annotations

import math

__all__ = ["suiting_learning_rate", "suiting_max_length", "suiting_micro_batch", "wants_recomputing"]

BILLION = 1_000_000_000


def suiting_learning_rate(parameters: int, *, lora: bool) -> float:
    """At its peak, at most 1e-3 without LoRA; rounded to two digits."""
    rate = 2e-5 * math.sqrt(7 * BILLION / max(1, parameters))
    return float(f"{min(rate * 10, 2e-3) if lora else min(rate, 1e-3):.1e}")


def suiting_max_length(parameters: int, context: int) -> int:
    """Tokens: 512 for models below 100 million parameters, 1024 for larger ones, and never more than the
    model's context."""
    return min(context, 512 if parameters < BILLION // 10 else 1024)


def suiting_micro_batch(parameters: int, batch: int, device: str) -> int:
    """Examples computed at a time: a divisor of `batch`. Changes memory and speed, not what is learnt."""
    wanted = 4 if device == "cpu" or parameters >= BILLION else 16
    return max(size for size in range(1, min(wanted, batch) + 1) if batch % size == 0)


def wants_recomputing(parameters: int) -> bool:
    """Whether activations are computed again for the backward pass rather than kept: a fifth slower, and far
    less memory."""
    return parameters >= BILLION
