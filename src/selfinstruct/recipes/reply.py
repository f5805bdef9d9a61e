"""A reply as its parser should see it, whether or not the endpoint honours stop sequences, and whether or not
the model thinks first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selfinstruct.recipes.thinking import without_thinking
from selfinstruct.records import Completion

__all__ = ["Reply", "read_reply"]


@dataclass(frozen=True, slots=True)
class Reply:
    """`text` ends before the first stop sequence; `cut` says that the length limit ended it instead."""

    text: str
    cut: bool


def read_reply(completion: Completion, stops: Sequence[str] = ()) -> Reply:
    """The reply without its thinking, ended at the earliest stop, as an endpoint that honours stops does.

    A reply that ran past a stop into the length limit counts as stopped: what precedes is whole.
    """
    text = without_thinking(completion.text)
    found = [place for stop in stops if stop and (place := text.find(stop)) >= 0]
    if found:
        return Reply(text[: min(found)], cut=False)
    return Reply(text, cut=completion.finish_reason == "length")
