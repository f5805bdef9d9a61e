"""The chain from tokens to a GGUF that llama.cpp runs; where torch and the others are installed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", exc_type=ImportError)
pytest.importorskip("transformers", exc_type=ImportError)
pytest.importorskip("tokenizers", exc_type=ImportError)
pytest.importorskip("safetensors", exc_type=ImportError)

pytestmark = pytest.mark.filterwarnings("default")  # what torch and transformers say is theirs

TEXTS = [
    "Come up with a series of tasks:\n1. Sort the 12 words.\n2. Write a poem about 345 birds.\n",
    "Task: Is it a bird?\nClass label: yes\nA  robin isn't\ta fish, said O'Neil.\n\n\nCafé: 7.50 …\n",
] * 20


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from prepare import train_tokenizer

    folder = tmp_path_factory.mktemp("prepared")
    tokenizer = train_tokenizer(TEXTS)
    tokenizer.save(str(folder / "tokenizer.json"))
    tokens = [token for text in TEXTS * 40 for token in [*tokenizer.encode(text).ids, 0]]
    for source in ("tasks", "families", "prompts", "textbooks", "books"):
        (folder / source).mkdir()
        for split in ("train", "heldout"):
            np.array(tokens, np.uint16).tofile(folder / source / f"{split}-000.bin")
    return folder


def train(prepared: Path, out: Path, *extra: str) -> None:
    from train import main

    options: Sequence[str] = (
        "--size",
        "tiny",
        "--batch",
        "2",
        "--warm-up",
        "5",
        "--device",
        "cpu",
        "--measure-windows",
        "8",
    )
    main(["--prepared", str(prepared), "--out", str(out), *options, *extra])


def test_digits_are_tokens_of_their_own(prepared: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(prepared / "tokenizer.json"))
    assert tokenizer.encode("12 345").tokens == ["1", "2", "Ġ", "3", "4", "5"]
    assert not any(
        len(token) > 1 and any(letter.isdigit() for letter in token) for token in tokenizer.get_vocab()
    )


def test_training_resumes_exactly_and_its_gguf_says_the_same_and_can_be_trained_on(
    prepared: Path, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file

    from to_gguf import check, convert

    train(prepared, tmp_path / "whole", "--tokens", "12288")
    stopped = tmp_path / "stopped"
    train(prepared, stopped, "--tokens", "12288", "--stop-after", "5")
    train(prepared, stopped, "--tokens", "12288")
    whole = load_file(tmp_path / "whole" / "model" / "model.safetensors")
    resumed = load_file(stopped / "model" / "model.safetensors")
    assert all(np.array_equal(whole[name], resumed[name]) for name in whole)
    file = convert(stopped / "model", tmp_path / "tiny.gguf", kind="f16")
    pytest.importorskip("accelerate", exc_type=ImportError)
    assert check(stopped / "model", file, TEXTS[:2], kind="f16") == []

    train(prepared, tmp_path / "again", "--start", str(file), "--tokens", "1", "--rate", "0")
    again = load_file(tmp_path / "again" / "model" / "model.safetensors")
    assert again.keys() == whole.keys()
    assert all(np.allclose(whole[name], again[name], atol=1e-3) for name in whole)
