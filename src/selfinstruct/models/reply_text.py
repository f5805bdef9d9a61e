"""What the models of this process have in common in reading a prompt and writing a reply."""

from __future__ import annotations

from collections.abc import Sequence

from selfinstruct.errors import ContextLengthError
from selfinstruct.records import Prompt

__all__ = ["ReplyText", "as_messages", "no_room", "without_surrogates"]


class ReplyText:
    """A reply as it grows, which ends before the first of its stops.

    text: so far; without the stop, once one is found. stopped: whether one was.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self.text = ""
        self.stopped = False
        self._stops = stops
        self._overlap = max((len(stop) - 1 for stop in stops), default=0)

    def add(self, piece: str) -> None:
        """Append what was written. A stop may begin in one piece and end in another."""
        start = max(0, len(self.text) - self._overlap)
        self.text += piece
        found = [place for stop in self._stops if (place := self.text.find(stop, start)) >= 0]
        if found:
            self.text, self.stopped = self.text[: min(found)], True


def without_surrogates(text: str) -> str:
    """The text with `?` for lone surrogates, which JSON can carry and no tokenizer takes."""
    return text.encode("utf-8", "replace").decode()


def as_messages(prompt: Prompt, *, system: bool = True) -> list[dict[str, str]]:
    """A chat's messages: the preamble, where there is one, as the system's, the body as the user's.

    system: whether that role is taken; where not, the preamble is put before the body.
    """
    if not prompt.preamble:
        return [{"role": "user", "content": prompt.body}]
    if not system:
        return [{"role": "user", "content": f"{prompt.preamble}\n\n{prompt.body}"}]
    return [{"role": "system", "content": prompt.preamble}, {"role": "user", "content": prompt.body}]


def no_room(prompt_tokens: int, window: int) -> ContextLengthError:
    """For a prompt after which not one token fits."""
    return ContextLengthError(
        f"The prompt has {prompt_tokens} tokens, which leaves no room for a reply in the model's context"
        f" window of {window}.",
        "Use a model with a longer context.",
    )
