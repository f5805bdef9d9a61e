"""Whether text of the evaluation sets is in the training text: runs of 13 words (selfinstruct.text.ngrams).

Data: superni/tasks/*.json (definitions) and user_oriented_instructions.jsonl (instructions) under --data.

As a program: decodes every shard that prepare.py wrote (--prepared), the held-out ones too, lists every hit
and exits with 1 where there is one. It only reads, and may be repeated at any time.

    python pocket/overlap.py --data DATA --prepared PREPARED
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from selfinstruct.text.ngrams import RunIndex

__all__ = ["evaluation_texts"]


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
    evaluation = RunIndex(evaluation_texts(options.data))
    texts = words = hits = 0
    for name, text in _training_texts(options.prepared):
        texts += 1
        words += text.count(" ")
        for run in dict.fromkeys(run.words for run in evaluation.find([text])):
            hits += 1
            print(f"{name}: {run}")
    print(f"{texts} texts, about {words / 1e6:.1f} M words: {hits} runs of evaluation text")
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
