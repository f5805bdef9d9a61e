"""From a checkpoint's files to a tokenizer and a network in memory, an adapter merged into its model.

transformers prints nothing meanwhile, and its errors become ours.
"""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal

from selfinstruct.errors import ConfigError, SelfInstructError
from selfinstruct.models.huggingface.checkpoint import Checkpoint
from selfinstruct.models.huggingface.network import Network

if TYPE_CHECKING:
    import torch

__all__ = [
    "TemplateRefusedError",
    "Tokenizer",
    "best_device",
    "in_gguf",
    "load_network",
    "quiet_transformers",
]


@contextmanager
def quiet_transformers(what: str) -> Iterator[None]:
    """While it lasts, no warnings and no progress bars. Anything that goes wrong is a `ConfigError`: what a
    library raises over a damaged or an unknown kind of file is of no class in particular.

    what: that is being loaded, for the message.
    """
    os.environ.setdefault("TQDM_DISABLE", "1")  # what reads a GGUF file counts on, whatever it is told
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SelfInstructError:
        raise
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise ConfigError(f"transformers cannot load {what}: {reason}") from error
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


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
        raise ConfigError("An empty prompt cannot be sent to a model that has no start-of-text token.")


def in_gguf(checkpoint: Checkpoint) -> dict[str, str]:
    """What tells transformers to read a GGUF file. The whole path: a mere name would find a file of this name
    in the current folder first."""
    return {} if checkpoint.gguf is None else {"gguf_file": str(checkpoint.gguf)}


@cache
def best_device() -> Literal["cuda", "mps", "cpu"]:
    """A GPU where torch finds one. Imports torch."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load_network(checkpoint: Checkpoint, tokenizer: Tokenizer) -> Network:
    """On the best device. Raises ConfigError for a checkpoint that transformers cannot load."""
    import torch

    device = torch.device(best_device())
    if device.type == "cpu" and checkpoint.is_small and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)
    with quiet_transformers(checkpoint.name):
        model = _load(checkpoint, device)
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    parameters = inspect.signature(model.forward).parameters
    layers = DynamicCache(config=model.config).layers
    joinable = all(type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers)
    return Network(
        forward=model,
        device=device,
        # A plain cache keeps what a sliding window has left behind, which the mask then hides.
        new_cache=DynamicCache if joinable else partial(DynamicCache, config=model.config),
        cache_name="cache" if "cache" in parameters else "past_key_values",
        joinable=joinable,
        last_only={"logits_to_keep": 1} if "logits_to_keep" in parameters else {},
        ends=_ends(model, tokenizer),
        decode=tokenizer.decode,
    )


def _load(checkpoint: Checkpoint, device: torch.device) -> Any:
    from transformers import AutoModelForCausalLM

    base = checkpoint.model
    model = AutoModelForCausalLM.from_pretrained(
        base.local(weights=True), dtype=_dtype(base, device), **in_gguf(base)
    )
    if checkpoint.base is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, checkpoint.local(weights=True)).merge_and_unload()
    return model.to(device).eval()


def _dtype(checkpoint: Checkpoint, device: torch.device) -> torch.dtype | Literal["auto"]:
    """As saved on a GPU. Processors compute half precision slowly."""
    import torch

    if device.type != "cpu":
        return "auto"
    return torch.float64 if checkpoint.is_small else torch.float32


def _ends(model: Any, tokenizer: Tokenizer) -> frozenset[int]:
    """Tokens that end a reply: the generation config's, such as that which ends a chat's turn, and the
    tokenizer's own."""
    named = model.generation_config.eos_token_id if model.generation_config else None
    ends = named if isinstance(named, list) else [named]
    return frozenset(token for token in (*ends, tokenizer.end) if token is not None)
