"""The parts of a data card that say how the data came about: settings, filters, yield."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from selfinstruct.config import Config, FilterConfig, ModelConfig, SeedsConfig, StageSampling
from selfinstruct.dataset.markdown import code, table
from selfinstruct.records import Stage
from selfinstruct.store.schema import UNRECOGNIZED
from selfinstruct.store.summary import Summary, tokens_used

__all__ = ["making", "yields"]

_URL = re.compile(r"\S*://\S*")

STAGES: Mapping[str, Mapping[str, tuple[str, tuple[Stage, ...]]]] = {
    "paper": {
        "instructions": ("instructions", (Stage.INSTRUCTIONS,)),
        "classification": ("classification or not", (Stage.CLASSIFICATION,)),
        "input_first": ("instances, input first", (Stage.INSTANCES,)),
        "output_first": ("instances, output first", (Stage.INSTANCES,)),
    },
    "chat": {
        "chat_instructions": ("instructions", (Stage.INSTRUCTIONS,)),
        "chat_inputs": ("inputs", (Stage.INSTANCES,)),
        "chat_answers": ("answers", (Stage.ANSWERS,)),
        "chat_instances": ("instances", (Stage.CLASSIFICATION, Stage.INSTANCES)),
    },
}
"""By recipe: the fields of `SamplingConfig` that it uses, in words, and in which stages."""


def making(
    config: Config,
    asked_otherwise: Mapping[Stage, Sequence[str]],
    improved_by: ModelConfig | None = None,
) -> str:
    """Models, recipe, seeds, sampling, filters, and every setting that decided the data. No path and no
    URL: a file is named by its name and digest.

    asked_otherwise: by stage, in what its requests differed from these settings.
    """
    recipe = config.recipe
    shown = f"{recipe.demonstrations} in a prompt, at most {recipe.machine_demonstrations} machine-written"
    facts = {
        "model": _model(config.model),
        **{f"model for {stage}": _model(own.model) for stage, own in config.stages if own},
        "outputs rewritten by": _model(improved_by) if improved_by else "",
        "recipe": code(config.recipe_title),
        "language": code(recipe.language),
        "about": code(recipe.about),
        "kind": "classification tasks only" if recipe.classification_only else "",
        "seed tasks": _seeds(config.seeds),
        "demonstrations": shown,
        "random seed": str(config.seed),
    }
    settings = (
        f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in config.identity().items()
    )
    return "\n\n".join(
        (
            table(("", ""), [(name, value) for name, value in facts.items() if value]),
            *_drawn(config),
            *_asked_otherwise(asked_otherwise),
            _filters(config.filters),
            "<details><summary>All settings that decide the data</summary>",
            "\n".join(("```", *settings, "```")),
            "</details>",
        )
    )


def _drawn(config: Config) -> Iterator[str]:
    """A table of the stages. A recipe of the user's own samples as its prompts say, and settings do not."""
    stages = {words: getattr(config.sampling, field) for field, words in _stages(config)}
    if not stages:
        return
    yield table(
        ("sampling", "temperature", "top-p", "frequency penalty", "presence penalty", "max tokens"),
        [_sampling(words, stage) for words, stage in stages.items()],
    )


def _stages(config: Config) -> Iterator[tuple[str, str]]:
    """Fields and words. Where answers are asked, a reply that held instances too would draw nothing but a
    task's kind."""
    for recipe, done in config.recipes:
        for field, (words, stages) in STAGES.get(recipe.name, {}).items():
            asked = recipe.name == "chat" and recipe.answers == "asked"
            if field in ("chat_inputs", "chat_answers") and not asked:
                continue
            if field == "chat_instances" and (asked or Stage.INSTANCES not in done):
                if Stage.CLASSIFICATION in done:
                    yield field, "classification or not, where it was asked"
            elif set(stages) & set(done):
                yield field, words


def yields(summary: Summary) -> str:
    """From requests to tasks, with what was lost on the way and why, and the tokens used."""
    rows = [
        ("requests completed", summary.requests, summary.lost),
        ("instructions parsed", summary.candidates, {}),
        ("instructions rejected", sum(summary.rejected.values()), summary.rejected),
        ("instructions admitted", summary.admitted, {}),
        ("tasks dropped", sum(summary.invalid_tasks.values()), summary.invalid_tasks),
        ("instances rejected", sum(summary.rejected_instances.values()), summary.rejected_instances),
        ("tasks kept", summary.tasks, {}),
        ("instances kept", summary.instances, {}),
    ]
    counts = table(
        ("", "number", "of these lost, by reason"),
        [
            (name, f"{count:,}", ", ".join(f"{code(reason)} {lost:,}" for reason, lost in reasons.items()))
            for name, count, reasons in rows
        ],
    )
    estimated = ", by estimate" if summary.estimated else ""
    counts += f"\n\nTokens: {tokens_used(summary)}{estimated}."
    if summary.last_unrecognized is None:
        return counts
    words = code(_URL.sub("…", summary.last_unrecognized))
    return f"{counts}\n\nThe endpoint's words on the last request lost as {code(UNRECOGNIZED)}: {words}"


def _asked_otherwise(changes: Mapping[Stage, Sequence[str]]) -> Iterator[str]:
    """Nothing where the endpoint took all of it."""
    if changes:
        rows = [(str(stage), "; ".join(phrases)) for stage, phrases in changes.items()]
        yield (
            "The endpoint did not take all of that. What it was asked otherwise, by stage:\n\n"
            + table(("stage", "difference"), rows)
        )


def _seeds(seeds: SeedsConfig) -> str:
    origin = "bundled with `selfinstruct`" if seeds.source == "bundled" else "a file of the makers' own"
    return f"{seeds.count:,}, {origin}{_digest(seeds.digest)}"


def _model(model: ModelConfig) -> str:
    name = Path(model.name).name if model.digest else model.name
    return code(f"{model.provider}/{name}") + _digest(model.digest)


def _digest(digest: str) -> str:
    return f", SHA-256 {code(digest)}" if digest else ""


def _sampling(stage: str, drawn: StageSampling) -> tuple[str, ...]:
    numbers = (drawn.temperature, drawn.top_p, drawn.frequency_penalty, drawn.presence_penalty)
    return (stage, *(f"{number:g}" for number in numbers), f"{drawn.max_tokens:,}")


def _filters(filters: FilterConfig) -> str:
    keywords = ", ".join(map(code, filters.keywords)) or "none"
    prefixes = ", ".join(map(code, filters.prefixes)) or "none"
    kept_out = ""
    if filters.decontaminate:
        items = sum(each.items for each in filters.decontaminate)
        digests = ", ".join(code(each.digest) for each in filters.decontaminate)
        kept_out = (
            f" Instructions and instances that share 13 words in a row with the {items:,} items of evaluation"
            f" sets (SHA-256 {digests}) were dropped, and instructions with a ROUGE-L F1 above"
            f" {filters.max_similarity:g} with one of theirs."
        )
    return (
        f"An instruction was kept with {filters.min_words} to {filters.max_words} words, a ROUGE-L F1 of at"
        f" most {filters.max_similarity:g} with every seed and every instruction before it, none of these"
        f" beginnings: {prefixes}; and none of these words, but for phrases in which they mean something"
        f" else: {keywords}. An instance was kept with an output that is not empty, not cut off and not its"
        f" input; a task whose instances contradict each other was dropped.{kept_out}"
    )
