"""The prompts of an evaluation's items, made when they are wanted, and how long texts are for its model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import overload

from selfinstruct.config import Config
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.benchmarks.fitting import careful_tokens
from selfinstruct.models.base import Model
from selfinstruct.models.catalog import is_local, open_model
from selfinstruct.records import Prompt, Sampling

__all__ = ["HowAsked", "ItemPrompts", "TokenCounter"]


@dataclass(frozen=True, slots=True)
class HowAsked:
    """What is kept of a prompt."""

    sampling: Sampling
    demonstrations: int


class ItemPrompts(Sequence[Prompt]):
    """Those of items, made when they are wanted: long ones would not all fit into memory.

    cut: ids of the items whose prompts were cut, as far as they have been made."""

    def __init__(
        self, items: Sequence[EvaluationItem], make: Callable[[EvaluationItem], Prompt], cut: Set[str]
    ) -> None:
        self._items, self._make, self.cut = items, make, cut
        self._how: dict[int, HowAsked] = {}

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, place: int) -> Prompt: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Prompt]: ...
    def __getitem__(self, place: int | slice) -> Prompt | Sequence[Prompt]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        prompt = self._make(self._items[place])
        self._how[place] = HowAsked(prompt.sampling, prompt.demonstrations)
        return prompt

    def how(self, place: int) -> HowAsked:
        """Of the prompt there, which is made where it has not been."""
        if place not in self._how:
            self[place]
        return self._how[place]


class TokenCounter:
    """Counts by the model's own tokenizer where it is on this machine, by an estimate where not.

    own: a model of the user's own, which the config may name. Others are opened when they are first needed,
    one for each config; until `aclose` they stay open."""

    def __init__(self, own: Model | None) -> None:
        self._own = own
        self._opened: dict[str, Model] = {}
        self._lock = threading.Lock()

    def count(self, config: Config, text: str) -> int:
        """Tokens. Raises what opening the model does."""
        if self._own is not None and config.model.custom is not None:
            return self._own.count_tokens(text)
        if not is_local(config.model.provider):
            return careful_tokens(text)
        with self._lock:
            name = config.model.model_dump_json()
            if name not in self._opened:
                self._opened[name] = open_model(config.model, config.endpoint)
            return self._opened[name].count_tokens(text)

    async def aclose(self) -> None:
        """Close what was opened."""
        for model in self._opened.values():
            await model.aclose()
