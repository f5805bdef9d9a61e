r"""GSM8K: asked as lm-eval's task of that name asks it, and right by its two decisions.

data: test.jsonl of openai/grade-school-math, 1,319 problems. Completions: `Question: …\nAnswer:` after five
solved examples. Chat: the question alone, with what the last line should look like.
metrics: flexible-extract, the last number of the reply; strict-match, the first one after `#### `. Both are
compared as texts, without commas, dollar signs and a full stop at the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from selfinstruct.errors import ConfigError
from selfinstruct.evalsets.gsm8k import WordProblem, load_gsm8k, word_problems
from selfinstruct.evalsets.hub import hub_rows
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.rows import read_rows
from selfinstruct.evaluation.benchmarks.base import Answer, Call, Entry, Wanted, digest_of
from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.records import Prompt

__all__ = ["GSM8K", "Gsm8k", "flexible_number", "same_number", "strict_number"]

DATA = "test.jsonl of https://github.com/openai/grade-school-math, or the folder with it and train.jsonl"
HUB = "openai/gsm8k"
EXAMPLES = 5
OURS = Path(__file__).with_name("gsm8k_examples.jsonl")
"""Shown where there is no train.jsonl. Written for this package."""
STOPS = ("Question:", "</s>", "<|im_end|>")
ZERO_SHOT = (
    "{question}\n\nThink step by step. End with a line that holds #### and the answer as a number alone."
)

_STRICT = re.compile(r"#### (-?[0-9.,]+)")
_FLEXIBLE = re.compile(r"-?[$0-9.,]{2,}|-?[0-9]+")
_FULL_STOP = re.compile(r"\.$")


@dataclass(frozen=True)
class Gsm8k:
    """shown: solved ones before each; None for five with completions, none in a chat.
    pool: what they are the first of. source: where these are from."""

    problems: tuple[WordProblem, ...]
    pool: tuple[WordProblem, ...]
    source: str
    shown: int | None

    name = "gsm8k"
    samples = 1
    temperature = 0.0
    max_tokens = 512
    left_out = 0

    @cached_property
    def items(self) -> tuple[EvaluationItem, ...]:
        """The question; the number."""
        return tuple(EvaluationItem(each.id, each.question, "", (each.number,)) for each in self.problems)

    @cached_property
    def digest(self) -> str:
        """Of problems and examples."""
        return digest_of(self.problems, self.pool[: self._most])

    @property
    def _most(self) -> int:
        return EXAMPLES if self.shown is None else self.shown

    def _examples(self, *, chat: bool) -> tuple[WordProblem, ...]:
        return () if chat and self.shown is None else self.pool[: self._most]

    def layout(self, *, chat: bool) -> str:
        """With where the examples are from."""
        shown = len(self._examples(chat=chat))
        return f"gsm8k, {shown} examples {self.source}" if shown else "gsm8k, no examples"

    def prompt(self, item: EvaluationItem, call: Call) -> Prompt:
        """Completions and few-shot as lm-eval's; a chat without examples is told how to end."""
        shown = self._examples(chat=call.chat)
        sheet = "".join(f"Question: {each.question}\nAnswer: {each.answer}\n\n" for each in shown)
        asked = f"Question: {item.instruction}\nAnswer:"
        if not call.chat:
            return Prompt(sheet, asked, call.sampling(stop=STOPS), len(shown))
        text = f"{sheet}{asked}" if shown else ZERO_SHOT.format(question=item.instruction)
        return Prompt("", text, call.sampling(), len(shown))

    def answer(self, reply: str) -> Answer:
        """All of it: which number counts is a matter of the metric."""
        return Answer(reply.strip())

    def scored(self, predictions: Sequence[Prediction]) -> tuple[Prediction, ...]:
        """By both metrics."""
        return tuple(replace(each, measured=_measured(each)) for each in predictions)

    def summary(self, predictions: Sequence[Prediction], seed: int) -> Mapping[str, Interval]:  # noqa: ARG002
        """Nothing more."""
        return {}


def strict_number(reply: str) -> str | None:
    """The first one after `#### `; None where there is none."""
    found = _STRICT.search(reply)
    return found[1] if found else None


def flexible_number(reply: str) -> str | None:
    """The last one, or what looks like one: dots and commas alone do, too."""
    found = _FLEXIBLE.findall(reply)
    return found[-1] if found else None


def same_number(answer: str | None, reference: str) -> bool:
    """As texts; 18.0 is not 18."""
    return answer is not None and _plain(answer) == _plain(reference)


def _plain(number: str) -> str:
    return _FULL_STOP.sub("", number.replace(",", "").replace("$", ""))


def _measured(prediction: Prediction) -> dict[str, float]:
    (right,) = prediction.item.references
    return {
        "flexible-extract": 100.0 * same_number(flexible_number(prediction.response), right),
        "strict-match": 100.0 * same_number(strict_number(prediction.response), right),
    }


def _load(wanted: Wanted) -> Gsm8k:
    if wanted.path is None:
        problems, train = (word_problems(hub_rows(HUB, "main", split, DATA)) for split in ("test", "train"))
    else:
        problems, train = load_gsm8k(wanted.path)
    pool, source = train, "of train.jsonl"
    if not train:
        pool, source = word_problems(read_rows(OURS)), "of this package"
    if wanted.examples is not None and wanted.examples > len(pool):
        raise ConfigError(
            f"There are {len(pool)} solved examples to show, not {wanted.examples}.",
            "Name the folder that holds train.jsonl too, or lower `examples`.",
        )
    return Gsm8k(problems, pool, source, wanted.examples)


GSM8K = Entry(_load, DATA, on_hub=True)
