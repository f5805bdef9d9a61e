"""Text to tokens: the tokenizer, and shards of tokens to train and to measure on.

Data: the folder of public data (corpus.py says which files), and the curriculum.
Steps: read the public tasks, dropping those with evaluation text in them (overlap.py); train a byte-level
BPE of 4,096 on a sample of everything, or take one that there is; deal the decks (decks.py); write each
source as shards of uint16 tokens, every document followed by the end-of-text token; add up.
Outputs under --out:
    settings.json            what was asked and a digest of the recipe's code; written first
    tokenizer.json           for `tokenizers` and `transformers`
    decks/FAMILY.json        the tasks of each family that are in the text
    SOURCE/train-NNN.bin     SOURCE is books, textbooks, tasks or prompts (documents.TASKS and .PROMPTS)
    SOURCE/heldout-NNN.bin   the same, never trained on; `families` has held-out families and topics only
    instructions.bin         sorted 64-bit digests of every instruction in the training text (measure.py)
    manifest.json            counts by source and kind, digests, dropped rows; written last
Resume: the same command again keeps the shards that are whole; other settings or other code are refused.

    python pocket/prepare.py --data DATA --out PREPARED
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

import corpus
import documents
from curriculum.base import Family
from curriculum.families import held_out_families, training_families
from decks import deal
from shards import CORPORA, DECKS, END_OF_TEXT, Job, public_tasks, replace, write_shard

__all__ = ["read_tokenizer", "train_tokenizer"]

VOCABULARY = 4096
SHARD_TOKENS = 1_000_000
PLACES = {("tasks", "train"): 8, ("tasks", "heldout"): 2, ("prompts", "train"): 2, ("prompts", "heldout"): 1}
"""How large a shard's slice of the decks is: prompts repeat the recipe's own tasks, and need few."""
CARDS_PER_PLACE = 2_200
"""A million tokens of documents take about 19,000 cards. A shard ends early if its slice does."""
CLASSIFICATION_CARDS = 1.5
"""Decks of classification families are larger: one family in four, with its own few-shot prompts."""


def train_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """Byte-level BPE that splits text as GPT-2 does, every digit a token of its own.

    Digits are kept apart in training only. No merge joins them then, so that GPT-2's plain rule, which
    both llama.cpp and transformers know, gives the same tokens afterwards.
    """
    tokenizer = Tokenizer(models.BPE())
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), byte_level]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.pre_tokenizer = byte_level
    return tokenizer


def _sample(data: Path, seed: int) -> Iterator[str]:
    """Some 25 MB for the tokenizer: 6 MB of each corpus, then task documents."""
    for source in CORPORA:
        found = [text[:100_000] for text in corpus.read_documents(data, CORPORA[source])]
        random.Random(seed).shuffle(found)
        sizes = itertools.accumulate(map(len, found))
        yield from (text for text, size in zip(found, sizes, strict=True) if size < 6_000_000)
    tasks = documents.Source(training_families(), public_tasks(data).kept)
    for document in documents.write_documents(tasks, documents.TASKS, 6_000, seed=f"{seed}:sample"):
        yield document.text


def _jobs(options: argparse.Namespace) -> list[Job]:
    shards = [
        (source, split, number)
        for source, tokens in (("tasks", options.task_tokens), ("prompts", options.prompt_tokens))
        for split, count in (("train", -(-tokens // SHARD_TOKENS)), ("heldout", 1))
        for number in range(count)
    ]
    ends = list(itertools.accumulate(PLACES[source, split] for source, split, _ in shards))
    jobs = [
        Job(
            options.data, options.out, source, split, number,
            SHARD_TOKENS if split == "train" else SHARD_TOKENS // 4, options.seed,
            places=range(end - PLACES[source, split], end), of=ends[-1],
        )
        for (source, split, number), end in zip(shards, ends, strict=True)
    ]  # fmt: skip
    jobs.append(Job(options.data, options.out, "families", "heldout", 0, SHARD_TOKENS // 4, options.seed))
    whole = [  # a corpus is one shard: it is read as it is
        Job(options.data, options.out, source, split, 0, 2**62, options.seed)
        for source in CORPORA
        for split in ("train", "heldout")
    ]
    return whole + jobs


def _deck_size(options: argparse.Namespace, family: Family) -> int:
    """Cards of a family, enough for the tokens that are asked for."""
    places = sum(len(job.places) for job in _jobs(options))
    share = CLASSIFICATION_CARDS if family.is_classification else 1.0
    return round(places * CARDS_PER_PLACE * share / len(training_families()))


def _settle(options: argparse.Namespace, tokenizer: bytes | None) -> dict[str, Any]:
    """Write the settings, or compare them with those of the run that is resumed."""
    code = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(
        [*here.glob("curriculum/*.py"), *map(here.joinpath, ("corpus.py", "decks.py", "documents.py"))]
    ):
        code.update(path.read_bytes())
    settings = {
        "seed": options.seed,
        "task_tokens": options.task_tokens,
        "prompt_tokens": options.prompt_tokens,
        "vocabulary": VOCABULARY,
        "tokenizer_sha256": hashlib.sha256(tokenizer).hexdigest() if tokenizer else None,
        "shares": {"tasks": dict(documents.TASKS), "prompts": dict(documents.PROMPTS)},
        "code_sha256": code.hexdigest(),
    }
    path = options.out / "settings.json"
    if path.exists() and json.loads(path.read_text()) != settings:
        sys.exit(f"{options.out} was begun with other settings or other code: choose another --out.")
    options.out.mkdir(parents=True, exist_ok=True)
    replace(path, json.dumps(settings, indent=1).encode())
    return settings


def read_tokenizer(path: Path) -> bytes:
    """Of a GGUF file or a tokenizer.json. A GGUF's begins every text with an end of text, as a prompt wants
    it; in shards one stands behind every document already."""
    if path.suffix != ".gguf":
        return path.read_bytes()
    from transformers import AutoTokenizer

    found = AutoTokenizer.from_pretrained(path.parent, gguf_file=str(path.absolute()))
    described = json.loads(found.backend_tokenizer.to_str()) | {"post_processor": None}
    return json.dumps(described, ensure_ascii=False, indent=2).encode()


def _names(families: Sequence[Family]) -> list[str]:
    return sorted(family.name for family in families)


def _manifest(options: argparse.Namespace, settings: dict[str, Any], shards: list[dict[str, Any]]) -> None:
    tokens: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for shard in shards:
        tokens[f"{shard['source']}/{shard['split']}"] += shard["tokens"]
        for kind, count in shard["documents"].items():
            kinds[f"{shard['split']}/{kind}"] += count
    found = [np.fromfile(path, np.uint64) for path in sorted(options.out.glob("*/*.instructions"))]
    instructions = np.unique(np.concatenate(found))
    replace(options.out / "instructions.bin", instructions.tobytes())
    public = public_tasks(options.data)
    manifest = {
        "settings": settings,
        "tokens": dict(tokens),
        "documents": dict(sorted(kinds.items())),
        "distinct_instructions": len(instructions),
        "families": {"training": _names(training_families()), "held_out": _names(held_out_families())},
        "public_tasks": dict(Counter(task.source for task in public.kept)),
        "dropped_for_overlap": public.dropped,
        "tokenizer_sha256": hashlib.sha256((options.out / "tokenizer.json").read_bytes()).hexdigest(),
        "shards": shards,
    }
    replace(options.out / "manifest.json", json.dumps(manifest, indent=1).encode())
    for name in ("tokens", "documents", "distinct_instructions", "public_tasks"):
        print(f"{name}: {json.dumps(manifest[name])}")
    print(f"dropped for overlap: {len(public.dropped)} public tasks")


def main(arguments: Sequence[str] | None = None) -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, help="take this one: a GGUF file or a tokenizer.json")
    parser.add_argument("--task-tokens", type=int, default=24_000_000, help="of task documents")
    parser.add_argument("--prompt-tokens", type=int, default=4_000_000, help="of documents as in inference")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    given = read_tokenizer(options.tokenizer) if options.tokenizer else None
    settings = _settle(options, given)
    if not (options.out / "tokenizer.json").exists():
        made = given or train_tokenizer(_sample(options.data, options.seed)).to_str(pretty=True).encode()
        replace(options.out / "tokenizer.json", made)
    with ProcessPoolExecutor(options.workers) as pool:
        folder = options.out / DECKS
        dealt = [
            pool.submit(deal, folder, family, _deck_size(options, family), seed=str(options.seed))
            for family in training_families()
        ]
        for number, deck in enumerate(dealt, start=1):
            deck.result()
            print(f"{number} of {len(dealt)} decks", end="\r", file=sys.stderr, flush=True)
        shards = []
        for shard in pool.map(write_shard, jobs := _jobs(options)):
            shards.append(shard)
            print(f"{len(shards)} of {len(jobs)} shards", end="\r", file=sys.stderr, flush=True)
    _manifest(options, settings, shards)


if __name__ == "__main__":
    main()
