"""DollyEval by the protocol of MiniLLM (Gu et al., ICLR 2024): sampled answers compared with people's.

data: valid.jsonl of MiniLLM/dolly, 500 rows; any file of databricks-dolly-15k's form. Completions: Alpaca's
template, as MiniLLM trains and asks by. Chat: the instruction and its input alone.
metric: ROUGE-L with stems, and exact match, of five answers a row drawn at temperature 1, each with a seed of
its own; the mean over the draws is the mean over all answers. MiniLLM leaves out prompts above 256 tokens of
its model's tokenizer; here none is, and an answer has at most 256, as there. A judge gives the answer and the
right one 1 to 10 points each (`evaluation.points`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from selfinstruct.errors import ConfigError
from selfinstruct.evalsets.dolly import dolly_items, load_dolly
from selfinstruct.evalsets.hub import hub_file
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.rows import read_rows
from selfinstruct.evaluation.benchmarks.base import Answer, Call, Entry, Wanted, digest_of
from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.metrics import ROUGE_L, score
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.evaluation.scores import metric_intervals
from selfinstruct.records import Prompt

__all__ = ["DOLLY", "Dolly"]

HUB, FILE = "MiniLLM/dolly", "valid.jsonl"
DATA = f"{FILE} of https://huggingface.co/datasets/{HUB}"
DRAWS = 5

_OPENING = (
    "Below is an instruction that describes a task{}. "
    "Write a response that appropriately completes the request."
)
WITH_INPUT = (
    _OPENING.format(", paired with an input that provides further context")
    + "\n\n### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:\n"
)
WITHOUT = _OPENING.format("") + "\n\n### Instruction:\n{instruction}\n\n### Response:\n"
STOP = "\n### Instruction:"
"""Where a base model goes on with another task; models tuned on the template end by themselves."""


@dataclass(frozen=True)
class Dolly:
    """rows: one a question, asked `samples` times. temperature: 0 is greedy."""

    rows: tuple[EvaluationItem, ...]
    samples: int
    temperature: float

    name = "dolly"
    max_tokens = 256
    left_out = 0

    @cached_property
    def items(self) -> tuple[EvaluationItem, ...]:
        """Those of a row one after the other; `#2` is the second draw."""
        if self.samples == 1:
            return self.rows
        return tuple(
            replace(row, id=f"{row.id}#{number}", task=row.id)
            for row in self.rows
            for number in range(1, self.samples + 1)
        )

    @cached_property
    def digest(self) -> str:
        """Of the rows."""
        return digest_of(self.rows)

    def layout(self, *, chat: bool) -> str:
        """For people."""
        return "dolly, plain" if chat else "dolly, alpaca"

    def prompt(self, item: EvaluationItem, call: Call) -> Prompt:
        """Sampled without any cut of the distribution."""
        sampling = call.sampling(temperature=self.temperature, stop=() if call.chat else (STOP,))
        if call.chat:
            return Prompt("", "\n\n".join(filter(None, (item.instruction, item.input))), sampling, 0)
        template = WITH_INPUT if item.input else WITHOUT
        return Prompt("", template.format(instruction=item.instruction, input=item.input), sampling, 0)

    def answer(self, reply: str) -> Answer:
        """Without white space around it."""
        return Answer(reply.strip())

    def scored(self, predictions: Sequence[Prediction]) -> tuple[Prediction, ...]:
        """The better of several references."""
        return tuple(
            replace(each, measured=score(each.response, each.item.references).values) for each in predictions
        )

    def summary(self, predictions: Sequence[Prediction], seed: int) -> Mapping[str, Interval]:
        """ROUGE-L of each draw, as far as there are several."""
        if self.samples == 1:
            return {}
        by_draw: dict[str, list[Prediction]] = {}
        for each in predictions:
            by_draw.setdefault(each.item.id.rpartition("#")[2], []).append(each)
        return {f"draw {draw}": _mean(drawn, seed) for draw, drawn in by_draw.items()}


def _mean(drawn: Sequence[Prediction], seed: int) -> Interval:
    return metric_intervals([each.score() for each in drawn], [""] * len(drawn), seed)[ROUGE_L]


def _load(wanted: Wanted) -> Dolly:
    samples = DRAWS if wanted.samples is None else wanted.samples
    temperature = 1.0 if wanted.temperature is None else wanted.temperature
    if samples > 1 and not temperature:
        raise ConfigError(
            "Greedy decoding writes the same answer each time.",
            "Raise `temperature`, or ask for `samples=1`.",
        )
    if wanted.path is None:
        rows = dolly_items(read_rows(hub_file(HUB, FILE, DATA)))
    else:
        rows = load_dolly(wanted.path)
    return Dolly(rows, samples, temperature)


DOLLY = Entry(_load, DATA, on_hub=True, takes=("samples", "temperature"), points=True)
