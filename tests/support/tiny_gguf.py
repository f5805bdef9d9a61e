"""A language model small enough to write in a test: random weights, a real architecture, a real tokenizer.

Llama with 2 layers of width 64 and byte-level BPE; llama.cpp loads it in some 20 ms and writes thousands
of tokens a second. What it says is noise, but noise that depends on the prompt, the seed and every weight,
as with a real model; mostly printable ASCII, and now and then it ends by itself.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

__all__ = ["CHAT_TEMPLATE", "CHAT_TEMPLATE_WITHOUT_SYSTEM", "write_tiny_gguf"]

LAYERS, WIDTH, HEADS, FEED_FORWARD = 2, 64, 4, 128
SPECIALS = ("<s>", "</s>")
MERGES = (
    "Ġ t|h e|i n|r e|o n|Ġt he|e r|Ġ a|Ġ s|a t|e n|o r|Ġ w|Ġ o|Ġ c|n d|i s|e s|i t|Ġo f|Ġt o|in g|Ġa nd"
    "|a s|T a|s k|Ta sk|u t|p ut|Ġ in|Ġ is|Ġ b|Ġ f|a l|Ġ p|Ġ d|a r|e d|o u|l e|Ġt h|l l|i on"
)
CHAT_TEMPLATE = """\
{%- for message in messages -%}
<|{{ message.role }}|>
{{ message.content }}
{% endfor -%}
{%- if add_generation_prompt -%}<|assistant|>
{% endif -%}"""
CHAT_TEMPLATE_WITHOUT_SYSTEM = (
    "{%- if messages[0].role == 'system' -%}{{ raise_exception('System role not supported') }}{%- endif -%}"
    + CHAT_TEMPLATE
)
"""Gemma's and early Mistral's way."""


def write_tiny_gguf(
    path: Path,
    *,
    seed: int = 0,
    context: int = 512,
    endless: bool = False,
    chat_template: str = "",
    architecture: str = "llama",
    window: int = 0,
) -> Path:
    """Write the model and return `path`. The same arguments always give the same bytes.

    seed: of the weights. context: tokens that the model claims to be trained for. endless: it never ends
    a reply by itself; otherwise it does after some 100 tokens (at temperature 0.7). chat_template: in Jinja,
    as instruct models bring one; none by default. architecture: llama, or qwen2 or gemma3, whose layers have
    more parts. window: of gemma3's sliding attention, in tokens; 0 for the whole context.
    """
    merges = MERGES.split("|")
    tokens = [*_byte_characters(), *(merge.replace(" ", "") for merge in merges), *SPECIALS]
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    kinds = [gguf.TokenType.NORMAL] * (len(tokens) - len(SPECIALS)) + [gguf.TokenType.CONTROL] * len(SPECIALS)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index("<s>"))
    writer.add_eos_token_id(tokens.index("</s>"))
    writer.add_add_bos_token(True)
    if chat_template:
        writer.add_chat_template(chat_template)
    if architecture == "gemma3":
        writer.add_key_length(WIDTH // HEADS)
        writer.add_value_length(WIDTH // HEADS)
        writer.add_sliding_window(window or context)
        writer.add_rope_freq_base(10000.0)
    random = np.random.default_rng(seed)
    tensors = _tensors(random, tokens, endless) | _more_parts(random, architecture)
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensors(random: np.random.Generator, tokens: list[str], endless: bool) -> dict[str, np.ndarray]:
    def weights(rows: int, columns: int) -> np.ndarray:
        return random.normal(0, columns**-0.5, (rows, columns)).astype(np.float32)

    embedding, output = weights(len(tokens), WIDTH) * 8, weights(len(tokens), WIDTH) * 3
    # Llama has no output bias: a channel that is the same for every token takes its place.
    embedding[:, 0] = 4
    output[:, 0] = [_bias(token, endless) for token in tokens]
    tensors = {"token_embd.weight": embedding, "output.weight": output}
    tensors["output_norm.weight"] = np.ones(WIDTH, np.float32)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors[f"{block}{part}.weight"] = weights(WIDTH, WIDTH)
        tensors[f"{block}ffn_gate.weight"] = weights(FEED_FORWARD, WIDTH)
        tensors[f"{block}ffn_up.weight"] = weights(FEED_FORWARD, WIDTH)
        tensors[f"{block}ffn_down.weight"] = weights(WIDTH, FEED_FORWARD)
        for part in ("attn_norm", "ffn_norm"):
            tensors[f"{block}{part}.weight"] = np.ones(WIDTH, np.float32)
    return tensors


def _more_parts(random: np.random.Generator, architecture: str) -> dict[str, np.ndarray]:
    sizes = {
        "llama": {},
        "qwen2": {f"attn_{part}.bias": WIDTH for part in "qkv"},
        "gemma3": {
            "attn_q_norm.weight": WIDTH // HEADS,
            "attn_k_norm.weight": WIDTH // HEADS,
            "post_attention_norm.weight": WIDTH,
            "post_ffw_norm.weight": WIDTH,
        },
    }[architecture]
    return {
        f"blk.{layer}.{part}": random.normal(1, 0.2, size).astype(np.float32)
        for layer in range(LAYERS)
        for part, size in sizes.items()
    }


def _bias(token: str, endless: bool) -> float:
    if token in SPECIALS:
        return 2.0 if token == "</s>" and not endless else -50.0
    return 1.0 if token.isascii() or token.startswith("Ġ") else -2.0


def _byte_characters() -> list[str]:
    """The visible character that byte-level BPE writes for each byte, in the order of the bytes.

    Printable Latin-1 stands for itself; the rest are numbered upwards from U+0100 (space is `Ġ`).
    """
    visible = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    spare = iter(range(0x100, 0x200))
    return [chr(byte if byte in visible else next(spare)) for byte in range(256)]
