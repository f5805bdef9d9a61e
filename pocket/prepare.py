"""Text to tokens: the tokenizer, and shards of tokens to train and to measure on.

Data: the folder of public data (corpus.py says which files), and the curriculum.
Steps: read the public tasks, dropping those with evaluation text in them (overlap.py); train a byte-level
BPE of 4,096 on a sample of everything; write each source as shards of uint16 tokens, every document
followed by the end-of-text token; add up.
Outputs under --out:
    settings.json            what was asked and a digest of the recipe's code; written first
    tokenizer.json           for `tokenizers` and `transformers`
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
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

import corpus
import documents
from curriculum.base import Family
from curriculum.families import held_out_families, training_families
from overlap import Overlap, evaluation_texts

__all__ = ["END_OF_TEXT", "Job", "digests", "train_tokenizer", "write_shard"]

END_OF_TEXT = "<|endoftext|>"
VOCABULARY = 4096
SHARD_TOKENS = 1_000_000
CORPORA = {"books": "books", "textbooks": "openstax"}
HELD_OUT_DOCUMENTS = 50
"""One document of a corpus in so many is held out."""
BATCH = 64


@dataclass(frozen=True, slots=True)
class Job:
    """One shard to write. number: of the shard in its source and split."""

    data: Path
    out: Path
    source: str
    split: str
    number: int
    tokens: int
    seed: int

    @property
    def path(self) -> Path:
        """Of the tokens; what else is known of the shard stands beside it, in a JSON file."""
        return self.out / self.source / f"{self.split}-{self.number:03}.bin"


def train_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """Byte-level BPE that splits text as GPT-2 does, every digit a token of its own.

    Digits are kept apart in training only. No merge joins them then, so that GPT-2's plain rule, which
    both llama.cpp and transformers know, gives the same tokens afterwards.
    """
    tokenizer = Tokenizer(models.BPE())
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(True), byte_level])
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


def write_shard(job: Job) -> dict[str, Any]:
    """Write one shard, unless it is there; what is known of it. The tokens first, the JSON beside them
    last, each by an atomic rename."""
    notes = job.path.with_suffix(".json")
    if notes.exists():
        return json.loads(notes.read_text())
    tokenizer = _tokenizer(job.out)
    end = tokenizer.token_to_id(END_OF_TEXT)
    pieces: list[np.ndarray] = []
    kinds: Counter[str] = Counter()
    instructions: set[str] = set()
    written = 0
    shown = _shown(job)
    while written < job.tokens and (batch := list(itertools.islice(shown, BATCH))):
        encoded = tokenizer.encode_batch_fast([document.text for document in batch])
        for document, encoding in zip(batch, encoded, strict=True):
            pieces.append(np.array([*encoding.ids, end], np.uint16))
            kinds[document.kind] += 1
            instructions.update(document.instructions)
            written += len(pieces[-1])
    tokens = np.concatenate(pieces) if pieces else np.zeros(0, np.uint16)
    job.path.parent.mkdir(parents=True, exist_ok=True)
    if job.split == "train":
        _replace(job.path.with_suffix(".instructions"), digests(instructions).tobytes())
    _replace(job.path, tokens.tobytes())
    known = {
        "source": job.source,
        "split": job.split,
        "tokens": len(tokens),
        "documents": dict(sorted(kinds.items())),
        "sha256": hashlib.sha256(tokens.tobytes()).hexdigest(),
    }
    _replace(notes, json.dumps(known).encode())
    return known


def digests(instructions: Iterable[str]) -> np.ndarray:
    """Sorted 64-bit digests of instructions, whatever their case and white space."""
    found = {
        int.from_bytes(hashlib.blake2b(" ".join(text.lower().split()).encode(), digest_size=8).digest())
        for text in instructions
    }
    return np.array(sorted(found), np.uint64)


def _shown(job: Job) -> Iterator[documents.Document]:
    """The documents of a shard; of a corpus all of them, of tasks as many as are asked for."""
    if job.source in CORPORA:
        for text in corpus.read_documents(job.data, CORPORA[job.source]):
            if _is_held_out(text) == (job.split != "train"):
                yield documents.Document(job.source, text, ())
        return
    public = _public(job.data).kept
    mine = [
        task for task in public if _is_held_out(task.instruction) == (job.split != "train")
    ]
    if job.source == "families":
        source = documents.Source(held_out_families(), held_out=True)
    else:
        source = documents.Source(training_families(), mine)
    weights = documents.PROMPTS if job.source == "prompts" else documents.TASKS
    seed = f"{job.seed}:{job.source}:{job.split}:{job.number}"
    for document in documents.write_documents(source, weights, sys.maxsize, seed=seed):
        yield document


def _is_held_out(text: str) -> bool:
    return zlib.crc32(text.encode()) % HELD_OUT_DOCUMENTS == 0


@dataclass(frozen=True, slots=True)
class _Public:
    kept: list[corpus.PublicTask]
    dropped: dict[str, list[str]]


@cache
def _public(data: Path) -> _Public:
    """Public tasks without evaluation text; dropped: instruction to the runs of words it shares."""
    overlap = Overlap(evaluation_texts(data))
    public = _Public([], {})
    for task in itertools.chain(corpus.read_niv2(data), corpus.read_gsm8k(data)):
        texts = [task.instruction, *(f"{one.input}\n{one.output}" for one in task.instances)]
        if hits := [hit for text in texts for hit in overlap.hits(text)]:
            public.dropped[task.instruction] = hits
        else:
            public.kept.append(task)
    return public


@cache
def _tokenizer(out: Path) -> Tokenizer:
    return Tokenizer.from_file(str(out / "tokenizer.json"))


def _sample(data: Path, seed: int) -> Iterator[str]:
    """Some 25 MB for the tokenizer: 6 MB of each corpus, then task documents."""
    for source in CORPORA:
        found = [text[:100_000] for text in corpus.read_documents(data, CORPORA[source])]
        random.Random(seed).shuffle(found)
        sizes = itertools.accumulate(map(len, found))
        yield from (text for text, size in zip(found, sizes, strict=True) if size < 6_000_000)
    source = documents.Source(training_families(), _public(data).kept)
    for document in documents.write_documents(source, documents.TASKS, 6_000, seed=f"{seed}:sample"):
        yield document.text


def _jobs(options: argparse.Namespace) -> list[Job]:
    wanted = {"tasks": options.task_tokens, "prompts": options.prompt_tokens}
    jobs = [
        Job(options.data, options.out, source, "train", number, SHARD_TOKENS, options.seed)
        for source, tokens in wanted.items()
        for number in range(-(-tokens // SHARD_TOKENS))
    ]
    jobs += [
        Job(options.data, options.out, source, "heldout", 0, SHARD_TOKENS // 4, options.seed)
        for source in ("tasks", "prompts", "families")
    ]
    whole = [  # a corpus is one shard: it is read as it is
        Job(options.data, options.out, source, split, 0, 2**62, options.seed)
        for source in CORPORA
        for split in ("train", "heldout")
    ]
    return whole + jobs


def _settle(options: argparse.Namespace) -> dict[str, Any]:
    """Write the settings, or compare them with those of the run that is resumed."""
    code = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([*here.glob("curriculum/*.py"), *map(here.joinpath, ("corpus.py", "documents.py"))]):
        code.update(path.read_bytes())
    settings = {
        "seed": options.seed,
        "task_tokens": options.task_tokens,
        "prompt_tokens": options.prompt_tokens,
        "vocabulary": VOCABULARY,
        "shares": {"tasks": dict(documents.TASKS), "prompts": dict(documents.PROMPTS)},
        "code_sha256": code.hexdigest(),
    }
    path = options.out / "settings.json"
    if path.exists() and json.loads(path.read_text()) != settings:
        sys.exit(f"{options.out} was begun with other settings or other code: choose another --out.")
    options.out.mkdir(parents=True, exist_ok=True)
    _replace(path, json.dumps(settings, indent=1).encode())
    return settings


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)


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
    _replace(options.out / "instructions.bin", instructions.tobytes())
    public = _public(options.data)
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
    _replace(options.out / "manifest.json", json.dumps(manifest, indent=1).encode())
    for name in ("tokens", "documents", "distinct_instructions", "public_tasks"):
        print(f"{name}: {json.dumps(manifest[name])}")
    print(f"dropped for overlap: {len(public.dropped)} public tasks")


def main(arguments: Sequence[str] | None = None) -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--task-tokens", type=int, default=40_000_000, help="of task documents")
    parser.add_argument("--prompt-tokens", type=int, default=4_000_000, help="of documents as in inference")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    settings = _settle(options)
    if not (options.out / "tokenizer.json").exists():
        tokenizer = train_tokenizer(_sample(options.data, options.seed))
        _replace(options.out / "tokenizer.json", tokenizer.to_str(pretty=True).encode())
    with ProcessPoolExecutor(options.workers) as pool:
        shards = []
        for shard in pool.map(write_shard, jobs := _jobs(options)):
            shards.append(shard)
            print(f"{len(shards)} of {len(jobs)} shards", end="\r", file=sys.stderr, flush=True)
    _manifest(options, settings, shards)


if __name__ == "__main__":
    main()
