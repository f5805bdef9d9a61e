"""A checkpoint's tokenizer: a prompt in tokens, and tokens as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from selfinstruct.errors import ConfigError
from selfinstruct.models.huggingface.checkpoint import Checkpoint
from selfinstruct.models.huggingface.quiet import quiet_transformers

__all__ = ["TemplateRefusedError", "Tokenizer", "in_gguf"]


class TemplateRefusedError(Exception):
    """Control flow: a chat template that raises, as some do for a system message. Stays in models/."""


class Tokenizer:
    """Loads it. Raises ConfigError where transformers cannot."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        with quiet_transformers(f"the tokenizer of {checkpoint.name}"):
            from transformers import AutoTokenizer

            self._tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint.local(), **in_gguf(checkpoint))

    @property
    def end(self) -> int | None:
        """The token that ends a text, where there is one."""
        token: int | None = self._tokenizer.eos_token_id
        return token

    def of_text(self, text: str) -> list[int]:
        """The tokens of a text, with those that it puts before any; at least one, since nothing cannot be
        continued."""
        tokens: list[int] = self._tokenizer(text, verbose=False)["input_ids"]
        return tokens or [self._beginning()]

    def of_chat(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """The tokens of what the chat template makes of these, up to where the assistant begins. Raises
        `TemplateRefusedError`."""
        from jinja2 import TemplateError

        try:
            text = self._tokenizer.apply_chat_template(
                list(messages), tokenize=False, add_generation_prompt=True
            )
        except TemplateError as error:
            raise TemplateRefusedError(str(error)) from error
        tokens: list[int] = self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        return tokens or [self._beginning()]

    def decode(self, tokens: Sequence[int]) -> str:
        """Their text, special tokens left out and nothing tidied up."""
        text: str = self._tokenizer.decode(
            list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def _beginning(self) -> int:
        for token in (self._tokenizer.bos_token_id, self._tokenizer.eos_token_id):
            if isinstance(token, int):
                return token
        raise ConfigError("An empty prompt cannot be sent to a model without a token that begins a text.")


def in_gguf(checkpoint: Checkpoint) -> dict[str, str]:
    """What tells transformers to read a GGUF file. The whole path: a mere name would find a file of this name
    in the current folder first."""
    return {} if checkpoint.gguf is None else {"gguf_file": str(checkpoint.gguf)}
