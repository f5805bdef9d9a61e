"""The model: Llama through `transformers`, in three sizes. Needs torch and transformers; reads and writes
nothing.

Widths are multiples of 32, which is what a Q8_0 block holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

__all__ = ["CONTEXT", "SIZES", "build", "parameters"]

CONTEXT = 2048
"""Tokens of prompt and reply together."""

SIZES: Mapping[str, Mapping[str, int]] = {
    "tiny": {  # 1 M parameters: tests
        "hidden_size": 128,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 352,
    },
    "pocket": {  # 5.5 M, 11.1 MB at F16: two cores
        "hidden_size": 256,
        "num_hidden_layers": 6,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "intermediate_size": 704,
    },
    "pocket-large": {  # 21 M, 22.4 MB at Q8_0: a GPU
        "hidden_size": 384,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "num_key_value_heads": 6,
        "intermediate_size": 1024,
    },
}


def build(
    size: str, *, vocabulary: int, end_of_text: int, seed: int, attention: str = "sdpa"
) -> LlamaForCausalLM:
    """The untrained model in fp32; the same arguments give the same weights.

    end_of_text: its token begins and ends every document, so it is both `bos` and `eos`.
    attention: a name that `transformers` knows.
    """
    torch.manual_seed(seed)
    wanted: dict[str, Any] = dict(SIZES[size])
    config = LlamaConfig(
        **wanted,
        vocab_size=vocabulary,
        max_position_embeddings=CONTEXT,
        rope_theta=10_000.0,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=end_of_text,
        eos_token_id=end_of_text,
        attn_implementation=attention,
        use_cache=False,
    )
    model = LlamaForCausalLM(config)
    # Small outputs of every branch at the start, the deeper the model the smaller (GPT-2, section 2.3).
    scale = (2 * config.num_hidden_layers) ** -0.5
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight *= scale
            layer.mlp.down_proj.weight *= scale
    return model


def parameters(model: LlamaForCausalLM) -> int:
    """How many numbers it has; the tied embedding counts once."""
    return sum(parameter.numel() for parameter in model.parameters())
