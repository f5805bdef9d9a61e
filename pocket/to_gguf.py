"""A Hugging Face Llama checkpoint as one GGUF file, and the proof that nothing was lost.

Data: a checkpoint folder (config.json, model.safetensors, tokenizer.json), such as train.py's model/.
Steps: those of selfinstruct.training.gguf, which `selfinstruct finetune --gguf` takes too; matrices as Q8_0
(or F16).
Outputs: the file given with --out, whole or not at all. There is nothing to resume.
--check TEXTS compares, on the texts of a file (blank line between two): the tokens of llama.cpp and of
`tokenizers`; the log-probabilities of the next token of llama.cpp and of transformers running the checkpoint;
and the logits of transformers loading the GGUF itself. Exits with 1 where they differ.

    python pocket/to_gguf.py RUN/model --out pocket.gguf --check TEXTS
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.request
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from selfinstruct.models.llamacpp.server import serve
from selfinstruct.training.gguf import GGUF_KINDS, write_gguf

__all__ = ["check", "convert"]

LARGEST_DIFFERENCE = {"q8_0": 0.15, "f16": 0.02}
"""Nats, of the log-probability of a token among the 10 most probable."""


def convert(folder: Path, out: Path, *, kind: str = "q8_0", name: str = "pocket", **about: str) -> Path:
    """Write `out` and return it. about: `license`, `description` and `author`, where known."""
    # Every document in training comes after an end of text.
    return write_gguf(folder, out, kind=kind, name=name, add_bos=True, **about)


def check(folder: Path, file: Path, texts: Sequence[str], *, kind: str = "q8_0") -> list[str]:
    """What differs, in sentences; nothing where all is well. Prints the largest differences."""
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    whole = str(file.absolute())  # a mere name would find a file of this name in the current folder first
    loaded = AutoTokenizer.from_pretrained(file.parent, gguf_file=whole)
    original = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    again = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=whole, dtype=torch.float32).eval()
    complaints: list[str] = []
    in_llama_cpp = in_transformers = 0.0
    with serve(file) as served, torch.no_grad():
        for number, text in enumerate(texts):
            tokens = tokenizer.encode(text).ids
            if _ask(served.base_url, "/tokenize", {"content": text})["tokens"] != tokens:
                complaints.append(f"text {number}: llama.cpp has other tokens")
            if loaded.encode(text, add_special_tokens=False) != tokens:
                complaints.append(f"text {number}: transformers has other tokens of the GGUF")
            prompt = torch.tensor([[original.config.bos_token_id, *tokens][:1500]])
            mine, other = (model(prompt).logits[0, -1].log_softmax(-1) for model in (original, again))
            best = mine.topk(10).indices.tolist()
            in_transformers = max(in_transformers, (mine - other)[best].abs().max().item())
            there = _next_token(served.base_url, prompt[0].tolist())
            gaps = [abs(mine[token].item() - there[token]) for token in best if token in there]
            if len(gaps) < 8:
                complaints.append(f"text {number}: llama.cpp expects other tokens next")
            in_llama_cpp = max([in_llama_cpp, *gaps])
    for program, gap in (("llama.cpp", in_llama_cpp), ("transformers", in_transformers)):
        print(f"{program}: log-probabilities differ by {gap:.4f} nats at most, on {len(texts)} texts")
        if gap > LARGEST_DIFFERENCE[kind]:
            complaints.append(f"{program}: log-probabilities differ by {gap:.4f} nats")
    return complaints


def _next_token(base_url: str, tokens: list[int]) -> dict[int, float]:
    """The 20 most probable ones with their log-probabilities."""
    body = {"prompt": tokens, "n_predict": 1, "n_probs": 20, "temperature": 1.0, "cache_prompt": False}
    for seed in count():  # a draw that ends the text comes without probabilities
        told = _ask(base_url, "/completion", body | {"seed": seed}).get("completion_probabilities")
        if told:
            break
    return {one["id"]: one["logprob"] for one in told[0]["top_logprobs"]}


def _ask(base_url: str, path: str, body: dict[str, Any]) -> Any:
    address = base_url.removesuffix("/v1") + path
    request = urllib.request.Request(  # noqa: S310 - our own server on loopback
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=120) as reply:
        return json.load(reply)


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; 1 where the check finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkpoint", type=Path, help="folder of the checkpoint")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=GGUF_KINDS, default="q8_0")
    parser.add_argument("--name", default="pocket")
    parser.add_argument("--license", default="Apache-2.0")
    parser.add_argument("--check", type=Path, metavar="TEXTS")
    options = parser.parse_args(arguments)
    convert(options.checkpoint, options.out, kind=options.kind, name=options.name, license=options.license)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.2f} MB")
    if options.check is None:
        return 0
    texts = [text for text in options.check.read_text(encoding="utf-8").split("\n\n") if text.strip()][:200]
    complaints = check(options.checkpoint, options.out, texts, kind=options.kind)
    print("\n".join(complaints) or "no difference")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
