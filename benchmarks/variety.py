"""What makes a model's instructions more varied: attributes, steering, candidates with probabilities.

    python benchmarks/variety.py gguf/instruct.gguf --out variety --tasks 60

Every variant generates from the bundled seeds by the `chat` recipe until there are so many tasks: the same
model, random seed and filters. The scripted model plays the other stages, so only instructions cost time.

    plain       the `chat` recipe as it is
    attributes  a topic and a skill of the bundled library for each task
    verbs       a topic, and the verb that the instruction begins with
    steered     the same, steered towards equal shares
    library     the whole library, three attributes at most for each task
    verbalized  each new task with its probability (Zhang et al. 2025, Verbalized Sampling)
    tails       the same, and only tasks that are improbable: below 0.10

Printed for the same number of admitted instructions: distinct pairs of verb and object per 1,000, with the
half width of a 95 % interval (jackknife over requests), verbs, mean ROUGE-L with the nearest entry, the
share admitted, requests, and tokens per admitted instruction. The same command resumes what was interrupted.
"""

from __future__ import annotations

import argparse
import re
import statistics
from collections.abc import Sequence
from dataclasses import replace
from math import inf, sqrt
from pathlib import Path
from typing import Any

import selfinstruct as si
from selfinstruct.config import RecipeConfig, SamplingConfig
from selfinstruct.config.filter_lists import OWN_LISTS
from selfinstruct.recipes.chat.recipe import ChatRecipe
from selfinstruct.recipes.chat.schemas import tasks_schema
from selfinstruct.store.reader import CandidateRow, RunReader
from selfinstruct.text.verbs import find_verb_and_object

PROBABILITY = (
    " With each, give its probability: how likely it is, from 0 to 1, that you would write just this task if"
    " you were asked for one. Draw them "
)
SAYS = {
    "verbalized": f"{PROBABILITY}from the full distribution of all that you could write.",
    "tails": f"{PROBABILITY}at random from the tails of that distribution: each probability is below 0.10.",
}


class Verbalized(ChatRecipe):
    """The `chat` recipe, in whose reply each task has a probability. That is asked for and not used: what it
    is to change is what the model writes."""

    version = "1"
    api = "chat"

    def __init__(self, variant: str) -> None:
        super().__init__(RecipeConfig(name="chat"), SamplingConfig())
        self.name, self.settings = variant, {"says": SAYS[variant]}

    def instructions_prompt(self, demonstrations: Sequence[str], **given: Any) -> si.Prompt:
        """As usual, with another form and another last line."""
        asked = super().instructions_prompt(demonstrations, **given)
        form = re.sub(r'("input": "…?")\}', r'\1, "probability": 0.0}', asked.preamble)
        schema = tasks_schema(inputs=True)
        schema = schema.replace('"input": {', '"probability": {"type": "number"}, "input": {')
        schema = schema.replace('["instruction", "input"]', '["instruction", "input", "probability"]')
        assert form.count("probability") == 2
        assert schema.count("probability") == 2
        sampling = replace(asked.sampling, response_schema=schema)
        return si.Prompt(form, asked.body + self.settings["says"], sampling, asked.demonstrations)


ATTRIBUTES: dict[str, dict[str, Any]] = {
    "attributes": {"attributes": {"topic": "bundled", "skill": "bundled"}},
    "verbs": {"attributes": {"topic": "bundled", "begins_with": "bundled"}},
    "steered": {"attributes": {"topic": "bundled", "begins_with": "bundled"}, "steer": True},
    "library": {"attributes": "bundled"},
}
SETTINGS: dict[str, dict[str, Any]] = {
    "steered": {"steering": {"target": "uniform", "what": ["attributes"]}},
    "library": {"attributes": {"at_most": 3}},
}
VARIANTS = ("plain", *ATTRIBUTES, *SAYS)


def generate(variant: str, model: str, directory: Path, tasks: int) -> None:
    """One variant, as far as it is not there yet."""
    recipe = Verbalized(variant) if variant in SAYS else "chat"
    config: dict[str, Any] = {
        "filters": OWN_LISTS["chat"],  # a recipe of one's own has none
        "stages": {"instructions": {"model": model, "recipe": recipe}},
    }
    si.generate(
        directory,
        model="scripted",
        recipe="chat",
        tasks=tasks,
        seed=7,
        config=config | SETTINGS.get(variant, {}),
        progress=True,
        **ATTRIBUTES.get(variant, {}),
    )


def pairs_per_1000(rows: Sequence[CandidateRow]) -> float:
    """Distinct pairs of verb and object."""
    found = {find_verb_and_object(row.instruction) for row in rows}
    return 1000 * len([each for each in found if each.object]) / len(rows)


def half_width(rows: Sequence[CandidateRow]) -> float:
    """Of a 95 % interval of `pairs_per_1000`: a jackknife over requests; infinite for fewer than three."""
    requests = sorted({row.ticket for row in rows})
    if len(requests) < 3:
        return inf
    without = [pairs_per_1000([row for row in rows if row.ticket != each]) for each in requests]
    mean, count = statistics.fmean(without), len(without)
    return 1.96 * sqrt((count - 1) / count * sum((each - mean) ** 2 for each in without))


def admitted(directory: Path) -> list[CandidateRow]:
    """In their order; those of requests that the data set does not need left out."""
    return [row for row in RunReader(directory).candidates() if row.verdict == "accepted"]


def describe(directory: Path, count: int) -> str:
    """A line about the first `count` admitted instructions of a run."""
    reader = RunReader(directory)
    rows, kept = list(reader.candidates()), admitted(directory)[:count]
    last = kept[-1]
    judged = sum((row.ticket, row.position) <= (last.ticket, last.position) for row in rows)
    use = reader.summary().by_stage[si.Stage.INSTRUCTIONS]
    tokens = (use.prompt_tokens + use.completion_tokens) / use.completed * (last.ticket + 1) / count
    verbs = {find_verb_and_object(row.instruction).verb for row in kept} - {None}
    nearest = statistics.fmean(row.score or 0.0 for row in kept)
    return (
        f"{pairs_per_1000(kept):5.0f} ± {half_width(kept):4.0f} pairs  {len(verbs):3} verbs"
        f"  nearest {nearest:.3f}  admitted {count / judged:4.0%}  {last.ticket + 1:3} requests"
        f"  {tokens:5.0f} tokens"
    )


def main() -> None:
    """See the module."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("model", help="as `selfinstruct generate --model` takes it")
    options.add_argument("--out", type=Path, required=True, help="folder for the runs")
    options.add_argument("--tasks", type=int, default=60)
    options.add_argument("--variants", nargs="+", choices=VARIANTS, default=VARIANTS)
    given = options.parse_args()
    for variant in given.variants:
        generate(variant, given.model, given.out / variant, given.tasks)
    count = min(len(admitted(given.out / variant)) for variant in given.variants)
    print(f"the first {count} admitted instructions of each, {given.model}:")
    for variant in given.variants:
        print(f"{variant:11}{describe(given.out / variant, count)}")


if __name__ == "__main__":
    main()
