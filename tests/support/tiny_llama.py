"""A language model small enough to write in a test, in Hugging Face's layout: random weights, a real
architecture, a real tokenizer; and a LoRA adapter for it.

Llama with 2 layers of width 32 and a byte-level BPE of the merges of tiny_gguf.py.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from tiny_gguf import MERGES

__all__ = ["write_tiny_adapter", "write_tiny_llama", "write_tiny_model"]

WIDTH = 32


def write_tiny_llama(
    folder: Path,
    *,
    seed: int = 0,
    context: int = 512,
    ends: bool = True,
    chat_template: str = "",
) -> Path:
    """Write the model and return `folder`.

    seed: of the weights. context: tokens that the model claims to be trained for. ends: it ends a reply by
    itself now and then. chat_template: in Jinja; none by default.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = _tokenizer(chat_template)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
        for parameter in model.parameters():
            if parameter.ndim == 2:
                torch.nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5)
        model.model.embed_tokens.weight *= 8
        model.lm_head.weight *= 3
        # Llama has no output bias: a channel that is the same for every token takes its place.
        model.model.embed_tokens.weight[:, 0] = 4
        model.lm_head.weight[:, 0] = -2
        for token, number in tokenizer.get_vocab().items():
            if token.isascii() or token.startswith("Ġ"):
                model.lm_head.weight[number, 0] = 1
        model.lm_head.weight[tokenizer.eos_token_id, 0] = 2 if ends else -50
        model.lm_head.weight[tokenizer.bos_token_id, 0] = -50
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_tiny_model(folder: Path, kind: str, **options: Any) -> Path:
    """Write a model of another architecture, with the same tokenizer, and return `folder`. kind: its config's
    class in transformers; options: of that."""
    import torch
    import transformers

    tokenizer = _tokenizer("")
    ids = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    config = getattr(transformers, kind)(vocab_size=len(tokenizer), **ids, **options)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        model = transformers.AutoModelForCausalLM.from_config(config)
        for parameter in model.parameters():
            if parameter.ndim == 2:
                torch.nn.init.normal_(parameter, std=2 * parameter.shape[1] ** -0.5)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_tiny_adapter(folder: Path, base: Path, *, seed: int = 0) -> Path:
    """Write a LoRA adapter that changes what the base says, and return `folder`. base: a folder or a GGUF
    file."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    gguf = {"gguf_file": str(base)} if base.is_file() else {}
    model = AutoModelForCausalLM.from_pretrained(base.parent if gguf else base, **gguf)
    with warnings.catch_warnings(action="ignore"), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        wrapped = get_peft_model(
            model, LoraConfig(r=4, target_modules=["q_proj", "v_proj", "down_proj"], init_lora_weights=False)
        )
    wrapped.save_pretrained(folder, save_embedding_layers=False)
    return folder


def _tokenizer(chat_template: str) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokens = ["<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    merges = []
    for merge in MERGES.split("|"):
        left, right = merge.split()
        if left in tokens and right in tokens:
            merges.append((left, right))
            tokens.append(left + right)
    core = Tokenizer(models.BPE({token: number for number, token in enumerate(tokens)}, merges))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, bos_token="<s>", eos_token="</s>")
    if chat_template:
        tokenizer.chat_template = chat_template
    return tokenizer
