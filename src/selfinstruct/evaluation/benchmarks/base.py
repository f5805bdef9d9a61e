"""What a benchmark is: its items, how they are asked, and how answers are scored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.benchmarks.fitting import LONGEST_TOKEN, CountTokens, careful_tokens
from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.recipes.fitting import reply_tokens
from selfinstruct.records import Prompt, Sampling

__all__ = ["Answer", "Benchmark", "Call", "Entry", "Wanted", "digest_of"]

CHAT_FRAME = 64
"""Tokens that a chat's template puts around a message, a short system message included."""


@dataclass(frozen=True, slots=True)
class Call:
    """By what a benchmark asks: `chat`, or else completions.

    context_window: tokens of prompt and reply; None where nobody knows. max_tokens: of a reply. stop: the
    user's own, which come on top of the benchmark's. count_tokens: the model's own where it is at hand.
    cut: ids of the items whose prompts were cut to fit; a benchmark that cuts adds to them.
    """

    chat: bool
    context_window: int | None
    max_tokens: int
    stop: tuple[str, ...]
    count_tokens: CountTokens = careful_tokens
    cut: set[str] = field(default_factory=set)

    def room(self, sampling: Sampling) -> int | None:
        """Tokens for a prompt beside its reply, at least 1; None where nobody knows the window."""
        if self.context_window is None:
            return None
        return max(1, self.context_window - sampling.max_tokens - (CHAT_FRAME if self.chat else 1))

    def fits(self, text: str, most: int) -> bool:
        """Whether a text has so many tokens at most; counted only where its length leaves that open."""
        if len(text) > LONGEST_TOKEN * most:
            return False
        return len(text.encode(errors="replace")) <= most or self.count_tokens(text) <= most

    def sampling(
        self,
        *,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
        temperature: float = 0.0,
        top_p: float = 1.0,
    ) -> Sampling:
        """Greedy where nothing else is said. max_tokens: of this item, where it has a number of its own."""
        return Sampling(
            temperature=temperature,
            top_p=top_p,
            frequency_penalty=0.0,
            presence_penalty=0.0,
            max_tokens=reply_tokens(max_tokens or self.max_tokens, self.context_window),
            stop=(*stop, *self.stop),
        )


class Answer(NamedTuple):
    """What is kept of a reply. text: what people and judges see. detail: kept beside it, in words."""

    text: str
    detail: str = ""


class Benchmark(Protocol):
    """A set that is loaded, with the options of its user.

    name: of the suite. items: in the order in which they are asked; where several answers to each are drawn,
    an item for each answer, those of one question one after the other, ids ending in `#1`, `#2` …, with the
    question as `task`. samples: answers to each question. temperature: at which they are drawn; 0 is greedy.
    max_tokens: of a reply, where the user does not say. left_out: rows of the file that are not asked.
    digest: SHA-256 of all that is asked, shown and right: another one is another set.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - above
    @property
    def items(self) -> tuple[EvaluationItem, ...]: ...  # noqa: D102
    @property
    def samples(self) -> int: ...  # noqa: D102
    @property
    def temperature(self) -> float: ...  # noqa: D102
    @property
    def max_tokens(self) -> int: ...  # noqa: D102
    @property
    def left_out(self) -> int: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102

    def layout(self, *, chat: bool) -> str:
        """What the prompt is called in tables: `gsm8k, 8 examples`. Differs where prompts do."""

    def prompt(self, item: EvaluationItem, call: Call) -> Prompt:
        """What is sent. Its `demonstrations` are the solved examples in it. Examples that all prompts share
        belong in the preamble for completions, and in the user's message in a chat."""

    def answer(self, reply: str) -> Answer:
        """The reply as it is kept, without what the model thought before it; ended at a stop already."""

    def scored(self, predictions: Sequence[Prediction]) -> tuple[Prediction, ...]:
        """Each with `measured`: percent by metric, the one that the set is ranked by first, the same for all
        of them, or for all of a kind. With `verdict` where a snake_case word says why. Also of answers that a
        file gives: what this needs to know stands in the item, the response and the detail. Runs in a thread.
        """

    def summary(self, predictions: Sequence[Prediction], seed: int) -> Mapping[str, Interval]:
        """Means in percent that are not those over all items: of groups, over groups. Empty where there are
        none. predictions: `scored`; at least one. seed: of the intervals."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user asks of a benchmark.

    path: where the set is; None to fetch it from the Hub. The others are None for the benchmark's own.
    per_task: questions of each subject, the first ones. examples: solved ones in the prompt. samples: answers
    to each question. temperature: of their drawing.
    """

    path: Path | None
    per_task: int | None = None
    examples: int | None = None
    samples: int | None = None
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list of benchmarks.

    load: raises UserError for a set that cannot be read, ConfigError for what does not go together,
        MissingExtraError. data: which file or folder to name, and where it is from. on_hub: whether
        `datasets` can fetch it. takes: which of the other fields of `Wanted` it has a use for. points: a
        judge gives the answers points beside the right ones, instead of the paper's levels.
    """

    load: Callable[[Wanted], Benchmark]
    data: str
    on_hub: bool = False
    takes: tuple[str, ...] = ("examples",)
    points: bool = False


def digest_of(*parts: Sequence[Any]) -> str:
    """SHA-256 of sequences of dataclass values."""
    value = [[asdict(each) for each in part] for part in parts]
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
