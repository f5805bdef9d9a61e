"""One shard of training text: which documents, as which tokens, and what is known of it.

Data: the public corpora and the curriculum. Outputs: a .bin file of uint16 tokens with a .json file beside
it, written last: a shard that has one is whole, and is not written again. Shards depend on their job alone,
so they can be written in any order, in as many processes as there are cores.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

import corpus
import documents
from curriculum.families import held_out_families, training_families
from decks import read_decks, slice_of
from overlap import evaluation_texts
from recital import digests
from selfinstruct.text.ngrams import RunIndex

__all__ = ["CORPORA", "DECKS", "END_OF_TEXT", "Job", "PublicTasks", "public_tasks", "replace", "write_shard"]

END_OF_TEXT = "<|endoftext|>"
CORPORA = {"books": "books", "textbooks": "openstax"}
"""Source to the name of its corpus."""
DECKS = "decks"
"""Folder, under that of the prepared text."""
HELD_OUT_DOCUMENTS = 50
"""One document of a corpus, and one public task, in so many is held out."""
BATCH = 64


@dataclass(frozen=True, slots=True)
class Job:
    """One shard to write. number: of the shard in its source and split. places, of: its slice of the decks
    (decks.slice_of)."""

    data: Path
    out: Path
    source: str
    split: str
    number: int
    tokens: int
    seed: int
    places: range = range(0)
    of: int = 1

    @property
    def path(self) -> Path:
        """Of the tokens; what else is known of the shard stands beside it, in a JSON file."""
        return self.out / self.source / f"{self.split}-{self.number:03}.bin"


def write_shard(job: Job) -> dict[str, Any]:
    """Write one shard, unless it is there; what is known of it. The tokens first, the JSON beside them
    last, each by an atomic rename."""
    notes = job.path.with_suffix(".json")
    if notes.exists():
        return dict(json.loads(notes.read_text()))
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
        replace(job.path.with_suffix(".instructions"), digests(instructions).tobytes())
    replace(job.path, tokens.tobytes())
    known = {
        "source": job.source,
        "split": job.split,
        "tokens": len(tokens),
        "documents": dict(sorted(kinds.items())),
        "sha256": hashlib.sha256(tokens.tobytes()).hexdigest(),
    }
    replace(notes, json.dumps(known).encode())
    return known


def _shown(job: Job) -> Iterator[documents.Document]:
    """The documents of a shard; of a corpus all of them, of tasks as many as are asked for."""
    if job.source in CORPORA:
        for text in corpus.read_documents(job.data, CORPORA[job.source]):
            if _is_held_out(text) == (job.split != "train"):
                yield documents.Document(job.source, text, ())
        return
    seed = f"{job.seed}:{job.source}:{job.split}:{job.number}"
    source: documents.Source | documents.Stock
    if job.source == "families":
        source = documents.Source(held_out_families(), held_out=True)
    else:
        source = _stock(job, random.Random(f"{seed}:stock"))
    weights = documents.PROMPTS if job.source == "prompts" else documents.TASKS
    yield from documents.write_documents(source, weights, sys.maxsize, seed=seed)


def _stock(job: Job, dice: random.Random) -> documents.Stock:
    """The shard's slice of the decks and of the public tasks; held-out public tasks are few, and in every
    held-out shard."""
    families = training_families()
    decks = read_decks(job.out / DECKS, families)
    cards = {name: slice_of(deck, job.places, job.of) for name, deck in decks.items()}
    public = public_tasks(job.data).kept
    if job.split == "train":
        learned = [task for task in public if not _is_held_out(task.instruction)]
        mine = slice_of(random.Random(job.seed).sample(learned, len(learned)), job.places, job.of)
    else:
        mine = [task for task in public if _is_held_out(task.instruction)]
    return documents.Stock(families, cards, mine, dice)


def _is_held_out(text: str) -> bool:
    return zlib.crc32(text.encode()) % HELD_OUT_DOCUMENTS == 0


@dataclass(frozen=True, slots=True)
class PublicTasks:
    """dropped: instruction to the runs of words that it shares with evaluation texts."""

    kept: list[corpus.PublicTask]
    dropped: dict[str, list[str]]


@cache
def public_tasks(data: Path) -> PublicTasks:
    """NIv2 and GSM8K, without the rows that hold evaluation text."""
    evaluation = RunIndex(evaluation_texts(data))
    public = PublicTasks([], {})
    for task in itertools.chain(corpus.read_niv2(data), corpus.read_gsm8k(data)):
        texts = [task.instruction, *(f"{one.input}\n{one.output}" for one in task.instances)]
        if shared := list(evaluation.find(texts)):
            public.dropped[task.instruction] = list(dict.fromkeys(run.words for run in shared))
        else:
            public.kept.append(task)
    return public


@cache
def _tokenizer(out: Path) -> Tokenizer:
    return Tokenizer.from_file(str(out / "tokenizer.json"))


def replace(path: Path, content: bytes) -> None:
    """Write a file by an atomic rename."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
