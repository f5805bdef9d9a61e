"""A Hugging Face Llama checkpoint as one GGUF file, which llama.cpp runs.

Rename the tensors; reorder the rows of Q and K, since llama.cpp rotates neighbouring numbers where
transformers rotates halves; quantize matrices; write the tokenizer. For models of the Llama architecture
whose tokenizer is GPT-2's kind of byte-level BPE; llama.cpp's own converter knows many others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import ConfigError, MissingExtraError
from selfinstruct.store.failures import storage_errors

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "GGUF_KINDS",
    "LAYER",
    "Q8_BLOCK",
    "check_architecture",
    "check_convertible",
    "check_loaded",
    "interleaved",
    "write_gguf",
]

GGUF_KINDS = ("q8_0", "f16")
"""Of matrices. Vectors are in fp32; so are, in F16, matrices whose rows are no multiple of 32 in `q8_0`."""

Q8_BLOCK = 32
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
"""llama.cpp's names of a layer's parts, by transformers' names."""

OUTSIDE = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
ELSEWHERE = "Use llama.cpp's own converter for it: python convert_hf_to_gguf.py {folder}"


def check_convertible(folder: Path) -> None:
    """Raises ConfigError, naming llama.cpp's converter, for a model that `write_gguf` cannot write."""
    if flaw := _flaw(folder):
        raise ConfigError(
            f"{folder} cannot be written as GGUF here: {flaw}.", ELSEWHERE.format(folder=folder)
        )


def check_architecture(spec: str, architecture: str, folder: Path, *, adaptable: bool = False) -> None:
    """As `check_convertible`, of a model of which only the name of its architecture is known yet.

    folder: where it would be saved. adaptable: an adapter to it could be written.
    """
    if architecture != "llama":
        raise ConfigError(
            f"{spec} cannot be written as GGUF here: its architecture is {architecture!r}, not 'llama'.",
            f"{'Add `lora`: with an adapter it can. Or t' if adaptable else 'T'}une it without `gguf`."
            f" {ELSEWHERE.format(folder=folder)}",
        )


def check_loaded(model: Any, tokenizer: Any, spec: str, folder: Path) -> None:
    """As `check_convertible`, of a model of transformers before it is saved in `folder`."""
    with TemporaryDirectory() as scratch:
        model.config.save_pretrained(scratch)
        tokenizer.save_pretrained(scratch)
        if flaw := _flaw(Path(scratch)):
            raise ConfigError(
                f"{spec} cannot be written as GGUF here: {flaw}.",
                f"Tune it without `gguf`. {ELSEWHERE.format(folder=folder)}",
            )


def _flaw(folder: Path) -> str:
    """Why the model cannot be written; empty where it can."""
    if not (folder / "tokenizer.json").exists():
        return "it has no tokenizer.json"
    config, tokenizer = _read(folder / "config.json"), _read(folder / "tokenizer.json")
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    before = tokenizer.get("pre_tokenizer") or {}
    flaws = {
        f"its architecture is {config.get('model_type')!r}, not 'llama'": config.get("model_type") != "llama",
        "its layers have biases": config.get("attention_bias") or config.get("mlp_bias"),
        "its positions are scaled": rope.get("rope_type", "default") != "default",
        "its tokenizer is not BPE": tokenizer["model"]["type"] != "BPE",
        "its tokenizer splits text differently from GPT-2's": before.get("type") != "ByteLevel"
        or not before.get("use_regex", True)
        or before.get("add_prefix_space")
        or tokenizer.get("normalizer"),
    }
    return next((flaw for flaw, found in flaws.items() if found), "")


def write_gguf(
    folder: Path, out: Path, *, kind: str = "q8_0", name: str, add_bos: bool | None = None, **about: str
) -> Path:
    """Write `out`, whole or not at all, and return it.

    add_bos: whether every text begins with the token for that; None for whatever the tokenizer does.
    about: `license`, `description` and `author`, where known.

    Raises MissingExtraError without the package gguf, ConfigError as `check_convertible`.
    """
    try:
        import gguf
    except ImportError as error:
        raise MissingExtraError(
            "Writing GGUF needs the package gguf, which is not installed.",
            'Install it with: pip install "selfinstruct[train]"',
        ) from error

    check_convertible(folder)
    config = _read(folder / "config.json")
    matrices = {"q8_0": gguf.GGMLQuantizationType.Q8_0, "f16": gguf.GGMLQuantizationType.F16}[kind]
    file_types = {"q8_0": gguf.LlamaFileType.MOSTLY_Q8_0, "f16": gguf.LlamaFileType.MOSTLY_F16}
    partial = out.with_name(out.name + ".partial")
    with storage_errors(out):
        writer = gguf.GGUFWriter(partial, "llama")
        writer.add_name(name)
        for key, value in about.items():
            getattr(writer, f"add_{key}")(value)
        writer.add_context_length(config["max_position_embeddings"])
        writer.add_embedding_length(config["hidden_size"])
        writer.add_block_count(config["num_hidden_layers"])
        writer.add_feed_forward_length(config["intermediate_size"])
        writer.add_head_count(config["num_attention_heads"])
        writer.add_head_count_kv(config["num_key_value_heads"])
        writer.add_rope_dimension_count(_head(config))
        writer.add_key_length(_head(config))
        writer.add_value_length(_head(config))
        writer.add_rope_freq_base(_rope_theta(config))
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
        writer.add_vocab_size(config["vocab_size"])
        writer.add_file_type(file_types[kind])
        writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
        _add_tokenizer(writer, folder, config, add_bos)
        for tensor, values in _tensors(folder, config):
            stored = matrices if values.ndim == 2 else gguf.GGMLQuantizationType.F32
            if stored == gguf.GGMLQuantizationType.Q8_0 and values.shape[1] % Q8_BLOCK:
                stored = gguf.GGMLQuantizationType.F16
            writer.add_tensor(tensor, gguf.quantize(values, stored), raw_dtype=stored)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return partial.replace(out)


def interleaved(rows: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """Rows 0, 1, 2 … of each head's halves a and b as a0, b0, a1, b1 …"""
    import numpy as np

    count, width = rows.shape
    halves = rows.reshape(heads, 2, count // heads // 2, width)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(count, width))


def _read(path: Path) -> dict[str, Any]:
    with storage_errors(path):
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def _head(config: Mapping[str, Any]) -> int:
    return int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])


def _rope_theta(config: Mapping[str, Any]) -> float:
    """Newer versions of transformers keep it among `rope_parameters`."""
    return float(config.get("rope_theta") or config["rope_parameters"]["rope_theta"])


def _tensors(folder: Path, config: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """llama.cpp's names and the values in fp32; no `output` where it is the embedding."""
    from safetensors import safe_open

    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as stored:  # numpy knows no bfloat16
            for name in sorted(stored.keys()):
                module = name.removesuffix(".weight")
                values = stored.get_tensor(name).float().numpy()
                if module in OUTSIDE:
                    if module != "lm_head" or not config.get("tie_word_embeddings"):
                        yield f"{OUTSIDE[module]}.weight", values
                    continue
                _, _, layer, part = module.split(".", 3)
                part = LAYER[part]
                rows = interleaved(values, heads[part]) if part in heads else values
                yield f"blk.{layer}.{part}.weight", rows


def _add_tokenizer(writer: Any, folder: Path, config: Mapping[str, Any], add_bos: bool | None) -> None:
    import gguf

    described = _read(folder / "tokenizer.json")
    vocabulary: dict[str, int] = dict(described["model"]["vocab"])
    vocabulary |= {token["content"]: token["id"] for token in described["added_tokens"]}
    special = {token["content"] for token in described["added_tokens"] if token["special"]}
    names = {number: token for token, number in vocabulary.items()}
    tokens = [names.get(number, f"<|unused_{number}|>") for number in range(config["vocab_size"])]
    kinds = [
        gguf.TokenType.UNUSED
        if number not in names
        else gguf.TokenType.CONTROL
        if token in special
        else gguf.TokenType.NORMAL
        for number, token in enumerate(tokens)
    ]
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in described["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    ends = config["eos_token_id"]
    end = ends[0] if isinstance(ends, list) else ends
    begin = config.get("bos_token_id")
    writer.add_bos_token_id(end if begin is None else begin)
    writer.add_eos_token_id(end)
    writer.add_add_bos_token(_adds_beginning(described) if add_bos is None else add_bos)
    if template := _chat_template(folder):
        writer.add_chat_template(template)


def _adds_beginning(described: Mapping[str, Any]) -> bool:
    """Whether the tokenizer puts a special token before every text."""
    after = described.get("post_processor") or {}
    steps = after.get("processors", [after])
    return any("SpecialToken" in piece for step in steps for piece in step.get("single", [])[:1])


def _chat_template(folder: Path) -> str:
    path = folder / "chat_template.jinja"
    if path.exists():
        return path.read_text(encoding="utf-8")
    config = folder / "tokenizer_config.json"
    found = _read(config).get("chat_template") if config.exists() else None
    return found if isinstance(found, str) else ""
