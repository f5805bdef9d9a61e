"""Whether an instruction was in the training text, by digests: 8 bytes an instruction, a file of some MB.

Reads and writes nothing; prepare.py collects the digests, measure.py asks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np

__all__ = ["digests", "normal", "recited"]


def normal(instruction: str) -> str:
    """Equal for instructions that count as the same: case and white space do not matter."""
    return " ".join(instruction.lower().split())


def digests(instructions: Iterable[str]) -> np.ndarray:
    """Sorted and distinct, of instructions in their normal form."""
    return np.unique(np.fromiter(map(_digest, instructions), np.uint64))


def recited(instructions: Sequence[str], training: np.ndarray) -> list[bool]:
    """Of each instruction whether it is among the training ones. training: as `digests` gives them."""
    found = np.fromiter(map(_digest, instructions), np.uint64)
    return [bool(known) for known in np.isin(found, training)]


def _digest(instruction: str) -> int:
    return int.from_bytes(hashlib.blake2b(normal(instruction).encode(), digest_size=8).digest(), "big")
