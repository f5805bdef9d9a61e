"""The model card: what was tuned, on which data, how, and how the losses fell. The Hub reads its head.

No text of the data's is quoted, no path of the user's shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from selfinstruct import __version__
from selfinstruct.config import Config
from selfinstruct.dataset.card import CITATION
from selfinstruct.dataset.card_provenance import making, yields
from selfinstruct.dataset.markdown import code, table
from selfinstruct.dataset.reviewed import ReviewEffect
from selfinstruct.records import Stage
from selfinstruct.store.summary import Summary
from selfinstruct.text.messages import duration, in_words
from selfinstruct.training.outcome import Result
from selfinstruct.training.settings import Settings

__all__ = ["CardOrigin", "render_model_card"]

MARK = "# Written by selfinstruct; the same tuning again replaces this file."

LIMITS = """\
Nothing here says that the model became better at anything: `selfinstruct evaluate` measures that. What it
learnt is what its data says, mistakes and biases included. Everything that its base model cannot do, it most
likely cannot do either."""


@dataclass(frozen=True, slots=True)
class CardOrigin:
    """The run that the data comes from. asked_otherwise: as `store.notes.asked_otherwise` has it.
    review: what people changed in it."""

    config: Config
    summary: Summary
    asked_otherwise: Mapping[Stage, Sequence[str]]
    review: ReviewEffect


def render_model_card(
    title: str,
    settings: Settings,
    result: Result,
    files: tuple[str, ...],
    *,
    license_name: str,
    origin: CardOrigin | None,
) -> str:
    """README.md, metadata first. files: of the folder of the tuning, those that are there; none for the card
    that goes with a model on its own."""
    sections = {
        "Use": _use(files, settings),
        "Data": _data(settings, result, origin),
        "Tuning": _tuning(settings, result),
        "Losses": _losses(result, drawn=bool(files)),
        "Limits": LIMITS,
        "Licence": _licence(license_name),
        "Citation": CITATION,
    }
    head = (_metadata(title, settings, license_name), f"# {title}", _summary(settings))
    return "\n\n".join((*head, *(f"## {name}\n\n{text}" for name, text in sections.items()))) + "\n"


def _metadata(title: str, settings: Settings, license_name: str) -> str:
    lines = ["---", MARK, f"model_name: {json.dumps(title, ensure_ascii=False)}"]
    if settings.model.provider == "hf" and not Path(settings.model.name).is_absolute():
        lines.append(f"base_model: {json.dumps(settings.model.name)}")
    lines += [f"license: {json.dumps(license_name)}", "library_name: " + _library(settings)]
    lines += ["pipeline_tag: text-generation", "tags:"]
    lines += [f"- {tag}" for tag in ("self-instruct", "instruction-tuning", "sft", "trl")]
    return "\n".join([*lines, "---"])


def _library(settings: Settings) -> str:
    return "peft" if settings.tuning.lora else "transformers"


def _summary(settings: Settings) -> str:
    how = "with LoRA" if settings.tuning.lora else "all weights"
    return (
        f"{_base(settings)}, tuned ({how}) on tasks of the Self-Instruct kind (Wang et al., ACL 2023) by"
        f" `selfinstruct` {__version__}."
    )


def _base(settings: Settings) -> str:
    model = settings.model
    name = Path(model.name).name if Path(model.name).is_absolute() else model.name
    return code(name if model.provider == "pocket" else f"{model.provider}/{name}")


def _use(files: tuple[str, ...], settings: Settings) -> str:
    about = {
        "model": "the whole model, for `transformers`",
        "adapter": "the LoRA adapter, for `peft`",
        "model.gguf": "the model for llama.cpp",
        "losses.jsonl": "the losses, step by step",
        "losses.svg": "the same, drawn",
        "tuning.toml": "all settings",
    }
    listed = (
        table(("file", "what it is"), [(code(name), about[name]) for name in files]) + "\n\n" if files else ""
    )
    asked = (
        "Ask it in its own chat template."
        if settings.tuning.template == "chat"
        else "Ask it in one of the paper's templates, such as `INSTRUCTION\\nInput: INPUT\\nOutput:`. It ends"
        " its answers with its end-of-text token."
    )
    return listed + asked


def _data(settings: Settings, result: Result, origin: CardOrigin | None) -> str:
    data, seen = settings.data, result.data
    rows = {
        "source": "a `selfinstruct` run" if data.kind == "run" else f"a file of the format {code(data.kind)}",
        "machine-written tasks": "" if seen.tasks is None else f"{seen.tasks:,}",
        "seed tasks, which people wrote": f"{seen.seeds:,}" if data.kind == "run" else "",
        "outputs": code(data.outputs),
        "reviewed by people": "" if origin is None else _review(origin.review),
        "instances": f"{seen.examples:,}",
        "used for training": f"{seen.learnt:,}",
        "held out for validation": f"{seen.held_out:,}",
        "duplicates removed": f"{seen.duplicates:,}",
        "left out": in_words(seen.left_out) or "none",
        "tokens trained on, all epochs": f"{result.tokens:,}",
        "SHA-256 of the examples": code(data.digest),
    }
    text = table(("", ""), [(name, value) for name, value in rows.items() if value])
    if origin is None:
        return text
    made = making(origin.config, origin.asked_otherwise)
    return (
        f"{text}\n\n### How the data was made\n\n{made}\n\n### Yield of the run\n\n{yields(origin.summary)}"
    )


def _review(review: ReviewEffect) -> str:
    if not review.reviewed:
        return "none of the machine-written instances"
    changed = review.sentence()
    return f"{review.reviewed:,} of the machine-written instances" + (f"; {changed}" if changed else "")


def _tuning(settings: Settings, result: Result) -> str:
    tuning = settings.tuning
    mixture = tuning.template == "mixture"
    rows = {
        "parameters": f"{result.parameters:,}",
        "method": f"LoRA, rank {tuning.lora_rank}, all linear layers" if tuning.lora else "full",
        "template": "the paper's mixture of templates" if mixture else "the model's chat template",
        "loss": "on completions and their end token alone",
        "optimizer": "AdamW, no weight decay, gradients clipped at 1",
        "learning rate": f"{tuning.learning_rate:g} at most: linear warm-up over 3 %, linear decay to zero",
        "epochs": f"{tuning.epochs:g}",
        "examples an update": f"{tuning.batch_size:,}",
        "updates": f"{result.steps:,}",
        "longest example": f"{tuning.max_length:,} tokens",
        "arithmetic": "bfloat16 products, float32 weights" if tuning.bf16 else "float32",
        "random seed": str(tuning.seed),
        "compute": f"{result.hardware}, {duration(result.seconds)}",
        "software": result.software,
    }
    return table(("", ""), list(rows.items()))


def _losses(result: Result, *, drawn: bool) -> str:
    losses = result.losses
    rows = [("training, mean over a tenth of the updates", f"{losses.first:.3f}", f"{losses.last:.3f}")]
    if losses.held_out_before is not None and losses.held_out_after is not None:
        rows.append(("held out", f"{losses.held_out_before:.3f}", f"{losses.held_out_after:.3f}"))
    numbers = table(("nats per token", "at first", "at last"), rows)
    return f"{numbers}\n\n![losses](losses.svg)" if drawn else numbers


def _licence(name: str) -> str:
    stated = (
        "No license has been stated for this model (tune it with `license`)."
        if name == "unknown"
        else f"As the makers state: {code(name)}."
    )
    return (
        f"{stated} The licence of the base model and the terms of the model that wrote the data may restrict"
        " what it is used for."
    )
