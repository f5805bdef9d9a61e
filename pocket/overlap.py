"""Whether text of the evaluation sets is in the training text, by runs of 13 words.

Data: superni/tasks/*.json (definitions) and user_oriented_instructions.jsonl (instructions) under --data.
Words are lower-case letters and digits; a text shorter than 13 words counts as one run of all its words,
but below 6 words nothing could be concluded and it is left out.

As a program: decodes every shard that prepare.py wrote (--prepared), the held-out ones too, lists every hit
and exits with 1 where there is one. It only reads, and may be repeated at any time.

    python pocket/overlap.py --data DATA --prepared PREPARED
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

__all__ = ["RUN", "SHORTEST", "Overlap", "evaluation_texts"]

RUN = 13
SHORTEST = 6
_WORD = re.compile(r"[a-z0-9]+")
_BASE = 0x9E3779B97F4A7C15


class Overlap:
    """Finds runs of evaluation text.

    Only words that occur in evaluation texts have a number; all others are 0 and end every run. Runs are
    compared by a rolling sum first, then word by word.
    """

    def __init__(self, evaluation: Iterable[str]) -> None:
        self._numbers: dict[str, int] = {}
        self._runs: dict[int, set[tuple[int, ...]]] = {}
        for text in evaluation:
            numbers = [self._numbers.setdefault(word, len(self._numbers) + 1) for word in _words(text)]
            length = min(RUN, len(numbers))
            if length >= SHORTEST:
                runs = self._runs.setdefault(length, set())
                runs.update(tuple(numbers[at : at + length]) for at in range(len(numbers) - length + 1))
        self._sums = {
            length: np.unique(np.concatenate([_rolling(np.array(run, np.uint64), length) for run in runs]))
            for length, runs in self._runs.items()
        }

    def hits(self, text: str) -> list[str]:
        """The runs of words that are in both, each once, in the order of the text."""
        words = _words(text)
        numbers = self._numbers
        found = np.fromiter((numbers.get(word, 0) for word in words), np.uint64, len(words))
        hits: dict[str, None] = {}
        for length, sums in self._sums.items():
            if len(words) >= length:
                for at in np.flatnonzero(np.isin(_rolling(found, length), sums)):
                    if tuple(found[at : at + length].tolist()) in self._runs[length]:
                        hits[" ".join(words[at : at + length])] = None
        return list(hits)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("'", "").replace("’", ""))


def _rolling(numbers: np.ndarray, length: int) -> np.ndarray:
    """A sum for every run of so many numbers, modulo 2**64."""
    sums = np.zeros(len(numbers) - length + 1, np.uint64)
    for place in range(length):
        factor = np.uint64(pow(_BASE, place + 1, 2**64))
        sums += numbers[place : place + len(sums)] * factor
    return sums


def evaluation_texts(data: Path) -> list[str]:
    """SuperNI test definitions and user-oriented instructions. Raises FileNotFoundError without them."""
    files = sorted((data / "superni" / "tasks").glob("*.json"))
    if not files:
        raise FileNotFoundError(f"no SuperNI test tasks under {data / 'superni' / 'tasks'}")
    texts: list[str] = []
    for file in files:
        definition = json.loads(file.read_text(encoding="utf-8"))["Definition"]
        texts.extend([definition] if isinstance(definition, str) else definition)
    rows = (data / "user_oriented_instructions.jsonl").read_text(encoding="utf-8").split("\n")
    return texts + [json.loads(row)["instruction"] for row in rows if row.strip()]


def _training_texts(prepared: Path) -> Iterator[tuple[str, str]]:
    """Name and text of everything in the prepared shards, decoded from the very tokens."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(prepared / "tokenizer.json"))
    for shard in sorted(prepared.glob("*/*.bin")):
        tokens = np.fromfile(shard, np.uint16)
        for number, start in enumerate(range(0, len(tokens), 100_000)):
            # Pieces overlap, so that no run is lost between them.
            yield (
                f"{shard.parent.name}/{shard.name}, piece {number}",
                tokenizer.decode(tokens[start : start + 100_200].tolist(), skip_special_tokens=False),
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; 1 where there are hits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data")
    parser.add_argument("--prepared", type=Path, required=True, help="folder that prepare.py wrote")
    options = parser.parse_args(arguments)
    overlap = Overlap(evaluation_texts(options.data))
    texts = words = hits = 0
    for name, text in _training_texts(options.prepared):
        texts += 1
        words += text.count(" ")
        for hit in overlap.hits(text):
            hits += 1
            print(f"{name}: {hit}")
    print(f"{texts} texts, about {words / 1e6:.1f} M words: {hits} runs of evaluation text")
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
