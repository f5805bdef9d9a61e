"""A GGUF file with a LoRA adapter put into its weights, as a new GGUF file.

Everything but the adapted matrices is copied as it is: tokenizer, settings, norms, embeddings. So any
tokenizer does, and any architecture whose linear layers stand in the file one by one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import ConfigError, MissingExtraError
from selfinstruct.store.failures import storage_errors
from selfinstruct.training.gguf import LAYER, Q8_BLOCK, interleaved

if TYPE_CHECKING:
    import numpy as np

__all__ = ["ADAPTABLE", "write_adapted"]

ADAPTABLE = ("llama", "gemma3", "qwen2")
"""Architectures, as the field general.architecture has them, of which llama.cpp was seen to say what
transformers says."""

PREFIX = "base_model.model."
"""Of the names in an adapter."""


def write_adapted(base: Path, adapter: Path, out: Path, *, kind: str = "q8_0", name: str) -> Path:
    """Write `out`, whole or not at all, and return it.

    adapter: a folder that peft wrote, of a model that transformers read from `base`. kind: of the adapted
        matrices, one of `GGUF_KINDS`; F16 where their rows are no multiple of 32.

    Raises MissingExtraError without the package gguf, ConfigError for an adapter of another model.
    """
    try:
        import gguf
    except ImportError as error:
        raise MissingExtraError(
            "Writing GGUF needs the package gguf, which is not installed.",
            'Install it with: pip install "selfinstruct[train]"',
        ) from error

    partial = out.with_name(out.name + ".partial")
    with storage_errors(out):
        reader = gguf.GGUFReader(base)
        fields = {key: field for key, field in reader.fields.items() if not key.startswith("GGUF.")}
        architecture = str(fields.pop("general.architecture").contents())
        changes = _changes(adapter)
        if architecture == "llama":
            queries = fields["llama.attention.head_count"]
            heads = {"attn_q": queries, "attn_k": fields.get("llama.attention.head_count_kv", queries)}
            for matrix, change in changes.items():
                if (part := matrix.split(".")[2]) in heads:
                    changes[matrix] = interleaved(change, int(heads[part].contents()))
        writer = gguf.GGUFWriter(partial, architecture)
        for key, field in fields.items():
            writer.add_key_value(key, field.contents(), field.types[0], sub_type=field.types[-1])
        writer.kv_data[0].pop("general.name", None)
        writer.add_name(name)
        writer.kv_data[0].pop("general.file_type", None)
        file_types = {"q8_0": gguf.LlamaFileType.MOSTLY_Q8_0, "f16": gguf.LlamaFileType.MOSTLY_F16}
        writer.add_file_type(file_types[kind])
        for tensor in reader.tensors:
            if tensor.name not in changes:
                writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
                continue
            change = changes.pop(tensor.name)
            values = gguf.dequantize(tensor.data, tensor.tensor_type)
            if values.shape != change.shape:
                raise _foreign(adapter, base)
            kinds = gguf.GGMLQuantizationType
            stored = kinds.F16 if kind == "f16" or values.shape[1] % Q8_BLOCK else kinds.Q8_0
            writer.add_tensor(tensor.name, gguf.quantize(values + change, stored), raw_dtype=stored)
        if changes:
            raise _foreign(adapter, base)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return partial.replace(out)


def _changes(adapter: Path) -> dict[str, np.ndarray[Any, Any]]:
    """What the adapter adds to each matrix, (rows, columns) in float32, by llama.cpp's name."""
    from safetensors import safe_open

    described = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    scale = described["lora_alpha"] / described["r"]
    found: dict[str, np.ndarray[Any, Any]] = {}
    weights = adapter / "adapter_model.safetensors"
    with safe_open(weights, framework="pt") as stored:  # numpy knows no bfloat16
        for key in sorted(stored.keys()):
            module, half, part = key.removeprefix(PREFIX).partition(".lora_A.")
            if half:
                down = stored.get_tensor(key).float().numpy()
                up = stored.get_tensor(f"{PREFIX}{module}.lora_B.{part}").float().numpy()
                _, _, layer, inner = module.split(".", 3)
                found[f"blk.{layer}.{LAYER[inner]}.weight"] = scale * (up @ down)
    return found


def _foreign(adapter: Path, base: Path) -> ConfigError:
    return ConfigError(
        f"The adapter in {adapter} does not fit {base}.", "Name the file that it was tuned on."
    )
