"""The 5-gram baseline: its held-out loss, beside which the model's is to be read.

Data: the shards that prepare.py wrote (--prepared); a sample of the training tokens in the model's own
mixture, counted in memory (about 40 bytes a token).
Method: interpolated Kneser-Ney with one discount, 0.75, for every order; below, uniform over the vocabulary.
Outputs: a line a source on standard output; --json for one object. There is nothing to resume.

    python pocket/ngram.py --prepared PREPARED --tokens 10000000
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from order import Order, read_mixture, read_source

__all__ = ["KneserNey"]

BITS = 12  # a vocabulary of 4,096: five tokens fit one 64-bit number
DISCOUNT = 0.75
WINDOW = 512
HELD_OUT = ("tasks", "families", "prompts", "textbooks", "books")


@dataclass(frozen=True, slots=True)
class _Counts:
    """Of one order: grams, sorted, with their counts; contexts, sorted, with total and distinct followers."""

    grams: np.ndarray
    counts: np.ndarray
    contexts: np.ndarray
    totals: np.ndarray
    followers: np.ndarray


class KneserNey:
    """Learns from windows of tokens, rows of one array; nothing runs from one row into the next."""

    def __init__(self, windows: np.ndarray, *, order: int = 5, vocabulary: int = 1 << BITS) -> None:
        self._order, self._vocabulary = order, vocabulary
        grams, counts = np.unique(_grams(windows, order), return_counts=True)
        self._orders = [_count(grams, counts)]
        for length in range(order - 1, 0, -1):
            # Lower orders count in how many different contexts a gram appears, not how often.
            grams, counts = np.unique(grams & np.uint64((1 << BITS * length) - 1), return_counts=True)
            self._orders.append(_count(grams, counts))

    def loss(self, windows: np.ndarray) -> float:
        """Mean nats a token, of the tokens that have a full context."""
        grams = _grams(windows, self._order)
        share = np.full(len(grams), 1 / self._vocabulary)
        for length, known in zip(range(1, self._order + 1), reversed(self._orders), strict=True):
            gram = grams & np.uint64((1 << BITS * length) - 1)
            at = _find(known.contexts, gram >> np.uint64(BITS))
            seen = at >= 0
            total = np.where(seen, known.totals[at], 1)
            counted = _find(known.grams, gram)
            count = np.where(counted >= 0, known.counts[counted], 0)
            mine = np.maximum(count - DISCOUNT, 0) / total
            rest = DISCOUNT * np.where(seen, known.followers[at], 0) / total
            share = np.where(seen, mine + rest * share, share)
        return float(-np.log(share).mean())


def _grams(windows: np.ndarray, order: int) -> np.ndarray:
    """Every run of `order` tokens as one number, the last token in the lowest bits."""
    wide = windows.astype(np.uint64)
    length = wide.shape[1] - order + 1
    packed = np.zeros((len(wide), length), np.uint64)
    for place in range(order):
        packed = (packed << np.uint64(BITS)) | wide[:, place : place + length]
    return packed.ravel()


def _count(grams: np.ndarray, counts: np.ndarray) -> _Counts:
    contexts, first, followers = np.unique(grams >> np.uint64(BITS), return_index=True, return_counts=True)
    return _Counts(grams, counts, contexts, np.add.reduceat(counts, first), followers)


def _find(known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The place of each wanted number among the known ones, -1 where it is not."""
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, at, -1)


def main(arguments: Sequence[str] | None = None) -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--prepared", type=Path, required=True, help="folder that prepare.py wrote")
    parser.add_argument("--tokens", type=int, default=10_000_000, help="to learn from")
    parser.add_argument("--mixture", default="tasks=0.62,textbooks=0.14,books=0.24")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    mixture = read_mixture(options.mixture)
    order = Order({name: read_source(options.prepared, name, "train") for name in mixture}, options.seed)
    baseline = KneserNey(order.batch(mixture, WINDOW, options.tokens // WINDOW))
    losses = {}
    for name in HELD_OUT:
        tokens = read_source(options.prepared, name, "heldout")
        count = min(256, len(tokens) // WINDOW)
        losses[name] = round(baseline.loss(tokens[: count * WINDOW].reshape(count, WINDOW)), 4)
    if options.json:
        print(json.dumps(losses))
    else:
        for name, loss in losses.items():
            print(f"{name:10} {loss:.3f} nats a token")


if __name__ == "__main__":
    main()
