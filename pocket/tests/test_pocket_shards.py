import json
import lzma
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

import shards
from curriculum.base import Family
from curriculum.families import training_families
from decks import deal, read_decks
from prepare import read_tokenizer
from recital import digests
from selfinstruct.models.catalog import local_file
from shards import DECKS, Job, write_shard

FAMILIES: tuple[Family, ...] = training_families()[:12]
"""Few, so that dealing takes no time."""
SHIPPED = local_file("pocket")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of public data, with sentences of our own."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "corpus").mkdir()
    (folder / "superni" / "tasks").mkdir(parents=True)
    definitions = [f"Say whether row {number} of the list is long or short." for number in range(60)]
    examples = [{"input": "a row", "output": "short"}, {"input": "a very long row", "output": "long"}]
    niv2 = [{"task": "t", "definition": text, "positive_examples": examples} for text in definitions]
    sums = [
        {"question": f"Ann has {n} clips and buys 1. How many?", "answer": f"So many.\n#### {n + 1}"}
        for n in range(60)
    ]
    for name, rows in (("niv2", niv2), ("gsm8k", sums)):
        lines = "\n".join(json.dumps(row) for row in rows)
        (folder / "corpus" / f"{name}-train.jsonl.xz").write_bytes(lzma.compress(lines.encode()))
    (folder / "superni" / "tasks" / "one.json").write_text(
        '{"Definition": ["Tell a fish from a bird by its name."]}'
    )
    (folder / "user_oriented_instructions.jsonl").write_text(
        '{"instruction": "Write a letter to an old friend now."}'
    )
    return folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """Two training shards and a held-out one, of a few families."""
    out = tmp_path_factory.mktemp("prepared")
    (out / "tokenizer.json").write_bytes(read_tokenizer(SHIPPED))
    patch = pytest.MonkeyPatch()
    patch.setattr("decks.CENSUS", 150)
    for family in FAMILIES:
        deal(out / DECKS, family, 40, seed="1")
    patch.setattr(shards, "training_families", lambda: FAMILIES)
    for job in jobs(data, out):
        write_shard(job)
    patch.undo()
    return out


def jobs(data: Path, out: Path) -> list[Job]:
    return [
        Job(data, out, "tasks", "train", 0, 20_000, 1, places=range(4), of=9),
        Job(data, out, "prompts", "train", 0, 20_000, 1, places=range(4, 8), of=9),
        Job(data, out, "tasks", "heldout", 0, 5_000, 1, places=range(8, 9), of=9),
    ]


def text_of(prepared: Path, shard: str) -> str:
    tokenizer = Tokenizer.from_file(str(prepared / "tokenizer.json"))
    return str(tokenizer.decode(np.fromfile(prepared / shard, np.uint16).tolist(), skip_special_tokens=False))


def test_no_instruction_of_the_curriculum_stands_twice_in_the_text(prepared: Path) -> None:
    parts = [
        text_of(prepared, f"{name}-000.bin") for name in ("tasks/train", "prompts/train", "tasks/heldout")
    ]
    decks = read_decks(prepared / DECKS, FAMILIES)
    times = [
        sum(part.count(f" {card.instruction}\n") for part in parts)
        for deck in decks.values()
        for card in deck
    ]
    assert max(times) == 1
    assert sum(times) > 150
    kept = [np.fromfile(path, np.uint64) for path in prepared.glob("*/*.instructions")]
    assert len(kept) == 2
    assert len(np.unique(np.concatenate(kept))) == sum(map(len, kept))


def test_no_public_task_stands_twice_in_the_training_text(prepared: Path) -> None:
    text = text_of(prepared, "tasks/train-000.bin") + text_of(prepared, "prompts/train-000.bin")
    times = [text.count(f"Ann has {number} clips and") for number in range(60)]
    times += [text.count(f"Say whether row {number} of") for number in range(60)]
    assert max(times) == 1
    assert sum(times) > 20


def test_digests_are_of_the_training_instructions(prepared: Path) -> None:
    known = np.fromfile(prepared / "tasks" / "train-000.instructions", np.uint64)
    text = text_of(prepared, "tasks/train-000.bin")
    decks = read_decks(prepared / DECKS, FAMILIES)
    cards = [card.instruction for deck in decks.values() for card in deck]
    shown = digests([card for card in cards if f" {card}\n" in text])
    assert set(shown.tolist()) <= set(known.tolist())


def test_a_shard_is_a_function_of_its_job_and_is_kept(
    prepared: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs(data, prepared)[0]
    written = job.path.read_bytes()
    monkeypatch.setattr(shards, "training_families", lambda: pytest.fail("the shard is whole"))
    write_shard(job)
    monkeypatch.setattr(shards, "training_families", lambda: FAMILIES)
    job.path.with_suffix(".json").unlink()
    job.path.unlink()
    write_shard(job)
    assert job.path.read_bytes() == written


def test_the_tokenizer_of_a_shipped_model_is_taken_as_it_is(tmp_path: Path) -> None:
    taken = read_tokenizer(SHIPPED)
    tokenizer = Tokenizer.from_str(taken.decode())
    assert tokenizer.get_vocab_size() == 4096
    text = "Come up with 12 tasks.\n\nTask: Sort 3 words, please."
    tokens = tokenizer.encode(text).ids
    assert tokenizer.decode(tokens, skip_special_tokens=False) == text, "nothing but the text"
    (tmp_path / "tokenizer.json").write_bytes(taken)
    assert read_tokenizer(tmp_path / "tokenizer.json") == taken
