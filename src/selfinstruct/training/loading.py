"""Models that can be tuned (`pocket`, a GGUF file, a Hugging Face model): loaded, saved, merged with an
adapter. The first module of the room that loads torch."""

from __future__ import annotations

import logging
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError, MissingExtraError, RunMismatchError
from selfinstruct.models.catalog import can_be_tuned, local_file, parse_spec
from selfinstruct.models.huggingface.checkpoint import find_checkpoint
from selfinstruct.models.huggingface.loading import best_device, quiet_transformers
from selfinstruct.store.failures import storage_errors
from selfinstruct.training.settings import ModelSettings

__all__ = [
    "TUNABLE",
    "Loaded",
    "has_bf16",
    "load",
    "merge_adapter",
    "quiet",
    "require_extra",
    "require_unchanged",
    "save",
    "spec_of",
    "tunable",
]


TUNABLE = "pocket, gguf/FILE or hf/FOLDER-OR-NAME"


def tunable(spec: str) -> ModelSettings:
    """The model that a SPEC names.

    Raises ConfigError for one that cannot be tuned here, and what `parse_spec` raises.
    """
    if not can_be_tuned(spec):
        raise ConfigError(
            f"{spec!r} cannot be fine-tuned here.",
            f'Name a model as {TUNABLE}; one of OpenAI with `provider="openai"`.',
        )
    model = parse_spec(spec)
    if model.provider == "hf" and find_checkpoint(model.name, model.digest).base is not None:
        raise ConfigError(
            f"{model.name} holds a LoRA adapter, not a whole model.",
            "Merge it first (`merge=True`), and tune the result.",
        )
    return ModelSettings.model_validate(model.model_dump(include={"provider", "name", "digest"}))


def spec_of(model: ModelSettings) -> str:
    """The inverse of `tunable`."""
    return "pocket" if model.provider == "pocket" else f"{model.provider}/{model.name}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """stored: the type that its weights had on the disk, as torch has it; float32 where they were quantized.
    parameters: of the whole model. context: tokens it was trained for. ends: tokens at which it stops."""

    model: Any
    tokenizer: Any
    stored: Any
    parameters: int
    context: int
    ends: frozenset[int]


def require_unchanged(source: ModelSettings) -> None:
    """Raises RunMismatchError where it is another model than it was."""
    spec = spec_of(source)
    if tunable(spec).digest != source.digest:
        raise RunMismatchError(
            f"{spec} is no longer the model that this tuning was started with.", "Restore it."
        )


def require_extra() -> None:
    """Raises MissingExtraError where one of the packages is not installed."""
    try:
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
        import trl  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            f"Tuning needs packages that are not installed ({error.name or error}).",
            'Install them with: pip install "selfinstruct[train]"',
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep torch, transformers, trl and datasets from printing progress bars and advice, and from telling
    anybody that they were used."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TQDM_DISABLE"] = "1"  # transformers counts the tensors of a GGUF file whatever it is told
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        require_extra()
        import datasets
        import transformers

        bars, level = transformers.utils.logging.is_progress_bar_enabled(), logging.root.manager.disable
        transformers.utils.logging.disable_progress_bar()
        datasets.disable_progress_bars()
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(level)
            if bars:
                transformers.utils.logging.enable_progress_bar()
                datasets.enable_progress_bars()


def has_bf16() -> bool:
    """Whether bfloat16 is faster than float32 here."""
    import torch

    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return best_device() == "cpu" and _processor_has_bf16()


def _processor_has_bf16() -> bool:
    """The flags that the system shows, since torch has no public word for it; AMX and AVX512 on x86, SVE and
    NEON on ARM."""
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return False
    return not {"avx512_bf16", "amx_bf16", "bf16", "svebf16"}.isdisjoint(flags)


def load(source: ModelSettings, *, dtype: Any) -> Loaded:
    """dtype: of the weights.

    What transformers loads from a GGUF file counts as quantized, and can be neither trained nor saved; so the
    weights go into a fresh model of the same configuration.

    Raises RunMismatchError where it is another model than it was, ConfigError for one that cannot be loaded
    or tuned.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    spec = spec_of(source)
    require_unchanged(source)
    with quiet_transformers(spec):
        if source.provider == "hf":
            folder = find_checkpoint(source.name, source.digest).local(weights=True)
            tokenizer = AutoTokenizer.from_pretrained(folder)
            stored = AutoConfig.from_pretrained(folder).get_text_config().dtype or torch.float32
            model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
        else:
            file, stored = local_file(spec), torch.float32
            # A whole path: a mere name would find a file of this name in the current folder first.
            tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=str(file))
            model = _fresh(
                AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=str(file), dtype=dtype), dtype
            )
        # An adapter names what it belongs to; models/huggingface/checkpoint.py finds it by this.
        model.name_or_path = source.name
    if tokenizer.eos_token_id is None:
        raise ConfigError(f"The tokenizer of {spec} has no end-of-text token.", "Fine-tune another model.")
    return Loaded(
        model,
        tokenizer,
        stored,
        parameters=sum(weight.numel() for weight in model.parameters()),
        context=int(getattr(model.config.get_text_config(), "max_position_embeddings", 0) or 2**20),
        ends=frozenset(_ends(model, tokenizer)),
    )


def save(model: Any, tokenizer: Any, folder: Path, weights: dict[str, Any] | None = None) -> Path:
    """A folder that `from_pretrained` loads, there as a whole or not at all; what was there is replaced.

    weights: where the model in this process does not hold them all.
    """
    growing = folder.with_name(f".{folder.name}.partial")
    with storage_errors(folder):
        shutil.rmtree(growing, ignore_errors=True)
        if hasattr(model.config, "use_cache"):
            model.config.use_cache = True
        # peft would ask the Hub whether an adapter's base has had its vocabulary changed; here none has.
        whole = {"save_embedding_layers": False} if hasattr(model, "peft_config") else {}
        model.save_pretrained(growing, **whole, **({} if weights is None else {"state_dict": weights}))
        tokenizer.save_pretrained(growing)
        (growing / "README.md").unlink(missing_ok=True)  # peft's, which is a form to fill in
        shutil.rmtree(folder, ignore_errors=True)
        return growing.replace(folder)


def merge_adapter(source: ModelSettings, adapter: Path, folder: Path) -> Path:
    """The whole model that a base model and its adapter are together, in `folder`."""
    import torch
    from peft import PeftModel

    loaded = load(source, dtype=torch.float32)
    merged = PeftModel.from_pretrained(loaded.model, str(adapter)).merge_and_unload()
    return save(merged.to(loaded.stored), loaded.tokenizer, folder)


def _fresh(loaded: Any, dtype: Any) -> Any:
    from transformers import AutoModelForCausalLM

    described = loaded.config.to_dict()
    described.pop("quantization_config", None)
    model = AutoModelForCausalLM.from_config(type(loaded.config).from_dict(described), dtype=dtype)
    model.load_state_dict(loaded.state_dict())
    model.generation_config = loaded.generation_config
    return model


def _ends(model: Any, tokenizer: Any) -> Iterator[int]:
    """The tokenizer's, and whatever else generation stops at."""
    yield tokenizer.eos_token_id
    told = getattr(model.generation_config, "eos_token_id", None)
    yield from told if isinstance(told, list) else () if told is None else (told,)
