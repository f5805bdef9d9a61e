"""A Hugging Face Llama checkpoint as one GGUF file, and the proof that nothing was lost.

Data: a checkpoint folder (config.json, model.safetensors, tokenizer.json), such as train.py's model/.
Steps: rename the tensors; reorder the rows of Q and K, since llama.cpp rotates neighbouring numbers where
transformers rotates halves; quantize matrices to Q8_0 (or F16); write the tokenizer as GPT-2's kind of BPE.
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
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from safetensors.numpy import load_file

from selfinstruct.models.llamacpp_server import serve

__all__ = ["check", "convert", "interleaved"]

KINDS = {"q8_0": gguf.GGMLQuantizationType.Q8_0, "f16": gguf.GGMLQuantizationType.F16}
FILE_TYPES = {"q8_0": gguf.LlamaFileType.MOSTLY_Q8_0, "f16": gguf.LlamaFileType.MOSTLY_F16}
LARGEST_DIFFERENCE = {"q8_0": 0.15, "f16": 0.02}
"""Nats, of the log-probability of a token among the 10 most probable."""
LAYER = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
OUTSIDE = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


def convert(folder: Path, out: Path, *, kind: str = "q8_0", name: str = "pocket", **about: str) -> Path:
    """Write `out` and return it. about: `license`, `description` and `author`, where known."""
    config = json.loads((folder / "config.json").read_text())
    partial = out.with_name(out.name + ".partial")
    writer = gguf.GGUFWriter(partial, "llama")
    writer.add_name(name)
    for key, value in about.items():
        getattr(writer, f"add_{key}")(value)
    head = config["hidden_size"] // config["num_attention_heads"]
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(_rope_theta(config))
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_file_type(FILE_TYPES[kind])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    _add_tokenizer(writer, folder, config)
    for tensor, values in _tensors(folder, config):
        stored = KINDS[kind] if values.ndim == 2 else gguf.GGMLQuantizationType.F32
        writer.add_tensor(tensor, gguf.quantize(values, stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return partial.replace(out)


def _rope_theta(config: dict[str, Any]) -> float:
    """Newer versions of transformers keep it among `rope_parameters`."""
    return float(config.get("rope_theta") or config["rope_parameters"]["rope_theta"])


def _tensors(folder: Path, config: dict[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    """llama.cpp's names and the values in fp32; no `output` where it is the embedding."""
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    for name, values in sorted(load_file(folder / "model.safetensors").items()):
        module = name.removesuffix(".weight")
        values = values.astype(np.float32)
        if module in OUTSIDE:
            if module != "lm_head" or not config.get("tie_word_embeddings"):
                yield f"{OUTSIDE[module]}.weight", values
            continue
        _, _, layer, part = module.split(".", 3)
        part = LAYER[part]
        yield f"blk.{layer}.{part}.weight", interleaved(values, heads[part]) if part in heads else values


def interleaved(rows: np.ndarray, heads: int) -> np.ndarray:
    """Rows 0, 1, 2 … of each head's halves a and b as a0, b0, a1, b1 …"""
    count, width = rows.shape
    halves = rows.reshape(heads, 2, count // heads // 2, width)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(count, width))


def _add_tokenizer(writer: gguf.GGUFWriter, folder: Path, config: dict[str, Any]) -> None:
    described = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary: dict[str, int] = described["model"]["vocab"]
    special = {token["content"] for token in described["added_tokens"] if token["special"]}
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in described["model"]["merges"]]
    normal, control = gguf.TokenType.NORMAL, gguf.TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([control if token in special else normal for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_add_bos_token(value=True)  # every document in training comes after an end of text


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
    said = _ask(base_url, "/completion", body)["completion_probabilities"][0]
    return {one["id"]: one["logprob"] for one in said["top_logprobs"]}


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
    parser.add_argument("--kind", choices=tuple(KINDS), default="q8_0")
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
